import CGRPC

// Each handle owns one C object and frees it once. Safe to send between threads: the C core allows
// every function used on them here from any thread, as long as the object lives.

/// Owns a channel; destroying it closes its connections and ends its watches.
struct ChannelHandle: ~Copyable, @unchecked Sendable {
    // Safe because grpc_channel functions are thread-safe.
    let raw: OpaquePointer
    deinit { grpc_channel_destroy(raw) }
}

/// Owns a call. It must outlive every operation started on it.
struct CallHandle: ~Copyable, @unchecked Sendable {
    // Safe because grpc_call_start_batch and grpc_call_cancel are thread-safe until the unref.
    let raw: OpaquePointer
    deinit { grpc_call_unref(raw) }
}

/// Owns what the core reads and writes while a call runs.
struct CallMemory: ~Copyable, @unchecked Sendable {
    // Safe because the core writes only between start and event, and we read only after the event.
    let raw: UnsafeMutablePointer<host_grpc_call_memory>
    init() { raw = host_grpc_call_memory_create() }
    deinit { host_grpc_call_memory_destroy(raw) }
}

/// Owns a reference to channel credentials.
struct CredentialsHandle: ~Copyable {
    let raw: OpaquePointer
    deinit { grpc_channel_credentials_release(raw) }
}

/// Owns channel arguments, which the core copies when it creates a channel.
struct ChannelArguments: ~Copyable {
    let raw: UnsafeMutablePointer<host_grpc_args>
    init() { raw = host_grpc_args_create() }
    deinit { host_grpc_args_destroy(raw) }

    func set(_ key: String, _ value: Int) {
        host_grpc_args_set_int(raw, key, Int32(clamping: value))
    }
    func set(_ key: String, _ value: String) { host_grpc_args_set_string(raw, key, value) }
}
