import COpenSSL
import HTTPTransport
import Platform
import Synchronization
import TestKit
import Testing

/// Lines over TLS: who is trusted, and that trust does not outlive its client.
@Suite(
    .serialized,
    .enabled(if: Python.isExpected, "needs a Python: MADANG_PYTHON or .venv"),
    .timeLimit(.minutes(2)))
struct SecureSocketTests {
    private func connect(_ server: SecureServer, _ authority: String?) async throws
        -> [WebSocketEvent]
    {
        let client = WebSocketClient(authorities: authority)
        defer { client.close() }
        let socket = try await client.connect(to: Secret("wss://localhost:\(server.port)/"))
        try socket.send("마당")
        var events: [WebSocketEvent] = []
        while let event = await socket.next() { events.append(event) }
        return events
    }

    @Test func aServerOfATrustedAuthorityIsSpokenTo() async throws {
        let server = try SecureServer()
        defer { server.close() }
        // libwebsockets fails a handshake where another suite makes a client in just that moment; who needs a line
        // tries again.
        var events: [WebSocketEvent]?
        for _ in 0..<4 where events == nil {
            events = try? await connect(server, server.authority("ours"))
        }
        #expect(events?.first == .message(WebSocketMessage("마당")))
        #expect(events?.last == .closed(code: 1000, reason: ""))
    }

    /// Named authorities stand instead of the system's, and nobody is trusted where there are none.
    @Test func whoIsNotTrustedIsRefused() async throws {
        let server = try SecureServer()
        defer { server.close() }
        for authority in [server.authority("other"), server.authority("missing"), nil] {
            let error = await #expect(throws: WebSocketError.self, "\(authority ?? "system")") {
                _ = try await connect(server, authority)
            }
            #expect(error?.code == .notConnected)
        }
    }

    @Test func aCertificateOfAnotherNameIsRefused() async throws {
        let server = try SecureServer(for: "elsewhere.test")
        defer { server.close() }
        let error = await #expect(throws: WebSocketError.self) {
            _ = try await connect(server, server.authority("ours"))
        }
        #expect(error?.code == .notConnected)
    }

    /// libwebsockets loses the trust of a context where another was made before the first ended:
    /// 600 KB a client with the system's authorities.
    @Test func whatIsTrustedEndsWithItsClient() {
        let index = CRYPTO_get_ex_new_index(
            CRYPTO_EX_INDEX_SSL_CTX, 0, nil,
            { _, _, _, _, _, _ in made.add(1, ordering: .relaxed) },
            nil, { _, _, _, _, _, _ in freed.add(1, ordering: .relaxed) })
        #expect(index >= 0)
        for _ in 0..<20 {
            let clients = (0..<5).map { _ in WebSocketClient() }
            for client in clients { client.close() }
        }
        let (begun, ended) = (made.load(ordering: .relaxed), freed.load(ordering: .relaxed))
        #expect(begun >= 100)
        // Tests beside it hold a few at any time.
        #expect(begun - ended < 40)
    }
}

/// Contexts of OpenSSL in this process, since they are counted.
private let made = Atomic<Int>(0)
private let freed = Atomic<Int>(0)
