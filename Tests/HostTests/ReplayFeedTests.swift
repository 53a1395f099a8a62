import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct ReplayFeedTests {
    static let rows: [MarketInput] = [
        .tick(.at(10, 100)), .tick(.at(20, 50, of: 1)), .tick(.at(61, 101)), .tick(.at(70, 102)),
    ]
    static let market = MarketPlan(zones: [.seoul, .seoul, .seoul], intervals: [.minute])

    static func feed(
        _ rows: [MarketInput] = rows, readsAccount: Bool = false, instruments: [Int] = [0],
        journal: AccountJournal = AccountJournal(), badRow: Int? = nil
    ) -> ReplayFeed {
        let description = Scenario.description(
            "x", [.ticks, .candles(.minute, unfinished: false)], readsAccount: readsAccount)
        let subscription = Subscription(
            description, instruments: instruments.map { InstrumentID($0) }, of: 3,
            account: AccountID(0))
        return ReplayFeed(MemoryFeed(rows, badRow: badRow), market, subscription, journal)
    }

    static func all(_ feed: ReplayFeed, after: EventPosition = .start, limit: Int = 100)
        -> [SessionEvent]
    {
        var events: [SessionEvent] = []
        var last = after
        while true {
            var batch: [SessionEvent] = []
            guard case .events = feed.pull(after: last, limit: limit, into: &batch) else {
                return events
            }
            #expect(batch.count <= limit && !batch.isEmpty)
            events += batch
            last = batch.last?.position ?? last
        }
    }

    static func update(_ price: Int64, of instrument: Int = 0) -> AccountUpdate {
        AccountUpdate(
            instrument: InstrumentID(instrument), side: .buy, price: .won(price),
            quantity: .shares(1),
            fee: .zero, held: .shares(1), averagePrice: .won(price), cash: .zero, time: .zero)
    }

    @Test func aSessionHearsItsOwnInstrumentsInOrder() {
        let events = Self.all(Self.feed())
        #expect(events.map(\.position.step) == [1, 3, 4, 5])
        #expect(events.map(\.position.index) == [0, 0, 0, 0])
        if case .candle(let candle)? = events.dropFirst().first?.kind {
            #expect(candle.close == .won(100))
        } else {
            Issue.record("no candle at step 3")
        }
        #expect(
            events.map(\.entryTime) == [.seconds(10), .seconds(60), .seconds(61), .seconds(70)])
    }

    @Test(arguments: 1...5, seeds(1..<3, by: 10))
    func anyBatchFromAnyPositionGivesTheSameEvents(_ limit: Int, _ seed: UInt64) {
        let scenario = Scenario.random(seed, rows: 60)
        let feed = Self.feed(scenario.feed.rows, instruments: [0, 2])
        let whole = Self.all(feed)
        for (index, event) in whole.enumerated() {
            #expect(
                Self.all(feed, after: event.position, limit: limit)
                    == Array(whole.dropFirst(index + 1)))
        }
        #expect(Self.all(feed, limit: limit) == whole)
    }

    @Test func theEndIsTold() {
        var events: [SessionEvent] = []
        let feed = Self.feed()
        #expect(feed.pull(after: .start, limit: 100, into: &events) == .events)
        #expect(feed.pull(after: EventPosition(step: 5, index: 0), limit: 1, into: &events) == .end)
    }

    @Test func aBadRowFailsTheSession() {
        var events: [SessionEvent] = []
        guard case .failed = Self.feed(badRow: 2).pull(after: .start, limit: 100, into: &events)
        else {
            Issue.record("a bad row was passed over")
            return
        }
    }

    /// One decision step at a time: market events, then the step's fills, then the next step.
    @Test func whoReadsAccountsIsFedStepByStep() {
        let journal = AccountJournal()
        let feed = Self.feed(readsAccount: true, journal: journal)
        var events: [SessionEvent] = []
        let first = EventPosition(step: 1, index: 0)
        #expect(feed.pull(after: .start, limit: 9, into: &events) == .events)
        #expect(events.map(\.position) == [first])
        #expect(
            feed.pull(after: first, limit: 9, into: &events) == .wait,
            "the step's fills are not known")
        let filled = EventPosition(step: 1, index: EventPosition.firstAccountIndex)
        journal.add(Self.update(100), of: AccountID(0), at: filled)
        journal.add(Self.update(7), of: AccountID(1), at: EventPosition(filled.value + 1))
        journal.add(Self.update(9, of: 2), of: AccountID(0), at: EventPosition(filled.value + 2))
        journal.publish(1)
        events = []
        #expect(feed.pull(after: first, limit: 9, into: &events) == .events)
        #expect(events.map(\.position) == [filled], "its own account and instruments only")
        #expect(feed.pull(after: filled, limit: 9, into: &events) == .wait, "step 1 is not decided")
        journal.decide(1)
        events = []
        #expect(
            feed.pull(after: filled, limit: 9, into: &events) == .wait,
            "step 2 is another's and not decided")
        journal.decide(2)
        #expect(feed.pull(after: filled, limit: 9, into: &events) == .events)
        #expect(events.map(\.position.step) == [3])
        events = []
        #expect(feed.pull(after: .start, limit: 2, into: &events) == .events)
        #expect(events.map(\.position) == [first, filled], "fed again, fills included")
    }

    /// One that lived on, beyond all there is, and then died before it got an event.
    @Test func aFreshServerBehindOneThatLivedOnGetsEverything() {
        let journal = AccountJournal()
        let feed = Self.feed(readsAccount: true, journal: journal)
        for step in 1...4 as ClosedRange<UInt64> { journal.decide(step) }
        var events: [SessionEvent] = []
        #expect(feed.pull(after: .endOfStep(5), limit: 9, into: &events) == .wait)
        #expect(feed.pull(after: .start, limit: 9, into: &events) == .events)
        #expect(events.first?.position == EventPosition(step: 1, index: 0))
    }

    @Test func theSessionIsWokenByTheJournalAndOnlyTheNewestConnection() {
        let journal = AccountJournal()
        let feed = Self.feed(readsAccount: true, journal: journal)
        let old = Counter()
        let new = Counter()
        feed.onMore { _ = old.next() }
        feed.onMore { _ = new.next() }
        journal.publish(1)
        #expect(new.next() == 1, "nobody waits yet")
        var events: [SessionEvent] = []
        #expect(feed.pull(after: .start, limit: 9, into: &events) == .events)
        #expect(
            feed.pull(after: EventPosition(step: 1, index: 0), limit: 9, into: &events) == .wait)
        journal.decide(1)
        #expect(new.next() == 3, "it was woken once")
        journal.publish(2)
        #expect(old.next() == 1 && new.next() == 4, "it has not said since that it waits")
    }

    /// Waking costs the same however often it was done: hundreds of thousands of times in one run.
    @Test func wakingDoesNotGrow() {
        let count: UInt64 = 20_000
        let journal = AccountJournal()
        let rows = (1...Int64(count)).map { MarketInput.tick(.at($0, 100)) }
        let feed = Self.feed(rows, readsAccount: true, journal: journal)
        let woken = Counter()
        feed.onMore { _ = woken.next() }
        var events: [SessionEvent] = []
        var step: UInt64 = 0
        while true {
            let said = feed.pull(
                after: events.last?.position ?? .start, limit: 100, into: &events)
            if said == .end { break }
            guard said == .wait else { continue }
            step += 1
            journal.decide(step)
        }
        #expect(woken.next() > Int(count))
    }

    /// A wake costs the session's thread and the loop's: there is none for who has enough to do.
    @Test func whoDoesNotWaitIsNotWoken() {
        let journal = AccountJournal()
        let rows = (1...20_000 as ClosedRange<Int64>).map { MarketInput.tick(.at(1, 100 + $0 % 7)) }
        let feed = Self.feed(rows, journal: journal)
        let woken = Counter()
        feed.onMore { _ = woken.next() }
        var events: [SessionEvent] = []
        #expect(feed.pull(after: .start, limit: 2_048, into: &events) == .events)
        for step in 1...16_384 as ClosedRange<UInt64> { journal.decide(step) }
        #expect(woken.next() == 1)
    }
}

@Suite struct AccountJournalTests {
    @Test func updatesAreGivenOnceTheirStepIsPublished() {
        let journal = AccountJournal()
        for step in 1...20 as ClosedRange<UInt64> {
            let at = EventPosition(step: step, index: EventPosition.firstAccountIndex)
            journal.add(ReplayFeedTests.update(Int64(step)), of: AccountID(Int(step % 2)), at: at)
            #expect(journal.updates(of: AccountID(0), after: .start, through: step) == nil)
            journal.publish(step)
            let given = journal.updates(of: AccountID(0), after: .start, through: step)
            #expect(given?.map(\.0.step) == (1...step).filter { $0 % 2 == 0 })
            journal.decide(step)
        }
        let after = EventPosition.endOfStep(7)
        #expect(
            journal.updates(of: AccountID(0), after: after, through: 12)?.map(\.0.step) == [
                8, 10, 12,
            ])
        #expect(journal.updates(of: AccountID(5), after: .start, through: 20)?.isEmpty == true)
        #expect(journal.decided == 20)
    }

    @Test func whoRunsAheadIsWokenNowAndThen() {
        let journal = AccountJournal()
        let eager = Counter()
        let lazy = Counter()
        journal.onProgress(eager: true) { _ = eager.next() }
        journal.onProgress(eager: false) { _ = lazy.next() }
        for step in 1...8_192 as ClosedRange<UInt64> { journal.decide(step) }
        #expect(eager.next() == 8_193 && lazy.next() == 3)
    }
}
