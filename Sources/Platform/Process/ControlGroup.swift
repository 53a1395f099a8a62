import CLinux
import Glibc

/// A control group of one program and all that it starts, wherever they go: the kernel itself holds
/// it to a limit of memory. For the nursery's thread.
final class ControlGroup {
    private let folder: String
    private let limit: Int64
    /// Who writes a zero here is in it.
    let entrance: FileDescriptor

    /// - Returns: `nil` where no group can be made; the scale weighs then.
    init?(in base: ControlGroupBase, named name: String, limit: Int64) {
        folder = "\(base.folder)/\(name)"
        self.limit = limit
        _ = rmdir(folder)  // of an earlier process with this number
        guard mkdir(folder, 0o755) == 0 else { return nil }
        entrance = FileDescriptor(open(folder + "/cgroup.procs", O_WRONLY | O_CLOEXEC))
        guard entrance.raw >= 0, Self.write("\(limit)", to: folder + "/memory.max"),
            Self.write("1", to: folder + "/memory.oom.group")
        else {
            rmdir(folder)
            return nil
        }
        // Absent without swap; then there is nothing to hold.
        _ = Self.write("0", to: folder + "/memory.swap.max")
    }

    /// Everybody in it, also who has left the program's process group.
    func kill() { _ = Self.write("1", to: folder + "/cgroup.kill") }

    /// Why the kernel ended it, if it did.
    func excess() -> MemoryExcess? {
        let events = Self.read(folder + "/memory.events")
        guard ControlGroupPlace.count(of: "oom_kill", in: events) > 0 else { return nil }
        return MemoryExcess(resident: limit, limit: limit)
    }

    /// Ends what is left in it, and removes it.
    func remove() {
        kill()
        var watched = pollfd(
            fd: open(folder + "/cgroup.events", O_RDONLY | O_CLOEXEC), events: Int16(POLLPRI),
            revents: 0)
        defer { if watched.fd >= 0 { close(watched.fd) } }
        // The killed leave it in a moment, and the kernel tells when. One that stays is found empty
        // and removed by the next of its name.
        for _ in 0..<4 where rmdir(folder) != 0 && errno == EBUSY {
            var byte: UInt8 = 0
            _ = pread(watched.fd, &byte, 1, 0)  // what changed before is known then
            guard rmdir(folder) != 0 else { return }
            poll(&watched, 1, 50)
        }
    }

    static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return Glibc.write(file, text, text.utf8.count) == text.utf8.count
    }

    static func read(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 * 1_024)
        while true {
            let count = part.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            guard count > 0, text.count < 1 << 20 else { break }
            text += part[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The group under which servers get theirs: the host's own, which was given to it and holds nobody
/// else. The host moves itself into a leaf of it, for the kernel divides no group with processes.
struct ControlGroupBase {
    let folder: String

    /// Looks once; `nil` where the host was given none, as on most machines.
    init?(reading table: ProcessTable) {
        guard
            let place = ControlGroupPlace(
                own: ControlGroup.read("/proc/self/cgroup"),
                mounts: ControlGroup.read("/proc/self/mountinfo"))
        else { return nil }
        folder = place.folder
        let isWritable = ["", "/cgroup.procs", "/cgroup.subtree_control"].allSatisfy {
            access(place.folder + $0, W_OK) == 0
        }
        let isGiven = ControlGroupPlace.isGiven(
            isRoot: geteuid() == 0, isMarked: Self.isMarked(folder), isTop: place.isTop,
            isWritable: isWritable)
        let controllers = ControlGroup.read(folder + "/cgroup.controllers")
        guard isGiven, controllers.split(whereSeparator: \.isWhitespace).contains("memory") else {
            return nil
        }
        guard place.isDivided || place.isTop || moveIntoLeaf(table) else { return nil }
        guard ControlGroup.write("+memory", to: folder + "/cgroup.subtree_control") else {
            return nil
        }
    }

    /// systemd's mark of a unit with `Delegate=`.
    private static func isMarked(_ folder: String) -> Bool {
        ["user.delegate", "trusted.delegate"].contains { name in
            var value: UInt8 = 0
            return getxattr(folder, name, &value, 1) == 1 && value == UInt8(ascii: "1")
        }
    }

    /// With what it has started. Not where somebody else's processes are.
    private func moveIntoLeaf(_ table: ProcessTable) -> Bool {
        guard let own = table.entry(of: getpid()) else { return false }
        var family = ProcessFamily([own.identity], groups: [])
        family.see(table.entries())
        let here = ControlGroup.read(folder + "/cgroup.procs")
            .split(separator: "\n").map { Int32($0) ?? 0 }
        guard here.allSatisfy({ family.members[$0] != nil }) else { return false }
        let leaf = folder + "/" + ControlGroupPlace.leaf
        guard mkdir(leaf, 0o755) == 0 || errno == EEXIST else { return false }
        return here.allSatisfy { ControlGroup.write("\($0)", to: leaf + "/cgroup.procs") }
    }
}
