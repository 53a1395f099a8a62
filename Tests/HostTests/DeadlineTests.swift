import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R4.4: a deadline for each kind of event, whoever reads the log later.
@Suite struct DeadlineTests {
    private static func event(_ step: UInt64, _ index: Int, _ kind: MarketEvent.Kind) -> MarketEvent
    {
        MarketEvent(position: EventPosition(step: step, index: index), kind: kind)
    }

    @Test func theKindOfAnEventIsKnownByItsPosition() {
        var plan = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server, deadline: .seconds(1))],
            attachments: [.sample(0)])
        var growing = Candle.at(0, 100)
        growing.isFinal = false
        let steps: [(UInt64, [MarketEvent])] = [
            (1, [Self.event(1, 0, .tick(.at(1, 100)))]),
            (
                2,
                [
                    Self.event(2, 0, .candle(.at(0, 100))), Self.event(2, 1, .tick(.at(2, 100))),
                    Self.event(2, 2, .candle(growing)),
                    Self.event(2, 3, .timer(at: .zero, interval: .minute)),
                ]
            ),
            (3, [Self.event(3, 0, .tick(.at(3, 100)))]),
        ]
        func kinds() -> [EventClass] {
            var classes = EventClasses(plan)
            for (number, events) in steps {
                var step = Step()
                (step.number, step.events) = (number, events)
                classes.note(step)
            }
            let places: [(UInt64, Int)] = [(1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0), (4, 0)]
            return places.map { classes.kind(at: EventPosition(step: $0.0, index: $0.1)) } + [
                classes.kind(
                    at: EventPosition(step: 2, index: EventPosition.firstAccountIndex + 1))
            ]
        }
        #expect(kinds().dropLast().allSatisfy { $0 == .ticks }, "nobody asks")
        plan.sources[0].deadlines = ClassDeadlines(candles: .seconds(2))
        #expect(
            kinds() == [.ticks, .candles, .ticks, .ticks, .timers, .ticks, .ticks, .fills])
    }

    /// Ticks have no time at all, candles an hour: each result is late or not by its event, in the run, in its tables,
    /// in those that its log makes anew, and in a replay.
    @Test(arguments: seeds(0..<3, by: 10))
    func eachResultIsLateByItsOwnEvent(_ seed: UInt64) throws {
        let random = Scenario.random(seed + 400, rows: 300).withoutReaders
        var plan = random.plan
        plan.sources[1].deadline = Nanoseconds(1)
        plan.sources[1].deadlines = ClassDeadlines(candles: .seconds(3_600))
        var scenario = Scenario(
            plan: plan, market: random.market, feed: random.feed, servers: random.servers)
        scenario.servers[0].description.inputs.append(
            ServerInput(.candles(.minute, unfinished: false), warmUp: 0))
        var candles: Set<EventPosition> = []
        let reader = try StepReader(scenario.feed, scenario.market)
        var step = Step()
        while try reader.read(into: &step) {
            for event in step.events {
                if case .candle = event.kind { candles.insert(event.position) }
            }
        }
        let start = Scenario.Start()
        #expect(try scenario.runPaced(start).end == "finished")
        var late = [false: 0, true: 0]
        var inTime = [false: 0, true: 0]
        for fact in try facts(start.log) {
            guard case .signal(let signal, let status) = fact, signal.source == SourceID(1) else {
                continue
            }
            let isCandle = candles.contains(signal.position)
            if status == .late { late[isCandle, default: 0] += 1 }
            if status != .late { inTime[isCandle, default: 0] += 1 }
        }
        #expect(late[true] == 0 && inTime[false] == 0, "\(late), \(inTime)")
        #expect((late[false] ?? 0) > 5 && (inTime[true] ?? 0) > 5)
        let words = try start.projections.signals().filter { $0.status == "late" }.map(\.detail)
        #expect(words.allSatisfy { $0.hasSuffix("deadline 0 ms") } && words.count > 5)
        let rebuilt = Scenario.Start()
        _ = try scenario.rebuild(start.log, into: rebuilt.projections)
        try expectSameTables(rebuilt.projections, start.projections)
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records)
        _ = try scenario.runPaced(again)
        // What is over stays as it was: votes that stand at the end are ended by no later start.
        #expect(try facts(again.log) == facts(start.log))
        try expectSameTables(again.projections, start.projections)
        DecisionReplayTests.expectSame(try DecisionReplayTests.replay(scenario, start.log))
    }
}
