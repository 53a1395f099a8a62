import Glibc

/// A folder that its owner alone may enter, so that what stands in it is the owner's.
package enum PrivateFolder {
    package struct Fault: Hashable, Sendable {
        package let what: String
        package let advice: String
    }

    /// What is wrong with it; `nil`: it is this user's, and closed to others.
    package static func fault(of path: String) -> Fault? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return Fault(
                what: "the socket's folder \(path): \(systemMessage(errno))",
                advice: "make it, for yourself alone: mkdir -m 700 \(path)")
        }
        return fault(
            of: path, isFolder: status.st_mode & S_IFMT == S_IFDIR, owner: status.st_uid,
            mode: status.st_mode, user: geteuid())
    }

    /// The decision alone.
    static func fault(
        of path: String, isFolder: Bool, owner: uid_t, mode: mode_t, user: uid_t
    ) -> Fault? {
        guard isFolder else {
            return Fault(what: "\(path) is no folder", advice: "put the socket into one")
        }
        let others = "another user could answer in the server's place"
        guard owner == user else {
            return Fault(
                what: "the socket's folder \(path) belongs to another user: \(others)",
                advice: "leave address out, or name a socket in a folder of your own")
        }
        guard mode & 0o077 == 0 else {
            return Fault(
                what: "the socket's folder \(path) is open to others: \(others)",
                advice: "chmod 700 \(path), or leave address out")
        }
        return nil
    }
}
