import Kernel
import PaperExchange
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R12.4: a log decided again comes to the same, and says where it does not.
@Suite struct DecisionReplayTests {
    static func replay(
        _ scenario: Scenario, _ log: MemoryLog, _ change: (inout RunSetup) -> Void = { _ in }
    ) throws -> DecisionReplay {
        var start = Scenario.Start()
        start.log = MemoryLog(log.records)
        var setup = scenario.setup(start, isLockstep: true)
        change(&setup)
        let names = RecordNames(
            accounts: scenario.plan.accounts.map(\.name),
            instruments: scenario.plan.instruments.map(\.symbol),
            sources: scenario.plan.sources.map(\.name))
        return try DecisionReplay(setup, names)
    }

    /// Everything came again, and there was something of each kind named.
    static func expectSame(
        _ replay: DecisionReplay, decided: [String] = ["signal", "round", "risk", "order", "fill"],
        _ note: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(replay.first == nil, note, sourceLocation: sourceLocation)
        #expect(
            replay.differing == 0 && replay.logAlone.isEmpty && replay.replayAlone.isEmpty, note,
            sourceLocation: sourceLocation)
        for kind in decided {
            #expect(
                replay.compared.contains { $0.kind == kind && $0.count > 0 }, "\(kind)",
                sourceLocation: sourceLocation)
        }
    }

    static func withExits(_ plain: Scenario) throws -> Scenario {
        var plan = plain.plan
        plan.exits.plans = [
            try ExitPlan(reading: ["-4% all", "+3% half", "+6% rest"]),
            try ExitPlan(reading: ["trail 3% all"]),
        ]
        plan.exits.general = .plan(0)
        plan.exits.instruments[InstrumentID(2)] = .plan(1)
        return Scenario(
            plan: plan, market: plain.market, feed: plain.feed, servers: plain.servers)
    }

    static func count(_ kind: String, _ counts: [DecisionReplay.Count]) -> Int {
        counts.first { $0.kind == kind }?.count ?? 0
    }

    // MARK: As fast as possible

    @Test(arguments: ArbiterPlan.Policy.allCases, [false, true])
    func aRunComesAgain(_ policy: ArbiterPlan.Policy, _ exits: Bool) throws {
        let plain = Scenario.random(31, rows: 200, policy: policy)
        let scenario = exits ? try Self.withExits(plain) : plain
        let start = Scenario.Start()
        let summary = try scenario.run(start)
        let replay = try Self.replay(scenario, start.log)
        Self.expectSame(replay)
        #expect(!replay.isPaced && replay.isFinished && replay.starts == 1)
        #expect(replay.steps == summary.steps && replay.records == UInt64(start.log.records.count))
        #expect(Self.count("order", replay.compared) == summary.orders)
        #expect(Self.count("fill", replay.compared) == summary.fills)
        #expect(Self.count("result", replay.inputs) > 20)
        #expect(exits == (Self.count("exit", replay.compared) > 20))
    }

    /// Started again behind any record: the log has both starts, and the decisions of both come again.
    @Test(arguments: [31, 33] as [UInt64])
    func aRunThatWasCutAnywhereComesAgain(_ seed: UInt64) throws {
        let scenario = try Self.withExits(.random(seed, rows: 60))
        let whole = Scenario.Start()
        _ = try scenario.run(whole)
        for count in stride(from: 2, to: whole.log.records.count, by: 4) {
            var start = Scenario.Start()
            start.log = MemoryLog(whole.log.records.prefix(count))
            _ = try scenario.run(start)
            let replay = try Self.replay(scenario, start.log)
            Self.expectSame(replay, "cut behind record \(count)")
            #expect(replay.starts == 2)
        }
    }

    /// A log that a crash left in the middle is as good as one that is whole.
    @Test func aRunThatDidNotEndComesAgain() throws {
        let scenario = Scenario.random(12, rows: 80)
        let whole = Scenario.Start()
        _ = try scenario.run(whole)
        for count in 0..<whole.log.records.count {
            let replay = try Self.replay(scenario, MemoryLog(whole.log.records.prefix(count)))
            Self.expectSame(replay, decided: [])
            #expect(!replay.isFinished)
        }
    }

    /// People: the switch on and off, of one strategy, of an account that is sold out, exits held and let go, a halt, price limits, a split, a price that is right after all.
    @Test(arguments: seeds(0..<4, by: 10), [false, true])
    func whatPeopleSaidIsGivenFromTheLog(_ seed: UInt64, _ paced: Bool) throws {
        let scenario = try Self.withExits(.random(seed + 300, rows: 300))
        let start = Scenario.Start()
        let change: (inout RunSetup) -> Void = { setup in
            let control = setup.control
            setup.recording = SpokenFeed(setup.recording) { Self.speak($0, control, scenario.plan) }
        }
        _ =
            try paced
            ? scenario.runPaced(start, change) : scenario.run(start, change)
        let replay = try Self.replay(scenario, start.log)
        Self.expectSame(replay)
        #expect(Self.count("kill", replay.inputs) > 1)
        #expect(Self.count("exits", replay.inputs) > 3)
        #expect(replay.isPaced == paced)
        try Self.expectReasons(start) { paced ? try scenario.runPaced($0) : try scenario.run($0) }
        let facts = try facts(start.log)
        let parts = facts.count { if case .killed(true, .source, _) = $0 { true } else { false } }
        let sold = facts.count {
            if case .exit(.flattening(_, true, _)) = $0 { true } else { false }
        }
        #expect(parts > 0 && sold > 0, "\(parts) \(sold)")
    }

    /// Why somebody said so stands in the tables, and in those that are made of the log.
    private static func expectReasons(
        _ start: Scenario.Start, _ run: (Scenario.Start) throws -> RunSummary
    ) throws {
        let rules = ["halted", "resumed", "limits", "limits_off", "split"]
        let said = try start.projections.riskEvents().filter {
            $0.code == StandingStops.exitCode && rules.contains($0.rule)
        }
        #expect(Set(said.map(\.rule)).count > 3)
        #expect(said.allSatisfy { $0.detail.hasSuffix(" (test)") }, "\(said.map(\.detail))")
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records)
        _ = try run(again)
        #expect(
            try again.projections.riskEvents().map(\.detail)
                == start.projections.riskEvents().map(\.detail))
        #expect(start.observer.all.contains { $0.text.hasSuffix("exits go on (test)") })
    }

    private static func speak(_ count: Int, _ control: RunControl, _ plan: KernelPlan) {
        func stop(_ body: (inout KillOrder) -> Void) {
            var order = KillOrder(number: count, on: false, reason: "test")
            body(&order)
            control.kill(order)
        }
        func say(_ wish: ExitOrder.Wish) {
            control.change(ExitOrder(number: count, wish, reason: "test"))
        }
        switch count % 120 {
        case 10: control.kill(KillOrder(number: count, on: true, reason: "test"))
        case 20: control.kill(KillOrder(number: count, on: false, reason: "over"))
        case 24: stop { $0.strategies[plan.sources[0].name] = KillOrder.Part(reason: "odd") }
        case 32:
            stop {
                $0.accounts[plan.accounts[0].name] = KillOrder.Part(reason: "out", flattens: true)
            }
        case 38: stop { _ in }
        case 40: say(.hold(true))
        case 50: say(.hold(false))
        case 60: say(.halt(symbol: "S1", true))
        case 70: say(.halt(symbol: "S1", false))
        case 74: say(.limits(symbol: "S1", lower: 1, upper: .max))
        case 78: say(.limits(symbol: "S1", lower: nil, upper: nil))
        case 80: say(.split(symbol: "S0", new: 2, old: 1))
        case 90: say(.believe(symbol: "S0"))
        default: break
        }
    }

    @Test(arguments: seeds(0..<3, by: 10), [false, true])
    func changesOfAttachmentsComeAgain(_ seed: UInt64, _ paced: Bool) throws {
        let changed = PlanChangeTests.Changed(seed + 50, rows: 120, exits: true)
        let start = Scenario.Start()
        _ =
            try paced
            ? changed.scenario.runPaced(start) { changed.change(&$0, asks: true) }
            : changed.scenario.run(start) { changed.change(&$0, asks: true) }
        let replay = try Self.replay(changed.scenario, start.log) {
            changed.change(&$0, asks: false)
        }
        Self.expectSame(replay)
        #expect(Self.count("change", replay.inputs) == 4)
    }

    @Test(arguments: seeds(0..<3, by: 10), [false, true])
    func versionsBesideEachOtherComeAgain(_ seed: UInt64, _ paced: Bool) throws {
        let scenario = Scenario.random(seed + 30, rows: 200).withCandidate(
            VersionPlan(live: .main, other: .canary(share: 700_000)))
        var start = Scenario.Start()
        start.orders[40] = VersionRequest(
            number: 1, strategy: "alpha", plan: VersionPlan(live: .candidate, other: .shadow),
            reason: "test")
        _ = try paced ? scenario.runPaced(start) : scenario.run(start)
        let replay = try Self.replay(scenario, start.log)
        Self.expectSame(replay)
        #expect(Self.count("note", replay.inputs) > 10)
    }

    /// A run whose orders went to a broker outside.
    static func replay(
        routed plan: KernelPlan, _ feed: MemoryFeed, _ records: [[UInt8]],
        changed: KernelPlan? = nil
    ) throws -> DecisionReplay {
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: feed, servers: [])
        var start = Scenario.Start()
        start.log = MemoryLog(records)
        let names = RecordNames(
            accounts: plan.accounts.map(\.name), instruments: plan.instruments.map(\.symbol),
            sources: plan.sources.map(\.name))
        var setup = scenario.setup(start, isLockstep: false)
        setup.readBrokers = []
        if let changed { setup.replan = { _ in changed } }
        return try DecisionReplay(setup, names)
    }

    // MARK: At a pace

    @Test(arguments: ArbiterPlan.Policy.allCases, [false, true])
    func aPacedRunComesAgain(_ policy: ArbiterPlan.Policy, _ exits: Bool) throws {
        let plain = Scenario.random(52, rows: 400, policy: policy)
        let scenario = exits ? try Self.withExits(plain) : plain
        let start = Scenario.Start()
        let summary = try scenario.runPaced(start)
        let replay = try Self.replay(scenario, start.log)
        Self.expectSame(replay)
        #expect(replay.isPaced && replay.isFinished)
        #expect(Self.count("order", replay.compared) == summary.orders)
        #expect(Self.count("result", replay.inputs) > 20)
    }

    /// Killed in the middle, again and again: what stood is void, and every start's decisions come again.
    @Test(arguments: seeds(0..<6, by: 10))
    func aPacedRunThatCrashedComesAgain(_ seed: UInt64) throws {
        let scenario = try Self.withExits(.random(seed + 60, rows: 300))
        var random = SeededRandom(seed)
        var log = MemoryLog()
        for _ in 0..<4 {
            let room = log.records.count + Int.random(in: 2...60, using: &random)
            var start = Scenario.Start()
            start.log = MemoryLog(log.records, failsAfter: room)
            _ = try? scenario.runPaced(start)
            log = start.log
            Self.expectSame(try Self.replay(scenario, log), decided: [])
        }
        var start = Scenario.Start()
        start.log = MemoryLog(log.records)
        _ = try scenario.runPaced(start)
        let replay = try Self.replay(scenario, start.log)
        Self.expectSame(replay)
        #expect(replay.starts == 5 && replay.isFinished)
    }
}

/// A recording read row by row, and each row told before it is taken: so words come at the same rows in each run.
private struct SpokenFeed: RecordedFeed {
    let inner: any RecordedFeed
    let speak: @Sendable (Int) -> Void
    init(_ inner: any RecordedFeed, _ speak: @escaping @Sendable (Int) -> Void) {
        self.inner = inner
        self.speak = speak
    }
    var name: String { inner.name }
    func fingerprint() throws(FeedError) -> String { try inner.fingerprint() }
    var counts: FeedCounts { inner.counts }
    var instruments: Set<InstrumentID> { inner.instruments }
    var remarks: [String] { inner.remarks }
    func open() throws(FeedError) -> any RecordedReader {
        SpokenReader(try inner.open(), speak)
    }
}

private final class SpokenReader: RecordedReader {
    private let inner: any RecordedReader
    private let speak: @Sendable (Int) -> Void
    private var count = 0
    init(_ inner: any RecordedReader, _ speak: @escaping @Sendable (Int) -> Void) {
        self.inner = inner
        self.speak = speak
    }
    var fraction: Double { inner.fraction }

    func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
        count += 1
        speak(count)
        return try inner.read(into: &rows, limit: 1)
    }
}
