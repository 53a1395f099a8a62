import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Against a model that looks at every event at every turn.
@Suite struct OverflowQueueTests {
    struct Model {
        enum Fate { case waits, handed, leftOut }
        let policy: OverflowPolicy
        let capacity: Int
        let window: Int
        var events: [(event: SessionEvent, fate: Fate)] = []
        var lostThrough = EventPosition.start
        var losses = 0
        var isLossNew = false
        var leftOut = 0

        private var waiting: [Int] { events.indices.filter { events[$0].fate == .waits } }

        mutating func push(_ event: SessionEvent) {
            events.append((event, .waits))
            guard waiting.count > capacity, policy != .disconnect else { return finish() }
            if policy == .coalesce {
                for index in waiting where events[index].event.lane != nil {
                    let isNewest = !waiting.contains {
                        $0 > index && events[$0].event.lane == events[index].event.lane
                    }
                    if !isNewest { leaveOut(index) }
                }
            }
            while waiting.count > capacity,
                let index = waiting.first(where: { events[$0].event.lane != nil })
            {
                leaveOut(index)
            }
            finish()
        }

        private mutating func leaveOut(_ index: Int) {
            events[index].fate = .leftOut
            leftOut += 1
        }

        private mutating func finish() {
            guard waiting.count > capacity, let last = events.last else { return }
            lostThrough = last.event.position
            isLossNew = true
            events = []
        }

        mutating func take(
            after position: EventPosition, limit: Int
        ) -> (events: [SessionEvent], runs: [PositionRun])? {
            guard position >= lostThrough else {
                losses += isLossNew ? 1 : 0
                isLossNew = false
                return nil
            }
            var taken: [SessionEvent] = []
            var runs: [PositionRun] = []
            var open: (EventPosition, EventPosition)?
            var last = position
            for (event, fate) in events where event.position > position && taken.count < limit {
                if fate == .leftOut {
                    open = (open?.0 ?? event.position, event.position)
                } else {
                    if let run = open { runs.append(PositionRun(run.0, run.1)) }
                    open = nil
                    taken.append(event)
                }
                last = event.position
            }
            if let run = open { runs.append(PositionRun(run.0, run.1)) }
            for index in events.indices
            where events[index].event.position <= last && events[index].fate == .waits {
                events[index].fate = .handed
            }
            while events.count(where: { $0.fate == .handed }) > window {
                lostThrough = events.removeFirst().event.position
            }
            return (taken, runs)
        }
    }

    static func event(_ step: UInt64, _ random: inout SeededRandom, rest: Int) -> SessionEvent {
        let instrument = InstrumentID(Int.random(in: 0..<3, using: &random))
        var tick = Tick.at(Int64(step), 100)
        tick.instrument = instrument
        var candle = Candle.at(Int64(step), 100)
        candle.instrument = instrument
        candle.isFinal = random.oneIn(2)
        let kind: SessionEvent.Kind =
            random.oneIn(rest)
            ? (random.oneIn(2) ? .timer(at: .zero, interval: .minute) : .candle(candle))
            : .tick(tick)
        return SessionEvent(
            position: EventPosition(step: step, index: 0), entryTime: .zero, kind: kind)
    }

    @Test(arguments: OverflowPolicy.allCases, seeds(0..<60))
    func itDoesWhatTheModelDoes(_ policy: OverflowPolicy, _ seed: UInt64) {
        var random = SeededRandom(seed)
        let capacity = Int.random(in: 1...12, using: &random)
        let window = Int.random(in: 1...20, using: &random)
        let rest = random.pick([2, 5, 40])
        var queue = OverflowQueue(policy, capacity: capacity, window: window)
        var model = Model(policy: policy, capacity: capacity, window: window)
        var (step, at) = (0 as UInt64, EventPosition.start)
        for _ in 0..<600 {
            if random.oneIn(3) {
                // Now and then a connection that comes again, from where it stood or a little before.
                if random.oneIn(6) {
                    let back = UInt64.random(in: 0...24, using: &random)
                    at = EventPosition(step: at.step - min(at.step, back), index: 0)
                }
                let limit = Int.random(in: 1...8, using: &random)
                var (events, runs): ([SessionEvent], [PositionRun]) = ([], [])
                let loss = queue.take(after: at, limit: limit, into: &events, &runs)
                let expected = model.take(after: at, limit: limit)
                #expect((loss == nil) == (expected != nil))
                // Who stands inside of a joined run hears of all that lies behind.
                if let run = runs.first, run.first.value == at.value + 1 {
                    runs[0] = PositionRun(EventPosition(step: at.step + 1, index: 0), run.last)
                }
                #expect(events == expected?.events ?? [] && runs == expected?.runs ?? [])
                // Who lost something goes on behind a warm-up.
                at = max(at, events.last?.position ?? at, runs.last?.last ?? at)
                if loss != nil { at = queue.lostThrough }
            } else {
                step += 1
                let event = Self.event(step, &random, rest: rest)
                queue.push(event)
                model.push(event)
            }
            #expect(
                (queue.lostThrough, queue.leftOut, queue.losses)
                    == (model.lostThrough, model.leftOut, model.losses))
            guard queue.lostThrough == model.lostThrough, queue.leftOut == model.leftOut else {
                return
            }
        }
    }

    /// One who never breaks hears each event once, or in one run, and each run is written down once.
    @Test(arguments: [OverflowPolicy.dropOldest, .coalesce], seeds(0..<20))
    func nothingIsMissedInSilence(_ policy: OverflowPolicy, _ seed: UInt64) {
        var random = SeededRandom(seed)
        var queue = OverflowQueue(policy, capacity: 8, window: 16)
        var heard: [UInt64] = []
        var (at, told) = (EventPosition.start, [] as [PositionRun])
        for step in 1...2_000 as ClosedRange<UInt64> {
            queue.push(Self.event(step, &random, rest: 1_000_000))
            guard random.oneIn(5) || step == 2_000 else { continue }
            var (events, runs): ([SessionEvent], [PositionRun]) = ([], [])
            let limit = step == 2_000 ? 100 : 2
            #expect(queue.take(after: at, limit: limit, into: &events, &runs) == nil)
            heard += events.map(\.position.step)
            for run in runs { heard += run.first.step...run.last.step }
            told += queue.takeTold()
            at = max(at, events.last?.position ?? at, runs.last?.last ?? at)
        }
        #expect(heard.sorted() == Array(1...2_000))
        #expect(told.map { $0.last.step - $0.first.step + 1 }.reduce(0, +) == queue.leftOut)
        #expect(queue.leftOut > 500)
    }

    /// Whatever a session was told to skip is written down, once, though it breaks and runs grow meanwhile.
    @Test(arguments: [OverflowPolicy.dropOldest, .coalesce], seeds(0..<40))
    func whatIsToldIsWrittenDownOnce(_ policy: OverflowPolicy, _ seed: UInt64) {
        var random = SeededRandom(seed)
        var queue = OverflowQueue(policy, capacity: 3, window: 24)
        var (at, skipped, written) = (EventPosition.start, Set<UInt64>(), [] as [UInt64])
        for step in 1...1_500 as ClosedRange<UInt64> {
            queue.push(Self.event(step, &random, rest: 2))
            guard random.oneIn(4) else { continue }
            if random.oneIn(4) {
                at = max(
                    queue.lostThrough, EventPosition(step: at.step - min(at.step, 9), index: 0))
            }
            var (events, runs): ([SessionEvent], [PositionRun]) = ([], [])
            let limit = Int.random(in: 1...8, using: &random)
            if queue.take(after: at, limit: limit, into: &events, &runs) != nil {
                at = queue.lostThrough
            }
            for run in runs { skipped.formUnion(max(run.first.step, 1)...run.last.step) }
            // The first position behind a whole step lies in that step still.
            for run in queue.takeTold() {
                written += (run.first.step + (run.first.index > 0 ? 1 : 0))...run.last.step
            }
            at = max(at, events.last?.position ?? at, runs.last?.last ?? at)
        }
        let again = runs(skipped.subtracting(written))
        #expect(written.count == Set(written).count, "written twice")
        #expect(again.isEmpty, "told and not written: \(again)")
    }

    private func runs(_ steps: Set<UInt64>) -> [UInt64] { steps.sorted() }

    /// However long a session is too slow, what is kept of it does not grow.
    @Test(arguments: OverflowPolicy.allCases)
    func itsMemoryIsBounded(_ policy: OverflowPolicy) {
        var random = SeededRandom(1)
        var queue = OverflowQueue(policy, capacity: 64, window: 64)
        var at = EventPosition.start
        var most = 0
        for step in 1...50_000 as ClosedRange<UInt64> {
            queue.push(Self.event(step, &random, rest: 100))
            if step % 500 == 0 {
                var (events, runs): ([SessionEvent], [PositionRun]) = ([], [])
                if queue.take(after: at, limit: 3, into: &events, &runs) != nil {
                    at = queue.lostThrough
                }
                at = max(at, events.last?.position ?? at, runs.last?.last ?? at)
            }
            most = max(most, queue.entries.count)
        }
        #expect(most < 1_000)
    }
}
