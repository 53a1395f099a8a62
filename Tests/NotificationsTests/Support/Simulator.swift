import Foundation
import HTTPTransport
import Platform
import TestKit

/// A service that plays Telegram or Discord on a port of its own, as strict as the real one.
final class Simulator: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
    enum Service: String { case telegram, discord }

    /// What it took, and every request that it heard.
    struct Seen: Decodable {
        struct Accepted: Decodable {
            let chat: String?
            let text: String
            let raw: String
            let mode: String?
            let pinged: Bool?
            let at: Double
        }
        struct Request: Decodable {
            let path: String
            let headers: [String: String]
            let body: String
            let fault: String?
            let throttled: Bool?
            let at: Double
        }
        let accepted: [Accepted]
        let requests: [Request]
        let connections: Int
        var texts: [String] { accepted.map(\.text) }
    }

    let base: String
    let token: String
    let client: HTTPClient
    private let child: ChildProcess
    private static let nursery = ProcessNursery()

    /// The simulator's own secret: the tests look for it where it must not be.
    static let telegramToken = "123456:CANARY-telegram-0f1e2d3c"
    static let discordToken = "CANARY-discord-4b5a6978"

    init(_ service: Service, client: HTTPClient = HTTPClient()) async throws {
        let lines = AsyncStream.makeStream(of: String.self)
        var environment = ProcessInfo.processInfo.environment
        environment["TELEGRAM_TOKEN"] = Self.telegramToken
        environment["DISCORD_TOKEN"] = Self.discordToken
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        token = service == .telegram ? Self.telegramToken : Self.discordToken
        let command = try Python.command(
            "Tests/NotificationsTests/Servers/\(service.rawValue).py")
        child = try await Self.nursery.launch(
            ProcessLaunch(arguments: command, environment: environment),
            onLine: { line in
                if line.stream == .output { lines.continuation.yield(line.text) }
                if line.stream == .error { print(line.text) }
            }, onExit: { _ in lines.continuation.finish() })
        var iterator = lines.stream.makeAsyncIterator()
        guard let port = await iterator.next().flatMap({ UInt16($0) }) else {
            throw Failure(description: "\(service.rawValue).py did not start")
        }
        base = "http://127.0.0.1:\(port)"
        self.client = client
    }

    deinit { child.kill() }

    /// Turns switches, written as JSON.
    func set(_ switches: String) async throws {
        let request = HTTPRequest(.post, Secret(base + "/_set"), body: Array(switches.utf8))
        let answer = try await client.send(request)
        guard answer.status == 200 else { throw Failure(description: "switch \(switches)") }
    }

    func seen() async throws -> Seen {
        let answer = try await client.send(
            HTTPRequest(.get, Secret(base + "/_seen"), isRepeatable: false))
        return try JSONDecoder().decode(Seen.self, from: Data(answer.body))
    }
}
