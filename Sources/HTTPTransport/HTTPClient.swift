package import Platform

/// An HTTP client over libcurl: one thread carries every request of a client.
///
/// Redirects are not followed, cookies not kept, nothing is repeated by itself. Safe from any task.
package final class HTTPClient: Sendable {
    private let line: TransferLine
    private let thread: HostThread

    package init(_ settings: HTTPSettings = HTTPSettings()) {
        let line = TransferLine(capacity: settings.capacity)
        self.line = line
        thread = HostThread.start(named: "http") { TransferLoop.run(line, settings) }
    }

    deinit { line.close() }

    /// Sends the request and returns the whole answer, whatever its status.
    ///
    /// Cancelling the task ends the transfer; the call still returns only when libcurl has let go.
    /// - Throws: ``HTTPError``; ask it whether the request may have been heard.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let id = line.nextID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                line.start(id, request, continuation)
            }
        } onCancel: {
            line.cancel(id)
        }
        line.forget(id)
        return try result.get()
    }

    /// Ends what is under way with `unavailable`, and the thread. Blocks until it has ended;
    /// harmless when repeated.
    package func close() {
        line.close()
        thread.join()
    }
}

/// How a client reaches the world.
package struct HTTPSettings: Sendable {
    package enum Proxy: Sendable {
        /// What `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` say, as other programs do.
        case environment
        case none
        case through(Secret)
    }
    /// Requests to this machine itself never go through one.
    package var proxy: Proxy
    /// A PEM file of authorities to trust instead of the system's.
    package var authorities: String?
    /// Requests under way at most; further ones are refused with `unavailable`.
    package var capacity: Int
    /// Connections open at a time; requests beyond wait, and their time runs.
    package var connections: Int

    package init(
        proxy: Proxy = .environment, authorities: String? = nil, capacity: Int = 256,
        connections: Int = 32
    ) {
        self.proxy = proxy
        self.authorities = authorities
        self.capacity = capacity
        self.connections = connections
    }
}
