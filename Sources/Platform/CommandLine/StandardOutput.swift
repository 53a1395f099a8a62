import Glibc

/// What the program answers, on standard output: whole lines, from any thread.
///
/// When the reader has gone (`madang log | head`), further text is dropped and ``isGone`` says so.
/// SIGPIPE must be ignored: see ``Signals``.
package enum StandardOutput {
    private static let state = Locked(State())
    private struct State {
        var buffer: [UInt8] = []
        var isGone = false
    }
    private static let roomBeforeWriting = 32 * 1024

    /// Appends a line. It is written when 32 KiB wait, and at ``flush()``.
    package static func write(line: String) {
        state.withLock { state in
            state.buffer.append(contentsOf: line.utf8)
            state.buffer.append(UInt8(ascii: "\n"))
            if state.buffer.count >= roomBeforeWriting { flush(&state) }
        }
    }

    /// Writes what waits.
    package static func flush() { state.withLock { flush(&$0) } }

    /// Whether nobody reads any more: a command may stop early, and ends well.
    package static var isGone: Bool { state.withLock { $0.isGone } }

    private static func flush(_ state: inout State) {
        if !state.isGone { state.isGone = !writeAll(state.buffer, to: STDOUT_FILENO) }
        state.buffer.removeAll(keepingCapacity: true)
    }
}

/// Writes everything, waiting where a pipe is full.
///
/// - Returns: False when the other end has gone or the device fails.
func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
    var written = 0
    while written < bytes.count {
        let result = bytes.withUnsafeBytes { buffer in
            Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        }
        if result > 0 {
            written += result
        } else if result < 0, errno == EAGAIN {
            var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&watched, 1, -1)
        } else if result < 0, errno != EINTR {
            return false
        }
    }
    return true
}
