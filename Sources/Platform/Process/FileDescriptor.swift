import CLinux
import Glibc

/// Owns one descriptor and closes it once.
struct FileDescriptor: ~Copyable {
    let raw: CInt
    init(_ raw: CInt) { self.raw = raw }
    deinit { if raw >= 0 { close(raw) } }

    func setNonBlocking() { _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK) }

    enum Part {
        case bytes(Int)
        /// Nothing now; more may come.
        case empty
        case end
    }

    /// Reads what is there, into the start of `buffer`.
    func read(into buffer: inout [UInt8]) -> Part {
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(raw, $0.baseAddress, $0.count) }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .empty : .end
        }
    }
}

/// Both ends of a pipe, closed on exec as every descriptor of the host.
struct Pipe: ~Copyable {
    let reading: FileDescriptor
    let writing: FileDescriptor

    /// `nil` when the process has too many descriptors; `errno` says so.
    init?() {
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
        reading = FileDescriptor(ends[0])
        writing = FileDescriptor(ends[1])
    }
}
