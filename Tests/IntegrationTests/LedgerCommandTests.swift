import Foundation
import Glibc
import Ports
import TestKit
import Testing

extension IntegrationTests {
    /// `madang ledger verify` and `export`, beside tables that are good, changed and cut.
    @Suite struct LedgerCommandTests {
        private func finished(
            _ configuration: SceneConfiguration = .full()
        ) async throws -> (Scene, ledger: [[String: Any]]) {
            let scene = try Scene(configuration, ticks: SampleTicks(count: 2_000))
            #expect(try await scene.madang("run", "--quiet").exit == .code(0))
            let rows = try await scene.madang("ledger", "--json").output.map(Self.object)
            #expect(rows.count > 3)
            return (scene, rows)
        }

        static func object(_ line: String) throws -> [String: Any] {
            try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }

        private func change(_ scene: Scene, _ sql: String) async throws {
            let script =
                "import sqlite3, sys; s = sqlite3.connect('.madang/madang.db');"
                + "s.executescript(sys.argv[1]); s.commit()"
            let outcome = try await Program.start(
                [Place.python, "-c", script, sql], in: scene.path
            )
            .outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
        }

        private func verified(_ scene: Scene, _ words: String...) async throws -> [String: Any] {
            let outcome = try await scene.madang(["ledger", "verify", "--json"] + words)
            let answer = try Self.object(outcome.output.first ?? outcome.errorText)
            #expect(outcome.exit == .code(answer["alike"] as? Bool == true ? 0 : 5))
            return answer
        }

        @Test func aGoodLedgerIsVerified() async throws {
            let (scene, rows) = try await finished()
            let last = try #require(rows.last?["hash"] as? String)
            let text = try await scene.madang("ledger", "verify")
            #expect(text.exit == .code(0), "\(text.output) \(text.errorText)")
            #expect(text.output.contains("the chain is whole: \(last)"))
            #expect(text.output.last == "tables, chain and log agree")
            let answer = try await verified(scene, "--hash", String(last.prefix(16)))
            #expect(answer["hash"] as? String == last && answer["rows"] as? Int == rows.count)
            #expect((answer["known"] as? [String: Any])?["row"] as? Int == rows.count)
            let unknown = try await verified(scene, "--hash", String(repeating: "a", count: 64))
            #expect(unknown["alike"] as? Bool == false && unknown["difference"] == nil)
            let short = try await scene.madang("ledger", "verify", "--hash", "beef")
            #expect(short.exit == .code(2) && short.errorText.contains("16 to 64"))
        }

        @Test func aChangedRowIsNamedWithBothValues() async throws {
            let (scene, rows) = try await finished()
            let before = try #require(rows[2]["price"] as? String)
            try await change(scene, "update ledger set price = price + 100000000 where line = 3")
            let answer = try await verified(scene)
            let found = try #require(answer["difference"] as? [String: Any])
            #expect(found["row"] as? Int == 3 && found["column"] as? String == "price")
            #expect(found["by_the_log"] as? String == before)
            #expect(found["tables"] as? String != before)
            #expect(found["order"] as? Int == rows[2]["order"] as? Int)
            #expect(answer["chain_broken_at"] as? Int == 3)
            let text = try await scene.madang("ledger", "verify")
            #expect(text.exit == .code(5))
            #expect(text.output.contains { $0.hasPrefix("row 3 differs in price: ") })
            #expect(text.output.contains { $0.hasSuffix("by the log") })
            #expect(text.output.contains { $0.hasPrefix("the chain breaks at row 3") })
            // As it says: made anew from the log they agree.
            #expect(try await scene.madang("store", "rebuild").exit == .code(0))
            #expect(try await verified(scene)["alike"] as? Bool == true)
        }

        @Test func aRowThatWasTakenOutIsMissed() async throws {
            let (scene, rows) = try await finished()
            try await change(scene, "delete from ledger where line = \(rows.count)")
            let cut = try await verified(scene)
            let found = try #require(cut["difference"] as? [String: Any])
            #expect(found["row"] as? Int == rows.count && found["tables"] == nil)
            // Nothing of the chain itself says that it once was longer.
            #expect(cut["chain_broken_at"] == nil)
            try await change(scene, "delete from ledger where line = 2")
            #expect(try await verified(scene)["chain_broken_at"] as? Int == 3)
        }

        /// A row of a record that the log has not got, and tables that say they are at the beginning.
        @Test func nothingIsHiddenBehindTheNumberOfARecord() async throws {
            let (scene, rows) = try await finished()
            try await change(
                scene,
                "create temp table extra as select * from ledger where line = \(rows.count);"
                    + "update extra set line = line + 1, record = 1000000000;"
                    + "insert into ledger select * from extra")
            let more = try await verified(scene)
            let found = try #require(more["difference"] as? [String: Any])
            #expect(found["row"] as? Int == rows.count + 1 && found["by_the_log"] == nil)
            try await change(
                scene,
                "delete from ledger where line > \(rows.count); update runs set applied = 0;"
                    + "update ledger set price = price + 100000000 where line = 2")
            let changed = try await verified(scene)
            #expect((changed["difference"] as? [String: Any])?["row"] as? Int == 2)
        }

        /// A run keeps what it was begun with; only beside another configuration the recordings have to say whose it is.
        @Test func aRecordingThatIsGoneIsNoHindrance() async throws {
            let (scene, rows) = try await finished()
            let ticks = scene.path + "/ticks.csv"
            try FileManager.default.moveItem(atPath: ticks, toPath: ticks + ".away")
            #expect(try await verified(scene)["rows"] as? Int == rows.count)
            try await change(scene, "update ledger set fee = fee + 1 where line = 2")
            let bad = try await verified(scene)
            #expect((bad["difference"] as? [String: Any])?["row"] as? Int == 2)
            #expect(try await scene.madang("store", "check").exit != .code(0))

            let file = scene.path + "/madang.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacing("cash: 100000000", with: "cash: 100000001")
                .write(toFile: file, atomically: true, encoding: .utf8)
            let other = try await scene.madang("ledger", "verify")
            #expect(other.exit != .code(0) && other.errorText.contains("ticks.csv"))
        }

        /// It waits for nobody: what the tables have so far is compared.
        @Test func aHostAtWorkIsNoHindrance() async throws {
            var configuration = SceneConfiguration.plain
            configuration.speed = "300x"
            let scene = try Scene(
                configuration, ticks: SampleTicks(count: 800, pause: 7_500_000_000))
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }
            #expect(try await scene.madang("store", "check").exit == .code(5), "a host is at work")
            #expect(try await verified(scene)["alike"] as? Bool == true)
            host.send(signal: SIGKILL)
            _ = try await host.outcome()
            let left = try await verified(scene)
            #expect(left["alike"] as? Bool == true && left["rows"] as? Int ?? 0 > 0)
        }

        /// Every column, by another program's reader of CSV, and the same as `madang ledger --json`.
        @Test func anExportHasEveryColumn() async throws {
            var configuration = SceneConfiguration.full()
            configuration.more.append("exits: { tiers: [\"-0.1% all\", \"+0.1% rest\"] }")
            let (scene, rows) = try await finished(configuration)
            let made = try await scene.madang("ledger", "export", "--to", "ledger.csv")
            #expect(made.exit == .code(0), "\(made.errorText)")
            let script =
                "import csv, json; [print(json.dumps(row)) for row in"
                + " csv.DictReader(open('ledger.csv', newline=''), strict=True)]"
            let read = try await Program.start([Place.python, "-c", script], in: scene.path)
                .outcome().output.map(Self.object)
            #expect(read.count == rows.count)
            for (row, cells) in zip(rows, read) {
                for name in [
                    "account", "symbol", "side", "quantity", "price", "fee", "currency",
                    "client_order_id", "slippage", "realised", "position_after", "cash_after",
                    "source", "hash",
                ] { #expect(cells[name] as? String == row[name] as? String, "\(name)") }
                let slippage = try #require(cells["slippage"] as? String)
                #expect(
                    cells["slippage_absolute"] as? String
                        == slippage.trimmingCharacters(in: ["-"]))
                #expect(cells["tax"] as? String == "" && cells["user"] as? String == "")
                let time = try #require(row["time"] as? String)
                #expect(
                    (cells["time"] as? String)?.hasPrefix(String(time.dropLast()) + ".") == true)
            }
            let exits = read.compactMap { $0["exit_reason"] as? String }.filter { !$0.isEmpty }
            #expect(!exits.isEmpty && exits.allSatisfy { $0.hasPrefix("exit ") })
            #expect(exits.count < read.count, "buys are no exits")
            // The same in lines for programs; what is absent is null.
            let lines = try await scene.madang("ledger", "export", "--json").output.map(Self.object)
            #expect(lines.count == read.count)
            #expect(lines.allSatisfy { $0["tax"] is NSNull && $0.count == read[0].count })
            let printed = try await scene.madang("ledger", "export").output
            let file = try String(contentsOfFile: scene.path + "/ledger.csv", encoding: .utf8)
            #expect(printed.joined(separator: "\n") + "\n" == file)
            let nowhere = try await scene.madang("ledger", "export", "--to", "no/such/place.csv")
            #expect(nowhere.exit == .code(5))
            #expect(nowhere.errorText.contains("no/such/place.csv: the ledger cannot be written"))
        }

        /// 18 bps of each sale's value, row by row, in export, ledger, why and summary; log, tables and chain agree, and
        /// decided again it is the same.
        @Test func taxesAreTold() async throws {
            var configuration = SceneConfiguration.full()
            configuration.broker =
                "paper: { kind: paper, fee_bps: 5, partial_fills: true, sell_tax_bps: 18 }"
            let (scene, rows) = try await finished(configuration)
            let lines = try await scene.madang("ledger", "export", "--json").output.map(Self.object)
            let told = try TaxedRows(lines, basisPoints: 18, fee: 5)
            #expect(told.sales > 0 && told.buys > 0)
            #expect(rows.map { $0["tax"] as? String } == lines.map { $0["tax"] as? String })
            let summary = try await scene.madang("run", "--json", "--fresh").summary()
            #expect(summary.tax == "\(told.sum)")
            let text = try await scene.madang("ledger").output
            #expect(text.count { $0.contains(" (tax ") } == told.sales)
            #expect(try await scene.madang("store", "check").exit == .code(0))
            #expect(try await verified(scene)["alike"] as? Bool == true)
            let replay = try await scene.madang("log", "replay")
            #expect(replay.exit == .code(0), "\(replay.output) \(replay.errorText)")
            let sale = try #require(rows.last { $0["side"] as? String == "sell" })
            let order = "\(sale["order"] ?? "")"
            let why = try await scene.madang("why", order)
            #expect(why.output.contains { $0.contains(" (tax ") }, "\(why.output)")
            let answer = try await scene.madang("why", order, "--json").output.map(Self.object)
            let fills = answer.first?["fills"] as? [[String: Any]] ?? []
            #expect(!fills.isEmpty && fills.allSatisfy { $0["tax"] is String }, "\(answer)")
            let log = try await scene.madang("log", "show", "--kind", "fill").output
            #expect(log.contains { $0.contains(" (tax ") })

            try await change(scene, "update ledger set tax = '1' where line = \(sale["line"] ?? 0)")
            let changed = try await verified(scene)
            let found = try #require(changed["difference"] as? [String: Any])
            #expect(found["column"] as? String == "tax" && found["tables"] as? String == "1")
            #expect(changed["chain_broken_at"] as? Int == sale["line"] as? Int)
            #expect(try await scene.madang("store", "check").exit == .code(5))
            #expect(try await scene.madang("store", "rebuild").exit == .code(0))
            #expect(try await verified(scene)["alike"] as? Bool == true)
        }
    }
}
