import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// A paced run whose orders go to a broker outside, in memory.
struct RoutedRun {
    var log: any EventLog = MemoryLog()
    let projections = MemoryProjections()
    var observer: any RunObserver = Notebook()
    let control: RunControl
    private let doorbell = Doorbell()
    let brokers: any Broker
    /// Has the orders of instrument 1.
    var second: (any Broker)?
    var desk = DeskSettings()
    var speed = 1_000.0
    var watch = WatchSettings()
    var clock: any TimeSource = HostClock()
    /// By which it is said how long the broker takes.
    var brokerClock: any TimeSource = HostClock()
    /// Of the broker's hours.
    var zone = ZoneOffsets.utc
    /// What is attached behind changes of the log.
    var changed: KernelPlan?
    /// ns; `nil`: as usual.
    var waitIsTold: Int64?
    /// `nil`: as usual.
    var mostTurns: Int?
    /// Of the recording, ns; `nil`: as usual.
    var longestPause: Int64?
    /// Sessions with servers, by the bell that they ring; without them nobody is fed.
    var feeds: (Doorbell) -> [PacedRun.Feed] = { _ in [] }
    /// When sessions may begin.
    var onReady: @Sendable () -> Void = {}
    /// Before it begins.
    var onBegin: @Sendable (LastHop) -> Void = { _ in }
    /// When the run is over.
    var onEnd: @Sendable (LastHop) -> Void = { _ in }

    init(_ broker: any Broker) {
        brokers = broker
        control = RunControl(doorbell)
        desk.limits.order = .milliseconds(200)
        desk.limits.question = .milliseconds(200)
        desk.limits.grace = .milliseconds(100)
        desk.pollsOver = .milliseconds(20)
        desk.firstWait = .milliseconds(5)
        desk.escalation.consecutive = 1_000
        desk.escalation.total = 1_000
    }

    /// Buys and sells in turn, one each second of the recording.
    static func plan(
        _ seconds: Int64, _ say: (Int64) -> StrategyResult
    ) -> (KernelPlan, MemoryFeed) {
        var table: [Timestamp: StrategyResult] = [:]
        for second in 1...seconds { table[.seconds(second)] = say(second) }
        let plan = KernelPlan.sample(
            cash: .won(100_000_000),
            sources: [SourcePlan(name: "table", kind: .builtIn)],
            attachments: [.sample(0, adds: true, strategy: TableStrategy(table))],
            arbiter: ArbiterPlan(policy: .first))
        return (plan, MemoryFeed((1...seconds).map { .tick(.at($0, 100)) }))
    }

    /// Runs to the end of the recording, or until somebody stops it.
    func run(_ plan: KernelPlan, _ feed: MemoryFeed) async throws -> RunSummary {
        var setup = RunSetup(
            head: RunHead(run: "r1", identity: "i", market: "m", servers: [], host: "h1"),
            folder: "memory", plan: plan,
            market: MarketPlan(zones: plan.zones, intervals: [], timers: []), recording: feed,
            paper: .init(feeMicroBasisPoints: 0), log: log, projections: projections,
            digest: PlainSHA256(), clock: clock, doorbell: doorbell, sessions: [],
            observer: observer, control: control)
        var route = Router.Settings(primary: 0)
        if second != nil { route.secondary = [InstrumentID(1): 1] }
        let links = ([brokers] + [second].compactMap(\.self)).map {
            var link = BrokerLink(
                name: "stub", account: AccountID(0), broker: $0, callsPerSecond: 100_000,
                desk: desk)
            link.takes = TakenOrders("stub", $0.capabilities, zone: zone)
            return link
        }
        let lines = BrokerLines(
            BrokerSetup(links: links, routes: [route]), log: log, doorbell: doorbell,
            clock: brokerClock)
        setup.brokers = lines
        setup.watch = watch
        if let waitIsTold { setup.waitIsTold = waitIsTold }
        if let mostTurns { setup.mostTurns = mostTurns }
        if let longestPause { setup.longestPause = longestPause }
        if let changed { setup.replan = { _ in changed } }
        let feeds = feeds(doorbell)
        if !feeds.isEmpty {
            (setup.sessions, setup.speed) = (feeds.map(\.link), speed)
            setup.patience = 30_000_000_000
        }
        onBegin(lines.lastHop)
        let run = PacedRun(setup, feeds: feeds, speed: speed)
        let ready = onReady
        async let carrying: Void = lines.run()
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<RunSummary, RunFailure>, Never>) in
            HostThread.start(named: "loop") {
                do throws(RunFailure) {
                    continuation.resume(returning: .success(try run.run(ready: ready)))
                } catch { continuation.resume(returning: .failure(error)) }
            }
        }
        onEnd(lines.lastHop)
        lines.close()
        await brokers.close()
        await second?.close()
        await carrying
        return try result.get()
    }
}

/// Facts and minutes of a log, in order.
func history(_ records: [[UInt8]]) throws -> (facts: [Fact], minutes: [DeskMinutes]) {
    var (facts, minutes): ([Fact], [DeskMinutes]) = ([], [])
    for bytes in records {
        switch try LogRecord(bytes) {
        case .step(_, _, let some), .noted(_, _, let some, _), .changed(_, _, let some, _):
            facts += some.parts
        case .routed(_, _, let some, let told, _):
            facts += some.parts
            minutes.append(told)
        case .head, .start, .quiet, .finished, .skipped, .watched, .answered: break
        }
    }
    return (facts, minutes)
}

/// Hears notices.
final class Listener: RunObserver {
    private let body: @Sendable (RunNotice) -> Void
    init(_ body: @escaping @Sendable (RunNotice) -> Void) { self.body = body }
    func started(_ start: RunStart) {}
    func notice(_ notice: RunNotice) { body(notice) }
    func finished(_ summary: RunSummary) {}
}

func ordered(_ facts: [Fact]) -> [OrderNumber] {
    facts.compactMap {
        if case .ordered(let decision) = $0 { decision.order.number } else { nil }
    }
}

/// The venue against the log: one order at most for each approval, every fill booked once.
func check(_ venue: StubVenue, _ records: [[UInt8]]) throws {
    let facts = try history(records).facts
    let approved = Set(ordered(facts))
    #expect(approved.count == ordered(facts).count)
    let there = venue.orders
    #expect(Set(there.map(\.client)).count == there.count, "two orders of one id")
    #expect(Set(there.map(\.order.number)).count == there.count, "two orders of one intent")
    #expect(
        there.allSatisfy { approved.contains($0.order.number) }, "an order nobody approved")
    var booked: [OrderNumber: Int] = [:]
    var held: Int64 = 0
    for case .filled(let fill, let booking) in facts {
        booked[fill.order, default: 0] += 1
        held = booking.positionAfter.units
    }
    #expect(booked.values.allSatisfy { $0 == 1 }, "a fill booked twice")
    #expect(Set(booked.keys) == Set(there.filter(\.isFilled).map(\.order.number)))
    #expect(held == venue.held())
}
