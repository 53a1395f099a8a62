import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// `madang log` and `madang store`, beside a log and tables that are good, cut and damaged.
    @Suite struct StoreCommandTests {
        private func finished() async throws -> (Scene, log: String, fills: Int) {
            let scene = try Scene(.full(), ticks: SampleTicks(count: 2_000))
            let outcome = try await scene.madang("run", "--json")
            let summary = try outcome.summary()
            #expect(summary.fills > 0)
            return (
                scene, "\(scene.path)/.madang/runs/\(summary.run)/log/00000001.log", summary.fills
            )
        }

        private func answer(_ outcome: Program.Outcome) throws -> [String: Any] {
            let line = Data((outcome.output.first ?? "").utf8)
            return try #require(JSONSerialization.jsonObject(with: line) as? [String: Any])
        }

        @Test func aWholeLogIsShownAsItWasDecided() async throws {
            let (scene, _, fills) = try await finished()
            let whole = try await scene.madang("log", "verify")
            #expect(whole.exit == .code(0))
            #expect(whole.output.first?.hasSuffix("bytes: whole, closed in order") == true)
            let shown = try await scene.madang("log", "show", "--kind", "fill", "--json")
            #expect(shown.exit == .code(0))
            let lines = try shown.output.flatMap { line -> [[String: Any]] in
                let record = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return (record as? [String: Any])?["lines"] as? [[String: Any]] ?? []
            }
            #expect(lines.count == fills)
            #expect(lines.allSatisfy { $0["kind"] as? String == "fill" })
            let order = try await scene.madang("log", "show", "--order", "1").output
            let kinds = order.filter { $0.hasPrefix("    ") }.compactMap {
                $0.split(separator: " ").first.map(String.init)
            }
            #expect(
                Set(["round", "risk", "order", "sent", "fill"]).isSubset(of: kinds), "\(order)")
            #expect(!order.contains { $0.hasPrefix("    order 2") })
            try await itsTimesAreAsked(scene)
            let one = try await scene.madang("log", "show", "--from", "2", "--limit", "1", "--json")
            #expect(one.output.count == 1)
            #expect(try answer(one)["record"] as? Int == 2)
            let strange = try await scene.madang("log", "show", "--kind", "trade")
            #expect(strange.exit == .code(2) && strange.errorText.contains("kinds: head, start"))
        }

        /// Times of `log show` are those of `why`, in the zone that both name.
        private func itsTimesAreAsked(_ scene: Scene) async throws {
            let shown = try await scene.madang("log", "show", "--order", "1", "--limit", "1").output
            #expect(shown.first?.hasSuffix("times in Asia/Seoul") == true, "\(shown)")
            let head = try #require(shown.dropFirst().first)
            let time = try #require(head.firstMatch(of: #/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/#))
            let symbol = try await scene.query("SELECT symbol FROM orders WHERE number = 1")
            let why = try await scene.madang("why", "\(symbol[0][0])@\(time.output)", "--json")
            #expect(why.exit == .code(0), "\(why.errorText)")
            #expect(try answer(why)["order"] != nil, "\(why.output)")
        }

        @Test func aLogOfManyFilesIsTheSameRun() async throws {
            let one = try Scene(.plain, ticks: SampleTicks(count: 2_000))
            let expected = try await one.madang("run", "--json").summary()
            var configuration = SceneConfiguration.plain
            configuration.more.append("store: { segment: 8KiB }")
            let many = try Scene(configuration, ticks: SampleTicks(count: 2_000))
            let summary = try await many.madang("run", "--json").summary()
            #expect(summary.ledgerHash == expected.ledgerHash && summary.fills > 0)
            #expect(summary.stateHash == expected.stateHash)
            let log = "\(many.path)/.madang/runs/\(summary.run)/log"
            let files = try FileManager.default.contentsOfDirectory(atPath: log)
            #expect(files.filter { $0.hasSuffix(".log") }.count >= 3, "\(files)")
            for file in files {
                let size = try FileManager.default.attributesOfItem(atPath: "\(log)/\(file)")[.size]
                // The mark of a closed file comes behind its records.
                #expect((size as? Int ?? .max) <= 8_192 + 64)
            }
            let verified = try await many.madang("log", "verify", "--json")
            #expect(try answer(verified)["state"] as? String == "whole")
            #expect(try await many.madang("store", "check").exit == .code(0))
            configuration.more = ["store: { segment: 8191B }"]
            let small = try Scene(configuration, ticks: SampleTicks(count: 2))
            #expect(try await small.madang("run").exit == .code(3))
        }

        @Test func aTornEndIsToldFromDamageInTheMiddle() async throws {
            let (scene, log, _) = try await finished()
            let place = URL(fileURLWithPath: log)
            let good = try Data(contentsOf: place)
            let end = try #require(good.lastIndex { $0 != 0 })
            // The end: the closing mark and the last record.
            try good.prefix(end - 40).write(to: place)
            let torn = try await scene.madang("log", "verify", "--json")
            #expect(torn.exit == .code(0))
            let told = try answer(torn)
            #expect(told["state"] as? String == "torn" && told["damage"] == nil)
            #expect(
                try await scene.madang("log", "verify").output.last?.contains(
                    "nothing acknowledged is lost") == true)
            // The middle: later flushes are whole.
            var bytes = good
            bytes[700] ^= 0xFF
            try bytes.write(to: place)
            let damaged = try await scene.madang("log", "verify", "--json")
            #expect(damaged.exit == .code(5))
            let found = try #require(try answer(damaged)["damage"] as? [String: Any])
            #expect((found["file"] as? String)?.hasSuffix("/log/00000001.log") == true)
            let offset = try #require(found["offset"] as? Int)
            #expect(offset <= 700 && offset > 0)
            #expect(found["record"] as? Int ?? 0 > 0)
            #expect(try Data(contentsOf: place) == bytes, "verify changes nothing")
        }

        @Test func aRowThatDiffersFromTheLogIsNamedAndMended() async throws {
            let (scene, _, fills) = try await finished()
            let before = try await scene.query("SELECT * FROM ledger ORDER BY line")
            #expect(before.count == fills)
            let good = try await scene.madang("store", "check")
            #expect(good.exit == .code(0), "\(good.output) \(good.errorText)")
            let script =
                "import sqlite3; s = sqlite3.connect('.madang/madang.db');"
                + "s.execute('update ledger set quantity = 1 where line = 1');"
                + "s.execute('delete from orders where number = 2'); s.commit()"
            _ = try await Program.start([Place.python, "-c", script], in: scene.path).outcome()
            let bad = try await scene.madang("store", "check")
            #expect(bad.exit == .code(5))
            #expect(bad.output.contains { $0.hasPrefix("ledger, row 1: quantity is 0.00000001") })
            let tables = try #require(
                try answer(try await scene.madang("store", "check", "--json"))["tables"]
                    as? [[String: Any]])
            let orders = try #require(tables.first { $0["name"] as? String == "orders" })
            #expect(orders["rows"] as? Int == (orders["by_the_log"] as? Int ?? 0) - 1)
            let rebuilt = try await scene.madang("store", "rebuild")
            #expect(rebuilt.exit == .code(0), "\(rebuilt.errorText)")
            #expect(try await scene.madang("store", "check").exit == .code(0))
            #expect(try await scene.query("SELECT * FROM ledger ORDER BY line") == before)
            let left = try FileManager.default.contentsOfDirectory(atPath: scene.path + "/.madang")
            #expect(!left.contains { $0.hasPrefix("rebuilt-") }, "\(left)")
            // It is as over as before.
            let runs = try await scene.query("SELECT finished IS NOT NULL, applied > 0 FROM runs")
            #expect(runs == [["1", "1"]])
        }

        @Test func aBackupBringsBackWhatWasThere() async throws {
            let (scene, _, _) = try await finished()
            let ledger = try await scene.madang("ledger", "--json").output
            let made = try await scene.madang("store", "backup", "monday")
            #expect(made.exit == .code(0), "\(made.errorText)")
            #expect(try await scene.madang("store", "backup", "monday").exit == .code(1))
            let taken = try await scene.madang("store", "restore", "monday")
            #expect(taken.exit == .code(1) && taken.errorText.contains("move it away first"))
            try FileManager.default.moveItem(
                atPath: scene.path + "/.madang", toPath: scene.path + "/lost")
            // One byte of the backup is not as it was written: nothing is put back.
            let tables = URL(fileURLWithPath: scene.path + "/monday/tables.db")
            let good = try Data(contentsOf: tables)
            var bad = good
            bad[bad.count / 2] ^= 1
            try bad.write(to: tables)
            let refused = try await scene.madang("store", "restore", "monday")
            #expect(refused.exit == .code(5))
            #expect(refused.errorText.contains("/monday/tables.db: the file is not as it was"))
            #expect(!FileManager.default.fileExists(atPath: scene.path + "/.madang"))
            try good.write(to: tables)
            let restored = try await scene.madang("store", "restore", "monday", "--json")
            #expect(restored.exit == .code(0), "\(restored.errorText)")
            #expect(try await scene.madang("ledger", "--json").output == ledger)
            #expect(try await scene.madang("log", "verify").exit == .code(0))
            #expect(try await scene.madang("store", "check").exit == .code(0))
        }

        /// Times of files do not outlive a copy, and do not say which run is the latest.
        @Test func theLatestRunIsTheSameBehindARestore() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 500))
            let first = try await scene.madang("run", "--json").summary().run
            let second = try await scene.madang("run", "--json", "--fresh").summary().run
            #expect(first != second)
            let verified = try answer(try await scene.madang("log", "verify", "--json"))
            #expect(verified["run"] as? String == second)
            #expect(try await scene.madang("store", "backup", "monday").exit == .code(0))
            try FileManager.default.moveItem(
                atPath: scene.path + "/.madang", toPath: scene.path + "/lost")
            #expect(try await scene.madang("store", "restore", "monday").exit == .code(0))
            for (run, age) in [(first, 0.0), (second, -3_600)] {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: age)],
                    ofItemAtPath: scene.path + "/.madang/runs/\(run)/configuration.yaml")
            }
            let restored = try answer(try await scene.madang("log", "verify", "--json"))
            #expect(restored["run"] as? String == second)
        }
    }
}
