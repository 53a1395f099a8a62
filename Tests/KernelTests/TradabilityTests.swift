import TestKit
import Testing
import TradingModel

@testable import Kernel

/// Nothing is bought where it does not trade, beyond the day's limits, or by an old price.
@Suite struct TradabilityTests {
    private static let one = InstrumentID(0)

    private static func holder(
        priceAge: Nanoseconds? = nil, instruments: Int = 2, exits: Bool = true
    ) -> ExitHolder {
        var terms = KernelPlan.sample(
            instruments: instruments, cash: .won(100_000_000),
            sources: [SourcePlan(name: "far", kind: .server)],
            attachments: (0..<instruments).map { .sample(0, instrument: $0, adds: true) },
            arbiter: ArbiterPlan(policy: .first))
        if exits {
            terms.exits.plans = [.threeTier]
            terms.exits.general = .plan(0)
        }
        terms.risk.priceAge = priceAge
        return ExitHolder(terms)
    }

    /// Rules by which buys were refused since the last question.
    private static func refusals(_ holder: inout ExitHolder) -> [String] {
        defer { holder.effects.removeAll() }
        return holder.effects.facts.parts.compactMap { fact in
            if case .risk(let decision) = fact, !decision.approved { decision.rule } else { nil }
        }
    }

    @Test(arguments: [true, false])
    func nothingIsBoughtOfWhatIsHalted(_ exits: Bool) {
        var holder = Self.holder(exits: exits)
        holder.kernel.halt(Self.one, true, into: &holder.effects)
        let isHalted = holder.kernel.isHalted(Self.one)
        #expect(isHalted)
        holder.order()
        let count = holder.effects.orders.count
        #expect(count == 0)
        #expect(Self.refusals(&holder) == ["halted"])
        holder.order(by: 0, 1)
        let others = holder.effects.orders.count
        #expect(others == 1, "another symbol")
        #expect(Self.refusals(&holder) == [])
        holder.kernel.halt(Self.one, false, into: &holder.effects)
        holder.order()
        #expect(Self.refusals(&holder) == [])
    }

    /// Whoever said so may have been wrong: the broker knows.
    @Test func whatIsHeldOfItIsSold() {
        var holder = Self.holder()
        holder.buy()
        holder.kernel.halt(Self.one, true, into: &holder.effects)
        holder.say(.sell)
        let sides = holder.effects.orders.map(\.side)
        #expect(sides == [.sell])
    }

    @Test(
        arguments: [(1_301, "price_limit"), (1_300, nil), (699, "price_limit"), (700, nil)]
            as [(Int64, String?)])
    func aBuyBeyondTheDaysLimitsIsRefused(_ limit: Int64, _ rule: String?) throws {
        var holder = Self.holder()
        holder.buy()
        try Self.limitDay(&holder, 700, 1_300)
        holder.say(.buy, limit: limit)
        #expect(Self.refusals(&holder) == (rule.map { [$0] } ?? []))
        // Whoever told them may be wrong: the broker knows what may be sold.
        holder.say(.sell, limit: limit)
        #expect(Self.refusals(&holder) == [])
    }

    private static func day(_ holder: borrowing ExitHolder) -> Int64? {
        holder.kernel.marketDay(of: one)
    }
    private static func hasLimits(_ holder: borrowing ExitHolder) -> Bool {
        holder.kernel.dayLimits(of: one) != nil
    }
    private static func limitDay(
        _ holder: inout ExitHolder, _ lower: Int64, _ upper: Int64
    ) throws {
        let today = Self.day(holder)
        let day = try #require(today)
        let limits = try #require(DayLimits(lower: .won(lower), upper: .won(upper), day: day))
        holder.kernel.limitDay(of: one, to: limits, into: &holder.effects)
        holder.effects.removeAll()
    }

    @Test func theDaysLimitsEndWithItAndWithAPriceOutside() throws {
        var holder = Self.holder()
        holder.tick(1_000)
        try Self.limitDay(&holder, 700, 1_300)
        let known1 = Self.hasLimits(holder)
        #expect(known1)
        holder.tick(1_301)
        let known2 = Self.hasLimits(holder)
        #expect(!known2, "they were never right")
        holder.tick(1_300)
        let known3 = Self.hasLimits(holder)
        #expect(known3)
        let next = Timestamp.seconds(86_400)
        holder.kernel.handle(
            Tick(instrument: Self.one, feedTime: next, price: .won(1_000), quantity: .shares(1)),
            at: EventPosition(step: 99, index: 0), entry: next, into: &holder.effects)
        let known4 = Self.hasLimits(holder)
        #expect(!known4)
    }

    /// A protected limit 3 % below the last price would be refused by the exchange.
    @Test func noExitIsOfferedBelowTheDaysLimit() throws {
        var holder = Self.holder()
        holder.buy()
        try Self.limitDay(&holder, 945, 1_300)
        holder.tick(949)
        let limit = holder.effects.orders.last?.limit
        #expect(limit == .won(945))
    }

    /// A limit off the steps would be refused in turn with the last price, on the way down.
    @Test func aFloorIsOnTheStepsOfTheExchange() throws {
        var holder = Self.holder()
        holder.buy()
        let today = Self.day(holder)
        let day = try #require(today)
        let odd = try #require(
            DayLimits(lower: Price(units: 94_450_000_000), upper: .won(1_300), day: day))
        holder.kernel.limitDay(of: Self.one, to: odd, into: &holder.effects)
        holder.effects.removeAll()
        holder.tick(949)
        let limit = holder.effects.orders.last?.limit
        #expect(limit == .won(945))
    }

    /// The price in a candle is outside of them, so they were never right: the stop sells at what there is.
    @Test func limitsThatACandleProvesWrongKeepNoStop() throws {
        var holder = Self.holder()
        holder.kernel.candlePath = .lowFirst
        let minute = try #require(Interval("1m"))
        func candle(_ start: Int64, _ open: Int64, _ low: Int64) -> Candle {
            Candle(
                instrument: Self.one, interval: minute, openTime: .seconds(start),
                open: .won(open), high: .won(open), low: .won(low), close: .won(open),
                volume: .zero)
        }
        holder.kernel.handle(
            MarketEvent(
                position: EventPosition(step: 1, index: 0), kind: .candle(candle(0, 1_000, 1_000))),
            entry: .seconds(60), into: &holder.effects)
        holder.hear(.buy)
        let bought = holder.effects.orders.last
        holder.fill(try #require(bought), .shares(10), at: 1_000)
        try Self.limitDay(&holder, 999, 1_300)
        let begun = holder.kernel.walk(candle(60, 940, 930), into: &holder.effects)
        var walk = try #require(begun)
        while holder.kernel.next(&walk) != nil {
            holder.kernel.meet(
                &walk, at: .endOfStep(holder.step), now: .seconds(120), into: &holder.effects)
        }
        let sold = holder.effects.orders.last?.limit
        #expect(try #require(sold) < .won(940))
    }

    @Test func aSplitForgetsTheDaysLimits() throws {
        var holder = Self.holder()
        holder.tick(1_000)
        try Self.limitDay(&holder, 700, 1_300)
        holder.kernel.split(Self.one, new: 2, old: 1, into: &holder.effects)
        let known5 = Self.hasLimits(holder)
        #expect(!known5)
    }

    /// The last price is scaled, or has been of behind the split already: twice too much would be bought, or half.
    @Test func nothingIsBoughtByTheScaledPriceOfASplit() {
        var holder = Self.holder()
        holder.buy()
        holder.kernel.split(Self.one, new: 2, old: 1, into: &holder.effects)
        holder.effects.removeAll()
        holder.hear(.buy)
        #expect(Self.refusals(&holder) == ["price"])
        holder.tick(500)
        #expect(Self.refusals(&holder) == [])
        holder.hear(.buy)
        #expect(Self.refusals(&holder) == [])
    }

    /// On recorded candles the first close is the first price.
    @Test func aCandleIsAPriceBehindASplitToo() throws {
        var holder = Self.holder()
        holder.buy()
        holder.kernel.split(Self.one, new: 2, old: 1, into: &holder.effects)
        holder.effects.removeAll()
        let candle = Candle(
            instrument: Self.one, interval: try #require(Interval("1m")), openTime: .seconds(60),
            open: .won(500), high: .won(500), low: .won(500), close: .won(500), volume: .zero)
        holder.kernel.handle(
            MarketEvent(position: EventPosition(step: 9, index: 0), kind: .candle(candle)),
            entry: .seconds(120), into: &holder.effects)
        holder.hear(.buy)
        #expect(Self.refusals(&holder) == [])
    }

    /// By the market's time: the other symbol's prints say how late it is.
    @Test(arguments: [(60, [] as [String]), (61, ["price_age"])])
    func anOldPriceBuysNothing(_ age: Int, _ rules: [String]) {
        var holder = Self.holder(priceAge: .seconds(60))
        holder.tick(1_000)
        for _ in 0..<age { holder.tick(1_000, 1) }
        holder.hear(.buy)
        #expect(Self.refusals(&holder) == rules)
    }

    /// Stamped ahead, nobody knows how old it is.
    @Test func aPriceThatIsStampedAheadBuysNothing() {
        var holder = Self.holder(priceAge: .seconds(60))
        let ahead = Timestamp.seconds(86_400)
        holder.kernel.handle(
            Tick(instrument: Self.one, feedTime: ahead, price: .won(1_000), quantity: .shares(1)),
            at: EventPosition(step: 1, index: 0), entry: ahead, into: &holder.effects)
        for _ in 0..<3 { holder.tick(1_000, 1) }
        holder.hear(.buy)
        #expect(Self.refusals(&holder) == ["price_age"])
    }

    /// An hour's candle closes on the last tick in it, which may be as old.
    @Test(arguments: [true, false])
    func aCandleOfTicksMakesNoPriceYounger(_ hasTick: Bool) throws {
        var holder = Self.holder(priceAge: .seconds(60))
        if hasTick { holder.tick(1_000) }
        let hour = try #require(Interval("1h"))
        holder.kernel.handle(
            MarketEvent(
                position: EventPosition(step: 9, index: 0),
                kind: .candle(
                    Candle(
                        instrument: Self.one, interval: hour, openTime: .seconds(0),
                        open: .won(1_000), high: .won(1_000),
                        low: .won(1_000), close: .won(1_000), volume: .zero, isFinal: true))),
            entry: .seconds(3_600), into: &holder.effects)
        holder.effects.removeAll()
        holder.hear(.buy)
        #expect(Self.refusals(&holder) == (hasTick ? ["price_age"] : []))
    }

    /// Who comes back from the log knows the same prices' times, and the same of what trades.
    @Test func recoveryKnowsWhatIsToldAndHowOldPricesAre() throws {
        var live = Self.holder(priceAge: .seconds(5))
        var recovered = Self.holder(priceAge: .seconds(5))
        let untold = live.kernel.stateHash()
        for step in 1...7 {
            live.tick(Int64(1_000 + step), step % 3 == 0 ? 1 : 0)
            let time = Timestamp.seconds(Int64(step))
            recovered.kernel.observe(
                MarketEvent(
                    position: EventPosition(step: UInt64(step), index: 0),
                    kind: .tick(
                        Tick(
                            instrument: InstrumentID(step % 3 == 0 ? 1 : 0), feedTime: time,
                            price: .won(Int64(1_000 + step)), quantity: .shares(1)))))
        }
        live.kernel.halt(InstrumentID(1), true, into: &live.effects)
        let today = Self.day(live)
        let day = try #require(today)
        live.kernel.limitDay(
            of: Self.one, to: DayLimits(lower: .won(1), upper: .won(9_999), day: day),
            into: &live.effects)
        let before = recovered.kernel.stateHash()
        for fact in live.effects.facts { recovered.kernel.apply(fact) }
        let (after, known) = (live.kernel.stateHash(), recovered.kernel.stateHash())
        #expect(known == after)
        #expect(before != after && before != untold)
    }

    /// Where nothing asks for them the state's hash has them not: logs of before go on as they were.
    @Test func timesOfPricesThatNobodyAsksForAreNoState() {
        var early = Self.holder()
        var late = Self.holder()
        for (holder, time) in [(0, 1), (1, 2)] {
            let tick = Tick(
                instrument: Self.one, feedTime: .seconds(Int64(time)), price: .won(1_000),
                quantity: .shares(1))
            let event = MarketEvent(position: EventPosition(step: 1, index: 0), kind: .tick(tick))
            if holder == 0 { early.kernel.observe(event) } else { late.kernel.observe(event) }
        }
        let (first, second) = (early.kernel.stateHash(), late.kernel.stateHash())
        #expect(first == second)
    }
}
