import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// What a session leaves is heard in its order, and let go of only when the log has it.
@Suite struct PacedHearingTests {
    /// Forwards to the lane, and keeps what was delivered.
    private final class RecordingInbox: SessionInbox {
        let lane: SessionLane
        private let kept = Locked<[ReceivedResult]>([])
        /// Of every look at it, with what the log held at that moment.
        private let acknowledgements = Locked<[(EventPosition, Int)]>([])
        private let log: MemoryLog

        init(_ lane: SessionLane, _ log: MemoryLog) {
            self.lane = lane
            self.log = log
        }
        var delivered: [ReceivedResult] { kept.withLock { $0 } }
        var looks: [(EventPosition, Int)] { acknowledgements.withLock { $0 } }

        func resumePoint() -> (watermark: EventPosition, known: EventPosition) {
            lane.resumePoint()
        }
        func deliver(_ results: [ReceivedResult]) -> Bool {
            kept.withLock { $0 += results }
            return lane.deliver(results)
        }
        func onRoom(_ wake: @escaping @Sendable () -> Void) { lane.onRoom(wake) }
        func watermark(_ position: EventPosition) {
            lane.watermark(position)
            let acknowledged = lane.acknowledged
            acknowledgements.withLock { $0.append((acknowledged, Int(log.durableNumber))) }
        }
        var acknowledged: EventPosition { lane.acknowledged }
        func report(_ report: SessionReport) { lane.report(report) }
    }

    /// A server forgets what was acknowledged: it must be in the log's durable part by then.
    @Test(arguments: seeds(0..<6, by: 10))
    func whatIsAcknowledgedIsInTheLog(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed + 200, rows: 400)
        let inboxes = Locked<[RecordingInbox]>([])
        var start = Scenario.Start()
        start.seed = seed
        let log = start.log
        start.inbox = { lane in
            let inbox = RecordingInbox(lane, log)
            inboxes.withLock { $0.append(inbox) }
            return inbox
        }
        _ = try scenario.runPaced(start)
        var numbers: [SessionLane.Identity: Int] = [:]
        for (index, inbox) in inboxes.withLock({ $0 }).enumerated() {
            numbers.removeAll()
            for (record, bytes) in log.records.enumerated() {
                guard case .step(_, _, let facts) = try LogRecord(bytes) else { continue }
                for case .signal(let signal, _) in facts.parts
                where signal.source == scenario.servers[index].source {
                    let identity = SessionLane.Identity(
                        position: signal.position, instrument: signal.instrument,
                        index: signal.index)
                    numbers[identity] = record + 1
                }
            }
            #expect(!inbox.delivered.isEmpty)
            for (acknowledged, durable) in inbox.looks {
                for result in inbox.delivered where result.position <= acknowledged {
                    let number = numbers[SessionLane.Identity(result)]
                    #expect(number.map { $0 <= durable } ?? false, "\(result.position)")
                }
            }
        }
    }

    /// A server that answers and goes away in one breath was heard: its vote counts.
    @Test func whatAServerSaidBeforeItWentIsHeard() throws {
        let plan = KernelPlan.sample(
            sources: [
                SourcePlan(name: "cross", kind: .builtIn), SourcePlan(name: "far", kind: .server),
            ],
            attachments: [
                .sample(0, strategy: TableStrategy([.seconds(1): StrategyResult(.buy)])),
                .sample(1),
            ],
            arbiter: ArbiterPlan(policy: .confidenceWeighted, roundDeadline: .seconds(60)))
        let feed = MemoryFeed([.tick(.at(1, 100)), .tick(.at(2, 100))])
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: feed,
            servers: [
                Scenario.Server(
                    source: SourceID(1),
                    description: Scenario.description("far", [.ticks], readsAccount: false),
                    account: nil, onceIn: 1)
            ])
        let start = Scenario.Start()
        let setup = scenario.setup(start, isLockstep: false)
        let link = try #require(setup.sessions.first)
        let ring = RingFeed(link.subscription, inputs: [])
        let calls = Counter()
        ring.onMore {
            guard calls.next() == 1 else { return }
            let position = EventPosition(step: 1, index: 0)
            _ = link.lane.deliver([
                ReceivedResult(
                    position: position, instrument: InstrumentID(0), index: 0,
                    result: StrategyResult(.sell))
            ])
            link.lane.report(.state(.down, detail: "it went away"))
        }
        let run = PacedRun(setup, feeds: [PacedRun.Feed(link: link, ring: ring)], speed: 1e15)
        _ = try run.run { link.lane.report(.state(.live, detail: "")) }
        let facts = try facts(start.log)
        let closed = facts.firstIndex { if case .roundClosed = $0 { true } else { false } }
        let heard = facts.firstIndex {
            if case .signal(let signal, .pending) = $0 {
                signal.source == SourceID(1)
            } else {
                false
            }
        }
        let (first, end) = (try #require(heard), try #require(closed))
        #expect(first < end)
        guard case .roundClosed(_, let outcome) = facts[end] else { return }
        #expect(outcome.conflict, "buy and sell stood when the round closed")
    }

    /// Where results arrive, the time they took is told; where time is simulated it is not.
    @Test func latencyIsToldOfPacedRunsOnly() throws {
        let scenario = Scenario.random(3)
        let paced = try scenario.runPaced()
        for source in paced.sources where source.kind == "server" {
            let latency = try #require(source.latency)
            // A result is one signal for each account that is attached.
            #expect(latency.count > 0 && source.results % latency.count == 0)
            #expect(latency.p50 > 0 && latency.p50 <= latency.p90 && latency.p90 <= latency.p99)
            #expect(latency.p99 <= latency.max)
        }
        #expect(paced.sources.allSatisfy { $0.kind == "server" || $0.latency == nil })
        #expect(try scenario.run().sources.allSatisfy { $0.latency == nil })
    }
}
