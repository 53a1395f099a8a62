import CLinux
import Glibc

/// Memory that holds secrets must not end up in a file.
package enum CoreDumps {
    /// What a process may leave behind.
    struct Settings {
        var limit: rlimit
        /// Which mappings a dump holds, as the kernel writes it: `00000033`.
        var filter: String
    }
    private static let found = Locked<Settings?>(nil)

    /// How it was before `forbid`; `nil` while nothing is forbidden.
    static var before: Settings? { found.withLock { $0 } }

    /// From here on a crash of this process writes no core file. What it starts is not concerned: it gets back what this
    /// process had, for it holds nothing of ours and its core is its owner's. Harmless when repeated.
    ///
    /// Not by `PR_SET_DUMPABLE`: Swift's backtracer could not attach any more.
    package static func forbid() {
        found.withLock { found in
            guard found == nil else { return }
            var limit = rlimit()
            guard host_core_limit(&limit) == 0 else { return }
            found = Settings(limit: limit, filter: filter(of: "self") ?? "")
            // 1, not 0: a dump that is piped to a program heeds no limit but this one. Too small for a file as well.
            limit.rlim_cur = min(1, limit.rlim_max)
            _ = host_set_core_limit(&limit)
            // Should one be written all the same, it holds no memory. Absent in a kernel that writes none.
            setFilter("0", of: "self")
        }
    }

    /// Of a program that has begun: a child that is not yet one has this process's memory, and with it the filter.
    static func restoreFilter(of child: pid_t) {
        guard let before, !before.filter.isEmpty else { return }
        setFilter("0x" + before.filter, of: "\(child)")
    }

    private static func filter(of process: String) -> String? {
        guard let file = open(process, O_RDONLY) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(file.raw, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self)
    }

    private static func setFilter(_ text: String, of process: String) {
        guard let file = open(process, O_WRONLY) else { return }
        _ = write(file.raw, text, text.utf8.count)
    }

    private static func open(_ process: String, _ mode: CInt) -> FileDescriptor? {
        let file = Glibc.open("/proc/\(process)/coredump_filter", mode | O_CLOEXEC)
        return file < 0 ? nil : FileDescriptor(file)
    }
}
