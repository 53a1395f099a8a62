import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Which instruments a session has as of a position, and what its queue holds of changes.
@Suite struct InstrumentTimelineTests {
    private static func at(_ step: UInt64, _ number: Int = 0) -> EventPosition {
        EventPosition(step: step, index: EventPosition.firstChangeIndex + number)
    }
    private static func instrument(_ index: Int) -> Instrument {
        Instrument(
            id: InstrumentID(index), symbol: "S\(index)", market: "KR", currency: "KRW",
            ladder: .krx, lot: Quantity(units: fixedPointScale), timeZone: "Asia/Seoul")
    }

    @Test func aNumberIsOneInstrumentsForEver() {
        var timeline = InstrumentTimeline([Self.instrument(4), Self.instrument(2)])
        let joins = timeline.change(Self.instrument(7), joins: true, at: Self.at(3))
        #expect(joins?.number == 2)
        #expect(timeline.change(Self.instrument(4), joins: false, at: Self.at(3, 1))?.number == 0)
        #expect(timeline.change(Self.instrument(9), joins: true, at: Self.at(5))?.number == 3)
        #expect(timeline.change(Self.instrument(4), joins: true, at: Self.at(6))?.number == 0)
        #expect(timeline.known.map(\.id.index) == [4, 2, 7, 9])
        #expect(timeline.numbers(asOf: .start) == [0, 1])
        #expect(timeline.numbers(asOf: Self.at(3)) == [0, 1, 2])
        #expect(timeline.numbers(asOf: Self.at(3, 1)) == [1, 2])
        #expect(timeline.numbers(asOf: .endOfStep(9)) == [0, 1, 2, 3])
        // What changes nothing, and what would lie before another.
        #expect(timeline.change(Self.instrument(4), joins: true, at: Self.at(8)) == nil)
        #expect(timeline.change(Self.instrument(4), joins: false, at: Self.at(2)) == nil)
        #expect(timeline.changes.count == 4)
    }

    /// Against a list that is made anew for each position.
    @Test(arguments: seeds(0..<40)) func aResultIsReadByTheListOfItsPosition(
        _ seed: UInt64
    ) {
        var random = SeededRandom(seed)
        let begun = (0..<3).filter { _ in random.oneIn(2) }
        var timeline = InstrumentTimeline(begun.map(Self.instrument))
        var moves: [(step: UInt64, index: Int, joins: Bool)] = []
        var there = Set(begun)
        for step in 1...12 as ClosedRange<UInt64> {
            let index = Int.random(in: 0..<5, using: &random)
            let joins = !there.contains(index)
            if joins { there.insert(index) } else { there.remove(index) }
            moves.append((step, index, joins))
            #expect(timeline.change(Self.instrument(index), joins: joins, at: Self.at(step)) != nil)
        }
        for index in 0..<5 {
            for step in 0...13 as ClosedRange<UInt64> {
                let position = EventPosition.endOfStep(step)
                let before = moves.filter { $0.index == index && $0.step <= step }
                let isThere = before.last?.joins ?? begun.contains(index)
                let wasThere = begun.contains(index) || before.contains { $0.joins }
                let leaves = moves.contains { $0.index == index && $0.step > step && !$0.joins }
                let standing = timeline.standing(of: InstrumentID(index), at: position)
                let due: InstrumentTimeline.Standing =
                    isThere ? (leaves ? .removed : .there) : wasThere ? .removed : .absent
                #expect(standing == due, "\(index) at \(step)")
                let number = timeline.known.firstIndex { $0.id.index == Int32(index) }
                #expect(
                    timeline.numbers(asOf: position).contains(number ?? -1) == isThere)
            }
        }
    }

    /// Between everything of the market and account updates, and before the next step.
    @Test func aChangeHasAPlaceThatNothingElseHas() {
        #expect(EventPosition.firstChangeIndex + EventPosition.changesInStep == 1 << 19)
        #expect(Self.at(7) > EventPosition(step: 7, index: EventPosition.firstChangeIndex - 1))
        let last = Self.at(7, EventPosition.changesInStep - 1)
        #expect(last < EventPosition(step: 7, index: EventPosition.firstAccountIndex))
        #expect(last < .endOfStep(7))
    }

    // MARK: The queue

    private static let inputs = [ServerInput(.ticks, warmUp: 2)]
    private static func ring(_ overflow: OverflowPolicy, capacity: Int = 4) -> RingFeed {
        let description = Scenario.description("x", inputs.map(\.kind), readsAccount: false)
        let subscription = Subscription(
            description, instruments: [InstrumentID(0)], of: 3, account: nil,
            roster: SessionRoster([instrument(0)], of: 3))
        return RingFeed(subscription, inputs: inputs, overflow: overflow, capacity: capacity)
    }
    private static func tick(_ step: UInt64, of index: Int = 0) -> SharedEvent {
        SharedEvent(
            SessionEvent(
                position: EventPosition(step: step, index: 0), entryTime: .zero,
                kind: .tick(
                    Tick(
                        instrument: InstrumentID(index),
                        feedTime: Timestamp(nanoseconds: Int64(step)), price: Price(units: 1),
                        quantity: Quantity(units: 1)))))
    }
    private static func change(
        _ index: Int, joins: Bool, at step: UInt64, history: [SessionEvent]? = nil
    ) -> SharedEvent {
        SharedEvent(
            SessionEvent(
                position: at(step), entryTime: .zero,
                kind: .instrument(
                    InstrumentChange(
                        instrument(index), number: index, joins: joins, history: history))))
    }

    @Test(arguments: [OverflowPolicy.dropOldest, .coalesce])
    func aChangeIsNeverLeftOut(_ policy: OverflowPolicy) {
        let ring = Self.ring(policy)
        ring.push([Self.change(1, joins: true, at: 0)])
        ring.push((1...4).map { Self.tick($0) })
        ring.push([Self.change(1, joins: false, at: 4), Self.tick(5), Self.tick(6)])
        var events: [SessionEvent] = []
        _ = ring.pull(after: .start, limit: 100, into: &events)
        let changes = events.filter { if case .instrument = $0.kind { true } else { false } }
        #expect(changes.map(\.position) == [Self.at(0), Self.at(4)])
        #expect(events.count < 8)
        // More of them than there is room for break the session, and none is lost in silence.
        ring.push((7...12).map { Self.change(2, joins: $0 % 2 == 1, at: $0) })
        guard case .outOfReach = ring.pull(after: Self.at(5), limit: 9, into: &events) else {
            Issue.record("changes were lost in silence")
            return
        }
    }

    /// A full warm-up holds what the list has by then, with what was before it joined.
    @Test func aHistoryFollowsTheList() {
        let ring = Self.ring(.dropOldest)
        ring.push([Self.tick(1), Self.tick(2)])
        let before = [Self.tick(1, of: 1), Self.tick(3, of: 1), Self.tick(4, of: 1)].map(\.event)
        ring.push([
            Self.change(1, joins: true, at: 4, history: before),
            Self.change(0, joins: false, at: 5), Self.tick(6, of: 1),
        ])
        let (events, through) = ring.history(Self.inputs, asOf: ring.newest)
        #expect(events.map(\.position.step) == [4, 6])
        #expect(through.step == 6)
        ring.push([Self.change(0, joins: true, at: 6, history: [Self.tick(2).event])])
        let now = ring.history(Self.inputs, asOf: ring.newest).events
        #expect(now.map(\.position.step) == [2, 4, 6])
        // Who goes on from before a change has the history of before it, for the change is sent.
        let past: [(EventPosition, [UInt64])] = [
            (.endOfStep(2), [1, 2]), (.endOfStep(4), [1, 2, 3, 4]), (.endOfStep(5), [3, 4]),
            (EventPosition(step: 6, index: 0), [4, 6]),
        ]
        for (place, steps) in past {
            let then = ring.history(Self.inputs, asOf: place).events
            #expect(then.map(\.position.step) == steps, "as of \(place)")
        }
    }

    @Test func aSubscriptionHearsWhatItsRosterHas() {
        let roster = SessionRoster([Self.instrument(0)], of: 3)
        let subscription = Subscription(
            Scenario.description("x", [.ticks], readsAccount: false),
            instruments: [InstrumentID(0)], of: 3, account: nil, roster: roster)
        #expect(subscription.hears(InstrumentID(0)) && !subscription.hears(InstrumentID(1)))
        #expect(!roster.hasChanged)
        #expect(roster.change(Self.instrument(1), joins: true, at: Self.at(2)) != nil)
        #expect(roster.change(Self.instrument(0), joins: false, at: Self.at(2, 1)) != nil)
        #expect(!subscription.hears(InstrumentID(0)) && subscription.hears(InstrumentID(1)))
        #expect(roster.hasChanged)
    }
}
