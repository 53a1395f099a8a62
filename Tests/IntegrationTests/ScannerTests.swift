import Foundation
import Glibc
import Platform
import Testing

extension IntegrationTests {
    /// A list of candidates becomes orders: in a run, in a backtest, and again from the log.
    @Suite struct ScannerTests {
        private static let list = """
            time,symbol,score,side,reasons
            2024-01-02T00:00:05Z,A,8.5,,gap;volume
            2024-01-02T00:00:05Z,B,6.9,,
            2024-01-02T00:30:00Z,C,7,buy,
            2024-01-02T00:40:00Z,A,9,sell,enough
            2024-01-02T00:50:00Z,D,11,alert,look
            2024-01-02T01:00:00Z,C,9.5,sell,
            """
        private static let scanner =
            "{ name: scan, kind: scanner, file: list.csv, on: ticks, quantity: 3, valid_for: 10m }"

        private func scene(
            _ list: String = list, _ scanner: String = scanner, count: Int = 6_000
        ) throws -> Scene {
            let scene = try Scene(
                SceneConfiguration(strategies: [scanner]), ticks: SampleTicks(count: count))
            try scene.folder.write(list, as: "list.csv")
            return scene
        }

        @Test func candidatesBecomeOrdersAndAlerts() async throws {
            let scene = try scene()
            let run = try await scene.madang("run", "--quiet")
            #expect(run.exit == .code(0), "\(run.errorText)")
            let signals = try await scene.query(
                "select symbol, action, confidence, message, reasons, status from signals order by number"
            )
            #expect(signals.map { $0[0] + $0[1] } == ["Abuy", "Cbuy", "Asell", "Dalert", "Csell"])
            #expect(signals.map { $0[2] } == ["850000", "700000", "900000", "1000000", "950000"])
            #expect(signals[0][3] == "score 8.5" && signals[0][4].contains("gap"))
            #expect(signals.map { $0[5] } == ["used", "used", "used", "alert", "used"])
            let late = try await scene.query(
                "select count(*) from signals where time < 1704153605000000000")
            #expect(late == [["0"]], "nothing is said before it was known")
            let why = try await scene.madang("why", "1")
            #expect(why.output.contains { $0.contains("score 8.5") })
        }

        @Test func aBacktestAndAResumedRunComeToTheSame() async throws {
            let whole = try await scene().madang("run", "--json").summary()
            #expect(whole.orders == 4)
            let backtest = try await scene().madang("backtest", "--json", "--quiet")
            #expect(backtest.output.first?.contains(whole.stateHash) == true)

            let scene = try scene()
            let host = try await scene.start("run", "--json")
            _ = try await host.line("the first order") { $0.contains("\"order\"") }
            host.send(signal: SIGINT)
            _ = try await host.outcome()
            let last = try await scene.madang("run", "--json").summary()
            #expect(last.ledgerHash == whole.ledgerHash && last.stateHash == whole.stateHash)
        }

        @Test func anotherListIsAnotherRun() async throws {
            let scene = try scene()
            let first = try await scene.madang("run", "--json").summary()
            try scene.folder.write(Self.list.replacing("8.5", with: "8.6"), as: "list.csv")
            let second = try await scene.madang("run", "--json").summary()
            #expect(first.run.prefix(12) != second.run.prefix(12))
        }

        /// A share that does not trade while a candidate stands: its fate is kept.
        @Test func whatIsHeardTooLateIsExpired() async throws {
            let scene = try scene(
                "time,symbol,score\n2024-01-01T20:00:00Z,A,8\n",
                Self.scanner.replacing("10m", with: "1h"))
            _ = try await scene.madang("run", "--quiet")
            #expect(
                try await scene.query("select symbol, status from signals") == [["A", "expired"]])
        }

        @Test(
            arguments: [
                ("2024-01-02,X,8", "list.csv:2: column 'symbol': 'X' is not among the instruments"),
                ("2024-01-02,A,NaN", "list.csv:2: column 'score': 'NaN' is no score"),
                ("2024-01-02,A,8\n2024-01-01,B,8", "list.csv:3: its time is before that of line 2"),
                (
                    "2024-01-02,A,8\n2024-01-02,A,8",
                    "list.csv:3: 'A' is in the list at this time already"
                ),
            ], ["run", "backtest"])
        func aWrongListStopsBeforeAnythingBegins(
            _ rows: (String, String), _ command: String
        ) async throws {
            let scene = try scene("time,symbol,score\n\(rows.0)\n")
            let outcome = try await scene.madang(command)
            #expect(outcome.exit == .code(8))
            #expect(outcome.errorText.contains("scanner 'scan'"))
            #expect(outcome.errorText.contains(rows.1), "\(outcome.errorText)")
            #expect(outcome.output.isEmpty)
        }

        @Test func whatIsLeftOutIsTold() async throws {
            let scene = try scene(
                "time,symbol,score\n2024-01-02,X,8\n2024-01-02,A,5\n",
                Self.scanner.replacing("on:", with: "unknown_symbols: skip, on:"))
            let outcome = try await scene.madang("run", "--quiet")
            #expect(outcome.exit == .code(0))
            let told = (outcome.errors + outcome.output).joined(separator: "\n")
            #expect(told.contains("left out, for not under instruments: X"), "\(told)")
            #expect(told.contains("none of 1 candidate reaches minimum: 7"), "\(told)")
        }
    }
}
