import Glibc

/// Checks that a unix socket can only have been made by this process's user.
///
/// Whoever may write to the folder could put a socket of his own there and read what we send.
enum UnixSocketGuard {
    /// Nothing in this process changes it, and each call asks.
    private static let user = geteuid()

    /// - Parameter mustExist: Whether a missing socket is an error, or just not there yet.
    /// - Throws: ``RPCError``: `unsafeSocket` or `missingSocket`, naming path, owner, mode, remedy.
    static func check(_ path: String, mustExist: Bool) throws(RPCError) {
        let place = "unix:\(path)"
        let folder = folder(of: path)
        var found = stat()
        guard stat(folder, &found) == 0 else {
            throw missing("the folder \(folder) cannot be read: \(reason())", place)
        }
        try checkFolder(folder, found, place)
        guard lstat(path, &found) == 0 else {
            guard errno != ENOENT || mustExist else { return }
            throw missing("the socket cannot be read: \(reason())", place)
        }
        try checkSocket(path, found, place)
    }

    private static func checkFolder(_ folder: String, _ found: stat, _ place: String)
        throws(RPCError)
    {
        guard found.st_mode & S_IFMT == S_IFDIR else {
            throw unsafe("\(folder) is no folder", place)
        }
        guard found.st_uid == user else {
            throw unsafe(
                "the folder \(folder) belongs to user \(found.st_uid), not to \(user): use a "
                    + "folder of your own", place)
        }
        guard found.st_mode & 0o077 == 0 else {
            // A sticky folder, such as /tmp, is everybody's on purpose.
            let remedy =
                found.st_mode & UInt32(S_ISVTX) == 0
                ? "chmod 700 \(folder)" : "give a socket in a folder of your own"
            throw unsafe(
                "the folder \(folder), owned by user \(found.st_uid), is open to others (mode "
                    + "\(mode(found))): \(remedy)", place)
        }
    }

    private static func checkSocket(_ path: String, _ found: stat, _ place: String)
        throws(RPCError)
    {
        guard found.st_mode & S_IFMT == S_IFSOCK else {
            throw unsafe(
                "\(path) (owner \(found.st_uid), mode \(mode(found))) is no socket: remove it, "
                    + "then start the server", place)
        }
        guard found.st_uid == user else {
            throw unsafe(
                "the socket \(path) (mode \(mode(found))) belongs to user \(found.st_uid), not to "
                    + "\(user): run the server as the same user", place)
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func mode(_ found: stat) -> String {
        String(found.st_mode & 0o7777, radix: 8)
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func unsafe(_ what: String, _ place: String) -> RPCError {
        RPCError(.permissionDenied, what, at: place, trouble: .unsafeSocket)
    }

    private static func missing(_ what: String, _ place: String) -> RPCError {
        RPCError(.unavailable, what, at: place, trouble: .missingSocket)
    }
}
