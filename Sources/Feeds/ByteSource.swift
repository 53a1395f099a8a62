import Glibc
import Platform
import Ports

/// Where a reader's bytes come from. One owner.
protocol ByteSource: AnyObject {
    /// Fills the start of `buffer`.
    ///
    /// - Returns: How many bytes; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int

    /// How much was read of what there is, 0 to 1.
    var fraction: Double { get }
}

/// A file from its start, in the order of its bytes.
final class FileSource: ByteSource {
    private let path: String
    private let file: CInt
    /// Which bytes these are, as far as the file system tells without reading them.
    let stamp: FileStamp
    private var bytesRead = 0

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
        stamp = FileStamp(status)
        posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit { close(file) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int {
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count >= 0 {
                bytesRead += count
                return count
            }
            guard errno == EINTR else { throw Self.failure(errno, path) }
        }
    }

    var fraction: Double { stamp.size > 0 ? min(1, Double(bytesRead) / Double(stamp.size)) : 1 }

    private static func failure(_ code: CInt, _ path: String) -> FeedError {
        switch code {
        case ENOENT: FeedError("there is no such file", at: path, advice: "check the feed's path")
        case EACCES: FeedError("the file may not be read", at: path, advice: "chmod +r \(path)")
        default: FeedError(systemMessage(code), at: path)
        }
    }
}

/// What changes when a file is replaced, cut or written to.
struct FileStamp: Equatable {
    private let device: UInt
    private let inode: UInt
    let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    init(_ status: stat) {
        device = status.st_dev
        inode = status.st_ino
        size = status.st_size
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}

/// A file, unpacked while it is read if it begins like gzip, whatever its name.
///
/// - Parameter stamp: Of the file that it must still be; `nil`: whatever it is.
func openSource(_ path: String, stamp: FileStamp? = nil) throws(FeedError) -> any ByteSource {
    var head: [UInt8] = [0, 0]
    let probe = try FileSource(path: path)
    var count = 0
    while count < 2 {
        let part = try readPart(of: probe, into: &head, from: count)
        if part == 0 { break }
        count += part
    }
    let file = try FileSource(path: path)
    if let stamp, stamp != file.stamp {
        throw FeedError(
            "the file was changed since the run began", at: path,
            advice: "bring the recorded one back to go on, or begin again with --fresh")
    }
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
