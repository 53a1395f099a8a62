import Foundation
import HTTPTransport
import Platform

/// A service that plays Telegram or Discord, as strict as the real one, and what it took.
final class ChatService: Sendable {
    enum Kind: String { case telegram, discord }
    static let token = "123456:CANARY-chat-5d6e7f"
    static let webhookToken = "CANARY-webhook-8a9b0c"
    struct Seen: Decodable {
        struct Accepted: Decodable {
            let chat: String?
            let text: String
            /// Monotonic seconds.
            let at: Double
        }
        struct Request: Decodable {
            let throttled: Bool?
        }
        let accepted: [Accepted]
        let requests: [Request]
        var texts: [String] { accepted.map(\.text) }
    }
    private let program: Program
    private let client = HTTPClient()
    let base: String
    /// What `madang.yaml` of a scene names.
    var environment: [String: String] {
        kind == .telegram
            ? ["CHAT_TOKEN": Self.token, "CHAT_URL": base]
            : ["WEBHOOK": "\(base)/api/v10/webhooks/123/\(Self.webhookToken)"]
    }
    private let kind: Kind

    init(_ kind: Kind = .telegram) async throws {
        self.kind = kind
        program = try await Program.start(
            [Place.python, Place.root + "/Tests/NotificationsTests/Servers/\(kind.rawValue).py"],
            environment: [
                "TELEGRAM_TOKEN": Self.token, "DISCORD_TOKEN": Self.webhookToken,
                "PYTHONDONTWRITEBYTECODE": "1",
            ],
            limit: .seconds(180))
        let (_, port) = try await program.line("its port") { UInt16($0) != nil }
        base = "http://127.0.0.1:\(port)"
    }

    deinit { program.send(signal: SIGKILL) }

    func set(_ switches: String) async throws {
        let answer = try await client.send(
            HTTPRequest(.post, Secret(base + "/_set"), body: Array(switches.utf8)))
        guard answer.status == 200 else { throw Program.Failure(description: switches) }
    }

    func seen() async throws -> Seen {
        let request = HTTPRequest(
            .get, Secret(base + "/_seen"), limits: HTTPLimits(body: 64 << 20), isRepeatable: false)
        return try JSONDecoder().decode(
            Seen.self, from: Data(try await client.send(request).body))
    }
}

/// What letters tell, line by line, without times, ids and marks.
struct ToldLines {
    /// How often each line was told as new.
    private(set) var told: [String: Int] = [:]
    /// How often each was told as a possible repetition.
    private(set) var repeated: [String: Int] = [:]
    /// Messages that are only counted.
    private(set) var counted = 0
    /// All of them as they came.
    private(set) var ordered: [String] = []
    private static let mark = " (may be a repetition)"

    init(_ letters: [String]) {
        for letter in letters {
            let lines = letter.split(separator: "\n")
            let isRepeat = lines.first?.contains(Self.mark) == true
            for line in lines {
                if let more = line.firstMatch(of: #/^… and ([\d,]+) more/#) {
                    counted += Int(more.1.filter(\.isNumber)) ?? 0
                    continue
                }
                ordered.append(Self.plain(line))
                if isRepeat {
                    repeated[Self.plain(line), default: 0] += 1
                } else {
                    told[Self.plain(line), default: 0] += 1
                }
            }
        }
    }

    private static func plain(_ line: Substring) -> String {
        var line = line.replacing(#/^\d\d:\d\d:\d\d /#, with: "")
        line = line.replacing(#/ \(\d\d:\d\d:\d\d\)/#, with: "")
        line = line.replacing(#/ \#[0-9a-f]{6}/#, with: "")
        return String(line.replacing(mark, with: ""))
    }
}
