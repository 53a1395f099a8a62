import Platform

package struct WebSocketMessage: Hashable, Sendable {
    package var isText: Bool
    package var bytes: [UInt8]
    package init(isText: Bool, bytes: [UInt8]) {
        self.isText = isText
        self.bytes = bytes
    }
    package init(_ text: String) { self.init(isText: true, bytes: Array(text.utf8)) }
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

package enum WebSocketEvent: Hashable, Sendable {
    /// A server's first event: the line stands.
    case opened
    case message(WebSocketMessage)
    /// The last event. `code`: what the other side said; `nil`: it said nothing, the line broke.
    case closed(code: UInt16?, reason: String)
}

/// Why there is no line, or no room on it.
package struct WebSocketError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The address or a header cannot be used.
        case badRequest
        case notConnected
        /// The other side answered the handshake with this HTTP status.
        case refused(status: Int)
        case closed
        /// More waits to be sent than the limit allows: the other side does not read.
        case full
    }
    package let code: Code
    package let description: String
    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

package struct WebSocketLimits: Hashable, Sendable {
    /// Bytes of one message, either way; a longer one ends the line with 1009.
    package var message: Int
    /// Messages heard and not yet asked for, before the socket is read no further.
    package var unheard: Int
    /// Bytes that wait to be sent.
    package var unsent: Int
    /// Seconds of silence after which it is asked whether anybody is there.
    package var pingSeconds: Int
    /// Seconds of silence after which nobody is.
    package var hangUpSeconds: Int
    /// For connecting and the handshake together.
    package var connectSeconds: Int

    package init(
        message: Int = 1 << 20, unheard: Int = 256, unsent: Int = 8 << 20, pingSeconds: Int = 20,
        hangUpSeconds: Int = 30, connectSeconds: Int = 5
    ) {
        self.message = message
        self.unheard = unheard
        self.unsent = unsent
        self.pingSeconds = pingSeconds
        self.hangUpSeconds = hangUpSeconds
        self.connectSeconds = connectSeconds
    }
}

/// One WebSocket, either side. Safe from any task.
///
/// Pings are answered and sent by itself, fragments put together, text is UTF-8. What was sent
/// before ``close(code:reason:)``
/// leaves before the end does.
package final class WebSocket: Sendable {
    private struct State {
        var heard: [WebSocketEvent] = []
        var isEnded = false
        var isPaused = false
        var unsent: [WebSocketMessage] = []
        var unsentBytes = 0
        var closing: (code: UInt16, reason: String)?
        var isTorn = false
    }
    let id: UInt
    /// What the client asked for; a server's alone.
    package let upgrade: WebSocketUpgrade?
    private let line: SocketLine
    private let limits: WebSocketLimits
    private let sink: (@Sendable (WebSocket, WebSocketEvent) -> Void)?
    private let state = Locked(State())
    private let hasHeard = AsyncSignal()

    init(
        _ id: UInt, _ line: SocketLine, _ limits: WebSocketLimits, _ upgrade: WebSocketUpgrade?,
        _ sink: (@Sendable (WebSocket, WebSocketEvent) -> Void)?
    ) {
        self.id = id
        self.upgrade = upgrade
        self.line = line
        self.limits = limits
        self.sink = sink
    }

    /// The next event, in order; `nil` after the last, or when the task is cancelled. One listener
    /// at a time.
    ///
    /// While nobody asks, the other side is read no further than the limits say.
    package func next() async -> WebSocketEvent? {
        while !Task.isCancelled {
            let (event, isEnded, resumes) = state.withLock {
                state -> (WebSocketEvent?, Bool, Bool) in
                guard !state.heard.isEmpty else { return (nil, state.isEnded, false) }
                let event = state.heard.removeFirst()
                let resumes = state.isPaused && state.heard.count <= limits.unheard / 2
                if resumes { state.isPaused = false }
                return (event, false, resumes)
            }
            if resumes { line.post(.listen(id)) }
            if event != nil || isEnded { return event }
            await hasHeard.wait()
        }
        return nil
    }

    /// Puts a message on its way. Whether it arrives nobody knows but the other side.
    package func send(_ message: WebSocketMessage) throws(WebSocketError) {
        try state.withLock { state throws(WebSocketError) in
            guard !state.isEnded, state.closing == nil, !state.isTorn else {
                throw WebSocketError(.closed, "the line is closed")
            }
            guard state.unsentBytes + message.bytes.count <= limits.unsent else {
                throw WebSocketError(.full, "\(state.unsentBytes) bytes wait to be sent")
            }
            state.unsent.append(message)
            state.unsentBytes += message.bytes.count
        }
        line.post(.write(id))
    }
    package func send(_ text: String) throws(WebSocketError) { try send(WebSocketMessage(text)) }

    /// Ends the line with a code and a reason of at most 123 bytes. Harmless when repeated.
    package func close(code: UInt16 = 1000, reason: String = "") {
        state.withLock { if $0.closing == nil { $0.closing = (code, reason) } }
        line.post(.write(id))
    }

    /// Ends the line at once, and throws away what waits to be sent.
    package func tear() {
        state.withLock {
            $0.isTorn = true
            $0.unsent = []
        }
        line.post(.write(id))
    }

    // MARK: The loop's thread

    /// - Returns: Whether the socket is to be read further.
    func tell(_ event: WebSocketEvent) -> Bool {
        let isLast = if case .closed = event { true } else { false }
        if let sink {
            if isLast { state.withLock { $0.isEnded = true } }
            sink(self, event)
            return true
        }
        let goesOn = state.withLock { state in
            state.heard.append(event)
            state.isEnded = state.isEnded || isLast
            if state.heard.count >= limits.unheard { state.isPaused = true }
            return !state.isPaused
        }
        hasHeard.set()
        return goesOn
    }

    enum Work {
        case nothing, tear
        case send(WebSocketMessage, hasMore: Bool)
        case close(code: UInt16, reason: String)
    }
    func work() -> Work {
        state.withLock { state in
            if state.isTorn { return .tear }
            guard !state.unsent.isEmpty else {
                return state.closing.map { .close(code: $0.code, reason: $0.reason) } ?? .nothing
            }
            let message = state.unsent.removeFirst()
            state.unsentBytes -= message.bytes.count
            return .send(message, hasMore: !state.unsent.isEmpty || state.closing != nil)
        }
    }
}
