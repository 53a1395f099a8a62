import Foundation
import Platform
import Ports
import Testing

extension IntegrationTests {
    /// As fast as possible: two Python servers, one of which reads its account, a built-in, a rule.
    @Suite struct FullRunTests {
        @Test func theSummaryCountsWhatTheStoreHolds() async throws {
            let scene = try Scene(.full(), ticks: Undisturbed.ticks)
            let outcome = try await scene.madang("run", "--json", "--summary", "sum.json")
            #expect(outcome.exit == .code(0))
            #expect(outcome.errors == [])
            let summary = try outcome.summary()
            #expect(summary.end == "finished")
            #expect(summary.ticks == 6_000)
            #expect(summary.candles > 400)
            #expect(summary.sources.map(\.name) == ["cross", "holder", "momentum", "breakout"])
            #expect(summary.sources.map(\.kind) == ["host", "server", "server", "rule"])
            for source in summary.sources {
                #expect(source.results > 20, "\(source.name)")
                #expect(source.used > 0, "\(source.name)")
                #expect(source.late == 0 && source.failures == 0, "\(source.name)")
            }
            let count = try await scene.query(
                """
                SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM ledger),
                (SELECT count(*) FROM risk_events WHERE code = 'GR030'),
                (SELECT hash FROM ledger ORDER BY line DESC LIMIT 1)
                """)
            #expect(
                count == [
                    [
                        "\(summary.orders)", "\(summary.fills)", "\(summary.conflicts)",
                        summary.ledgerHash,
                    ]
                ])
            for source in summary.sources {
                let rows = try await scene.query(
                    "SELECT count(*) FROM signals WHERE source = '\(source.name)'")
                #expect(rows == [["\(source.results)"]])
            }
            let lines = try outcome.lines()
            #expect(lines.filter { $0.event == "fill" }.count == summary.fills)
            #expect(lines.filter { $0.event == "order" }.count == summary.orders)
            let file = try Data(contentsOf: URL(fileURLWithPath: scene.path + "/sum.json"))
            #expect(try JSONDecoder().decode(RunSummary.self, from: file) == summary)
        }

        @Test func twiceFreshComesToTheSame() async throws {
            let scene = try Scene(.full(), ticks: Undisturbed.ticks)
            let first = try await scene.madang("run", "--json").summary()
            let second = try await scene.madang("run", "--json", "--fresh").summary()
            let reference = try await Undisturbed.outcome().summary()
            #expect(first.run != second.run)
            for summary in [first, second] {
                #expect(summary.ledgerHash == reference.ledgerHash)
                #expect(summary.stateHash == reference.stateHash)
                #expect(summary.sources == reference.sources)
            }
        }

        @Test func aFinishedRunBeginsAnewWithoutBeingAsked() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 500))
            let first = try await scene.madang("run", "--json").summary()
            let second = try await scene.madang("run", "--json").summary()
            #expect(first.run.hasSuffix("-1") && second.run.hasSuffix("-2"))
            #expect(first.ledgerHash == second.ledgerHash)
        }

        /// Where a batch ends is an accident: nothing may depend on it.
        @Test(arguments: [1, 7])
        func batchesCutElsewhereComeToTheSame(_ credit: Int) async throws {
            let scene = try Scene(.full(server: "credit: \(credit)"), ticks: Undisturbed.ticks)
            let summary = try await scene.madang("run", "--json").summary()
            let reference = try await Undisturbed.outcome().summary()
            #expect(summary.ledgerHash == reference.ledgerHash)
            #expect(summary.stateHash == reference.stateHash)
        }
    }
}

extension SceneConfiguration {
    /// A built-in alone: no Python.
    static let plain = SceneConfiguration(
        strategies: [
            "{ name: cross, kind: ma_cross, on: ticks, quantity: 10, parameters: { fast: 3, slow: 8 } }"
        ])
}
