import CWebSockets
import Platform

/// A loop's thread's work: owns the libwebsockets context and every line on it.
///
/// libwebsockets holds it unretained, as its context's user, from `init` to the end of ``run()``.
final class SocketLoop {
    struct Door: Sendable {
        let port: UInt16
        let isOpenToAll: Bool
        let admit: @Sendable (WebSocketUpgrade) -> Int?
        let listener: @Sendable (WebSocket, WebSocketEvent) -> Void
    }
    enum Side {
        case client(authorities: String?)
        case server(Door)
    }
    /// A line as its thread knows it.
    final class Socket {
        let socket: WebSocket
        var raw: OpaquePointer?
        var target: SocketTarget?
        /// Of a client that waits for the handshake.
        var continuation: SocketContinuation?
        /// Of a message whose end has not come.
        var part: [UInt8] = []
        var isOpen = false
        var said: (code: UInt16?, reason: String) = (nil, "the line broke")
        init(_ socket: WebSocket) { self.socket = socket }
    }
    let line: SocketLine
    let limits: WebSocketLimits
    let side: Side
    var sockets: [UInt: Socket] = [:]
    private var lastID: UInt = 0
    private var context: OpaquePointer?
    private let memory: SocketMemory

    /// - Returns: `nil` where the port cannot be had, or no memory.
    init?(_ line: SocketLine, _ limits: WebSocketLimits, _ side: Side) {
        self.line = line
        self.limits = limits
        self.side = side
        memory = SocketMemory(limits, side)
        lws_set_log_level(0, nil)
        var info = lws_context_creation_info()
        info.options = UInt64(LWS_SERVER_OPTION_VALIDATE_UTF8)
        info.protocols = UnsafePointer(memory.protocols)
        info.retry_and_idle_policy = UnsafePointer(memory.policy)
        info.timeout_secs = UInt32(clamping: limits.connectSeconds)
        info.connect_timeout_secs = UInt32(clamping: limits.connectSeconds)
        info.fd_limit_per_thread = 4_096
        info.user = Unmanaged.passUnretained(self).toOpaque()
        // An empty one: else the environment's stands before this machine itself, too.
        info.http_proxy_address = UnsafePointer(memory.empty)
        switch side {
        case .client:
            guard memory.trust != nil else { return nil }
            info.port = -1  // CONTEXT_PORT_NO_LISTEN
            info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
            info.provided_client_ssl_ctx = memory.trust
        case .server(let door):
            info.port = Int32(door.port)
            info.iface = door.isOpenToAll ? nil : memory.keep("127.0.0.1")
            info.options |= UInt64(LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND)
        }
        guard let context = lws_create_context(&info) else { return nil }
        self.context = context
        line.connect(ContextPointer(raw: context))
    }

    /// Of a server; only before ``run()``.
    var port: UInt16 {
        guard let context, let host = lws_get_vhost_by_name(context, "default") else { return 0 }
        return UInt16(clamping: lws_get_vhost_listen_port(host))
    }

    func run() {
        while true {
            let (orders, isClosed) = line.take()
            for order in orders { carryOut(order) }
            // Returns for a socket, a wake-up, or the library's own next timer, whichever is first.
            if isClosed || lws_service(context, 0) < 0 { break }
        }
        line.close()
        line.connect(nil)
        for order in line.take().orders { Self.refuse(order) }
        lws_context_destroy(context)
        context = nil
        for id in sockets.keys { destroyed(id) }
    }

    /// Instead of ``run()`` where there is no loop.
    static func refuse(_ line: SocketLine) {
        line.close()
        for order in line.take().orders { refuse(order) }
    }
    private static func refuse(_ order: SocketLine.Order) {
        guard case .connect(_, let continuation) = order else { return }
        continuation.resume(returning: .failure(WebSocketError(.closed, "the client is closed")))
    }

    private func carryOut(_ order: SocketLine.Order) {
        switch order {
        case .connect(let target, let continuation): connect(target, continuation)
        case .write(let id):
            if let raw = sockets[id]?.raw { lws_callback_on_writable(raw) }
        case .listen(let id):
            if let raw = sockets[id]?.raw { lws_rx_flow_control(raw, 1) }
        }
    }

    func add(
        _ upgrade: WebSocketUpgrade?, _ sink: (@Sendable (WebSocket, WebSocketEvent) -> Void)?
    ) -> Socket {
        lastID += 1
        let socket = Socket(WebSocket(lastID, line, limits, upgrade, sink))
        sockets[lastID] = socket
        return socket
    }

    private func connect(_ target: SocketTarget, _ continuation: SocketContinuation) {
        let socket = add(nil, nil)
        socket.target = target
        socket.continuation = continuation
        let id = socket.socket.id
        var info = lws_client_connect_info()
        info.context = context
        info.port = target.port
        info.ssl_connection = target.isSecure ? Int32(LCCSCF_USE_SSL.rawValue) : 0
        info.opaque_user_data = UnsafeMutableRawPointer(bitPattern: id)
        info.retry_and_idle_policy = UnsafePointer(memory.policy)
        // The library copies what it is lent here.
        let raw = target.host.withCString { host in
            target.path.withText { path in
                path.withCString { path in
                    "ws".withCString { name in
                        info.address = host
                        info.host = host
                        info.path = path
                        info.local_protocol_name = name
                        return lws_client_connect_via_info(&info)
                    }
                }
            }
        }
        // Where it fails at once the callback has told already, or never will.
        if raw == nil { destroyed(id) }
    }

    /// The library has let go of the line.
    func destroyed(_ id: UInt) {
        guard let socket = sockets.removeValue(forKey: id) else { return }
        socket.raw = nil
        if let continuation = socket.continuation {
            socket.continuation = nil
            continuation.resume(
                returning: .failure(WebSocketError(.notConnected, "no connection")))
        } else if socket.isOpen {
            socket.isOpen = false
            _ = socket.socket.tell(.closed(code: socket.said.code, reason: socket.said.reason))
        }
    }
}

/// What a context reads as long as it lives.
private final class SocketMemory {
    let protocols: UnsafeMutablePointer<lws_protocols>
    let policy: UnsafeMutablePointer<lws_retry_bo_t>
    let empty: UnsafeMutablePointer<CChar>
    /// Of a client; its context only uses it.
    let trust: OpaquePointer?
    private var kept: [UnsafeMutablePointer<CChar>] = []
    private let name: UnsafeMutablePointer<CChar>

    init(_ limits: WebSocketLimits, _ side: SocketLoop.Side) {
        trust = if case .client(let file) = side { host_lws_trust_create(file) } else { nil }
        name = Self.copy("ws")
        empty = Self.copy("")
        protocols = .allocate(capacity: 2)
        protocols.initialize(repeating: lws_protocols(), count: 2)
        protocols[0].name = UnsafePointer(name)
        protocols[0].callback = hearSocket
        protocols[0].rx_buffer_size = 64 * 1024
        policy = .allocate(capacity: 1)
        policy.initialize(to: lws_retry_bo_t())
        policy.pointee.secs_since_valid_ping = UInt16(clamping: limits.pingSeconds)
        policy.pointee.secs_since_valid_hangup = UInt16(clamping: limits.hangUpSeconds)
    }

    func keep(_ text: String?) -> UnsafePointer<CChar>? {
        guard let text else { return nil }
        let copy = Self.copy(text)
        kept.append(copy)
        return UnsafePointer(copy)
    }

    private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        bytes.withUnsafeBufferPointer { source in
            for (offset, byte) in source.enumerated() { (copy + offset).initialize(to: byte) }
        }
        return copy
    }

    deinit {
        for text in kept + [name, empty] { text.deallocate() }
        protocols.deallocate()
        policy.deallocate()
        SSL_CTX_free(trust)
    }
}
