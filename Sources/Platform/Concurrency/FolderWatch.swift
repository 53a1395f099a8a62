import CLinux
import Glibc

/// Calls when files of a folder are written, renamed or removed: by inotify, on a thread of its own.
///
/// What happened before the first call of `changed` may be missed or told: look at the files after
/// making one.
package final class FolderWatch: Sendable {
    /// Closed by the thread, which may still read from it when the last reference goes.
    private let end: CInt
    private let thread = Locked<HostThread?>(nil)

    /// - Parameter changed: On the watching thread; the names are not told, for several changes may be
    ///   one call.
    /// - Returns: `nil` when the system has no watch left, or there is no such folder.
    package init?(_ folder: String, changed: @escaping @Sendable () -> Void) {
        let inotify = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        end = eventfd(0, Int32(EFD_CLOEXEC))
        let wanted = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
        guard inotify >= 0, end >= 0, inotify_add_watch(inotify, folder, wanted) >= 0 else {
            if inotify >= 0 { close(inotify) }
            if end >= 0 { close(end) }
            return nil
        }
        thread.withLock { thread in
            thread = HostThread.start(named: "folder watch") { [end] in
                Self.watch(inotify, until: end, changed)
                close(inotify)
                close(end)
            }
        }
    }

    deinit {
        var one: UInt64 = 1
        _ = write(end, &one, 8)
        // Let go in its own call it cannot wait for itself.
        if let thread = thread.withLock({ $0 }), !thread.isCurrent { thread.join() }
    }

    private static func watch(
        _ inotify: CInt, until end: CInt, _ changed: @Sendable () -> Void
    ) {
        var watched = [
            pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
            pollfd(fd: end, events: Int16(POLLIN), revents: 0),
        ]
        var events = [UInt8](repeating: 0, count: 4_096)
        while true {
            guard poll(&watched, 2, -1) > 0 else { continue }
            guard watched[1].revents == 0 else { return }
            while read(inotify, &events, events.count) > 0 {}
            changed()
        }
    }
}
