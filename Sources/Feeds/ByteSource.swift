import Glibc
import Platform
import Ports

/// Where a reader's bytes come from. One owner.
protocol ByteSource: AnyObject {
    /// Fills the start of `buffer`.
    ///
    /// - Returns: How many bytes; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int
}

/// A file from its start, in the order of its bytes.
final class FileSource: ByteSource {
    private let path: String
    private let file: CInt

    /// - Throws: ``FeedError`` when there is no such file, or it may not be read.
    init(path: String) throws(FeedError) {
        self.path = path
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure(errno, path) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(file)
            throw FeedError("this is a directory", at: path, advice: "name a file")
        }
        posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit { close(file) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int {
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw Self.failure(errno, path) }
        }
    }

    private static func failure(_ code: CInt, _ path: String) -> FeedError {
        switch code {
        case ENOENT: FeedError("there is no such file", at: path, advice: "check the feed's path")
        case EACCES: FeedError("the file may not be read", at: path, advice: "chmod +r \(path)")
        default: FeedError(systemMessage(code), at: path)
        }
    }
}

/// A file, unpacked while it is read if it begins like gzip, whatever its name.
func openSource(_ path: String) throws(FeedError) -> any ByteSource {
    var head: [UInt8] = [0, 0]
    let probe = try FileSource(path: path)
    var count = 0
    while count < 2 {
        let part = try readPart(of: probe, into: &head, from: count)
        if part == 0 { break }
        count += part
    }
    let file = try FileSource(path: path)
    return count == 2 && head == [0x1F, 0x8B] ? GzipSource(file, path: path) : file
}

private func readPart(
    of source: FileSource, into bytes: inout [UInt8], from offset: Int
) throws(FeedError) -> Int {
    var result: Result<Int, FeedError> = .success(0)
    bytes.withUnsafeMutableBytes { buffer in
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[offset...])
        result = Result { () throws(FeedError) in try source.read(into: rest) }
    }
    return try result.get()
}
