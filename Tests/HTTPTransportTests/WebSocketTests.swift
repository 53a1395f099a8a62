import Foundation
import Glibc
import HTTPTransport
import Platform
import Testing

/// Our two sides against each other, and our server against frames written by hand.
@Suite(.timeLimit(.minutes(1))) struct WebSocketTests {
    /// Says back what it hears; `close` and `tear` are orders.
    static func echo(
        _ limits: WebSocketLimits = WebSocketLimits(), closed: Locked<[WebSocketEvent]> = Locked([])
    ) throws
        -> WebSocketServer
    {
        try WebSocketServer(limits) { upgrade in
            switch upgrade.path {
            case "/secret": upgrade.bearer == "letmein" ? nil : 401
            case "/gone": 404
            default: nil
            }
        } listener: { socket, event in
            switch event {
            case .opened: break
            case .message(let message) where message.text == "close":
                socket.close(code: 4001, reason: "as you wish")
            case .message(let message) where message.text == "tear": socket.tear()
            case .message(let message): try? socket.send(message)
            case .closed: closed.withLock { $0.append(event) }
            }
        }
    }
    static func url(_ server: WebSocketServer, _ path: String = "/") -> Secret {
        Secret("ws://127.0.0.1:\(server.port)\(path)")
    }

    @Test func saysBackWhatItHears() async throws {
        let closed = Locked<[WebSocketEvent]>([])
        let server = try Self.echo(closed: closed)
        let client = WebSocketClient()
        let socket = try await client.connect(to: Self.url(server, "/a?b=c"))
        let messages = [
            WebSocketMessage("one"), WebSocketMessage("마당"),
            WebSocketMessage(isText: false, bytes: [0, 255, 1]),
            WebSocketMessage(String(repeating: "long ", count: 150_000)), WebSocketMessage(""),
        ]
        for message in messages { try socket.send(message) }
        for message in messages { #expect(await socket.next() == .message(message)) }
        socket.close(code: 4002, reason: "done")
        #expect(await socket.next() != nil)
        #expect(await socket.next() == nil)
        #expect(throws: WebSocketError.self) { try socket.send("after the end") }
        while closed.withLock({ $0.isEmpty }) { await Task.yield() }
        #expect(closed.withLock { $0 } == [.closed(code: 4002, reason: "done")])
        client.close()
        server.close()
        server.close()
    }

    @Test func hearsHowTheOtherSideEnds() async throws {
        let server = try Self.echo()
        let client = WebSocketClient()
        let polite = try await client.connect(to: Self.url(server))
        try polite.send("close")
        #expect(await polite.next() == .closed(code: 4001, reason: "as you wish"))
        let torn = try await client.connect(to: Self.url(server))
        try torn.send("tear")
        guard case .closed? = await torn.next() else { return _ = Issue.record("no end") }
        let open = try await client.connect(to: Self.url(server))
        server.close()
        guard case .closed? = await open.next() else { return _ = Issue.record("no end") }
    }

    @Test func entersOnlyWhereItIsLet() async throws {
        let server = try Self.echo()
        let client = WebSocketClient()
        func status(_ path: String, _ headers: [HTTPRequest.Header] = []) async -> WebSocketError
            .Code?
        {
            do {
                _ = try await client.connect(to: Self.url(server, path), headers: headers)
                return nil
            } catch { return error.code }
        }
        #expect(await status("/secret") == .refused(status: 401))
        #expect(await status("/gone") == .refused(status: 404))
        #expect(await status("/secret", [.init("Authorization", "Bearer letmein")]) == nil)
        server.close()
        #expect(await status("/") == .notConnected)
        for bad in ["http://127.0.0.1/", "ws://example.com/", "nonsense", "ws://"] {
            let error = await #expect(throws: WebSocketError.self) {
                try await client.connect(to: Secret(bad))
            }
            #expect(error?.code == .badRequest)
        }
        client.close()
        #expect(await status("/") == .closed)
    }

    /// Nobody reads: the sender's room fills, nothing is lost, and the rest comes once somebody
    /// does.
    @Test func aListenerThatIsSlowHoldsTheLineUp() async throws {
        let count = 3_000
        // A busy machine may take longer for it than the silence after which nobody is there.
        let patient = WebSocketLimits(pingSeconds: 600, hangUpSeconds: 900)
        let server = try WebSocketServer(patient) { _ in
            nil
        } listener: { socket, event in
            guard case .opened = event else { return }
            for number in 0..<count {
                try? socket.send("\(number) " + String(repeating: "x", count: 2_000))
            }
        }
        let client = WebSocketClient(
            WebSocketLimits(unheard: 16, pingSeconds: 600, hangUpSeconds: 900))
        let socket = try await client.connect(to: Self.url(server))
        for number in 0..<count {
            guard case .message(let message)? = await socket.next() else {
                return _ = Issue.record("ended at \(number)")
            }
            #expect(message.text.hasPrefix("\(number) "))
        }
    }

    @Test func aMessageBeyondTheLimitEndsTheLine() async throws {
        let server = try Self.echo()
        let client = WebSocketClient(WebSocketLimits(message: 1_000))
        let socket = try await client.connect(to: Self.url(server))
        try socket.send(String(repeating: "x", count: 2_000))
        guard case .closed(code: 1009, _)? = await socket.next() else {
            return _ = Issue.record("no end")
        }
    }

    // MARK: Frames by hand

    static func open(_ port: UInt16) throws -> RawClient {
        let raw = try RawClient(port)
        raw.write(
            Array(
                ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                    .utf8))
        let head = try raw.read { $0.suffix(4) == [13, 10, 13, 10] }
        #expect(String(decoding: head, as: UTF8.self).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        return raw
    }
    static func frame(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = true) -> [UInt8] {
        [first, (isMasked ? 0x80 : 0) | UInt8(payload.count)]
            + (isMasked ? [1, 2, 3, 4] : [])
            + payload.enumerated().map {
                isMasked ? $0.element ^ UInt8($0.offset % 4 + 1) : $0.element
            }
    }

    @Test func putsFragmentsTogetherAndAnswersPings() throws {
        let server = try Self.echo()
        let raw = try Self.open(server.port)
        raw.write(Self.frame(0x01, Array("he".utf8)))
        raw.write(Self.frame(0x89, Array("ping".utf8)))
        raw.write(Self.frame(0x80, Array("llo".utf8)))
        let wanted = [0x8A, 4] + Array("ping".utf8) + [0x81, 5] + Array("hello".utf8)
        #expect(try raw.read { $0.count >= wanted.count } == wanted)
        // Half a frame, and then nothing: the server serves on.
        raw.write([0x81, 0x85, 1, 2])
        let other = try Self.open(server.port)
        other.write(Self.frame(0x81, Array("x".utf8)))
        #expect(try other.read { $0.count >= 3 } == [0x81, 1, 120])
    }

    @Test(arguments: [
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        frame(0xF1, [1]), frame(0x80, [1]), frame(0x81, [0xC3, 0x28]), frame(0x83, [1]),
        [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4],
    ])
    func endsALineThatBreaksTheRules(_ bytes: [UInt8]) throws {
        let server = try Self.echo()
        let raw = try Self.open(server.port)
        raw.write(bytes)
        shutdown(raw.descriptor, Int32(SHUT_WR))
        let answer = try raw.read()
        #expect(answer.first != 0x81 && answer.first != 0x82, "it was said back: \(answer)")
        #expect(try Self.open(server.port).descriptor >= 0)
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ])
    func whatIsNoUpgradeIsNotServed(_ text: String) throws {
        let server = try Self.echo()
        let answer = try RawClient(server.port).exchange(text)
        #expect(!answer.contains(" 101 ") && !answer.contains(" 200 "), "\(answer)")
    }

    /// A server that says nothing at all any more, not even to pings, as one that was stopped.
    @Test func aSilentServerIsNoticed() async throws {
        let raw = try RawServer([
            [
                .read,
                .say(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: nonsense\r\n\r\n"),
            ],
            [.read, .hold],
        ])
        let client = WebSocketClient(WebSocketLimits(connectSeconds: 2))
        for _ in 0..<2 {
            await #expect(throws: WebSocketError.self) {
                try await client.connect(to: Secret("ws://127.0.0.1:\(raw.port)/"))
            }
        }
    }
}
