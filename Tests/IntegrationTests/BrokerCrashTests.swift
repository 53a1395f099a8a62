import Foundation
import Glibc
import Platform
import Ports
import TestKit
import Testing

extension PacedTests {
    /// Real orders over real sockets at a broker that misbehaves, with a host that is killed: at most one order at the
    /// venue for each intent, and what is held there is what the ledger says (R8.3, R10.5, R12.3).
    @Suite struct BrokerCrashTests {
        struct Mode: Sendable, CustomTestStringConvertible {
            let testDescription: String
            var arguments: [String] = []
            var broker = ""
            /// Place, name, more: ordered anew before each life of the host.
            var faults: [(String, String, String)] = []
            /// Positions are guarded on the host besides.
            var hasExits: Bool { testDescription.hasPrefix("exits") }

            init(
                _ name: String, _ arguments: [String] = [], _ broker: String = "",
                _ faults: [(String, String, String)] = []
            ) {
                testDescription = name
                self.arguments = arguments
                self.broker = broker
                self.faults = faults
            }
        }
        private static let noIDs = ["--client-ids", "none"]
        static let modes = [
            Mode("plain"),
            Mode(
                "times out, done or not", [], "",
                [("place", "time_out", ""), ("place", "hang", "")]),
            Mode(
                "loses and garbles answers", [], "",
                [("place", "lose_reply", ""), ("place", "garbage", ""), ("cancel", "half", "")]),
            Mode(
                "5xx before and after, ids while open", ["--client-ids", "open"],
                "client_ids: open",
                [("place", "error_after", ""), ("place", "error_before", "")]),
            Mode(
                "rate limits, short logins, late answers", ["--token-uses", "25"], "",
                [
                    ("place", "rate_limit", #","count":2,"wait_ms":20"#),
                    ("place", "expire_token", ""), ("place", "delay", #","wait_ms":150"#),
                ]),
            Mode(
                "reports twice, out of order, late, lines that break", ["--partial-fills"], "",
                [
                    ("stream", "double", #","chance":200000"#),
                    ("stream", "reorder", #","chance":200000"#),
                    ("stream", "drop", #","chance":100000"#),
                ]),
            Mode(
                "exits, with answers lost and late", [], "",
                [
                    ("place", "lose_reply", ""), ("place", "time_out", ""),
                    ("place", "delay", #","wait_ms":150"#),
                ]),
            Mode("reports that are lost", [], "", [("stream", "lose", #","chance":100000"#)]),
            Mode(
                "no ids, totals only, no resumption, lost answers",
                noIDs + ["--fill-history", "totals", "--no-resume"],
                "client_ids: none, fill_history: totals", [("place", "lose_reply", "")]),
        ]

        private func scene(_ venue: Venue, _ mode: Mode) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
            configuration.broker = venue.broker(mode.broker)
            configuration.strategies = [
                "{ name: cross, kind: ma_cross, on: ticks, quantity: 10,"
                    + " parameters: { fast: 2, slow: 5 } }"
            ]
            if mode.hasExits {
                configuration.more = [
                    "exits: { tiers: [\"-0.2% all\", \"+0.1% half\", \"+0.2% rest\"] }"
                ]
            }
            return try Scene(configuration, ticks: SampleTicks(count: 800))
        }

        @Test(arguments: modes)
        func killedHostsLoseAndDoubleNothing(_ mode: Mode) async throws {
            let venue = try await Venue(mode.arguments)
            let scene = try scene(venue, mode)
            var random = SeededRandom(UInt64(mode.testDescription.utf8.count))
            for _ in 0..<4 {
                for (place, name, more) in mode.faults { try await venue.fault(place, name, more) }
                let host = try await scene.start(
                    "run", "--json", environment: Venue.environment)
                try await host.lines(Int.random(in: 5...60, using: &random))
                host.send(signal: SIGKILL)
                #expect(try await host.outcome().exit == .signal(SIGKILL))
                try await venue.control("clear")
            }
            let last = try await scene.madang("run", "--json", environment: Venue.environment)
            #expect(last.exit == .code(0), "\(last.errorText)")
            try await check(venue, scene, mode)
            // R12.4: with what the broker said, every decision comes again.
            let replay = try await scene.madang(
                "log", "replay", environment: Venue.environment)
            #expect(replay.exit == .code(0), "\(replay.output) \(replay.errorText)")
            #expect(replay.output.first?.contains("5 starts, at a pace") == true)
            #expect(replay.output.contains { $0.contains("words of brokers") })
            #expect(replay.output.last == "0 differences")
            // And the ledger is the one that the log comes to.
            let verified = try await scene.madang(
                "ledger", "verify", environment: Venue.environment)
            #expect(verified.exit == .code(0), "\(verified.output) \(verified.errorText)")
            try await checkTables(scene)
            // Who looks needs none of the broker's secrets, and who runs does.
            let looked = try await scene.madang("positions")
            #expect(looked.exit == .code(0), "\(looked.errorText)")
            #expect(try await scene.madang("run").exit == .code(3))
        }

        /// All tables are what the log comes to, and come back where they are lost.
        private func checkTables(_ scene: Scene) async throws {
            let alike = try await scene.madang(
                "store", "check", environment: Venue.environment)
            #expect(alike.exit == .code(0), "\(alike.output) \(alike.errorText)")
            let before = try await scene.query(Self.everything)
            for end in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: "\(scene.path)/.madang/madang.db\(end)")
            }
            let made = try await scene.madang(
                "store", "rebuild", environment: Venue.environment)
            #expect(made.exit == .code(0), "\(made.output) \(made.errorText)")
            #expect(try await scene.query(Self.everything) == before)
        }
        private static let everything = """
            SELECT 'order', number, state, filled, reason FROM orders
            UNION ALL SELECT 'fill', line, hash, record, note FROM ledger
            UNION ALL SELECT code, position, rule, detail, time FROM risk_events ORDER BY 1, 2, 3, 4, 5
            """

        /// The venue against the tables.
        private func check(_ venue: Venue, _ scene: Scene, _ mode: Mode) async throws {
            let there = try await venue.orders()
            let rows = try await scene.query(
                "SELECT client_order_id, state, filled, quantity FROM orders")
            let states = Dictionary(grouping: rows, by: { $0[1] }).mapValues(\.count)
            #expect(there.count >= 10, "\(states)")
            let struck = try await venue.control("state").struck
            for (place, name, _) in mode.faults where place == "place" || place == "stream" {
                #expect(struck["\(place)/\(name)", default: 0] > 0, "\(name) never struck")
            }
            let open = states.keys.filter { !["filled", "cancelled", "failed"].contains($0) }
            #expect(open == [], "\(states)")
            if mode.arguments.contains("none") {
                // Without ids they are counted: each order here that was taken is one there.
                #expect(there.count { $0.state == "filled" } == states["filled", default: 0])
                #expect(there.count <= rows.count)
            } else {
                let ids = there.compactMap(\.client_id)
                #expect(ids.count == there.count && Set(ids).count == ids.count)
                let known = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0) })
                for order in there {
                    let id = order.client_id ?? ""
                    #expect(known[id]?[1] == order.state, "\(order): \(known[id] ?? [])")
                }
                #expect(states["filled", default: 0] == there.count { $0.state == "filled" })
            }
            if mode.hasExits {
                let fired = try await scene.query(
                    "SELECT detail FROM risk_events WHERE code = 'EXIT' AND rule = 'fired'")
                #expect(fired.count > 3)
            }
            try await checkBooks(venue, scene)
        }

        private func checkBooks(_ venue: Venue, _ scene: Scene) async throws {
            let held = try await venue.held()
            let positions = try await scene.query(
                """
                SELECT symbol, sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END)
                FROM ledger GROUP BY symbol
                """)
            for row in positions {
                let units = (Int64(held[row[0]] ?? "0") ?? -1) * 100_000_000
                #expect(Int64(row[1]) == units, "\(row[0]): \(held)")
            }
            let cash = try await scene.madang(
                "ledger", "--json", environment: Venue.environment)
            struct Line: Decodable { let cashAfter: String }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let line = try decoder.decode(Line.self, from: Data((cash.output.last ?? "").utf8))
            #expect(try await venue.cash() == line.cashAfter)
        }
    }
}
