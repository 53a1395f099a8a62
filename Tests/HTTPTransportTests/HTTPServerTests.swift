import Foundation
import Glibc
import HTTPTransport
import Platform
import Testing

/// Our server against bytes written by hand, and against our own client.
@Suite(.timeLimit(.minutes(1))) struct HTTPServerTests {
    static func echo(_ settings: HTTPServerSettings = HTTPServerSettings()) throws -> HTTPServer {
        try HTTPServer(settings) { request, responder in
            let words = [request.method, request.path, request[query: "a"] ?? "-"]
            responder.answer(
                HTTPResponse(
                    status: 200, headers: [("Content-Type", "text/plain")],
                    body: Array(words.joined(separator: " ").utf8) + [32] + request.body))
        }
    }

    @Test func answersOurClient() async throws {
        let server = try Self.echo()
        let client = HTTPClient()
        let url = "http://127.0.0.1:\(server.port)/one/two%20three?a=4&b=5"
        let get = try await client.send(HTTPRequest(.get, Secret(url)))
        #expect(
            get.status == 200
                && String(decoding: get.body, as: UTF8.self) == "GET /one/two three 4 ")
        let long = [UInt8](repeating: 120, count: 50_000)
        let post = try await client.send(HTTPRequest(.post, Secret(url), body: long))
        #expect(post.body == Array("POST /one/two three 4 ".utf8) + long)
        server.close()
        server.close()
        await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(.get, Secret(url)))
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400"
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n", "413"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", "413"),
        ("GET /\u{1}\u{0}garbage\r\n\r\n", ""),
        ("\u{3}\u{0}\u{0}garbage without an end of line\r\n\r\n\r\n", ""),
        ("GET /" + String(repeating: "x", count: 100_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", "414"),
    ])
    func refusesWhatIsNoRequest(_ bytes: String, _ status: String) throws {
        let server = try Self.echo()
        let answer = try RawClient(server.port).exchange(bytes)
        let line = answer.prefix { $0 != "\r\n" }
        #expect(line.contains(" 200 ") == false, "\(line)")
        if status != "" { #expect(line.hasPrefix("HTTP/1.1 \(status)"), "\(line)") }
        // It goes on serving.
        #expect(
            try RawClient(server.port).exchange(
                "GET /still HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            ).hasSuffix("GET /still - "))
    }

    @Test func aChunkedBodyBeyondTheLimitIsCutOff() throws {
        let server = try Self.echo(HTTPServerSettings(body: 1_000))
        let chunk = "400\r\n" + String(repeating: "x", count: 1_024) + "\r\n"
        let answer = try RawClient(server.port).exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)0\r\n\r\n"
        )
        #expect(!answer.contains("200 OK"))
    }

    @Test func answersLateBadlyOrNotAtAll() async throws {
        let waiting = Locked<[HTTPResponder]>([])
        let server = try HTTPServer { request, responder in
            let answer = HTTPResponse(status: 200, headers: [], body: Array("0123456789".utf8))
            switch request.path {
            case "/nothing": responder.answer(.nothing)
            case "/half": responder.answer(.cut(answer, after: 5))
            case "/later": waiting.withLock { $0.append(responder) }
            default:
                for held in waiting.withLock({ $0 }) { held.answer(answer) }
                responder.answer(answer)
                responder.answer(.nothing)  // the second answer is nobody's
            }
        }
        let base = "http://127.0.0.1:\(server.port)"
        let client = HTTPClient()
        for path in ["/nothing", "/half"] {
            let error = await #expect(throws: HTTPError.self) {
                try await client.send(HTTPRequest(.get, Secret(base + path), isRepeatable: false))
            }
            #expect(error?.isCertainlyNotSent == false, "\(path)")
        }
        let later = Task {
            try await client.send(HTTPRequest(.get, Secret(base + "/later"), isRepeatable: false))
        }
        while waiting.withLock({ $0.isEmpty }) { await Task.yield() }
        let now = try await client.send(HTTPRequest(.get, Secret(base + "/now")))
        #expect(now.body.count == 10)
        #expect(try await later.value.body.count == 10)
        // One that nobody ever answers does not hold up the end.
        let never = Task {
            try await client.send(HTTPRequest(.get, Secret(base + "/later"), isRepeatable: false))
        }
        while waiting.withLock({ $0.count }) < 2 { await Task.yield() }
        server.close()
        await #expect(throws: HTTPError.self) { try await never.value }
        for held in waiting.withLock({ $0 }) { held.answer(.nothing) }
        // They know the server's handler, and it knows them.
        waiting.withLock { $0 = [] }
    }

    /// The gate is asked when the connection stands; what it holds back is never heard.
    @Test func whatTheGateHoldsBackIsNeverHeard() async throws {
        let heard = Locked(0)
        let server = try HTTPServer { _, responder in
            heard.withLock { $0 += 1 }
            responder.answer(HTTPResponse(status: 200, headers: [], body: []))
        }
        let client = HTTPClient()
        var request = HTTPRequest(.post, Secret("http://127.0.0.1:\(server.port)/"), body: [1])
        request.gate = { false }
        let held = request
        let error = await #expect(throws: HTTPError.self) { try await client.send(held) }
        #expect(error?.code == .withheld && error?.isCertainlyNotSent == true)
        request.gate = { true }
        #expect(try await client.send(request).status == 200)
        #expect(heard.withLock { $0 } == 1)
    }

    @Test func aPortInUseIsSaid() throws {
        let server = try Self.echo()
        #expect(throws: HTTPServerError.self) {
            try HTTPServer(HTTPServerSettings(port: server.port)) { _, _ in }
        }
    }
}

/// A socket to a port of this machine, for bytes by hand. Gives up after 20 s.
final class RawClient {
    struct Failure: Error {}
    let descriptor: Int32

    init(_ port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Failure() }
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }
    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(
                    descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
    /// What comes until the end, or until `isWhole` says so.
    func read(until isWhole: ([UInt8]) -> Bool = { _ in false }) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while !isWhole(bytes) {
            let count = recv(descriptor, &part, part.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return bytes }
            guard count > 0 else { throw Failure() }
            bytes += part[..<count]
        }
        return bytes
    }
    func exchange(_ text: String) throws -> String {
        write(Array(text.utf8))
        // Some refusals leave it to us to go.
        shutdown(descriptor, Int32(SHUT_WR))
        return String(decoding: try read(), as: UTF8.self)
    }
}
