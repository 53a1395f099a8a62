import TestKit
import Testing
import TradingModel

@testable import Kernel

/// A kernel with servers as sources 0 and 1 and a table strategy as source 2, told step by step.
private final class Desk1 {
    var kernel: Kernel
    var effects = Effects()
    var step: UInt64 = 0

    init(
        _ policy: ArbiterPlan.Policy, threshold: Int64 = 0, holds: Bool = false,
        input: Attached.Input = .ticks, table: [Timestamp: StrategyResult] = [:],
        deadline: Nanoseconds? = nil, deadlines: ClassDeadlines? = nil,
        priorities: [Int] = [1, 2, 3], risk: RiskLimits = RiskLimits()
    ) {
        let sources = [
            SourcePlan(
                name: "alpha", kind: .server, priority: priorities[0], deadline: deadline,
                deadlines: deadlines),
            SourcePlan(name: "beta", kind: .server, priority: priorities[1], deadline: deadline),
            SourcePlan(name: "cross", kind: .builtIn, priority: priorities[2]),
        ]
        kernel = Kernel(
            .sample(
                sources: sources,
                attachments: [
                    .sample(0, input: input), .sample(1, input: input),
                    .sample(2, input: input, strategy: TableStrategy(table)),
                ],
                arbiter: ArbiterPlan(policy: policy, threshold: threshold, holdsOnConflict: holds),
                risk: risk))
        for source in 0..<2 {
            kernel.setLive(true, SourceID(source), at: .start, now: .zero, into: &effects)
        }
    }

    /// Takes a tick as the next step, at `milliseconds` of the clock.
    func tick(_ milliseconds: Int64, price: Int64 = 100) {
        step += 1
        let tick = Tick(
            instrument: InstrumentID(0), feedTime: at(milliseconds), price: .won(price),
            quantity: .shares(1))
        let event = MarketEvent(position: EventPosition(step: step, index: 0), kind: .tick(tick))
        kernel.handle(event, entry: at(milliseconds), into: &effects)
    }
    func candle(_ seconds: Int64) {
        step += 1
        let event = MarketEvent(
            position: EventPosition(step: step, index: 0), kind: .candle(.at(seconds, 100)))
        kernel.handle(event, entry: .seconds(seconds + 60), into: &effects)
    }
    func hear(
        _ source: Int, _ result: StrategyResult, entry: Int64, arrival: Int64? = nil,
        of: UInt64? = nil, kind: EventClass = .ticks
    ) {
        let result = ServerResult(
            source: SourceID(source), position: EventPosition(step: of ?? step, index: 0),
            instrument: InstrumentID(0), index: 0, result: result, entryTime: at(entry),
            arrivalTime: at(arrival ?? entry))
        kernel.handle(result, of: kind, now: at(arrival ?? entry), into: &effects)
    }
    func cover(_ source: Int, _ milliseconds: Int64) {
        kernel.cover(
            SourceID(source), through: .endOfStep(step), now: at(milliseconds), into: &effects)
    }
    func advance(_ milliseconds: Int64) {
        kernel.advance(to: at(milliseconds), at: .endOfStep(step), into: &effects)
    }
    private func at(_ milliseconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: milliseconds * 1_000_000)
    }

    var ended: [String] {
        effects.facts.parts.compactMap { fact in
            guard case .voteEnded(let key, let status, _) = fact else { return nil }
            return "\(key.source.index) \(status.name)"
        }
    }
    var told: [SignalStatus] {
        effects.facts.parts.compactMap {
            if case .signal(_, let status) = $0 { status } else { nil }
        }
    }
    var closed: [RoundOutcome] {
        effects.facts.parts.compactMap {
            if case .roundClosed(_, let outcome) = $0 { outcome } else { nil }
        }
    }
}

private let buy = StrategyResult(.buy)
private let sell = StrategyResult(.sell)

@Suite struct RoundTests {
    @Test func aRoundClosesWhenEveryLiveServerCoversIt() {
        let desk = Desk1(.confidenceWeighted)
        desk.tick(0)
        desk.hear(0, buy, entry: 0, arrival: 5)
        desk.cover(0, 6)
        #expect(desk.closed.isEmpty, "beta still owes its word")
        desk.cover(1, 7)
        #expect(desk.closed.count == 1)
        #expect(desk.ended == ["0 used"])
        #expect(desk.effects.orders.map(\.quantity) == [.shares(10)])
    }

    @Test func aRoundClosesAtItsDeadlineAndTheSlowAreLeftOut() {
        let desk = Desk1(.confidenceWeighted)
        desk.tick(0)
        desk.hear(0, buy, entry: 0)
        #expect(desk.kernel.nextDeadline == Timestamp(nanoseconds: 200_000_000))
        desk.advance(199)
        #expect(desk.closed.isEmpty)
        desk.advance(200)
        #expect(desk.closed.count == 1 && desk.kernel.nextDeadline == nil)
    }

    @Test func aServerThatIsNotLiveAbstains() {
        let desk = Desk1(.confidenceWeighted)
        desk.tick(0)
        desk.hear(0, buy, entry: 0)
        desk.cover(0, 1)
        desk.kernel.setLive(
            false, SourceID(1), at: .endOfStep(desk.step), now: .zero, into: &desk.effects)
        #expect(desk.closed.count == 1)
    }

    @Test func aRoundNobodyIsWaitedForClosesWhenAsked() {
        let desk = Desk1(.confidenceWeighted, table: [.zero: buy])
        for source in 0..<2 {
            desk.kernel.setLive(
                false, SourceID(source), at: .start, now: .zero, into: &desk.effects)
        }
        desk.tick(0)
        #expect(desk.closed.isEmpty)
        desk.kernel.closeCoveredRounds(at: .endOfStep(1), now: .zero, into: &desk.effects)
        #expect(desk.closed.count == 1)
    }

    @Test func priorityWaitsOnlyForThoseHeardBefore() {
        let desk = Desk1(.priority)
        desk.tick(0)
        desk.hear(0, buy, entry: 0)
        desk.cover(0, 1)
        #expect(desk.ended == ["0 used"], "alpha is first; beta need not be waited for")
        let second = Desk1(.priority)
        second.tick(0)
        second.hear(1, buy, entry: 0)
        second.cover(1, 1)
        #expect(second.closed.isEmpty)
        second.cover(0, 2)
        #expect(second.ended == ["1 used"])
    }

    @Test func anExpiredVoteOfHighPriorityIsNotWhatPriorityWaitsBy() {
        let desk = Desk1(.priority, priorities: [1, 2, 3])
        desk.tick(0)
        desk.hear(0, StrategyResult(.buy, validity: .duration(.milliseconds(50))), entry: 0)
        desk.tick(60)
        desk.hear(1, sell, entry: 60)
        desk.cover(1, 61)
        #expect(desk.closed.isEmpty, "alpha's vote has expired and it may still say something")
        desk.cover(0, 62)
        #expect(desk.ended == ["0 expired", "1 not_approved"])
    }

    @Test func firstActsAtOnce() {
        let desk = Desk1(.first)
        desk.tick(0)
        desk.hear(1, buy, entry: 0)
        #expect(desk.ended == ["1 used"] && desk.effects.orders.count == 1)
        desk.hear(0, sell, entry: 0)
        #expect(desk.ended == ["1 used", "0 not_approved"])
    }

    @Test func theWinnersAreUsedAndTheOthersOutvoted() {
        let desk = Desk1(.confidenceWeighted, table: [.zero: buy])
        desk.tick(0)
        desk.hear(0, buy, entry: 0)
        desk.hear(1, StrategyResult(.sell, confidence: .of(900_000)), entry: 0)
        desk.kernel.endStep(at: .endOfStep(1), now: .zero, into: &desk.effects)
        #expect(desk.ended == ["0 used", "1 outvoted", "2 used"])
        #expect(desk.closed.map(\.conflict) == [true])
        #expect(desk.effects.orders.count == 1)
        #expect(desk.kernel.openRounds.isEmpty && desk.kernel.desks[0].votes.isEmpty)
    }

    @Test func conflictMayHoldTheRoundAndTheVotesStand() {
        let desk = Desk1(.confidenceWeighted, holds: true)
        desk.tick(0)
        desk.hear(0, buy, entry: 0)
        desk.hear(1, StrategyResult(.sell, confidence: .of(1)), entry: 0)
        desk.kernel.endStep(at: .endOfStep(1), now: .zero, into: &desk.effects)
        #expect(desk.closed.map(\.conflict) == [true] && desk.closed.map(\.side) == [nil])
        #expect(desk.ended.isEmpty && desk.kernel.desks[0].votes.count == 2)
        desk.hear(1, buy, entry: 0)
        desk.kernel.endStep(at: .endOfStep(1), now: .zero, into: &desk.effects)
        #expect(desk.ended == ["1 replaced", "0 used", "1 used"])
    }

    @Test func aVetoEndsTheVotes() {
        let desk = Desk1(.veto)
        desk.tick(0)
        desk.hear(0, buy, entry: 0)
        desk.hear(1, StrategyResult(.sell, confidence: .of(1)), entry: 0)
        desk.kernel.endStep(at: .endOfStep(1), now: .zero, into: &desk.effects)
        #expect(desk.ended == ["0 vetoed", "1 vetoed"] && desk.effects.orders.isEmpty)
    }

    @Test func whatRiskOrSizeDropsIsNotApproved() {
        let desk = Desk1(.first, risk: RiskLimits(orderValue: .won(999)))
        desk.tick(0)
        desk.hear(0, buy, entry: 0)
        desk.hear(1, sell, entry: 0)
        #expect(desk.ended == ["0 not_approved", "1 not_approved"])
        let rules = desk.effects.facts.parts.compactMap {
            if case .risk(let decision) = $0 { decision.rule } else { nil }
        }
        #expect(rules == ["order_value", "sizing"])
        #expect(desk.kernel.order(OrderNumber(1)) == nil)
    }

    @Test func whatComesAfterItsDeadlineIsLate() {
        let desk = Desk1(.first, deadline: .milliseconds(50))
        desk.tick(0)
        desk.hear(0, buy, entry: 0, arrival: 51)
        desk.hear(0, buy, entry: 0, arrival: 50)
        #expect(desk.told == [.late, .pending])
    }

    /// A model may think longer at a candle's close than at a tick.
    @Test func aKindOfEventMayHaveADeadlineOfItsOwn() {
        let desk = Desk1(
            .first, deadline: .milliseconds(50),
            deadlines: ClassDeadlines(candles: .milliseconds(2_000), timers: .milliseconds(10)))
        var source = desk.kernel.plan.sources[0]
        #expect(source.longestDeadline == .milliseconds(2_000))
        desk.tick(0)
        let cases: [(EventClass, arrival: Int64)] = [
            (.candles, 2_001), (.timers, 11), (.fills, 51), (.ticks, 51), (.candles, 2_000),
        ]
        for (kind, arrival) in cases {
            desk.hear(0, buy, entry: 0, arrival: arrival, kind: kind)
        }
        #expect(desk.told == [.late, .late, .late, .late, .pending])
        source.deadline = nil
        #expect(source.deadline(of: .timers) == nil, "as fast as possible nothing is late")
        #expect(source.longestDeadline == nil)
    }

    @Test func anAlertIsNoVote() {
        let desk = Desk1(.first)
        desk.tick(0)
        desk.hear(0, StrategyResult(.alert), entry: 0)
        #expect(desk.told == [.alert] && desk.closed.isEmpty)
    }
}

@Suite struct ValidityTests {
    /// An expiry at the instant of the close comes first.
    @Test(
        arguments: [(199, ["0 expired"]), (200, ["0 expired"]), (201, ["0 used"])]
            as [(Int64, [String])])
    func aDurationRunsFromTheEntryOfTheEvent(_ milliseconds: Int64, _ ended: [String]) {
        let desk = Desk1(.confidenceWeighted)
        desk.tick(0)
        desk.hear(
            0, StrategyResult(.buy, validity: .duration(.milliseconds(milliseconds))), entry: 0)
        desk.advance(200)
        #expect(desk.ended == ended)
    }

    @Test func sixtySecondsWhereNoCandleEndsIt() {
        let desk = Desk1(.confidenceWeighted, threshold: 1_000_000)
        desk.tick(0)
        desk.hear(0, StrategyResult(.buy, confidence: .of(5)), entry: 0)
        desk.advance(200)
        #expect(desk.ended.isEmpty)
        desk.tick(59_900)
        desk.hear(1, StrategyResult(.buy, confidence: .of(5)), entry: 59_900)
        desk.advance(60_100)
        #expect(desk.ended == ["0 expired"])
    }

    @Test func theNextCandleOfItsInputEndsIt() {
        let desk = Desk1(.confidenceWeighted, threshold: 1_000_000, input: .candles(.minute))
        desk.candle(0)
        desk.hear(0, StrategyResult(.buy, confidence: .of(5)), entry: 60_000)
        desk.kernel.endStep(at: .endOfStep(1), now: .seconds(60), into: &desk.effects)
        desk.step += 1
        let longer = MarketEvent(
            position: EventPosition(step: desk.step, index: 0),
            kind: .candle(.at(0, 100, interval: .seconds(300))))
        desk.kernel.handle(longer, entry: .seconds(300), into: &desk.effects)
        #expect(desk.ended.isEmpty, "a candle of another interval ends nothing")
        desk.candle(60)
        #expect(desk.ended == ["0 expired"])
    }

    @Test func aResultThatComesBehindTheNextCandleHasExpired() {
        let desk = Desk1(.first, input: .candles(.minute))
        desk.candle(0)
        desk.candle(60)
        desk.hear(0, buy, entry: 60_000, arrival: 120_000, of: 1)
        #expect(desk.told == [.expired] && desk.effects.orders.isEmpty)
        desk.hear(0, buy, entry: 120_000, of: 2)
        #expect(desk.told == [.expired, .pending])
    }

    @Test func arrivedExpiredIsRecordedAndNotHeard() {
        let desk = Desk1(.first)
        desk.tick(0)
        let short = StrategyResult(.buy, validity: .duration(.milliseconds(10)))
        desk.hear(0, short, entry: 0, arrival: 10)
        #expect(desk.told == [.expired] && desk.closed.isEmpty)
    }

    @Test func aRestartEndsVotesAndRounds() {
        let desk = Desk1(.confidenceWeighted)
        desk.tick(0)
        desk.hear(0, buy, entry: 0)
        desk.kernel.expireAll(at: .endOfStep(1), into: &desk.effects)
        #expect(desk.ended == ["0 expired"])
        #expect(desk.closed.map(\.side) == [nil] && desk.kernel.nextDeadline == nil)
        #expect(desk.effects.orders.isEmpty)
    }
}
