import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// `madang why`, `orders` and `positions` on a real run, held against each other and the ledger.
    @Suite struct WhyTests {
        private static let scene = Task {
            let scene = try Scene(SceneConfiguration.full(), ticks: SampleTicks(count: 4_000))
            let outcome = try await scene.madang("run", "--json")
            try #require(outcome.exit == .code(0), "\(outcome.errorText)")
            return scene
        }
        private struct Answer: Decodable {
            struct Vote: Decodable {
                var source, status: String
                var stood: Bool
            }
            struct Order: Decodable {
                var order: UInt64
                var clientOrderId, symbol, side, filled, sizing, time: String
                var timeNs: Int64
            }
            struct Fill: Decodable {
                var order: UInt64?
                var price, fee, realised, positionAfter: String
            }
            struct Risk: Decodable { var approved: Bool }
            struct Round: Decodable { var detail, time: String }
            struct Event: Decodable { var kind, symbol: String }
            var ordered: Bool
            var symbol: String?
            var whyNot: String?
            var votes: [Vote]
            var order: Order?
            var fills: [Fill]
            var risk: Risk?
            var round: Round?
            var event: Event?
        }
        private func decode<Value: Decodable>(_ type: Value.Type, _ line: String?) throws -> Value {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: Data((line ?? "").utf8))
        }
        private func why(_ words: String...) async throws -> Answer {
            let scene = try await Self.scene.value
            let outcome = try await scene.madang(["why"] + words + ["--json"])
            try #require(outcome.exit == .code(0), "\(words): \(outcome.errorText)")
            return try decode(Answer.self, outcome.output.first)
        }

        @Test func everyOrderIsToldFromEventToFill() async throws {
            let scene = try await Self.scene.value
            let orders = try await scene.madang("orders", "--json").output
                .map { try decode(Answer.Order.self, $0) }
            #expect(orders.count >= 10)
            for order in orders.prefix(12) {
                let told = try await why("\(order.order)")
                #expect(told.ordered && told.order?.clientOrderId == order.clientOrderId)
                #expect(told.event?.symbol == order.symbol)
                #expect(told.votes.contains { $0.status == "used" && $0.stood })
                #expect(told.risk?.approved == true && told.round?.detail.isEmpty == false)
                #expect(told.order?.sizing.isEmpty == false)
                let again = try await why(String(order.clientOrderId.prefix(13)))
                #expect(again.order?.order == order.order)
            }
            let ledger = try await scene.madang("ledger", "--json").output
                .map { try decode(Answer.Fill.self, $0) }
            for order in orders.suffix(5) {
                let told = try await why("\(order.order)").fills
                let booked = ledger.filter { $0.order == order.order }
                #expect(told.map(\.price) == booked.map(\.price))
                #expect(told.map(\.fee) == booked.map(\.fee))
                #expect(told.map(\.positionAfter) == booked.map(\.positionAfter))
            }
        }

        @Test func aMomentTellsTheDecisionBeforeIt() async throws {
            let scene = try await Self.scene.value
            let rows = try await scene.query(
                "SELECT symbol, time, number FROM rounds WHERE order_number IS NULL ORDER BY number"
            )
            let row = try #require(rows.last)
            let seconds = try #require(Int64(row[1])) / 1_000_000_000
            let time = timeText(utc: seconds * 1_000_000_000, digits: 0)
            let told = try await why("\(row[0])@\(time)")
            #expect(told.symbol == row[0])
            #expect(told.ordered || told.whyNot?.isEmpty == false)
            let last = try await why("\(row[0])@2030-01-01")
            #expect(try #require(last.round?.time) >= (try #require(told.round?.time)))
        }

        @Test func peopleReadTheSameWords() async throws {
            let scene = try await Self.scene.value
            let text = try await scene.madang("why", "1").output
            #expect(text.first?.hasPrefix("order 1  ") == true)
            for label in ["run", "event", "votes", "weighed", "risk", "order", "fills", "after"] {
                #expect(text.contains { $0.hasPrefix(label + " ") }, "\(label)")
            }
            #expect(!text.contains { $0.contains("\u{1B}") })
            let positions = try await scene.madang("positions").output
            #expect(positions.count > 2 && positions[1].hasPrefix("account  symbol"))
            #expect(Set(positions.dropFirst().map { $0.hasSuffix(" ") }) == [false])
        }

        @Test(
            arguments: [
                (["99999"], "its", "see them with: madang orders"),
                (["nonsense!"], "there is no order 'nonsense!'", "SYMBOL@TIME"),
                (["A@never"], "'never' is not a time", "10:31:06"),
                (["A@1999-01-01"], "nothing was decided on A up to 1999-01-01", "madang why 'A@"),
                (["ZZZ@10:00"], "nothing was decided on 'ZZZ'", "symbols are A, B, C, D"),
                (["1", "--run", "none"], "there is no run none", "known runs"),
            ])
        func whatIsNotThereIsToldWithWhatIs(_ words: [String], _ what: String, _ advice: String)
            async throws
        {
            let outcome = try await Self.scene.value.madang(["why"] + words)
            #expect(outcome.exit == .code(words == ["A@never"] ? 2 : 1))
            #expect(outcome.output == [] && outcome.errorText.contains(what))
            #expect(outcome.errorText.contains(advice), "\(outcome.errorText)")
        }

        @Test func theRunThatHasTheOrderIsNamed() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 2_000))
            #expect(try await scene.madang("why", "1").exit == .code(5), "no store yet")
            #expect(try await scene.madang("run", "-q").exit == .code(0))
            let first = try await scene.query("SELECT id FROM runs")
            try scene.folder.write(
                SceneConfiguration.plain.text.replacing("quantity: 10", with: "quantity: 11")
                    .replacing("fast: 3", with: "fast: 30").replacing("slow: 8", with: "slow: 80"),
                as: "madang.yaml")
            #expect(try await scene.madang("run", "-q").exit == .code(0))
            let outcome = try await scene.madang("why", "1")
            if outcome.exit == .code(1) {
                #expect(outcome.errorText.contains("there is such an order in \(first[0][0])"))
            } else {
                #expect(outcome.output[1].contains("the last of 2"))
            }
            let named = try await scene.madang("why", "1", "--run", first[0][0])
            #expect(named.exit == .code(0) && named.output[1].contains(first[0][0]))
        }
    }
}
