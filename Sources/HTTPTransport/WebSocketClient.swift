package import Platform

/// WebSockets to servers, over libwebsockets: one thread carries every line of a client.
///
/// Nothing is repeated by itself. A name is resolved on that thread, which holds up its other
/// lines meanwhile.
package final class WebSocketClient: Sendable {
    private let line: SocketLine
    private let thread: HostThread

    /// - Parameter authorities: A PEM file of authorities to trust instead of the system's.
    package init(_ limits: WebSocketLimits = WebSocketLimits(), authorities: String? = nil) {
        let line = SocketLine()
        self.line = line
        thread = HostThread.start(named: "websocket") {
            let loop = SocketLoop(line, limits, .client(authorities: authorities))
            if let loop { loop.run() } else { SocketLoop.refuse(line) }
        }
    }

    deinit { line.close() }

    /// - Parameter url: `wss://…`; `ws://…` only of this machine.
    package func connect(to url: Secret, headers: [HTTPRequest.Header] = [])
        async throws(WebSocketError) -> WebSocket
    {
        let target = try url.withText { url throws(WebSocketError) in
            try SocketTarget(url, headers)
        }
        return try await SocketContinuation.wait { continuation in
            line.post(.connect(target, continuation))
        }.get()
    }

    /// Ends every line and the thread. Blocks until it has ended; harmless when repeated.
    package func close() {
        line.close()
        thread.join()
    }
}

/// Where a line goes.
struct SocketTarget: Sendable {
    let host: String
    let port: Int32
    let isSecure: Bool
    /// With the query, which may hold a token.
    let path: Secret
    let headers: [HTTPRequest.Header]

    init(_ url: String, _ headers: [HTTPRequest.Header]) throws(WebSocketError) {
        func refused(_ words: String) -> WebSocketError { WebSocketError(.badRequest, words) }
        // The same syntax as http's, for which libcurl has the parser.
        let isSecure = url.hasPrefix("wss://")
        guard isSecure || url.hasPrefix("ws://") else {
            throw refused("the address is no ws(s) URL")
        }
        let plain = (isSecure ? "https" : "http") + url.dropFirst(isSecure ? 3 : 2)
        let address: HTTPAddress
        do throws(HTTPError) { address = try HTTPAddress(plain) } catch {
            throw refused("the address is no ws(s) URL")
        }
        guard isSecure || address.isLoopback else {
            throw refused("plain ws is only for this machine itself: write wss")
        }
        guard
            headers.allSatisfy({ header in
                !header.name.isEmpty && header.name.utf8.allSatisfy { $0 > 32 && $0 < 127 }
                    && header.value.withText { $0.utf8.allSatisfy { $0 >= 32 && $0 != 127 } }
            })
        else { throw refused("a header cannot be sent") }
        host = address.host
        port = Int32(address.port)
        self.isSecure = isSecure
        path = Secret(address.pathAndQuery)
        self.headers = headers
    }
}
