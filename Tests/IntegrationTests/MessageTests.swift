import Foundation
import Glibc
import Platform
import Ports
import TestKit
import Testing

extension TellingTests {
    /// What a person is told of a run, by the real program and a strict service.
    @Suite struct MessageTests {
        private static let phone =
            "phone: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"42\","
            + " url: \"${CHAT_URL}\" }"
        private static let desk = "phone: { kind: discord, webhook: \"${WEBHOOK}\" }"
        private static let alert =
            "{ name: high, when: \"close > sma(5)\", then: alert, on: \"candles:1m\" }"

        private static func configuration(_ channels: [String] = [phone]) -> SceneConfiguration {
            var configuration = SceneConfiguration.full()
            let killer = "credit: 1, environment: { KILL_AT: \"${KILL_AT}\" }"
            configuration.strategies[1...] = [
                SceneConfiguration.server("killer", "killer.py", killer)
            ]
            configuration.rules.append(alert)
            if !channels.isEmpty {
                configuration.more.append("channels:")
                configuration.more += channels.map { "  " + $0 }
            }
            return configuration
        }

        /// - Parameter candle: Its number, at which the host is killed; 0: never.
        private static func environment(
            _ chat: ChatService? = nil, killedAt candle: Int = 0
        ) -> [String: String] {
            (chat?.environment ?? [:]).merging(["KILL_AT": "\(candle)"]) { $1 }
        }

        /// Lines that a run must bring, and how often: its fills and alerts in the words of the channel.
        private func expected() async throws -> [String: Int] {
            let console = Self.configuration(["screen: { kind: console }"])
            let scene = try Scene(console, ticks: Undisturbed.ticks)
            let outcome = try await scene.madang("run", "--json", environment: Self.environment())
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let letters = try outcome.lines().filter { $0.event == "message" }.compactMap(\.text)
            let lines = ToldLines(letters).told.filter { Self.isCounted($0.key) }
            let summary = try outcome.summary()
            let alerts = summary.sources.reduce(0) { $0 + $1.alerts }
            #expect(lines.values.reduce(0, +) == summary.fills + alerts, "all of it is told")
            #expect(alerts > 20 && summary.fills > 20)
            return lines
        }

        private static func isCounted(_ line: String) -> Bool {
            line.contains(" filled ") || line.hasPrefix("Alert ")
        }

        @Test(arguments: [ChatService.Kind.telegram, .discord])
        func theHostKilledInTheMiddleLosesNoMessageAndDoublesNone(
            _ kind: ChatService.Kind
        ) async throws {
            let chat = try await ChatService(kind)
            let channel = kind == .telegram ? Self.phone : Self.desk
            let expected = try await expected()
            // Letters are under way for longer, so that kills meet them.
            try await chat.set("{\"always\": \"slow\"}")
            let scene = try Scene(Self.configuration([channel]), ticks: Undisturbed.ticks)
            for candle in [90, 91, 250, 400] {
                let killed = try await scene.madang(
                    "run", "--json", environment: Self.environment(chat, killedAt: candle))
                #expect(killed.exit == .signal(SIGKILL))
            }
            let last = try await scene.madang("run", "--json", environment: Self.environment(chat))
            #expect(last.exit == .code(0), "\(last.errorText)")
            #expect(try last.resumedAt() ?? 0 > 0)
            try await sendWhatIsLeft(after: last, in: scene, chat, channel)

            let seen = try await chat.seen()
            let lines = ToldLines(seen.texts)
            var missing = 0
            for (line, count) in expected {
                let (told, repeated) = (lines.told[line] ?? 0, lines.repeated[line] ?? 0)
                #expect(told <= count, "doubled: \(line)")
                missing += max(0, count - told - repeated)
            }
            #expect(missing <= lines.counted, "lost: \(missing), only counted: \(lines.counted)")
            // What was under way when the host was killed, no more: a letter a kill.
            #expect(lines.repeated.values.reduce(0, +) <= 4 * Self.linesOfALetter)
            let all = lines.told.merging(lines.repeated, uniquingKeysWith: +)
            let strangers = all.keys.filter { Self.isCounted($0) && expected[$0] == nil }
            #expect(strangers.isEmpty, "\(strangers)")
            // Discord takes five in two seconds. Nobody knows any more how many of those left before a kill, so each
            // start may be told to wait once.
            let tooFast = seen.requests.count { $0.throttled == true }
            #expect(tooFast <= (kind == .telegram ? 0 : 4), "never too fast")
            #expect(seen.texts.contains { $0.hasPrefix("Run finished: ") })
        }

        private static let linesOfALetter = 40

        /// Starts of a small run bring what a start before them has left.
        private func sendWhatIsLeft(
            after outcome: Program.Outcome, in scene: Scene, _ chat: ChatService,
            _ channel: String
        ) async throws {
            try await chat.set("{\"always\": \"\"}")
            var small = Self.configuration([channel])
            small.strategies = []
            small.rules = []
            small.feed = small.feed.replacing("ticks.csv", with: "few.csv")
            try scene.folder.write(small.text, as: "small.yaml")
            try scene.folder.write(SampleTicks(count: 4).csv, as: "few.csv")
            var outcome = outcome
            for _ in 0..<8
            where outcome.output.contains(where: { $0.contains("left for the next") }) {
                outcome = try await scene.madang(
                    "run", "--json", "-c", "small.yaml", environment: Self.environment(chat))
                #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            }
            #expect(!outcome.output.contains { $0.contains("left for the next") })
        }

        /// Refused, unreachable, silent or well: the run decides the same, and goes on from the same log.
        @Test(arguments: ["none", "401", "403", "404", "400", "gone", "silent"])
        func aDeadChannelChangesNothingInTheLedger(_ trouble: String) async throws {
            let chat = try await ChatService()
            let silent = try Scene(Self.configuration([]), ticks: Undisturbed.ticks)
            let reference = try await silent.madang(
                "run", "--json", environment: Self.environment()
            ).summary()
            let scene = try Scene(Self.configuration(), ticks: Undisturbed.ticks)
            var environment = Self.environment(chat)
            switch trouble {
            case "401": environment["CHAT_TOKEN"] = "123456:another"
            case "gone": environment["CHAT_URL"] = "http://127.0.0.1:9"
            case "silent": try await chat.set("{\"always\": \"silent\"}")
            case "none": break
            default: try await chat.set("{\"always\": \"\(trouble)\"}")
            }
            let outcome = try await scene.madang("run", "--json", environment: environment)
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let summary = try outcome.summary()
            #expect(summary.ledgerHash == reference.ledgerHash)
            #expect(summary.stateHash == reference.stateHash)
            #expect(summary.run == reference.run, "who is told is no part of what a run is")
            let text = outcome.output.joined(separator: "\n") + outcome.errorText
            #expect(!text.contains("CANARY"))
            func times(_ words: String) -> Int {
                outcome.output.count { $0.contains("channel phone" + words) }
            }
            if ["401", "403", "404"].contains(trouble) { #expect(times(" is dead") == 1) }
            if trouble == "400" { #expect(times(": a message was given up") == 1) }
            if trouble != "none" { #expect(text.contains("left for the next start")) }
        }

        /// An alert goes where its rule says; the token is nowhere to be read.
        @Test func alertsGoToTheChannelsOfTheirRule() async throws {
            let chat = try await ChatService()
            var configuration = Self.configuration([Self.phone, "screen: { kind: console }"])
            configuration.rules = [Self.alert.replacing(" }", with: ", channels: [screen] }")]
            let scene = try Scene(configuration, ticks: SampleTicks(count: 3_000))
            let outcome = try await scene.madang(
                "run", "--json", environment: Self.environment(chat))
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let told = try outcome.lines().filter { $0.event == "message" }.compactMap(\.text)
            #expect(told.contains { $0.contains("Alert high") })
            let texts = try await chat.seen().texts
            #expect(texts.contains { $0.contains(" filled ") || $0.contains("Run finished") })
            #expect(!texts.contains { $0.contains("Alert high") })

            let shown = try await scene.madang(
                "config", "show", environment: Self.environment(chat))
            #expect(shown.exit == .code(0) && shown.output.contains("channels:"))
            for file in try Self.files(in: scene.path) {
                let bytes = FileManager.default.contents(atPath: file) ?? Data()
                #expect(!String(decoding: bytes, as: UTF8.self).contains("CANARY"), "\(file)")
            }
            #expect(
                !(shown.output + outcome.output + outcome.errors).contains { $0.contains("CANARY") }
            )
        }

        private static func files(in folder: String) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: folder).map { folder + "/" + $0 }
        }

        @Test func wrongChannelsAreToldWithTheirPlace() async throws {
            var configuration = Self.configuration([
                "phone: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: here }",
                "desk: { kind: discord, webhook: \"${CHAT_URL}\", colour: red }",
                "far: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"1\", url: \"http://a.b\" }",
                "pager: { kind: pager }", "quiet: { kind: console, from: warnin }",
            ])
            configuration.rules.append(
                Self.alert.replacing("high", with: "low").replacing(
                    " }", with: ", channels: [fone] }"))
            let scene = try Scene(configuration)
            let outcome = try await scene.madang(
                "config", "check",
                environment: [
                    "CHAT_TOKEN": "CANARY", "CHAT_URL": "ftp://CANARY", "KILL_AT": "0",
                ])
            #expect(outcome.exit == .code(3))
            for path in [
                "channels.phone.token", "channels.phone.chat", "channels.desk.webhook",
                "channels.far.url", "channels.pager.kind",
                "channels.quiet.from", "rules[2].channels",
            ] {
                #expect(outcome.errorText.contains(path + ":"), "\(path)\n\(outcome.errorText)")
            }
            #expect(!outcome.errorText.contains("CANARY"))
            #expect(outcome.errorText.contains("'warnin' is not a severity"))
            #expect(outcome.errorText.contains("did you mean 'warning'?"))
        }
    }
}
