import Kernel
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

    private static func ring(
        _ overflow: OverflowPolicy = .dropOldest, capacity: Int = 4, readsAccount: Bool = false
    ) -> RingFeed {
        let description = Scenario.description("x", inputs.map(\.kind), readsAccount: readsAccount)
        let subscription = Subscription(
            description, instruments: [InstrumentID(0)], of: 1, account: nil)
        return RingFeed(subscription, inputs: inputs, overflow: overflow, capacity: capacity)
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
        for _ in 0..<2 {
            let (answer, steps) = Self.pull(ring, after: 0)
            #expect(
                answer
                    == .skipped(
                        [PositionRun(Self.at(1), Self.at(2))],
                        reason: "more than 4 events waited; the oldest were dropped"))
            #expect(steps == [3, 4, 5, 6])
        }
        // Whoever stands inside of it hears of the rest.
        #expect(Self.pull(ring, after: 2) == (.events, [3, 4, 5, 6]))
        #expect(ring.reaches(.start))
        let news = ring.takeNews()
        #expect((news.runs, news.leftOut) == ([PositionRun(Self.at(1), Self.at(2))], 2))
        #expect(ring.takeNews().runs == [])
    }

    /// Candles stay where they are; what was sent is not left out any more.
    @Test func onlyWhatWaitsAndMayBeLeftOutIsDropped() {
        let ring = Self.ring()
        ring.push((1...3).map(Self.tick))
        #expect(Self.pull(ring, after: 0, limit: 2) == (.events, [1, 2]))
        ring.push([Self.candle(4), Self.tick(5), Self.tick(6), Self.tick(7)])
        let (answer, steps) = Self.pull(ring, after: 0)
        #expect(
            answer
                == .skipped([PositionRun(Self.at(3), Self.at(3))], reason: ring.takeNews().reason))
        #expect(steps == [1, 2, 4, 5, 6, 7])
    }

    @Test func theNewestOfEachKindIsKeptWhereOthersMayGo() {
        let ring = Self.ring(.coalesce)
        ring.push([Self.tick(1), Self.candle(2), Self.tick(3), Self.tick(4), Self.tick(5)])
        let (answer, steps) = Self.pull(ring, after: 0)
        #expect(
            answer
                == .skipped(
                    [
                        PositionRun(Self.at(1), Self.at(1)), PositionRun(Self.at(3), Self.at(4)),
                    ],
                    reason: "more than 4 events waited;"
                        + " the newest of each instrument and kind were kept"))
        #expect(steps == [2, 5])
    }

    /// No server may miss a candle: it begins anew with a history.
    @Test(arguments: OverflowPolicy.allCases)
    func moreThanTheQueueOfWhatMayNotGoIsOutOfReach(_ policy: OverflowPolicy) {
        let ring = Self.ring(policy)
        ring.push([Self.tick(1)] + (2...6).map(Self.candle))
        guard case .outOfReach(let why) = Self.pull(ring, after: 1).0 else {
            Issue.record("a candle was missed in silence")
            return
        }
        #expect(why.hasPrefix("overflow: more than 4 events waited, and "))
        #expect(!ring.reaches(Self.at(1)))
        let (history, through) = ring.history(Self.inputs, asOf: Self.at(1))
        // What a policy takes away is away for a while: the sixth has begun the next queue.
        #expect(ring.reaches(through))
        #expect(history.map(\.position.step) == [1, 5, 6])
        #expect(ring.takeNews().losses == 1)
        ring.push([Self.tick(7)])
        #expect(Self.pull(ring, after: 6) == (.events, [7]))
    }

    @Test func disconnectLeavesNothingOut() {
        let ring = Self.ring(.disconnect)
        ring.push((1...4).map(Self.tick))
        #expect(Self.pull(ring, after: 0, limit: 1) == (.events, [1]))
        ring.push([Self.tick(5)])
        #expect(Self.pull(ring, after: 1) == (.events, [2, 3, 4, 5]))
        ring.push((6...10).map(Self.tick))
        #expect(
            Self.pull(ring, after: 5).0
                == .outOfReach(
                    "overflow: more than 4 events waited, and its overflow policy is 'disconnect'"))
        let news = ring.takeNews()
        #expect((news.runs, news.leftOut, news.losses) == ([], 0, 1))
        #expect(Self.pull(ring, after: 10) == (.wait, []))
    }

    /// The host was started again: a server that lived on goes on from where it stands, over the same runs.
    @Test func whatIsRecalledIsSentAgainWithoutWhatWasLeftOut() {
        let ring = Self.ring()
        ring.recall([Self.tick(1), Self.candle(2), Self.tick(3), Self.tick(4)])
        ring.recall(leftOut: [PositionRun(Self.at(1), Self.at(3))])
        ring.recall((5...20).map(Self.tick))
        ring.endRecall()
        #expect(ring.reaches(.start))
        #expect(
            ring.history(Self.inputs, asOf: ring.newest).events.map(\.position.step) == [
                2, 18, 19, 20,
            ])
        let (answer, steps) = Self.pull(ring, after: 0)
        #expect(
            answer
                == .skipped(
                    [
                        PositionRun(Self.at(1), Self.at(1)), PositionRun(Self.at(3), Self.at(3)),
                    ], reason: ring.takeNews().reason))
        #expect(steps == [2, 4] + Array(5...20))
        // It was written down before.
        #expect(ring.takeNews().runs == [])
        #expect(Self.pull(ring, after: 20) == (.wait, []))
    }

    @Test func whoReadsFillsBeginsAnewWithTheHost() {
        let ring = Self.ring(readsAccount: true)
        ring.recall([Self.tick(1), Self.tick(2)])
        ring.endRecall()
        #expect(!ring.reaches(Self.at(1)))
        #expect(ring.reaches(Self.at(2)))
    }

    /// One that still grows may go, and is no history.
    @Test func unfinishedCandlesMayBeLeftOut() {
        func growing(_ step: UInt64) -> SessionEvent {
            var candle = Candle.at(Int64(step), 100)
            candle.isFinal = false
            return SessionEvent(position: Self.at(step), entryTime: .zero, kind: .candle(candle))
        }
        let ring = Self.ring(.coalesce)
        ring.push([Self.candle(1)] + (2...9).map(growing))
        let (answer, steps) = Self.pull(ring, after: 0)
        #expect(
            answer
                == .skipped([PositionRun(Self.at(2), Self.at(7))], reason: ring.takeNews().reason))
        #expect(steps == [1, 8, 9])
        #expect(ring.history(Self.inputs, asOf: ring.newest).events.map(\.position.step) == [1])
    }

    @Test func onlyWhoAsksHearsCandlesThatGrow() {
        func hears(_ isUnfinishedToo: Bool, final isFinal: Bool) -> Bool {
            let inputs: [ServerInput.Kind] = [.candles(.minute, unfinished: isUnfinishedToo)]
            let subscription = Subscription(
                Scenario.description("x", inputs, readsAccount: false),
                instruments: [InstrumentID(0)], of: 1, account: nil)
            var candle = Candle.at(0, 100)
            candle.isFinal = isFinal
            return subscription.hears(MarketEvent(position: Self.at(1), kind: .candle(candle)))
        }
        #expect(hears(false, final: true) && hears(true, final: true))
        #expect(hears(true, final: false) && !hears(false, final: false))
    }

    @Test func historyIsTheNewestOfEachInput() {
        let ring = Self.ring(capacity: 100)
        for step in stride(from: 1, to: 60, by: 2) as StrideTo<UInt64> {
            ring.push([Self.tick(step), Self.candle(step + 1)])
        }
        let (history, through) = ring.history(Self.inputs, asOf: ring.newest)
        #expect(history.map(\.position.step) == [55, 57, 58, 59, 60])
        #expect(through == Self.at(60))
    }

    /// As of where a session goes on: what follows is sent, and is in no history.
    @Test func historyEndsWhereASessionGoesOn() {
        let ring = Self.ring(capacity: 100)
        for step in stride(from: 1, to: 60, by: 2) as StrideTo<UInt64> {
            ring.push([Self.tick(step), Self.candle(step + 1)])
        }
        for position in [Self.at(22), .endOfStep(22)] {
            let (history, through) = ring.history(Self.inputs, asOf: position)
            #expect(history.map(\.position.step) == [17, 19, 20, 21, 22])
            #expect(through == position)
        }
        #expect(ring.history(Self.inputs, asOf: .start) == ([], .start))
        // What was sent long ago is forgotten, and the history of before it is kept as long as it may be asked for.
        let small = RingFeed(
            Subscription(
                Scenario.description("x", Self.inputs.map(\.kind), readsAccount: false),
                instruments: [InstrumentID(0)], of: 1, account: nil),
            inputs: Self.inputs, capacity: 4, window: 20)
        var events: [SessionEvent] = []
        for step in 1...200 as ClosedRange<UInt64> {
            small.push([Self.tick(step)])
            _ = small.pull(after: Self.at(step - 1), limit: 9, into: &events)
        }
        #expect(!small.reaches(Self.at(170)) && small.reaches(Self.at(185)))
        #expect(
            small.history(Self.inputs, asOf: Self.at(185)).events.map(\.position.step)
                == [183, 184, 185])
        #expect(small.history(Self.inputs, asOf: Self.at(170)).through == Self.at(200))
    }

    /// A server that is away has ticks left out without end, so nothing is ever lost for it: its history is short all
    /// the same.
    @Test func historyDoesNotGrowWhileAServerIsAway() {
        var history = WarmUpHistory(Self.inputs, room: 50)
        var most = 0
        for step in 1...10_000 as ClosedRange<UInt64> {
            history.take(SharedEvent(Self.tick(step)), lost: .start)
            most = max(most, history.count)
        }
        #expect(most <= 120)
        let newest = history.events(Self.inputs, asOf: Self.at(10_000)).map(\.position.step)
        #expect(newest == [9_998, 9_999, 10_000])
        #expect(history.knownFrom > Self.at(9_000))
        let known = history.events(Self.inputs, asOf: history.knownFrom).map(\.position.step)
        let last = history.knownFrom.step
        #expect(known == [last - 2, last - 1, last])
    }

    /// Asked about before the host started again, it is late by every deadline, on a machine that has just begun to
    /// count too.
    @Test func whatWasAskedBeforeAStartIsLate() {
        var entries = EntryTimes(capacity: 8)
        entries.set(.seconds(40), of: 5)
        let arrival = Timestamp.seconds(41)
        #expect(entries.time(of: 5, before: arrival) == .seconds(40))
        for step in [4, 6, 900] as [UInt64] {
            let age = arrival.since(entries.time(of: step, before: arrival))
            #expect(age == .seconds(86_400))
        }
    }
}

extension RingFeed {
    func push(_ events: [SessionEvent]) { push(events.map(SharedEvent.init)) }
    func recall(_ events: [SessionEvent]) { recall(events.map(SharedEvent.init)) }
}

extension OverflowQueue {
    mutating func push(_ event: SessionEvent) { push(SharedEvent(event)) }
}
