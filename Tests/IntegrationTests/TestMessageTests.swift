import Foundation
import Platform
import Testing

extension TellingTests {
    /// `madang doctor --send-test` against strict services.
    @Suite struct TestMessageTests {
        /// A line of `madang doctor --json` about a channel.
        private struct Line: Decodable {
            let check: String
            let level: String
            let what: String
            let next: String
            let exitCode: Int32

            enum CodingKeys: String, CodingKey {
                case check, level, what, next
                case exitCode = "exit_code"
            }
        }

        private struct Asked {
            let exit: ProcessExit
            let channels: [Line]
        }

        private static func scene() throws -> Scene {
            var configuration = SceneConfiguration.plain
            configuration.more += [
                "channels:",
                "  phone: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"42\", language: ko,"
                    + " url: \"${CHAT_URL}\" }",
                "  nobody: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"-9\","
                    + " url: \"${CHAT_URL}\" }",
                "  desk: { kind: discord, webhook: \"${WEBHOOK}\" }",
                "  screen: { kind: console }",
            ]
            return try Scene(configuration, ticks: SampleTicks(count: 50))
        }

        private func ask(
            _ words: [String], _ scene: Scene, _ environment: [String: String]
        ) async throws -> Asked {
            let outcome = try await scene.madang(
                ["doctor", "--json"] + words, environment: environment)
            let text = (outcome.output + outcome.errors).joined(separator: "\n")
            #expect(!text.contains("CANARY"), "\(text)")
            let lines = try outcome.output.map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            return Asked(exit: outcome.exit, channels: lines.filter { $0.check == "channels" })
        }

        @Test func itIsSentOnceToWhoIsNamedAndToNobodyElse() async throws {
            let (chat, room) = (try await ChatService(), try await ChatService(.discord))
            let environment = chat.environment.merging(room.environment) { $1 }
            let scene = try Self.scene()
            let quiet = try await ask([], scene, environment)
            #expect(quiet.exit == .code(0) && quiet.channels.count == 4)
            #expect(quiet.channels.allSatisfy { $0.what.hasSuffix("not called") })
            #expect(try await chat.seen().requests.isEmpty)

            let asked = try await ask(["--send-test", "phone"], scene, environment)
            #expect(asked.exit == .code(0))
            let told = asked.channels[0].what
            let words = /phone: test message sent, Telegram took it in [0-9.]+ (ms|µs|s)/
            #expect(told.wholeMatch(of: words) != nil, "\(told)")
            #expect(asked.channels[1...].allSatisfy { $0.what.hasSuffix("not called") })
            #expect(try await chat.seen().texts == ["시험 메시지: 채널 phone 정상. 거래는 없었습니다."])
            #expect(try await room.seen().requests.isEmpty)

            let both = try await ask(
                ["--send-test", "desk", "--send-test", "screen"], scene, environment)
            #expect(both.exit == .code(0))
            #expect(
                try await room.seen().texts == [
                    "Test message: channel desk works. Nothing was traded."
                ])
            #expect(try await chat.seen().texts.count == 1)
            #expect(!FileManager.default.fileExists(atPath: scene.path + "/.madang"))
        }

        @Test func allIsEveryChannelAndOneThatFailsIsTold() async throws {
            let (chat, room) = (try await ChatService(), try await ChatService(.discord))
            let asked = try await ask(
                ["--send-test", "all"], try Self.scene(),
                chat.environment.merging(room.environment) { $1 })
            #expect(asked.exit == .code(1))
            #expect(asked.channels.map(\.level) == ["good", "wrong", "good", "good"])
            #expect(asked.channels[1].what.contains("chat not found"))
            #expect(asked.channels[1].next == "add the bot to -9, or correct chat")
            #expect(asked.channels[1].exitCode == 1)
            #expect(try await chat.seen().requests.count == 2, "each once")
            #expect(try await room.seen().requests.count == 1)
        }

        struct Trouble: Sendable, CustomTestStringConvertible {
            let name: String
            let isDiscord: Bool
            /// Of the service; `nil`: nobody listens.
            let switches: String?
            let what: String
            let next: String
            var testDescription: String { name }
            init(
                _ name: String, discord isDiscord: Bool = false, _ switches: String?,
                _ what: String, _ next: String
            ) {
                self.name = name
                self.isDiscord = isDiscord
                self.switches = switches
                self.what = what
                self.next = next
            }
        }

        @Test(arguments: [
            Trouble("token", "{\"token\": \"7:other\"}", "Unauthorized", "@BotFather"),
            Trouble(
                "chat", "{\"chats\": {\"42\": {\"kind\": \"group\", \"migrated\": -1005}}}",
                "new number", "chat: \"-1005\""),
            Trouble(
                "blocked", "{\"chats\": {\"42\": {\"kind\": \"private\", \"blocked\": true}}}",
                "blocked by the user", "unblock the bot in chat 42"),
            Trouble("429", "{\"always\": \"429 7\"}", "takes nothing for 7.0 s", "wait that long"),
            Trouble("500", "{\"always\": \"500\"}", "not sent", "try again later"),
            Trouble(
                "502", "{\"always\": \"502:html\"}",
                "no good answer: an answer that is not Telegram's: HTTP 502", "it may have arrived"),
            Trouble(
                "other page", "{\"always\": \"200:html\"}", "not Telegram's: HTTP 200",
                "see whether url"
            ),
            Trouble(
                "other place", discord: true, "{\"always\": \"200:html\"}",
                "not Discord's: HTTP 200",
                "see whether the webhook's address"),
            Trouble("echo", "{\"always\": \"404:echo\"}", "********", "@BotFather"),
            Trouble("lost", "{\"always\": \"drop\"}", "no good answer", "look there before"),
            Trouble("network", nil, "not sent: no connection", "network, name, proxy"),
            Trouble("webhook", discord: true, "{\"gone\": true}", "Unknown Webhook", "make a new"),
            Trouble(
                "webhook token", discord: true, "{\"always\": \"401\"}", "Invalid Webhook Token",
                "copy the webhook"),
            Trouble(
                "webhook 429", discord: true, "{\"always\": \"429 2\"}", "nothing for 2.0 s",
                "wait"),
            Trouble("webhook network", discord: true, nil, "no connection", "network"),
        ])
        func eachTroubleIsToldWithWhatToDo(_ trouble: Trouble) async throws {
            let service = try await ChatService(trouble.isDiscord ? .discord : .telegram)
            var environment = [
                "CHAT_TOKEN": ChatService.token, "CHAT_URL": "http://127.0.0.1:9",
                "WEBHOOK": "http://127.0.0.1:9/api/webhooks/123/\(ChatService.webhookToken)",
            ]
            if let switches = trouble.switches {
                environment.merge(service.environment) { $1 }
                try await service.set(switches)
            }
            let name = trouble.isDiscord ? "desk" : "phone"
            let asked = try await ask(["--send-test", name], try Self.scene(), environment)
            #expect(asked.exit == .code(1))
            let line = try #require(asked.channels.first { $0.what.hasPrefix(name + ":") })
            #expect(line.level == "wrong" && line.what.contains(trouble.what), "\(line)")
            #expect(line.next.contains(trouble.next), "\(line)")
            #expect(
                try await service.seen().requests.count == (trouble.switches == nil ? 0 : 1),
                "never again")
        }

        /// What a run could not bring is told, and stays where it is.
        @Test func whatWaitsIsToldAndNotSent() async throws {
            let chat = try await ChatService()
            let gone = [
                "CHAT_TOKEN": ChatService.token, "CHAT_URL": "http://127.0.0.1:9",
                "WEBHOOK": "http://127.0.0.1:9/api/webhooks/123/\(ChatService.webhookToken)",
            ]
            let scene = try Self.scene()
            let run = try await scene.madang("run", "--json", environment: gone)
            #expect(run.exit == .code(0), "\(run.errorText)")
            for _ in 1...2 {
                let asked = try await ask([], scene, gone.merging(chat.environment) { $1 })
                #expect(asked.exit == .code(0) && asked.channels.count == 7)
                let waiting = asked.channels.dropFirst(4).map(\.what)
                for (told, name) in zip(waiting, ["phone", "nobody", "desk"]) {
                    let words = /(\w+): \d+ messages? not sent yet, the oldest for [0-9.]+ m?s/
                    #expect(told.wholeMatch(of: words)?.1 == name[...], "\(told)")
                }
            }
            #expect(try await chat.seen().requests.isEmpty)
        }

        @Test func aNameThatIsNoneSendsNothing() async throws {
            let chat = try await ChatService()
            let environment = chat.environment.merging(["WEBHOOK": "https://127.0.0.1:9/x"]) { $1 }
            let asked = try await ask(
                ["--send-test", "phone", "--send-test", "dekk"], try Self.scene(), environment)
            #expect(asked.exit == .code(1))
            #expect(asked.channels.map(\.level) == ["wrong"])
            #expect(asked.channels.first?.next.hasPrefix("did you mean 'desk'?") == true)
            #expect(try await chat.seen().requests.isEmpty)
        }
    }
}
