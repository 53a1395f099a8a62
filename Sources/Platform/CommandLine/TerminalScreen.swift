import CLinux
import Glibc

/// A terminal's other screen, drawn in place; on leaving, the terminal is as it was found.
///
/// Written through a descriptor of its own that never blocks: the shell's stays as it is. Any thread.
package final class TerminalScreen: Sendable {
    private struct State {
        var descriptor: CInt
        var before: termios?
        var isEntered = false
        var isOver = false
    }
    private let state: Locked<State>

    /// The other screen, no cursor, lines that are cut rather than wrapped.
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
    /// CAN ends a sequence that was cut off in the middle.
    private static let leave = "\u{18}\u{1B}[?2026l\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// - Returns: `nil` where no screen can be had: no terminal, one that cannot move its cursor, or
    ///   one whose foreground is somebody else's.
    package init?(descriptor: CInt, environment: [String: String]) {
        let kind = environment["TERM"] ?? ""
        guard isatty(descriptor) == 1, !kind.isEmpty, kind != "dumb",
            tcgetpgrp(descriptor) == getpgrp()
        else { return nil }
        let own = open(
            "/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard own >= 0 else { return nil }
        state = Locked(State(descriptor: own))
    }

    deinit { state.withLock { _ = close($0.descriptor) } }

    /// Asked anew each time, for windows change; `nil` where nobody knows.
    package var size: (columns: Int, rows: Int)? {
        state.withLock { state in
            let columns = Int(host_terminal_width(state.descriptor))
            let rows = Int(host_terminal_height(state.descriptor))
            return columns > 0 && rows > 0 ? (columns, rows) : nil
        }
    }

    package func enter() {
        let isFirst = state.withLock { state in
            guard !state.isEntered, !state.isOver else { return false }
            state.isEntered = true
            var before = termios()
            if host_terminal_quieten(state.descriptor, &before) == 0 { state.before = before }
            host_screen_guard(state.descriptor, Self.leave, &before, state.before == nil ? 0 : 1)
            return true
        }
        if isFirst { _ = write(Self.enter) }
    }

    /// Waits while the terminal is slow; ends when ``leave(within:)`` is called meanwhile.
    ///
    /// - Returns: False when the terminal has gone or was left.
    package func write(_ text: String) -> Bool {
        var rest = ArraySlice(text.utf8)
        while !rest.isEmpty {
            let answer = state.withLock { state -> (count: Int, error: CInt)? in
                state.isOver ? nil : Self.write(rest, to: state.descriptor)
            }
            guard let (count, error) = answer else { return false }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if error == EAGAIN {
                wait(atMost: 100)
            } else if error != EINTR {
                return false
            }
        }
        return true
    }

    /// Puts the terminal back; harmless when repeated. Nothing is written behind it.
    ///
    /// - Parameter within: Of a terminal that takes nothing, waited for so long, ms; `nil`: for ever.
    package func leave(within: Int32? = nil) {
        let isLeft = state.withLock { state in
            defer { state.isOver = true }
            return state.isEntered && !state.isOver
        }
        guard isLeft else { return }
        var rest = ArraySlice(Self.leave.utf8)
        var waited: Int32 = 0
        while !rest.isEmpty, waited <= within ?? .max {
            let (count, error) = state.withLock { Self.write(rest, to: $0.descriptor) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if error == EAGAIN {
                wait(atMost: 50)
                waited = within == nil ? 0 : waited + 50
            } else if error != EINTR {
                break  // it has gone
            }
        }
        state.withLock { state in
            host_screen_unguard()
            guard var before = state.before else { return }
            // What was typed at a screen that takes no words is no command for the shell.
            tcflush(state.descriptor, TCIFLUSH)
            tcsetattr(state.descriptor, TCSANOW, &before)
        }
    }

    private func wait(atMost milliseconds: CInt) {
        var watched = pollfd(
            fd: state.withLock { $0.descriptor }, events: Int16(POLLOUT), revents: 0)
        poll(&watched, 1, milliseconds)
    }

    private static func write(
        _ bytes: ArraySlice<UInt8>, to descriptor: CInt
    ) -> (count: Int, error: CInt) {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        return (count, count < 0 ? errno : 0)
    }
}
