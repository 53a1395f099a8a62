import Foundation
import Platform
import Ports
import Testing

extension TellingTests {
    /// What a person reads of a whole run: everything, in the order in which it happened, and how the channel stood.
    @Suite struct MessageOrderTests {
        private static func configuration(
            _ channels: [String], more: [String] = []
        ) -> SceneConfiguration {
            SceneConfiguration(
                strategies: [
                    "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10,"
                        + " parameters: { fast: 3, slow: 8 } }"
                ],
                rules: [
                    "{ name: high, when: \"close > sma(5)\", then: alert, on: \"candles:1m\" }"
                ], more: more + ["channels:"] + channels.map { "  " + $0 })
        }
        private static func line(_ kind: ChatService.Kind, _ more: String = "") -> String {
            kind == .telegram
                ? "phone: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"42\","
                    + " url: \"${CHAT_URL}\"\(more) }"
                : "phone: { kind: discord, webhook: \"${WEBHOOK}\"\(more) }"
        }

        /// `fill BUY A 10 70100`, `alert B`, `end`; `nil`: of something else.
        private static func key(_ line: String) -> String? {
            if let fill = line.firstMatch(of: #/(BUY|SELL) filled (\S+) ([\d.,]+) @ ([\d.,]+)/#) {
                let numbers = [fill.3, fill.4].map { $0.filter { $0 != "," } }
                return "fill \(fill.1) \(fill.2) \(numbers.joined(separator: " "))"
            }
            if let alert = line.firstMatch(of: #/Alert high: (\S+)/#) { return "alert \(alert.1)" }
            return line.hasPrefix("Run finished: ") ? "end" : nil
        }
        private static func key(_ line: RunLine) -> String? {
            switch line.event {
            case "fill":
                let words = [line.side?.uppercased(), line.symbol, line.quantity, line.price]
                return "fill " + words.compactMap(\.self).joined(separator: " ")
            case "alert": return line.symbol.map { "alert \($0)" }
            case "finished": return "end"
            default: return nil
            }
        }

        /// Folded or alone, slow service or not: nothing overtakes what happened before it.
        @Test(arguments: [ChatService.Kind.telegram, .discord])
        func messagesComeInTheOrderOfTheRun(_ kind: ChatService.Kind) async throws {
            let chat = try await ChatService(kind)
            try await chat.set("{\"faults\": [\"500\", \"429 0.2\"]}")
            let scene = try Scene(
                Self.configuration([Self.line(kind)]), ticks: SampleTicks(count: 3_000))
            let outcome = try await scene.madang("run", "--json", environment: chat.environment)
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let happened = try outcome.lines().compactMap(Self.key)
            #expect(happened.count > 30 && happened.last == "end")

            let seen = try await chat.seen()
            let lines = ToldLines(seen.texts)
            #expect(lines.counted == 0, "each is named")
            let told = lines.ordered.compactMap(Self.key)
            #expect(told == Array(happened.prefix(told.count)) && told.count > 30)
            #expect(seen.requests.filter { $0.throttled == true }.isEmpty, "never too fast")

            // The same figures stand at the end of the run.
            let channel = try #require(try outcome.summary().channels?.first)
            #expect(channel.name == "phone" && channel.state == .alive)
            // A slow machine may leave the last to the next start: then it waits, and nothing is missing between.
            #expect((channel.waiting == 0) == (told.count == happened.count))
            #expect(channel.sent == seen.accepted.count && channel.trouble == nil)
        }

        /// R14.2: who wants warnings alone is not woken by fills, alerts and the end.
        @Test func aChannelHearsWhatIsAsGraveAsItWants() async throws {
            let chat = try await ChatService()
            let scene = try Scene(
                Self.configuration(
                    [
                        Self.line(.telegram, ", from: warning"), "screen: { kind: console }",
                        "pager: { kind: console, from: critical }",
                    ], more: ["risk: { order_value: 500000 }"]), ticks: SampleTicks(count: 3_000))
            let outcome = try await scene.madang("run", "--json", environment: chat.environment)
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let told = try outcome.lines().filter { $0.event == "message" }
            #expect(!told.contains { $0.source == "pager" })
            let screen = ToldLines(told.filter { $0.source == "screen" }.compactMap(\.text))
            #expect(screen.ordered.contains { $0.hasPrefix("Alert high") })
            #expect(screen.ordered.contains { $0.hasPrefix("Run finished: ") })

            let warnings = screen.told.keys.filter { $0.hasPrefix("[WARNING] ") }
            #expect(warnings.contains { $0.contains("GR031") })
            let phone = ToldLines(try await chat.seen().texts)
            #expect(Set(phone.told.keys.filter { $0.hasPrefix("[WARNING]") }) == Set(warnings))
            #expect(
                phone.told.keys.allSatisfy { $0.hasPrefix("[WARNING]") || $0.contains(" in ") },
                "\(phone.told.keys)")

            let shown = try await scene.madang(
                "config", "show", environment: chat.environment)
            #expect(shown.output.contains { $0.contains("from: warning") })
            let doctor = try await scene.madang("doctor", environment: chat.environment)
            #expect(doctor.output.contains { $0.contains("phone: Telegram, en, from warning on") })
        }
    }
}
