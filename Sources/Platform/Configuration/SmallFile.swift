import Glibc

/// Reads files that people write: settings and secrets.
package enum SmallFile {
    /// Why a file could not be read.
    package struct Failure: Error, Hashable {
        package let what: String
        package let advice: String
    }

    /// - Parameters:
    ///   - limit: Larger files are refused.
    ///   - isPrivate: Refuses a file that others than its owner may read or write.
    package static func read(
        _ path: String, limit: Int, isPrivate: Bool = false
    ) throws(Failure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failure(errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(what: "this is not a regular file", advice: "name a file")
        }
        if isPrivate, status.st_mode & 0o077 != 0 {
            throw Failure(what: "others may read it", advice: "chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: min(limit, max(Int(status.st_size), 0)) + 1)
        var count = 0
        while count < bytes.count {
            let room = bytes.count - count
            let result = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress.map { $0 + count }, room)
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw failure(errno) }
            if result == 0 { break }
            count += result
            guard count <= limit else {
                throw Failure(what: "the file is larger than \(limit) bytes", advice: "")
            }
        }
        return Array(bytes.prefix(count))
    }

    private static func failure(_ code: CInt) -> Failure {
        switch code {
        case ENOENT: Failure(what: "there is no such file", advice: "check the path")
        case EACCES: Failure(what: "the file may not be read", advice: "check its permissions")
        default: Failure(what: systemMessage(code), advice: "")
        }
    }
}

/// The system's words for an error number: `No such file or directory`.
package func systemMessage(_ code: CInt) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    let text = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return String(decoding: text, as: UTF8.self)
}
