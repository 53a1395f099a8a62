import Foundation
import Glibc
import Platform
import Ports
import TestKit
import Testing

extension PacedTests {
    /// Somebody else sells what the host bought: told with both sides' numbers, corrected by a row of the ledger, and
    /// the same behind a crash (R8.7).
    @Suite struct DriftTests {
        private static func scene(_ venue: Venue, _ more: String = "") throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
            configuration.broker = venue.broker(
                "reconcile_every: 100ms" + (more.isEmpty ? "" : ", \(more)"))
            // Held from the first tick on, and never sold.
            configuration.rules = [
                "{ name: once, when: \"price > 0\", then: buy, on: ticks, quantity: 10,"
                    + " symbols: [A] }"
            ]
            // About 25 ms from tick to tick.
            return try Scene(configuration, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
        }
        private static func sell(_ venue: Venue) async throws {
            try await venue.control("deal", #"{"symbol":"A","quantity":"-4","price":"90000"}"#)
        }
        private func madang(_ scene: Scene, _ words: String...) async throws -> Program.Outcome {
            try await scene.madang(words, environment: Venue.environment)
        }

        @Test func aStrangersSaleIsToldAndCorrectedByAPerson() async throws {
            let venue = try await Venue([])
            let scene = try Self.scene(venue)
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("a fill") { $0.contains("filled BUY 10 A ") }
            let early = try await madang(scene, "positions", "correct", "A")
            #expect(early.exit == .code(1))
            #expect(early.errorText.contains("A of 'demo': "), "\(early.errorText)")

            try await Self.sell(venue)
            let told = try await host.line("the drift") { $0.contains("A: the books hold 10") }
            #expect(told.text.contains("FS049") && told.text.contains("sim says 6"))
            #expect(told.text.contains("madang positions correct A"))
            let paid = try await host.line("the cash") { $0.contains("cash: the books have") }
            #expect(paid.text.contains("FS049"))
            let done = try await madang(
                scene, "positions", "correct", "A", "--reason", "sold by phone")
            #expect(done.exit == .code(0), "\(done.errorText)")
            #expect(done.output.first?.contains("the books held 10, sim says 6") == true)
            _ = try await host.line("the correction") { $0.contains("FS049 corrected: A 10 -> 6") }
            let twice = try await madang(scene, "positions", "correct", "A")
            #expect(twice.exit == .code(1))
            let cash = try await madang(scene, "positions", "correct", "--cash")
            #expect(cash.exit == .code(0), "\(cash.errorText)")
            host.send(signal: SIGKILL)
            #expect(try await host.outcome().exit == .signal(SIGKILL))

            // Behind the crash the books are where the broker is, and nothing differs any more.
            let again = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await again.line("a start") { $0.contains("\"event\":\"started\"") }
            let agreed = try await madang(scene, "positions", "correct", "A")
            #expect(agreed.exit == .code(1))
            #expect(agreed.errorText.contains("say the same"), "\(agreed.errorText)")
            again.send(signal: SIGTERM)
            let ended = try await again.outcome()
            #expect(!ended.output.contains { $0.contains("the books hold") }, "\(ended.output)")
            // What the stranger got is no profit of the run's.
            let summary = try RunEnd(ended.output.last ?? "")
            let (gained, put) = (try #require(summary.pnl["demo"]), summary.corrected?["demo"])
            #expect(abs(Double(gained) ?? .infinity) < 30_000, "\(gained)")
            #expect((put.flatMap { Double($0) } ?? 0) > 50_000, "\(put ?? "nothing")")
            try await check(venue, scene, by: "person")
        }

        /// Placed by hand, or by another program: told at each start, and left as it is.
        @Test func anOrderOfSomebodyElseIsToldAndLeftAlone() async throws {
            let venue = try await Venue([])
            let order = try await venue.placeByHand(
                #"{"symbol":"B","side":"buy","quantity":"3","limit":"200"}"#)
            let scene = try Self.scene(venue)
            let words =
                "madang-sim has an open order that is none of ours: \(order), a buy of 3 'B' limit 200"
            for start in 0..<2 {
                let host = try await scene.start("run", "--json", environment: Venue.environment)
                let told = try await host.line("the stranger") { $0.contains("none of ours") }
                #expect(told.text.contains("FS049: \(words)"), "\(told.text)")
                if start == 0 {
                    _ = try await host.line("a fill") { $0.contains("filled BUY 10 A ") }
                }
                host.send(signal: SIGTERM)
                let ended = try await host.outcome()
                #expect(ended.output.count { $0.contains("none of ours") } == 1)
            }
            let there = try await venue.orders().first { $0.order_id == order }
            #expect(there?.state == "working" && there?.filled == "0")
        }

        @Test func whatTheConfigurationAllowsIsCorrectedUnasked() async throws {
            let venue = try await Venue([])
            let scene = try Self.scene(venue, "correct: all")
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("a fill") { $0.contains("filled BUY 10 A ") }
            try await Self.sell(venue)
            _ = try await host.line("the shares") { $0.contains("FS049 corrected: A 10 -> 6") }
            _ = try await host.line("the cash") { $0.contains("FS049 corrected: cash") }
            // In order: a kill may leave the tables a row behind the log.
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            try await check(venue, scene, by: "configuration")
        }

        private struct RunEnd: Decodable {
            var pnl: [String: String]
            var corrected: [String: String]?

            init(_ line: String) throws {
                struct Line: Decodable { var summary: RunEnd }
                self = try JSONDecoder().decode(Line.self, from: Data(line.utf8)).summary
            }
        }

        /// Tables, chain, log and broker.
        private func check(_ venue: Venue, _ scene: Scene, by author: String) async throws {
            for words in [["ledger", "verify"], ["store", "check"]] {
                let alike = try await scene.madang(words, environment: Venue.environment)
                #expect(alike.exit == .code(0), "\(words) \(alike.output) \(alike.errorText)")
            }
            let rows = try await madang(scene, "ledger", "--json").output
                .map(LedgerCommandObject.init)
            let corrections = rows.filter { $0.kind == "correction" }
            #expect(corrections.map(\.symbol).sorted() == ["", "A"])
            #expect(corrections.allSatisfy { $0.source == author })
            #expect(corrections.first { $0.symbol == "A" }?.positionAfter == "6")
            #expect(try await venue.held()["A"] == "6")
            #expect(try await venue.cash() == rows.last?.cashAfter)
            let positions = try await madang(scene, "positions", "--json").output
            #expect(positions.contains { $0.contains("\"quantity\":\"6\"") })
            let orders = try await madang(scene, "orders").output
            #expect(orders.contains { $0.contains("corrected") && $0.contains("sim says 6") })
            let replay = try await madang(scene, "log", "replay")
            #expect(replay.output.last == "0 differences", "\(replay.output) \(replay.errorText)")
        }
    }
}

/// A line of `madang ledger --json`.
private struct LedgerCommandObject: Decodable {
    var kind, symbol, source, positionAfter, cashAfter: String

    init(_ line: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Self.self, from: Data(line.utf8))
    }
}
