import Foundation
import Glibc
import Platform
import TestKit
import Testing

extension PacedTests {
    /// Money on the table while the tables are gone: a paced run at a broker outside whose PostgreSQL is killed under a
    /// guarded position (R9, R12.7).
    @Suite struct PostgresVenueTests {
        /// The server that tests kill: no other suite that does runs beside this one.
        let server: PostgresServer
        let schema: String

        init() throws {
            server = try PostgresServer.own.get()
            schema = server.newSchema()
        }

        /// A symbol of its own price: 72,000 for long enough to be held, guarded, and to lose the server; then a fall that a
        /// stop at -10% reaches and that is no jump.
        private static func ticks(before: Int) -> String {
            let begin: Int64 = 1_704_153_600_000_000_000
            let rows = (0..<before + 4_000).map { index in
                // 25 ms at 300x.
                "\(begin + Int64(index) * 7_500_000_000),A,\(index < before ? 72_000 : 57_600),10,B\n"
            }
            return "ts,symbol,price,size,side\n" + rows.joined()
        }

        private func scene(_ venue: Venue, before: Int) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
            configuration.broker = venue.broker()
            configuration.instruments = "{ symbols: [A], market: KR, tick_size: krx, lot: 1 }"
            configuration.rules = [
                "{ name: once, when: \"price > 70000\", then: buy, on: ticks, quantity: 10 }"
            ]
            configuration.more = [
                "exits: { tiers: [\"-10% all\"] }",
                "store: { bars: [1m], postgres: { host: \(server.folder), port: \(server.port),"
                    + " schema: \(schema), patience: 60s } }",
            ]
            let scene = try Scene(configuration)
            try scene.folder.write(Self.ticks(before: before), as: "ticks.csv")
            return scene
        }
        private func rows(_ sql: String) throws -> [String] {
            try server.sql("SET search_path = \(schema); \(sql)", in: "madang")
        }
        private func madang(_ scene: Scene, _ words: String...) async throws -> Program.Outcome {
            try await scene.madang(words, environment: Venue.environment)
        }

        /// A host at work that holds ten shares, guarded, with its tables on the server.
        private func guarded() async throws -> (Venue, Scene, Program) {
            let venue = try await Venue([])
            try await venue.control("market", #"{"symbol":"A","price":"72000"}"#)
            let scene = try scene(venue, before: 240)
            let host = try await scene.start(
                "run", "--json", environment: Venue.environment, limit: .seconds(120))
            _ = try await host.line("a guard") { $0.contains("A guarded from ") }
            return (venue, scene, host)
        }

        @Test func aStopSellsWhileTheServerIsDown() async throws {
            let (venue, scene, host) = try await guarded()
            #expect(try await venue.held() == ["A": "10"])
            try server.kill()
            defer { try? server.start() }
            #expect(throws: PostgresServer.Trouble.self) { try server.sql("SELECT 1") }
            let down = host.output.count
            try #require(!host.output.contains { $0.contains(" fired at ") }, "it fell too soon")

            // The stop fires, its order is sent, and it fills: nobody waits for the tables.
            let fired = try await host.line(from: down, "the stop") {
                $0.contains("A exit -10% all fired at 57,600")
            }
            let filled = try await host.line(from: fired.index, "the sale") {
                $0.contains("filled SELL 10 A ")
            }
            #expect(try await venue.held()["A", default: "0"] == "0")
            let sale = try #require(try await venue.orders().last)
            #expect(sale.side == "sell" && sale.state == "filled" && sale.filled == "10")
            #expect(throws: PostgresServer.Trouble.self, "it was down all the while") {
                try server.sql("SELECT 1")
            }
            let waits = try await host.line("words of the tables") {
                $0.contains("the tables wait, trading goes on: ")
            }
            #expect(waits.index < filled.index)

            try server.start()
            _ = try await host.line(from: filled.index, "tables that are level") {
                $0.contains("the tables are level with the log again")
            }
            host.send(signal: SIGTERM)
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(6), "\(outcome.errorText)")
            let words = outcome.output.filter { $0.contains("the tables") }
            #expect(words.count == 2, "\(words)")
            try await check(venue, scene)
        }

        /// The host goes too while the tables are away. It starts with them, from its log, and has all that was told.
        @Test func aHostThatIsKilledBesideItLosesNothing() async throws {
            let (venue, scene, host) = try await guarded()
            try server.kill()
            defer { try? server.start() }
            try #require(!host.output.contains { $0.contains(" fired at ") }, "it fell too soon")
            _ = try await host.line("the sale") { $0.contains("filled SELL 10 A ") }
            host.send(signal: SIGKILL)
            #expect(try await host.outcome().exit == .signal(SIGKILL))

            let refused = try await madang(scene, "run")
            #expect(refused.exit == .code(5))
            #expect(refused.errorText.contains("is the server up"), "\(refused.errorText)")
            try server.start()
            let again = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await again.line("a start") { $0.contains("\"event\":\"started\"") }
            again.send(signal: SIGTERM)
            #expect(try await again.outcome().exit == .code(6))
            try await check(venue, scene)
        }

        /// Tables, chain, log and broker say the same, and the exit's fate is in them.
        private func check(_ venue: Venue, _ scene: Scene) async throws {
            let verified = try await madang(scene, "ledger", "verify")
            #expect(verified.exit == .code(0), "\(verified.output) \(verified.errorText)")
            #expect(verified.output.last == "tables, chain and log agree")
            let ledger = try rows("SELECT side, quantity, position_after FROM ledger ORDER BY line")
            let share: Int64 = 100_000_000
            #expect(ledger == ["buy|\(10 * share)|\(10 * share)", "sell|\(10 * share)|0"])
            let orders = try rows("SELECT side, state, filled FROM orders ORDER BY number")
            #expect(orders == ["buy|filled|\(10 * share)", "sell|filled|\(10 * share)"])
            let exits = try rows(
                "SELECT rule FROM risk_events WHERE code = 'EXIT' AND rule = 'fired'")
            #expect(exits == ["fired"])
            let there = try await venue.orders()
            #expect(there.map(\.side) == ["buy", "sell"])
            #expect(there.allSatisfy { $0.state == "filled" })
            let replay = try await madang(scene, "log", "replay")
            #expect(replay.output.last == "0 differences", "\(replay.output) \(replay.errorText)")
        }
    }
}
