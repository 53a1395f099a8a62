import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct RingFeedTests {
    private static let inputs = [
        ServerInput(.ticks, warmUp: 3),
        ServerInput(.candles(.minute, unfinished: false), warmUp: 2),
    ]

    private static func ring(capacity: Int = 4) -> RingFeed {
        let description = Scenario.description("x", inputs.map(\.kind), readsAccount: false)
        let subscription = Subscription(
            description, instruments: [InstrumentID(0)], of: 1, account: nil)
        return RingFeed(subscription, inputs: inputs, capacity: capacity)
    }
    private static func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }
    private static func tick(_ step: UInt64) -> SessionEvent {
        SessionEvent(position: at(step), entryTime: .zero, kind: .tick(.at(Int64(step), 100)))
    }
    private static func candle(_ step: UInt64) -> SessionEvent {
        SessionEvent(position: at(step), entryTime: .zero, kind: .candle(.at(Int64(step), 100)))
    }
    private static func pull(
        _ ring: RingFeed, after step: UInt64, limit: Int = 100
    ) -> (FeedPull, steps: [UInt64]) {
        var events: [SessionEvent] = []
        let answer = ring.pull(after: at(step), limit: limit, into: &events)
        return (answer, events.map(\.position.step))
    }

    @Test func eventsStayForOneWhoComesAgain() {
        let ring = Self.ring()
        ring.push((1...4).map(Self.tick))
        for _ in 0..<2 {
            #expect(Self.pull(ring, after: 0, limit: 3) == (.events, [1, 2, 3]))
            #expect(Self.pull(ring, after: 3) == (.events, [4]))
        }
        #expect(Self.pull(ring, after: 4) == (.wait, []))
        ring.end()
        #expect(Self.pull(ring, after: 4) == (.end, []))
        #expect(ring.newest == Self.at(4))
    }

    @Test func whatWaitsIsCountedFromWhereASessionStands() {
        let ring = Self.ring()
        #expect(ring.waiting(behind: .start) == 0)
        ring.push((1...4).map(Self.tick))
        #expect(ring.waiting(behind: .start) == 4)
        _ = Self.pull(ring, after: 0)
        #expect(ring.waiting(behind: Self.at(1)) == 3, "who was sent them may come again")
        #expect(ring.waiting(behind: Self.at(4)) == 0)
        #expect(ring.waiting(behind: Self.at(9)) == 0)
    }

    @Test func ticksThatWereDroppedAreNamedInTheirPlace() {
        let ring = Self.ring()
        ring.push((1...4).map(Self.tick))
        ring.push([Self.candle(5), Self.candle(6)])
        let (answer, steps) = Self.pull(ring, after: 1)
        guard case .skipped(let first, let last, let reason) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect((first, last) == (EventPosition(Self.at(1).value + 1), Self.at(2)))
        #expect(reason.hasPrefix("the session fell more than 4 events behind"))
        #expect(steps == [])
        #expect(Self.pull(ring, after: 2) == (.events, [3, 4, 5, 6]))
        #expect(ring.reaches(.start))
    }

    /// No server may miss a candle: it begins anew with a history.
    @Test func candlesThatWereDroppedAreOutOfReach() {
        let ring = Self.ring()
        ring.push([Self.tick(1), Self.candle(2)])
        ring.push((3...6).map(Self.tick))
        guard case .outOfReach = Self.pull(ring, after: 1).0 else {
            Issue.record("a candle was missed in silence")
            return
        }
        #expect(!ring.reaches(Self.at(1)))
        #expect(ring.reaches(Self.at(2)))
        #expect(Self.pull(ring, after: 2) == (.events, [3, 4, 5, 6]))
        let (history, through) = ring.history(Self.inputs)
        #expect(history.map(\.position.step) == [2, 4, 5, 6])
        #expect(through == Self.at(6))
    }

    @Test func whatIsRecalledIsHistoryAndNotPulled() {
        let ring = Self.ring()
        ring.recall([Self.tick(1), Self.candle(2), Self.tick(3)])
        #expect(!ring.reaches(Self.at(1)))
        #expect(ring.reaches(Self.at(2)))
        #expect(ring.history(Self.inputs).events.map(\.position.step) == [1, 2, 3])
        #expect(Self.pull(ring, after: 3) == (.wait, []))
    }

    @Test func historyIsTheNewestOfEachInput() {
        let ring = Self.ring(capacity: 100)
        for step in stride(from: 1, to: 60, by: 2) as StrideTo<UInt64> {
            ring.push([Self.tick(step), Self.candle(step + 1)])
        }
        let (history, through) = ring.history(Self.inputs)
        #expect(history.map(\.position.step) == [55, 57, 58, 59, 60])
        #expect(through == Self.at(60))
    }
}
