package import Ports

import Glibc

/// Keeps the folder for this process: a second host that opens it is refused, naming this one.
///
/// The system lets go when the process ends, however it ends; the file stays.
package final class FolderLock: Sendable {
    private let descriptor: Int32
    /// `F_OFD_GETLK` and `F_OFD_SETLK` of Linux, which the toolchain's Glibc module lacks.
    private static let getLock: CInt = 36
    private static let setLock: CInt = 37

    /// - Throws: `inUse` with the other's process number.
    package init(folder: String) throws(StoreError) {
        descriptor = try Self.acquire(folder + "/lock")
    }

    deinit {
        // Not by closing alone: a child that was forked and has not run its program yet holds a
        // copy of the descriptor, and with it the lock.
        _ = ftruncate(descriptor, 0)
        var whole = Self.wholeFile(F_UNLCK)
        _ = fcntl(descriptor, Self.setLock, &whole)
        close(descriptor)
    }

    /// The process that holds the folder, by what it wrote into the lock; `nil` when nobody does.
    ///
    /// Asks the system and takes nothing: a host that starts at this moment is not in its way. The number
    /// alone tells little: behind a crash it may be another process's, in another container it is.
    package static func holder(of folder: String) -> Int32? {
        let file = open(folder + "/lock", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var whole = wholeFile(F_WRLCK)
        guard fcntl(file, getLock, &whole) == 0, whole.l_type != Int16(F_UNLCK) else {
            return nil
        }
        return owner(file).flatMap { Int32($0) }
    }

    /// A lock of the open file, not of the process: no other descriptor's close gives it up.
    private static func wholeFile(_ type: CInt) -> flock {
        var range = flock()
        range.l_type = Int16(type)
        range.l_whence = Int16(SEEK_SET)
        return range
    }

    private static func acquire(_ path: String) throws(StoreError) -> Int32 {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError(Errno(errno), doing: "open the lock", at: path) }
        var whole = wholeFile(F_WRLCK)
        while fcntl(file, setLock, &whole) != 0 {
            let error = errno
            if error == EINTR { continue }
            defer { close(file) }
            guard error == EAGAIN || error == EACCES else {
                throw StoreError(Errno(error), doing: "lock the folder", at: path)
            }
            throw StoreError(
                .inUse,
                "another host uses this folder" + (owner(file).map { " (process \($0))" } ?? ""),
                at: path, advice: "stop that host first, or give this one another folder")
        }
        // For people and for the message above; the lock itself does not need it.
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(file, 0) == 0 { _ = pwrite(file, text, text.count, 0) }
        return file
    }

    private static func owner(_ file: Int32) -> String? {
        var text = [UInt8](repeating: 0, count: 32)
        let count = pread(file, &text, text.count, 0)
        guard count > 0 else { return nil }
        let digits = String(decoding: text[..<count].prefix { $0 != 10 }, as: UTF8.self)
        return Int(digits).map(String.init)
    }
}
