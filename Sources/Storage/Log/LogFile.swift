import Glibc
import Ports

/// Owns one open file of the log and closes it once. Repeats what may be repeated, and only that.
struct LogFile: ~Copyable {
    let path: String
    private let descriptor: Int32
    private let calls: any FileCalls

    /// - Parameters:
    ///   - flags: As for `open(2)`.
    ///   - name: The path for people, where the file is about to be renamed.
    init(
        opening path: String, flags: Int32, calls: any FileCalls, named name: String? = nil
    ) throws(StoreError) {
        self.path = name ?? path
        self.calls = calls
        descriptor = try uninterrupted("open", path) { () throws(Errno) in
            try calls.open(path, flags: flags)
        }
    }

    deinit { calls.close(descriptor) }

    /// Writes all of it, in as many calls as the system needs.
    func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, doing what: String
    ) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = try uninterrupted(what, "\(path):\(offset + done)") { () throws(Errno) in
                try calls.write(descriptor, rest, at: offset + done)
            }
            guard count > 0 else {
                throw StoreError(Errno(EIO), doing: what, at: "\(path):\(offset + done)")
            }
            done += count
        }
    }

    /// Reads until the buffer is full or the file ends.
    ///
    /// - Returns: Bytes read.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = try uninterrupted("read", "\(path):\(offset + done)") { () throws(Errno) in
                try calls.read(descriptor, into: rest, at: offset + done)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func size() throws(StoreError) -> Int {
        try uninterrupted("read the size", path) { () throws(Errno) in try calls.size(descriptor) }
    }

    func truncate(to size: Int) throws(StoreError) {
        try uninterrupted("truncate", path) { () throws(Errno) in
            try calls.truncate(descriptor, to: size)
        }
    }

    /// A failure is final: after it the system may have thrown the bytes away, and a second call
    /// would claim that they are safe.
    func syncData(doing what: String) throws(StoreError) {
        try uninterrupted(what + " (fdatasync)", path) { () throws(Errno) in
            try calls.syncData(descriptor)
        }
    }

    /// As ``syncData(doing:)``, with all that belongs to the file.
    func syncAll() throws(StoreError) {
        try uninterrupted("make durable (fsync)", path) { () throws(Errno) in
            try calls.syncAll(descriptor)
        }
    }
}

/// Makes a folder's entries durable: files created or renamed in it.
func syncFolder(_ path: String, calls: any FileCalls) throws(StoreError) {
    let folder = try LogFile(opening: path, flags: O_RDONLY | O_DIRECTORY, calls: calls)
    try folder.syncAll()
}

/// Calls again while a signal interrupts; any other error is the caller's.
func uninterrupted<Value>(
    _ what: String, _ place: @autoclosure () -> String, _ call: () throws(Errno) -> Value
) throws(StoreError) -> Value {
    while true {
        do throws(Errno) {
            return try call()
        } catch {
            guard error.code == EINTR else {
                throw StoreError(error, doing: what, at: place())
            }
        }
    }
}
