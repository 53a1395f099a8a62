import Glibc
import Ports

/// The folder of a log: names, listing, renaming.
///
/// `NNNNNNNN.log` are segments, from 1; `.log.new` one that was being made; `.torn` what was set
/// aside; `lock`.
struct LogFolder: Sendable {
    let path: String
    let calls: any FileCalls

    func path(ofSegment segment: UInt64) -> String { "\(path)/\(name(ofSegment: segment)).log" }

    /// Eight digits, more where they are needed.
    func name(ofSegment segment: UInt64) -> String {
        let digits = String(segment)
        return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }

    /// Makes the folder, and missing ones above it, with mode 0700. What exists is left as it is.
    func make() throws(StoreError) { try makePrivateFolder(path) }

    /// Segment numbers in order.
    func segments() throws(StoreError) -> [UInt64] {
        guard let folder = opendir(path) else {
            throw StoreError(Errno(errno), doing: "read the folder", at: path)
        }
        defer { closedir(folder) }
        var found: [UInt64] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(".log"), let number = UInt64(name.dropLast(4)),
                name == self.name(ofSegment: number) + ".log"
            else { continue }
            found.append(number)
        }
        return found.sorted()
    }

    /// Makes the folder's entries durable, and its own in the folder above: a start that was killed
    /// may have renamed and not come to this.
    func sync() throws(StoreError) {
        try syncFolder(path, calls: calls)
        try syncFolder(parent(of: path), calls: calls)
    }

    /// Renames inside the folder, and makes that durable.
    func rename(_ old: String, to new: String) throws(StoreError) {
        try uninterrupted("rename to \(new)", old) { () throws(Errno) in
            try calls.rename(old, to: new)
        }
        try syncFolder(path, calls: calls)
    }
}

/// Makes the folder, and missing ones above it, with mode 0700. What exists is left as it is.
func makePrivateFolder(_ path: String) throws(StoreError) {
    if mkdir(path, 0o700) == 0 { return try syncParent(of: path) }
    let error = errno
    switch error {
    case EEXIST:
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreError(Errno(ENOTDIR), doing: "make the folder", at: path)
        }
    case ENOENT where parent(of: path) != path:
        try makePrivateFolder(parent(of: path))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw StoreError(Errno(errno), doing: "make the folder", at: path)
        }
        try syncParent(of: path)
    default:
        throw StoreError(Errno(error), doing: "make the folder", at: path)
    }
}

/// The folder above: `.` for a bare name, `/` for itself.
func parent(of path: String) -> String {
    let parts = path.split(separator: "/")
    let above = parts.dropLast().joined(separator: "/")
    if path.hasPrefix("/") { return "/" + above }
    return above.isEmpty ? "." : above
}

private func syncParent(of path: String) throws(StoreError) {
    try syncFolder(parent(of: path), calls: SystemFileCalls())
}
