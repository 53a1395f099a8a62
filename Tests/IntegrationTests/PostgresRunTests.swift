import Foundation
import Ports
import TestKit
import Testing

extension PacedTests {
    /// Whole runs with their tables on a real PostgreSQL, that is killed in the middle.
    @Suite struct PostgresRunTests {
        let server: PostgresServer
        let schema: String

        init() throws {
            server = try PostgresServer.own.get()
            schema = server.newSchema()
        }

        @Test func aRunIsTheSameOnBothStores() async throws {
            let here = try scene(.full(), on: nil)
            let there = try scene(.full(), on: server)
            let expected = try await here.madang("run", "--json").summary()
            let summary = try await there.madang("run", "--json").summary()
            #expect(summary.ledgerHash == expected.ledgerHash)
            #expect(summary.stateHash == expected.stateHash)
            #expect(expected.fills > 0)
            try await expectSameRows(here, summary.run == expected.run)
            for command in ["ledger", "orders", "positions"] {
                let mine = try await here.madang(command, "--json").output
                #expect(try await there.madang(command, "--json").output == mine, "\(command)")
            }
            let verified = try await there.madang("ledger", "verify")
            #expect(verified.exit == .code(0), "\(verified.output) \(verified.errorText)")
            #expect(verified.output.last == "tables, chain and log agree")
            let exported = try await here.madang("ledger", "export").output
            #expect(try await there.madang("ledger", "export").output == exported)
            let why = try await there.madang("why", "1")
            let mine = try await here.madang("why", "1").output
            #expect(why.exit == .code(0) && why.output == mine)
            _ = try server.sql("UPDATE \(schema).ledger SET fee = '1' WHERE line = 2", in: "madang")
            let bad = try await there.madang("ledger", "verify")
            #expect(bad.exit == .code(5))
            #expect(bad.output.contains { $0.hasPrefix("row 2 differs in fee: 1 in the tables, ") })
        }

        @Test func aServerKilledInTheMiddleStopsNothingAndLosesNothing() async throws {
            // Long enough to be met in the middle: lines come in blocks.
            let ticks = SampleTicks(count: 30_000)
            let here = try scene(.full(), on: nil, ticks: ticks)
            let reference = try await here.madang("run", "--json")
            let there = try scene(.full(), on: server, ticks: ticks)
            let host = try await there.start("run", "--json")
            try await host.lines(1)
            try server.kill()
            defer { try? server.start() }
            // Signals, orders and fills go on: nobody waits for the server.
            try await host.lines(host.output.count + reference.output.count / 8)
            try server.start()
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let (mine, theirs) = (try outcome.summary(), try reference.summary())
            #expect(mine.ledgerHash == theirs.ledgerHash && mine.stateHash == theirs.stateHash)
            let words = try outcome.lines().compactMap(\.text).filter { $0.hasPrefix("the tables") }
            #expect(words.count == 2, "\(words)")
            #expect(words.first?.hasPrefix("the tables wait, trading goes on: ") == true)
            #expect(words.last == "the tables are level with the log again")
            try await expectSameRows(here)
        }

        /// The run ends without its tables; the next start brings them up from the log.
        @Test func aServerThatStaysAwayIsBroughtUpByTheNextStart() async throws {
            let here = try scene(.full(), on: nil)
            let expected = try await here.madang("run", "--json")
            let there = try scene(.full(), on: server, patience: "200ms")
            let host = try await there.start("run", "--json")
            try await host.lines(1)
            try server.kill()
            defer { try? server.start() }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(try outcome.summary().stateHash == expected.summary().stateHash)
            let last = try outcome.lines().compactMap(\.text).last { $0.hasPrefix("the tables") }
            #expect(last?.hasPrefix("the tables lack the end of this run, its log has it") == true)
            let refused = try await there.madang("ledger")
            #expect(refused.exit == .code(5))
            #expect(refused.errorText.contains("is the server up"), "\(refused.errorText)")
            try server.start()
            let again = try await there.madang("run", "--json")
            #expect(again.exit == .code(0))
            try await expectSameRows(here)
        }

        /// The password is named in no error, no log, no list of processes and no file of the run.
        @Test func aPasswordStaysSecret() async throws {
            let there = try scene(
                .plain, on: server, more: "host: 127.0.0.1, password: \"${STORE_WORD}\"")
            let word = "not-the-word-\(UInt32.random(in: 0 ... .max))"
            let refused = try await there.madang(["run"], environment: ["STORE_WORD": word])
            #expect(refused.exit == .code(5))
            #expect(refused.errorText.contains("password"))
            let good = try await there.madang(
                ["run"], environment: ["STORE_WORD": PostgresServer.password])
            #expect(good.exit == .code(0), "\(good.errorText)")
            let shown = try await there.madang(
                ["config", "show"], environment: ["STORE_WORD": PostgresServer.password])
            let said =
                (refused.output + refused.errors + good.output + good.errors + shown.output)
                .joined()
            #expect(!said.contains(word) && !said.contains(PostgresServer.password))
            let files = FileManager.default.enumerator(atPath: there.path)
            while let name = files?.nextObject() as? String {
                let bytes = FileManager.default.contents(atPath: "\(there.path)/\(name)") ?? Data()
                #expect(bytes.range(of: Data(PostgresServer.password.utf8)) == nil, "\(name)")
                #expect(bytes.range(of: Data(word.utf8)) == nil, "\(name)")
            }
        }

        // MARK: Parts

        private func scene(
            _ configuration: SceneConfiguration, on server: PostgresServer?,
            ticks: SampleTicks = Undisturbed.ticks, patience: String = "10s", more: String = ""
        ) throws -> Scene {
            var configuration = configuration
            if let server {
                let host = more.contains("host:") ? "" : "host: \(server.folder), "
                configuration.more.append(
                    "store: { postgres: { \(host)port: \(server.port), schema: \(schema),"
                        + " patience: \(patience)\(more.isEmpty ? "" : ", " + more) } }")
            }
            let scene = try Scene(configuration, ticks: ticks)
            // Of one host, so that client order ids are the same.
            try FileManager.default.createDirectory(
                atPath: scene.path + "/.madang", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try scene.folder.write(
                "8f0c2a52-52a6-4d5e-9a41-3f6f0f9d7c11\n", as: ".madang/host-id")
            return scene
        }

        /// Every row in order, every column but the numbers that a store gives itself.
        private func expectSameRows(_ scene: Scene, _ isOneRun: Bool = true) async throws {
            #expect(isOneRun)
            let tables = try await scene.query(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                    + " AND name <> 'schema_versions' ORDER BY name"
            ).map { $0[0] }
            #expect(tables.count >= 9)
            for table in tables {
                let isCounted = ["signals", "risk_events", "shadows", "version_events"]
                    .contains(table)
                let left =
                    table == "runs"
                    ? ["started", "finished", "summary", "applied"] : isCounted ? ["number"] : []
                let columns = try await scene.query(
                    "SELECT name FROM pragma_table_info('\(table)') ORDER BY cid"
                ).map { $0[0] }.filter { !left.contains($0) }
                let order = columns.indices.map { "\($0 + 1)" }.joined(separator: ", ")
                let sql =
                    "SELECT \(columns.joined(separator: ", ")) FROM \(table) ORDER BY "
                    + (isCounted ? "number" : order)
                let here = try await scene.query(sql).map { row in
                    row.map { $0 == "None" ? "" : $0 }.joined(separator: "|")
                }
                let there = try server.sql("SET search_path = \(schema); \(sql)", in: "madang")
                let differs = zip(here, there).first { $0 != $1 }
                #expect(differs == nil && here.count == there.count, "\(table)")
            }
        }
    }
}

extension PostgresServer {
    /// For tests that kill it, one at a time.
    static let own = Result { try PostgresServer() }
}
