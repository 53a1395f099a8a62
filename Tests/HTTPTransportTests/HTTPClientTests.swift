import Foundation
import Platform
import Testing

@testable import HTTPTransport

/// The client against peers that do what networks do.
@Suite(.timeLimit(.minutes(2))) struct HTTPClientTests {
    private static let canary = "CANARY-7f3a"
    private let client = HTTPClient()

    private func post(
        _ server: RawServer, whole: Int64 = 10_000_000_000, body: Int = 1_000
    ) async -> Result<HTTPResponse, HTTPError> {
        let request = HTTPRequest(
            .post, Secret("\(server.base)/bot\(Self.canary)/send"),
            headers: [.init("Authorization", "Bearer \(Self.canary)")], body: Array("hello".utf8),
            limits: HTTPLimits(connect: whole, whole: whole, body: body))
        do throws(HTTPError) {
            return .success(try await client.send(request))
        } catch {
            #expect(!"\(error)".contains(Self.canary))
            #expect(!String(reflecting: error).contains(Self.canary))
            return .failure(error)
        }
    }

    private func error(_ result: Result<HTTPResponse, HTTPError>) -> HTTPError? {
        if case .failure(let error) = result { return error }
        return nil
    }

    @Test func wholeAnswerIsGivenWhateverItsStatus() async throws {
        let server = try RawServer([
            [
                .read,
                .say("HTTP/1.1 418 Tea\r\nX-One: a b \r\nx-two:\r\nContent-Length: 3\r\n\r\nabc"),
                .close,
            ]
        ])
        let answer = try await post(server).get()
        #expect(answer.status == 418)
        #expect(answer.body == Array("abc".utf8))
        #expect(answer[header: "x-ONE"] == "a b")
        #expect(answer[header: "x-two"] == "")
        let heard = try #require(server.requests.first)
        #expect(heard.hasPrefix("POST /bot\(Self.canary)/send HTTP/1.1\r\n"))
        #expect(heard.hasSuffix("\r\n\r\nhello"))
        #expect(!heard.contains("Expect:"))
    }

    /// Nothing listens: certainly not sent, whatever is tried next cannot double.
    @Test func refusedConnectionIsCertainlyNotSent() async throws {
        // Bound and not listening: nobody else gets the port meanwhile.
        let bound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(bound) }
        let base = "http://127.0.0.1:\(try bindToLoopback(bound))"
        let request = HTTPRequest(.post, Secret("\(base)/bot\(Self.canary)"), body: [1])
        let error = try await #require(throws: HTTPError.self) { try await client.send(request) }
        #expect(error.code == .notConnected && error.isCertainlyNotSent)
        #expect(error.description.contains("Connection refused"))
        #expect(!"\(error)".contains(Self.canary))
    }

    @Test func unknownNameIsCertainlyNotSent() async throws {
        let client = HTTPClient(HTTPSettings(proxy: .none))
        let request = HTTPRequest(.post, Secret("https://\(Self.canary).invalid/"))
        let error = try await #require(throws: HTTPError.self) { try await client.send(request) }
        #expect(error.code == .notResolved && error.isCertainlyNotSent)
        #expect(!"\(error)".lowercased().contains(Self.canary.lowercased()))
    }

    /// Heard, and no whole answer: nobody knows.
    @Test(
        arguments: [
            [.read, .close], [.read, .reset], [.read, .say("HTTP/1.1 200 OK\r\n"), .close],
            [.read, .say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), .close],
            [.read, .say("\u{16}\u{3}\u{1} no HTTP\r\n\r\n"), .close],
            [
                .read,
                .say(
                    "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
                        + String(repeating: "x", count: 9_999)), .hold,
            ],
            [
                .read,
                .say("HTTP/1.1 200 OK\r\nA: " + String(repeating: "y", count: 70_000) + "\r\n\r\n"),
                .hold,
            ],
        ] as [[RawServer.Step]])
    func brokenAnswerIsUnknown(_ steps: [RawServer.Step]) async throws {
        let server = try RawServer([steps])
        let failure = try #require(error(await post(server)))
        #expect(!failure.isCertainlyNotSent, "\(failure)")
        #expect(server.requests.count == 1, "it was not sent again")
    }

    @Test func silenceEndsAtTheTimeLimit() async throws {
        let server = try RawServer([[.read, .hold]])
        let failure = try #require(error(await post(server, whole: 150_000_000)))
        #expect(failure.code == .timedOut && !failure.isCertainlyNotSent)
    }

    /// TCP stands but TLS never does.
    @Test func silentHandshakeIsCertainlyNotSent() async throws {
        let server = try RawServer([[.hold]])
        let request = HTTPRequest(
            .post, Secret("https://127.0.0.1:\(server.port)/\(Self.canary)"),
            limits: HTTPLimits(connect: 150_000_000))
        let failure = try await #require(throws: HTTPError.self) { try await client.send(request) }
        // A server that is let go hangs up, and that is another end.
        withExtendedLifetime(server) {}
        #expect(failure.code == .timedOut && failure.isCertainlyNotSent, "\(failure)")
    }

    @Test func redirectsAreAnswersAndNotFollowed() async throws {
        let other = try RawServer([
            [.read, .say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .close]
        ])
        let server = try RawServer([
            [
                .read,
                .say("HTTP/1.1 307 There\r\nLocation: \(other.base)/\r\nContent-Length: 0\r\n\r\n"),
                .close,
            ]
        ])
        #expect(try await post(server).get().status == 307)
        #expect(other.requests.isEmpty)
    }

    /// libcurl repeats a request by itself when a used connection turns out to be dead: a POST
    /// must never meet one.
    @Test func postIsNeverSentTwiceOverUsedConnections() async throws {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        let server = try RawServer([[.read, .say(ok), .read, .close]])
        #expect(try await post(server).get().status == 200)
        #expect(try await post(server).get().status == 200)
        #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 2)
    }

    @Test func cancellingEndsTheTransferAndTheCall() async throws {
        let server = try RawServer([[.read, .hold]])
        let task = Task { await post(server, whole: 60_000_000_000) }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        let failure = try #require(error(await task.value))
        #expect(failure.code == .cancelled && !failure.isCertainlyNotSent)
    }

    @Test func cancelledBeforehandIsCertainlyNotSent() async throws {
        let server = try RawServer([[.read, .hold]])
        let gate = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in gate.stream {}
            return await post(server)
        }
        task.cancel()
        gate.continuation.finish()
        let failure = try #require(error(await task.value))
        #expect(failure.code == .cancelled && failure.isCertainlyNotSent)
        #expect(server.requests.isEmpty)
    }

    @Test func closingAnswersEverybody() async throws {
        let client = HTTPClient()
        let server = try RawServer([[.read, .hold]])
        let task = Task { () -> HTTPError? in
            do throws(HTTPError) {
                _ = try await client.send(HTTPRequest(.get, Secret(server.base)))
                return nil
            } catch { return error }
        }
        while server.requests.isEmpty { await Task.yield() }
        client.close()
        client.close()
        #expect(await task.value?.code == .unavailable)
        let late = try await #require(throws: HTTPError.self) {
            try await client.send(HTTPRequest(.get, Secret(server.base)))
        }
        #expect(late.code == .unavailable && late.isCertainlyNotSent)
    }

    @Test func moreThanItsCapacityIsRefused() async throws {
        let client = HTTPClient(HTTPSettings(capacity: 1))
        let server = try RawServer([[.read, .hold]])
        let task = Task { try? await client.send(HTTPRequest(.get, Secret(server.base))) }
        while server.requests.isEmpty { await Task.yield() }
        let refused = try await #require(throws: HTTPError.self) {
            try await client.send(HTTPRequest(.get, Secret(server.base)))
        }
        #expect(refused.code == .unavailable && refused.isCertainlyNotSent)
        task.cancel()
        _ = await task.value
    }

    @Test(arguments: [
        "http://example.com/", "ftp://127.0.0.1/", "file:///etc/passwd", "nonsense", "", "http://",
        "https://127.0.0.1:port/", "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/",
    ])
    func addressesThatWouldLeakAreRefused(_ url: String) async throws {
        let failure = try await #require(throws: HTTPError.self) {
            try await client.send(HTTPRequest(.post, Secret(url)))
        }
        #expect(failure.isCertainlyNotSent, "\(url): \(failure)")
        #expect(failure.code == .badRequest || failure.code == .notResolved, "\(url): \(failure)")
    }

    @Test func headersHoldNoLineBreaks() async throws {
        let server = try RawServer([[.read, .close]])
        let request = HTTPRequest(
            .get, Secret(server.base), headers: [.init("X", "a\r\nHost: \(Self.canary)")])
        let failure = try await #require(throws: HTTPError.self) { try await client.send(request) }
        #expect(failure.code == .badRequest && !"\(failure)".contains(Self.canary))
    }

    @Test func manyAtATimeAllGetTheirOwnAnswer() async throws {
        let server = try RawServer([
            [.read, .say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), .close]
        ])
        let count = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    // A hundred threads beside every other suite may take a while.
                    (try? await post(server, whole: 50_000_000_000).get().status) == 200
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(count == 100)
        #expect(server.requests.count == 100)
    }

    @Test func requestShowsNothingOfItself() {
        let request = HTTPRequest(
            .post, Secret("https://x/\(Self.canary)"), headers: [.init("A", Self.canary)],
            body: Array(Self.canary.utf8))
        var dumped = ""
        dump(request, to: &dumped)
        dump(request.headers, to: &dumped)
        #expect(!(dumped + "\(request)" + String(reflecting: request)).contains(Self.canary))
    }

    /// A proxy of the environment must not hear what stays on this machine.
    @Test func loopbackGoesThroughNoProxy() async throws {
        let proxy = try RawServer([[.read, .close]])
        let server = try RawServer([
            [.read, .say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .close]
        ])
        let client = HTTPClient(HTTPSettings(proxy: .through(Secret(proxy.base))))
        #expect(try await client.send(HTTPRequest(.get, Secret(server.base))).status == 200)
        #expect(proxy.requests.isEmpty)
        // Elsewhere it does: a tunnel, which tells it the name alone.
        let far = HTTPRequest(.post, Secret("https://example.com/\(Self.canary)"))
        let failure = try await #require(throws: HTTPError.self) { try await client.send(far) }
        #expect(failure.isCertainlyNotSent)
        #expect(proxy.requests.first?.hasPrefix("CONNECT example.com:443") == true)
        #expect(proxy.requests.first?.contains(Self.canary) == false)
    }
}
