import Glibc

/// The `errno` of a failed system call.
struct Errno: Error, Hashable {
    let code: Int32
    init(_ code: Int32) { self.code = code }
    /// The system's words, like `No space left on device`.
    var words: String { String(cString: strerror(code)) }
}

/// The system calls under the log, one by one, so that a test can fail, shorten or record each.
///
/// Safe from any thread. No call is repeated inside: that is ``LogFile``'s part.
protocol FileCalls: Sendable {
    /// Files are created with mode 0600 and closed on exec.
    func open(_ path: String, flags: Int32) throws(Errno) -> Int32
    /// - Returns: Bytes read; may be fewer than fit; 0 at the end of the file.
    func read(_ file: Int32, into bytes: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(Errno)
        -> Int
    /// - Returns: Bytes written; may be fewer than given.
    func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Errno) -> Int
    func size(_ file: Int32) throws(Errno) -> Int
    func truncate(_ file: Int32, to size: Int) throws(Errno)
    /// `fdatasync`: the bytes, and the size where it changed.
    func syncData(_ file: Int32) throws(Errno)
    /// `fsync`: a folder's entries, or a new file with all that belongs to it.
    func syncAll(_ file: Int32) throws(Errno)
    func rename(_ old: String, to new: String) throws(Errno)
    func remove(_ path: String) throws(Errno)
    func close(_ file: Int32)
}

/// The real calls.
struct SystemFileCalls: FileCalls {
    func open(_ path: String, flags: Int32) throws(Errno) -> Int32 {
        Int32(try checked(Int(Glibc.open(path, flags | O_CLOEXEC, 0o600))))
    }
    func read(
        _ file: Int32, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(Errno) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        return try checked(pread(file, base, bytes.count, offset))
    }
    func write(
        _ file: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(Errno) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        return try checked(pwrite(file, base, bytes.count, offset))
    }
    func size(_ file: Int32) throws(Errno) -> Int {
        var status = stat()
        _ = try checked(Int(fstat(file, &status)))
        return Int(status.st_size)
    }
    func truncate(_ file: Int32, to size: Int) throws(Errno) {
        _ = try checked(Int(ftruncate(file, size)))
    }
    func syncData(_ file: Int32) throws(Errno) { _ = try checked(Int(fdatasync(file))) }
    func syncAll(_ file: Int32) throws(Errno) { _ = try checked(Int(fsync(file))) }
    func rename(_ old: String, to new: String) throws(Errno) {
        _ = try checked(Int(Glibc.rename(old, new)))
    }
    func remove(_ path: String) throws(Errno) { _ = try checked(Int(unlink(path))) }
    func close(_ file: Int32) { _ = Glibc.close(file) }

    private func checked(_ result: Int) throws(Errno) -> Int {
        guard result >= 0 else { throw Errno(errno) }
        return result
    }
}
