import CLinux
import Glibc
import Synchronization

/// A thread of the host's own, for what may block or must be permanent. It runs `body` once.
///
/// Signals are blocked in it, so that they go where they are waited for; a crash of its own is not.
package final class HostThread {
    private var id = pthread_t()
    private let isJoined = Atomic(false)
    private init() {}
    deinit { if !isJoined.load(ordering: .relaxed) { pthread_detach(id) } }

    private final class Start {
        let name: String
        let niceness: Int
        let body: @Sendable () -> Void
        init(_ name: String, _ niceness: Int, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.niceness = niceness
            self.body = body
        }
    }

    /// - Parameters:
    ///   - name: For debuggers; the first 15 bytes are shown.
    ///   - niceness: How much less claim to a processor it has than its process: 0 to 19. It still goes on
    ///     where others are busy, only slower.
    @discardableResult
    package static func start(
        named name: String, nicer niceness: Int = 0, _ body: @escaping @Sendable () -> Void
    ) -> HostThread {
        let thread = HostThread()
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        for crash in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] { sigdelset(&all, crash) }
        pthread_sigmask(SIG_SETMASK, &all, &before)
        // Released by the new thread, or here when there is none.
        let start = Unmanaged.passRetained(Start(name, niceness, body))
        let result = pthread_create(&thread.id, nil, runHostThread, start.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        precondition(result == 0, "no thread to be had: \(systemMessage(result))")
        return thread
    }

    /// Blocks until the body has returned; a second call returns at once. From another thread.
    package func join() {
        guard !isJoined.exchange(true, ordering: .relaxed) else { return }
        pthread_join(id, nil)
    }

    /// Whether the caller runs on it.
    package var isCurrent: Bool { pthread_equal(pthread_self(), id) != 0 }

    fileprivate static func run(_ raw: UnsafeMutableRawPointer) {
        let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
        host_set_thread_name(start.name)
        // Where it may not be, it is as the others are.
        if start.niceness > 0 { _ = host_be_nicer(Int32(start.niceness)) }
        start.body()
    }
}

private func runHostThread(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let raw { HostThread.run(raw) }
    return nil
}

// Safe because `id` is written before the thread is handed out, and only read by `join`.
extension HostThread: @unchecked Sendable {}
