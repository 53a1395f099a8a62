import Glibc
import Platform
import Ports
import TestKit
import Testing

extension PacedTests {
    /// `kill -9` of the host and of servers, at moments that a seed chooses.
    @Suite struct CrashTests {
        @Test(arguments: [11, 12] as [UInt64])
        func theHostKilledFiveTimesEndsAsIfItHadNot(_ seed: UInt64) async throws {
            let reference = try await Undisturbed.outcome()
            let scene = try Scene(.full(), ticks: Undisturbed.ticks)
            var random = SeededRandom(seed)
            var resumed: [UInt64] = []
            for _ in 0..<5 {
                let host = try await scene.start("run", "--json")
                try await host.lines(
                    Int.random(in: 1...reference.output.count / 12, using: &random))
                let servers = Processes.children(of: host.id, running: ".py")
                    .compactMap(WatchedProcess.init)
                #expect(servers.count == 2)
                host.send(signal: SIGKILL)
                let outcome = try await host.outcome()
                #expect(outcome.exit == .signal(SIGKILL))
                for server in servers {
                    #expect(await server.ends(within: 10_000), "an orphan: process \(server.id)")
                }
                resumed.append(try outcome.resumedAt() ?? 0)
            }
            let last = try await scene.madang("run", "--json")
            #expect(last.exit == .code(0))
            resumed.append(try last.resumedAt() ?? 0)
            #expect(resumed.first == 0)
            #expect(resumed == resumed.sorted() && Set(resumed).count == 6, "\(resumed)")
            try expectSame(last, as: reference)
            try await expectNothingTwice(scene, fills: last.summary().fills)
        }

        @Test(arguments: ["holder", "momentum"])
        func aServerKilledInTheMiddleChangesNothing(_ name: String) async throws {
            let reference = try await Undisturbed.outcome()
            let scene = try Scene(.full(), ticks: Undisturbed.ticks)
            let host = try await scene.start("run", "--json")
            for count in [1, reference.output.count / 2] {
                try await host.lines(count)
                let servers = Processes.children(of: host.id, running: name)
                #expect(servers.count == 1)
                for server in servers { kill(server, SIGKILL) }
            }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0))
            let ends = try outcome.lines().filter {
                $0.source == name && $0.text?.contains("the process was ended by signal 9") == true
            }
            #expect(ends.count == 2)
            // This one has its state kept; the other is fed again from the first event.
            let restored = try outcome.lines().contains {
                $0.text?.hasPrefix("\(name) live: from step ") == true
            }
            #expect(restored == (name == "holder"))
            try expectSame(outcome, as: reference)
        }

        /// Nobody starts it but us: the host finds it again at its address.
        @Test func aServerStartedAgainByHandIsFoundAgain() async throws {
            let reference = try await Undisturbed.outcome()
            var configuration = SceneConfiguration.full()
            configuration.strategies[1] =
                "{ name: holder, kind: server, address: \"unix:by-hand.sock\", quantity: 10 }"
            let scene = try Scene(configuration, ticks: Undisturbed.ticks)
            chmod(scene.path, 0o700)
            let first = try await byHand(scene)
            let host = try await scene.start("run", "--json")
            try await host.lines(reference.output.count / 3)
            first.send(signal: SIGKILL)
            _ = try await first.outcome()
            let second = try await byHand(scene)
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0))
            second.send(signal: SIGTERM)
            _ = try await second.outcome()
            #expect(try outcome.lines().contains { $0.text?.hasPrefix("holder down") == true })
            try expectSame(outcome, as: reference)
        }

        private func byHand(_ scene: Scene) async throws -> Program {
            try await Program.start(
                [Place.python, Place.servers + "/holder.py", "--address", "unix:by-hand.sock"],
                in: scene.path)
        }

        private func expectSame(_ outcome: Program.Outcome, as reference: Program.Outcome) throws {
            let (mine, theirs) = (try outcome.summary(), try reference.summary())
            #expect(mine.ledgerHash == theirs.ledgerHash)
            #expect(mine.stateHash == theirs.stateHash)
            #expect(mine.orders == theirs.orders && mine.fills == theirs.fills)
            #expect(mine.sources.map(\.results) == theirs.sources.map(\.results))
        }

        /// By `madang ledger` and by the tables themselves.
        private func expectNothingTwice(_ scene: Scene, fills: Int) async throws {
            let ledger = try await scene.madang("ledger", "--json")
            #expect(ledger.output.count == fills)
            #expect(Set(ledger.output).count == fills)
            let twice = try await scene.query(
                """
                SELECT number FROM orders GROUP BY number HAVING count(*) > 1 UNION ALL
                SELECT client_order_id FROM orders GROUP BY client_order_id HAVING count(*) > 1
                """)
            #expect(twice == [])
            let overfilled = try await scene.query(
                """
                SELECT o.number FROM orders o JOIN ledger l ON l.order_number = o.number
                GROUP BY o.number HAVING sum(l.quantity) <> o.filled OR o.filled > o.quantity
                OR count(DISTINCT l.client_order_id) <> 1
                """)
            #expect(overfilled == [])
            let strangers = try await scene.query(
                "SELECT line FROM ledger WHERE order_number NOT IN (SELECT number FROM orders)")
            #expect(strangers == [])
        }
    }
}
