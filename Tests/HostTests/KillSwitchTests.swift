import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Thrown in the middle of a run, from outside: nothing opens behind it, whatever comes after.
@Suite struct KillSwitchTests {
    /// Facts of a run whose switch is thrown while a server judges its n-th event.
    private static func run(
        _ scenario: Scenario, _ start: Scenario.Start, kill: KillOrder, at event: Int,
        answers: Locked<[Int]> = Locked([])
    ) throws -> RunSummary {
        let journal = AccountJournal()
        let setup = scenario.setup(start, isLockstep: true)
        let log = start.log
        setup.control.onHeard { order, did in
            #expect(order == kill)
            #expect(log.durableNumber + 1 == log.nextNumber, "answered when it is safe")
            answers.withLock { $0.append(did.withdrawn) }
        }
        let run = LockstepRun(setup, journal: journal)
        let sessions = setup.sessions.enumerated().map { index, link in
            let counter = Counter()
            let judge = MoodJudge(seed: UInt64(index), onceIn: scenario.servers[index].onceIn) {
                _ in
                if index == 1, counter.next() == event { setup.control.kill(kill) }
            }
            let feed = ReplayFeed(scenario.feed, scenario.market, link.subscription, journal)
            var habits = ThreadSession.Habits(seed: UInt64(index))
            habits.batch = 1
            return ThreadSession(feed, link.lane, judge, habits)
        }
        defer { for session in sessions { session.stop() } }
        return try run.run { for session in sessions { session.start() } }
    }

    @Test(arguments: seeds(0..<6, by: 10))
    func behindItNothingOpens(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed + 300, rows: 300)
        let start = Scenario.Start()
        let answers = Locked<[Int]>([])
        let order = KillOrder(number: 1, on: true, reason: "test")
        let summary = try Self.run(
            scenario, start, kill: order, at: 20 + Int(seed % 60), answers: answers)
        let facts = try facts(start.log)
        checkHistory(facts)
        let at = try #require(facts.firstIndex { $0 == .killed(true, .all, reason: "test") })
        let before = facts[..<at].count(where: Self.isBuy)
        #expect(before > 0, "something opened before")
        #expect(facts[at...].count(where: Self.isBuy) == 0)
        let withdrawn =
            facts[at...].prefix {
                if case .killed = $0 { return true }
                if case .orderEnded(_, .cancelled, let reason) = $0 {
                    return reason.contains("kill")
                }
                return false
            }.count - 1
        #expect(answers.withLock { $0 } == [withdrawn])
        let refused = facts[at...].contains {
            if case .risk(let decision) = $0 { decision.rule == "kill" } else { false }
        }
        #expect(refused, "strategies went on asking")

        // The log alone brings it back, wherever it is cut behind the switch.
        let record = try #require(
            start.log.records.firstIndex { bytes in
                guard case .step(_, _, let facts)? = try? LogRecord(bytes) else { return false }
                return facts.contains(.killed(true, .all, reason: "test"))
            })
        for count in [record + 1, (record + start.log.records.count) / 2] {
            var again = Scenario.Start()
            again.log = MemoryLog(start.log.records.prefix(count))
            let second = try scenario.run(again)
            #expect(second.ledgerHash == summary.ledgerHash)
            #expect(second.stateHash == summary.stateHash)
        }
    }

    /// It is set before the first step, and set again as it stands: one fact, and an answer each time.
    @Test func beforeTheFirstStepItHoldsFromTheFirstStep() throws {
        let scenario = Scenario.random(310)
        let start = Scenario.Start()
        let setup = scenario.setup(start, isLockstep: false)
        let answers = Locked<[KillOrder]>([])
        setup.control.onHeard { order, _ in answers.withLock { $0.append(order) } }
        setup.control.kill(KillOrder(number: 7, on: true, reason: "early"))
        let run = PacedRun(setup, feeds: [], speed: 1e15)
        let summary = try run.run {}
        #expect(summary.orders == 0)
        #expect(try facts(start.log).first == .killed(true, .all, reason: "early"))
        var second = Scenario.Start()
        second.log = MemoryLog(start.log.records.dropLast())
        let again = scenario.setup(second, isLockstep: false)
        again.control.onHeard { order, _ in answers.withLock { $0.append(order) } }
        again.control.kill(KillOrder(number: 7, on: true, reason: "early"))
        _ = try PacedRun(again, feeds: [], speed: 1e15).run {}
        #expect(answers.withLock { $0.map(\.number) } == [7, 7])
        #expect(try facts(second.log).count { if case .killed = $0 { true } else { false } } == 1)
    }

    /// A run that was killed from its first step on, started again before its end.
    private func restarted(_ scenario: Scenario) throws -> (Scenario.Start, RunSetup) {
        let start = Scenario.Start()
        let setup = scenario.setup(start, isLockstep: false)
        setup.control.kill(KillOrder(number: 7, on: true, reason: "early"))
        _ = try PacedRun(setup, feeds: [], speed: 1e15).run {}
        var second = Scenario.Start()
        second.log = MemoryLog(start.log.records.dropLast())
        return (second, scenario.setup(second, isLockstep: false))
    }

    /// FS049 stops all, whatever lies in the folder: one who speaks of a part, or spoke before, lets nothing go.
    @Test(arguments: [0, 6, 8]) func onlyANewOrderForAllLetsGo(_ numberOfAll: Int) throws {
        let scenario = Scenario.random(310)
        let (second, again) = try restarted(scenario)
        // Zero: nobody ever spoke for all in this folder.
        if numberOfAll > 0 {
            again.control.killHeard = KillOrder(number: 6, on: false, reason: "before")
        }
        var order = KillOrder(number: 8, on: false, reason: "odd")
        order.numberOfAll = numberOfAll
        order.strategies[scenario.plan.sources[0].name] = KillOrder.Part(reason: "odd")
        again.control.kill(order)
        _ = try PacedRun(again, feeds: [], speed: 1e15).run {}
        let facts = try facts(second.log)
        #expect(facts.contains(.killed(true, .source(SourceID(0)), reason: "odd")))
        let letsGo = facts.contains {
            if case .killed(false, .all, _) = $0 { true } else { false }
        }
        #expect(letsGo == (numberOfAll == 8))
    }

    /// Where no answer can be read, what lay there at the start may have been heard before; what is said now is new.
    @Test(arguments: [true, false]) func onlyWhatTheStartFoundIsDoubted(_ wasThere: Bool) throws {
        let scenario = Scenario.random(310)
        let (second, again) = try restarted(scenario)
        let answers = Locked<[KillAnswer]>([])
        again.control.onHeard { _, did in answers.withLock { $0.append(did) } }
        let off = KillOrder(number: 1, on: false, reason: "over")
        if wasThere { again.control.killAtStart = off }
        again.control.kill(off)
        _ = try PacedRun(again, feeds: [], speed: 1e15).run {}
        let answer = try #require(answers.withLock { $0.first })
        #expect(answer.stopsAll == wasThere)
        #expect(answer.refusals.isEmpty != wasThere, "\(answer.refusals)")
        let letsGo = try facts(second.log).contains(.killed(false, .all, reason: "over"))
        #expect(letsGo != wasThere)
    }

    /// What came since the start and speaks of one account says nothing of all.
    @Test func aPartThatComesBeforeTheFirstTurnLetsNothingGo() throws {
        let scenario = Scenario.random(310)
        let (second, again) = try restarted(scenario)
        let answers = Locked<[KillAnswer]>([])
        again.control.onHeard { _, did in answers.withLock { $0.append(did) } }
        let off = KillOrder(number: 8, on: false, reason: "over")
        again.control.killAtStart = off
        again.control.kill(off)
        var part = off
        part.number = 9
        part.accounts = ["nobody": KillOrder.Part(reason: "one")]
        again.control.kill(part)
        _ = try PacedRun(again, feeds: [], speed: 1e15).run {}
        let answer = try #require(answers.withLock { $0.first })
        #expect(answer.stopsAll == true)
        #expect(try !facts(second.log).contains(.killed(false, .all, reason: "over")))
    }

    private static func isBuy(_ fact: Fact) -> Bool {
        if case .ordered(let decision) = fact { decision.order.side == .buy } else { false }
    }
}
