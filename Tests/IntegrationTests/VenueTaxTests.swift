import Foundation
import Glibc
import Ports
import TestKit
import Testing

extension PacedTests {
    /// A broker outside tells what of a fee is tax: from its messages to the export each row has it.
    @Suite struct VenueTaxTests {
        private func rows(_ scene: Scene) async throws -> [[String: Any]] {
            try await scene.madang(
                "ledger", "export", "--json", environment: Venue.environment
            ).output.map(IntegrationTests.LedgerCommandTests.object)
        }
        /// Buys, and sells what it bought, some 25 ms from tick to tick.
        private func scene(_ venue: Venue) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
            configuration.broker = venue.broker()
            configuration.strategies = [
                "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10,"
                    + " parameters: { fast: 2, slow: 4 } }"
            ]
            return try Scene(
                configuration, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
        }

        @Test func eachRowHasTheTaxThatWasTold() async throws {
            let venue = try await Venue(["--sell-tax-bps", "18"])
            let scene = try scene(venue)
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("a sale") { $0.contains("filled SELL ") }
            host.send(signal: SIGTERM)
            let ended = try await host.outcome()
            let told = try TaxedRows(try await rows(scene), basisPoints: 18, fee: 5)
            #expect(told.sales > 0 && told.buys > 0)
            let summary = try ended.summary()
            #expect(summary.tax == "\(told.sum)")
            for words in [["ledger", "verify"], ["store", "check"], ["log", "replay"]] {
                let alike = try await scene.madang(words, environment: Venue.environment)
                #expect(alike.exit == .code(0), "\(words) \(alike.output) \(alike.errorText)")
            }
        }

        /// One that does not tell it leaves the column empty, whatever it takes.
        @Test func whereNobodyTellsItIsAbsent() async throws {
            let venue = try await Venue([])
            let scene = try scene(venue)
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            let fill = try await host.line("a fill") { $0.contains("filled BUY ") }
            #expect(fill.text.contains("\"tax\":null"), "\(fill.text)")
            host.send(signal: SIGTERM)
            #expect(try await host.outcome().summary().tax == nil)
            let rows = try await rows(scene)
            #expect(!rows.isEmpty && rows.allSatisfy { $0["tax"] is NSNull })
        }
    }
}
