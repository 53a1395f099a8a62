import CGRPC

/// A message to send, built in place.
///
/// Sending consumes it; otherwise its end of life frees it.
package struct OutMessage: ~Copyable, @unchecked Sendable {
    // Safe because it has one owner, and the core does not know it before the send.
    private let raw: UnsafeMutablePointer<grpc_byte_buffer>

    /// Copies `bytes` once, into the memory that the core sends from.
    package init(_ bytes: [UInt8]) {
        self.init(byteCount: bytes.count) { target in
            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// Copies `bytes` once, into the memory that the core sends from.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.init(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Lets `write` fill `byteCount` bytes in the memory that the core sends from.
    ///
    /// The buffer is not zeroed: `write` must fill all of it.
    package init<E: Error>(
        byteCount: Int, writing write: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        GRPCRuntime.start()
        var start: UnsafeMutablePointer<UInt8>?
        let raw: UnsafeMutablePointer<grpc_byte_buffer> = host_grpc_message_create(
            byteCount, &start)
        do throws(E) {
            try write(UnsafeMutableRawBufferPointer(start: start, count: byteCount))
        } catch {
            grpc_byte_buffer_destroy(raw)
            throw error
        }
        self.raw = raw
    }

    /// Bytes, without the framing of HTTP/2.
    package var byteCount: Int { grpc_byte_buffer_length(raw) }

    /// Gives the C object away; the taker destroys it.
    consuming func take() -> RawMessage {
        let taken = RawMessage(raw: raw)
        discard self
        return taken
    }

    deinit { grpc_byte_buffer_destroy(raw) }
}

/// A message's C object between owners: in a send queue, or in the core's hands.
struct RawMessage: @unchecked Sendable {
    // Safe because at any time exactly one queue or operation holds it.
    let raw: UnsafeMutablePointer<grpc_byte_buffer>
    func destroy() { grpc_byte_buffer_destroy(raw) }
}

/// A message that has arrived. Its end of life frees it.
package struct InMessage: ~Copyable, @unchecked Sendable {
    // Safe because it has one owner, and the core has let go of it.
    private let raw: UnsafeMutablePointer<grpc_byte_buffer>

    init(taking raw: UnsafeMutablePointer<grpc_byte_buffer>) { self.raw = raw }

    /// Bytes, without the framing of HTTP/2.
    package var byteCount: Int { grpc_byte_buffer_length(raw) }

    /// Lends the bytes; the pointer is dead when `body` returns.
    ///
    /// A message that came in several pieces is joined first, at the cost of one copy.
    package borrowing func withBytes<Result: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> Result
    ) throws(E) -> Result {
        if let only = host_grpc_message_only_slice(raw) {
            return try body(Self.bytes(of: only))
        }
        let joined = UnsafeMutablePointer<grpc_slice>.allocate(capacity: 1)
        joined.initialize(to: host_grpc_message_join(raw))
        defer {
            grpc_slice_unref(joined.pointee)
            joined.deallocate()
        }
        return try body(Self.bytes(of: joined))
    }

    /// The bytes as an array of their own.
    package borrowing func copyBytes() -> [UInt8] { withBytes { [UInt8]($0) } }

    private static func bytes(of slice: UnsafePointer<grpc_slice>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: host_grpc_slice_bytes(slice), count: host_grpc_slice_length(slice))
    }

    deinit { grpc_byte_buffer_destroy(raw) }
}
