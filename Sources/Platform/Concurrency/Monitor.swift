import Glibc

/// A lock and two conditions, for one queue: `readable` for its reader, `writable` for its writers.
///
/// Deadlines are read on the monotonic clock, so a stepped wall clock wakes nobody late.
@usableFromInline final class Monitor {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let readable: UnsafeMutablePointer<pthread_cond_t>
    private let writable: UnsafeMutablePointer<pthread_cond_t>

    @usableFromInline init() {
        mutex = .allocate(capacity: 1)
        readable = .allocate(capacity: 1)
        writable = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(readable, &attributes)
        pthread_cond_init(writable, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(writable)
        pthread_cond_destroy(readable)
        pthread_mutex_destroy(mutex)
        writable.deallocate()
        readable.deallocate()
        mutex.deallocate()
    }

    @usableFromInline func lock() { pthread_mutex_lock(mutex) }
    @usableFromInline func unlock() { pthread_mutex_unlock(mutex) }

    @usableFromInline func wakeReader() { pthread_cond_signal(readable) }
    @usableFromInline func wakeWriters() { pthread_cond_broadcast(writable) }
    @usableFromInline func wakeAll() {
        pthread_cond_broadcast(readable)
        pthread_cond_broadcast(writable)
    }

    @usableFromInline func waitWritable() { pthread_cond_wait(writable, mutex) }

    /// - Parameter deadline: Monotonic ns; `nil` waits for ever.
    /// - Returns: False when the deadline has passed.
    @usableFromInline func waitReadable(until deadline: Int64?) -> Bool {
        guard let deadline else { return pthread_cond_wait(readable, mutex) == 0 }
        guard deadline > 0 else { return false }
        var time = timespec(
            tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        return pthread_cond_timedwait(readable, mutex, &time) == 0
    }
}

// Safe because POSIX lets any thread use an initialised mutex and condition; the pointers never
// change.
extension Monitor: @unchecked Sendable {}
