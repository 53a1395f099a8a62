import Glibc
import Platform
import Ports
import TestKit
import Testing

extension PacedTests {
    /// What a phone hears of a run that goes at the pace of the market.
    @Suite struct MessagePaceTests {
        private static let count = 120
        private static let pause = 0.05

        /// One symbol, twenty trades a second, each at a price of its own.
        private static var ticks: String {
            let rows = (0..<count).map { index in
                let time = 1_704_153_600_000_000_000 + index * Int(pause * 1_000_000_000)
                return "\(time),A,\(70_000 + 100 * index),1,B\n"
            }
            return "ts,symbol,price,size,side\n" + rows.joined()
        }

        private static var configuration: SceneConfiguration {
            SceneConfiguration(
                speed: "1x",
                rules: ["{ name: tick, when: \"price > 1\", on: ticks, every: always }"],
                more: [
                    "channels:",
                    "  phone: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"42\","
                        + " url: \"${CHAT_URL}\" }",
                ])
        }

        /// Twenty alerts a second to a chat that takes one letter a second.
        @Test(arguments: [[], ["502:html", "drop", "429 1"]] as [[String]])
        func anAlertIsOnThePhoneWithinFiveSeconds(_ faults: [String]) async throws {
            let chat = try await ChatService()
            let list = faults.map { "\"\($0)\"" }.joined(separator: ",")
            try await chat.set("{\"faults\": [\(list)]}")
            let scene = try Scene(Self.configuration)
            try scene.folder.write(Self.ticks, as: "ticks.csv")
            let outcome = try await scene.madang("run", "--json", environment: chat.environment)
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(!outcome.output.contains { $0.contains("left for the next") })

            let accepted = try await chat.seen().accepted
            #expect(accepted.count <= 12, "folded: \(accepted.count) letters")
            // Where nothing goes wrong, the first alert is sent when it happens.
            let start = accepted.first?.at ?? 0
            var slowest = 0.0
            for index in 0..<Self.count {
                let letters = accepted.filter { $0.text.contains(Self.mark(index)) }
                let sure = letters.filter { !$0.text.contains("(may be a repetition)") }
                #expect(!letters.isEmpty, "lost: \(Self.mark(index))")
                #expect(sure.count <= 1, "doubled: \(Self.mark(index))")
                if faults.isEmpty { #expect(letters.count == 1) }
                let delay = (letters.first?.at ?? .infinity) - start - Double(index) * Self.pause
                slowest = max(slowest, delay)
            }
            if faults.isEmpty { #expect(slowest <= 5, "\(slowest) s") }
            #expect(accepted.last?.text.hasPrefix("Run finished: ") == true)
        }

        /// What somebody reads who is away when the host is stopped.
        @Test func aStopSaysWhatIsLeftAlone() async throws {
            let chat = try await ChatService()
            var configuration = Self.configuration
            configuration.rules = [
                "{ name: tick, when: \"price > 1\", then: buy, on: ticks, quantity: 1, every: once }"
            ]
            let scene = try Scene(configuration)
            try scene.folder.write(Self.ticks, as: "ticks.csv")
            let host = try await scene.start("run", "--json", environment: chat.environment)
            _ = try await host.line("a fill") { $0.contains("filled BUY ") }
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            let last = try #require(try await chat.seen().accepted.last?.text)
            #expect(
                last.contains(
                    "[WARNING] Run stopped: asked to stop\n1 position stays open, guarded by nobody meanwhile"
                ), "\(last)")
        }

        /// Nobody guards them behind a failure either: the message says so, and the screen.
        @Test func aFailureSaysWhatIsLeftAlone() async throws {
            let chat = try await ChatService()
            var configuration = Self.configuration
            configuration.rules = [
                "{ name: tick, when: \"price > 1\", then: buy, on: ticks, quantity: 1, every: once }"
            ]
            let scene = try Scene(configuration)
            // Behind the rows that a start looks at.
            let rows = Self.ticks + "1704153606000000000,A,x70000,1,B\n"
            try scene.folder.write(rows, as: "ticks.csv")
            let outcome = try await scene.madang("run", "--json", environment: chat.environment)
            #expect(outcome.exit == .code(8), "\(outcome.errorText)")
            let words = "1 position stays open, guarded by nobody meanwhile"
            let last = try #require(try await chat.seen().accepted.last?.text)
            #expect(last.contains("[CRITICAL] Run stopped: "), "\(last)")
            #expect(last.contains("ticks.csv:122") && last.hasSuffix("\n" + words), "\(last)")
            #expect(
                try outcome.lines().contains { $0.event == "warning" && $0.text == words },
                "\(outcome.output.suffix(3))")
        }

        /// `A 70,100 `
        private static func mark(_ index: Int) -> String {
            let price = 70_000 + 100 * index
            let rest = String(price % 1_000)
            return "A \(price / 1_000),\(String(repeating: "0", count: 3 - rest.count))\(rest) "
        }
    }
}
