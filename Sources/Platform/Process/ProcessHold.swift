import CLinux
import Glibc

/// A process of others, held by a descriptor: a signal reaches it and no other, and its end can be
/// waited for.
struct ProcessHold: ~Copyable {
    let identity: ProcessIdentity
    let end: FileDescriptor

    /// `nil` when it is gone, or when its number is another's by now.
    init?(_ identity: ProcessIdentity, in table: ProcessTable = ProcessTable()) {
        let raw = host_pidfd_open(identity.id)
        // Looked at behind the opening: whom the descriptor holds cannot change any more.
        let entry = raw < 0 ? nil : table.entry(of: identity.id)
        end = FileDescriptor(raw)
        self.identity = identity
        guard let entry, entry.start == identity.start, !entry.hasEnded else { return nil }
    }

    /// - Returns: 0, or why not, as `errno`.
    @discardableResult borrowing func send(_ signal: CInt) -> CInt {
        host_pidfd_send_signal(end.raw, signal) == 0 ? 0 : errno
    }

    /// Blocks until it has ended, reaped or not, or the time is over (monotonic ns).
    borrowing func waitForEnd(until deadline: Int64, _ clock: some TimeSource) {
        var watched = pollfd(fd: end.raw, events: Int16(POLLIN), revents: 0)
        while true {
            let left = max(0, deadline - clock.monotonic())
            let count = poll(&watched, 1, CInt(clamping: left / 1_000_000 + 1))
            if count > 0 || left == 0 || (count < 0 && errno != EINTR) { return }
        }
    }
}
