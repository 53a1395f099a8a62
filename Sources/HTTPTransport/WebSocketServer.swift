import Platform

/// WebSockets from clients, over libwebsockets, on a port and a thread of their own. Plain, so
/// this machine only.
package final class WebSocketServer: Sendable {
    private let line: SocketLine
    private let thread: HostThread
    package let port: UInt16

    /// - Parameters:
    ///   - port: 0: any that is free.
    ///   - isOpenToAll: Every address of the machine instead of 127.0.0.1.
    ///   - admit: Whether a client may enter: `nil`, or the HTTP status that it is refused with.
    /// On the server's
    ///     thread; must not block.
    ///   - listener: Hears each line's events, in order, from `opened` to `closed`. On the
    /// server's thread.
    package init(
        port: UInt16 = 0, isOpenToAll: Bool = false, _ limits: WebSocketLimits = WebSocketLimits(),
        admit: @escaping @Sendable (WebSocketUpgrade) -> Int?,
        listener: @escaping @Sendable (WebSocket, WebSocketEvent) -> Void
    ) throws(WebSocketError) {
        let line = SocketLine()
        self.line = line
        let began = Mailbox1<UInt16?>()
        let door = SocketLoop.Door(
            port: port, isOpenToAll: isOpenToAll, admit: admit, listener: listener)
        thread = HostThread.start(named: "websockets") {
            guard let loop = SocketLoop(line, limits, .server(door)) else {
                SocketLoop.refuse(line)
                return began.put(nil)
            }
            began.put(loop.port)
            loop.run()
        }
        guard let port = began.take() else {
            line.close()
            throw WebSocketError(.notConnected, "port \(port) cannot be served")
        }
        self.port = port
    }

    deinit { line.close() }

    /// Ends every line and the thread, frees the port. Blocks until it has ended; harmless when
    /// repeated.
    package func close() {
        line.close()
        thread.join()
    }
}

/// What a client says when it asks for a WebSocket. May hold a token: it is not printed.
package struct WebSocketUpgrade: Sendable, CustomStringConvertible, CustomReflectable {
    package let path: String
    /// As written behind the `?`, without escapes resolved; parts separated by `&`.
    package let query: String
    package let authorization: String?

    /// What stands behind `Bearer `.
    package var bearer: String? {
        guard let authorization, authorization.hasPrefix("Bearer ") else { return nil }
        return String(authorization.dropFirst("Bearer ".count))
    }
    /// The first of that name, as written.
    package subscript(query name: String) -> String? {
        query.split(separator: "&").first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.utf8.count + 1)) }
    }
    package var description: String { "upgrade of \(path)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// One value from one thread to one other.
private final class Mailbox1<Value: Sendable>: Sendable {
    private let value = Locked<Value?>(nil)
    private let bell = Doorbell()

    func put(_ new: Value) {
        value.withLock { $0 = new }
        bell.ring()
    }
    func take() -> Value {
        while true {
            if let value = value.withLock({ $0 }) { return value }
            _ = bell.wait()
        }
    }
}
