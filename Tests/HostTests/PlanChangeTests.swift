import Kernel
import PaperExchange
import Platform
import Ports
import Strategies
import TestKit
import Testing
import TradingModel

@testable import Host

/// Strategies that come, go and change while a run goes on: the log rebuilds them where they stood.
@Suite struct PlanChangeTests {
    /// Attachments in the host that follow from a text: what a configuration would be.
    ///
    /// `name:seed:input` for each, by name; servers stay.
    static func plan(_ base: KernelPlan, _ changes: [PlanChange]) -> KernelPlan {
        var plan = base
        for change in changes {
            plan.attachments.removeAll { plan.sources[Int($0.source.index)].kind != .server }
            for word in change.text.split(separator: " ") {
                let parts = word.split(separator: ":").map(String.init)
                if parts[0] == "risk" {
                    let account = Int(parts[1]) ?? 0
                    plan.accounts[account].risk.state = TradingState(rawValue: parts[2])
                    plan.accounts[account].risk.ordersPerMinute = Int(parts[3])
                    continue
                }
                var index = plan.sources.firstIndex { $0.name == parts[0] }
                if index == nil {
                    plan.sources.append(SourcePlan(name: parts[0], kind: .builtIn, priority: 4))
                    index = plan.sources.count - 1
                }
                for instrument in 0..<3 {
                    let seed = UInt64(parts[1]) ?? 0
                    var attachment = Attached.sample(
                        index ?? 0, account: Int(seed % 2), instrument: instrument,
                        input: parts[2] == "m" ? .candles(.minute) : .ticks,
                        strategy: MoodyStrategy(seed: seed, onceIn: 6))
                    attachment.recipe = "mood \(parts[1])"
                    plan.attachments.append(attachment)
                }
            }
        }
        return plan
    }

    struct Changed {
        let scenario: Scenario
        let changes: [(behind: UInt64, change: PlanChange)]

        init(
            _ seed: UInt64, rows: Int, policy: ArbiterPlan.Policy = .confidenceWeighted,
            exits: Bool = false
        ) {
            let plain = Scenario.random(seed, rows: rows, policy: policy)
            var plan = plain.plan
            if exits {
                plan.exits.plans = [.threeTier, .trailing]
                plan.exits.general = .plan(0)
                plan.exits.instruments[InstrumentID(1)] = .plan(1)
            }
            scenario = Scenario(
                plan: plan, market: plain.market, feed: plain.feed, servers: plain.servers)
            var random = SeededRandom(seed &* 977)
            var changes: [(UInt64, PlanChange)] = []
            var behind: UInt64 = 0
            for number in 1...4 {
                behind += UInt64.random(in: 0...UInt64(rows / 3), using: &random)
                let words = ["mood", "one", "two"].filter { _ in !random.oneIn(3) }.map {
                    "\($0):\(Int.random(in: 1...2, using: &random)):\(random.oneIn(2) ? "m" : "t")"
                }
                // Not with exits: what is not bought is not guarded.
                let limits = (0...1).filter { _ in !exits && random.oneIn(2) }.map { account in
                    // Not often: what is forbidden is not tried.
                    let state =
                        random.oneIn(4)
                        ? TradingState.allCases[Int.random(in: 0...2, using: &random)] : .normal
                    return "risk:\(account):\(state):\(Int.random(in: 4...9, using: &random))"
                }
                changes.append(
                    (
                        behind,
                        PlanChange(
                            number: number, text: (words + limits).joined(separator: " "), hash: "",
                            words: ["change \(number)"])
                    ))
            }
            self.changes = changes
        }

        func change(_ setup: inout RunSetup, asks: Bool) {
            let base = setup.plan
            setup.replan = { PlanChangeTests.plan(base, $0) }
            guard asks else { return }
            var old = base
            for index in changes.indices {
                let plan = PlanChangeTests.plan(base, changes[...index].map(\.change))
                setup.control.change(
                    PlanRequest(
                        changes[index].change, plan, instead: old, behind: changes[index].behind))
                old = plan
            }
        }
    }

    @Test(
        arguments: [(1, .confidenceWeighted), (2, .priority), (3, .veto), (4, .first)]
            as [(UInt64, ArbiterPlan.Policy)], [false, true])
    func aCrashAtAnyRecordChangesNothing(
        _ how: (seed: UInt64, policy: ArbiterPlan.Policy), _ exits: Bool
    ) throws {
        let changed = Changed(how.seed, rows: 50, policy: how.policy, exits: exits)
        let whole = Scenario.Start()
        let expected = try Outcome(
            try changed.scenario.run(whole) { changed.change(&$0, asks: true) }, whole.projections)
        let records = whole.log.records
        let taken = try records.filter { record in
            if case .changed = try LogRecord(record) { true } else { false }
        }
        #expect(taken.count == 4)
        #expect(expected.rows.count > 2)
        let left = expected.orders.count { $0.sizing.hasPrefix("exit ") }
        #expect(exits ? left > 0 : left == 0)
        for count in 0...records.count {
            var start = Scenario.Start()
            start.log = MemoryLog(records.prefix(count))
            start.seed = UInt64(count)
            let summary = try changed.scenario.run(start) { changed.change(&$0, asks: true) }
            #expect(
                try Outcome(summary, start.projections) == expected, "cut behind record \(count)")
            checkHistory(try facts(start.log))
        }
    }

    /// Nobody asks again: what the log has is enough.
    @Test(arguments: seeds(0..<6, by: 10))
    func aFinishedLogIsReadWithoutWhoAsked(_ seed: UInt64) throws {
        let changed = Changed(seed + 50, rows: 120)
        let whole = Scenario.Start()
        let expected = try Outcome(
            try changed.scenario.run(whole) { changed.change(&$0, asks: true) }, whole.projections)
        var start = Scenario.Start()
        start.log = MemoryLog(whole.log.records)
        let summary = try changed.scenario.run(start) { changed.change(&$0, asks: false) }
        #expect(try Outcome(summary, start.projections) == expected)
    }

    /// At a pace, cut at any record and gone on with: what is read back is what was decided.
    @Test(arguments: seeds(0..<3, by: 10))
    func aPacedRunIsReadBackWhereverItWasCut(_ seed: UInt64) throws {
        let changed = Changed(seed + 90, rows: 60)
        let whole = Scenario.Start()
        _ = try changed.scenario.runPaced(whole) { changed.change(&$0, asks: true) }
        let records = whole.log.records
        var random = SeededRandom(seed)
        let cuts =
            [records.count]
            + (0..<6).map { _ in
                Int.random(in: 0...records.count, using: &random)
            }
        for count in cuts {
            var start = Scenario.Start()
            start.log = MemoryLog(records.prefix(count))
            let summary = try changed.scenario.runPaced(start) { changed.change(&$0, asks: true) }
            #expect(summary.end == "finished")
            let changes = try start.log.records.compactMap { record -> Int? in
                if case .changed(_, _, _, let change) = try LogRecord(record) {
                    change.number
                } else {
                    nil
                }
            }
            #expect(changes == [1, 2, 3, 4], "each is taken once, cut behind record \(count)")
            checkHistory(try facts(start.log))
            var again = Scenario.Start()
            again.log = MemoryLog(start.log.records)
            let read = try changed.scenario.runPaced(again) { changed.change(&$0, asks: false) }
            // That the state is the log's was checked on the way; a start at a pace ends standing votes.
            #expect(read.end == "finished" && read.ledgerHash == summary.ledgerHash)
        }
    }

    /// What is held stays, and somebody is told.
    @Test func whoGoesIsNamedWithWhatItLeaves() throws {
        let scenario = Scenario.random(3, rows: 200)
        let base = scenario.plan
        let left = Locked<[String]>([])
        let start = Scenario.Start()
        let summary = try scenario.run(start) { setup in
            var nobody = base
            nobody.attachments = []
            let none = nobody
            let change = PlanChange(number: 1, text: "", hash: "", words: ["all went"])
            setup.replan = { _ in none }
            setup.control.change(PlanRequest(change, none, instead: base, behind: 150))
            setup.control.onChanged { _, answer in
                #expect(answer.step == 150)
                left.withLock { $0 = answer.left }
            }
        }
        let held = try start.projections.ledger().filter { $0.positionAfter != .zero }
        #expect(!held.isEmpty && summary.orders > 0)
        let lines = left.withLock { $0 }
        #expect(lines.contains { $0.contains("stay held, nobody trades it any more") }, "\(lines)")
    }

    /// A log whose change comes to nothing that the host knows is not gone on with.
    @Test func aChangeThatIsNotUnderstoodEndsTheStart() throws {
        let changed = Changed(7, rows: 60)
        let whole = Scenario.Start()
        _ = try changed.scenario.run(whole) { changed.change(&$0, asks: true) }
        var start = Scenario.Start()
        start.log = MemoryLog(whole.log.records)
        #expect(throws: RunFailure.self) { _ = try changed.scenario.run(start) }
    }
}
