import TestKit
import Testing
import TradingModel

@testable import Kernel

private func view(
    killed: KillScope? = nil, cash: Money = .won(1_000_000), equity: Money? = .won(1_000_000),
    dayStart: Money = .won(1_000_000), held: Int64 = 0, buys: Int64 = 0, sells: Int64 = 0,
    others: Int = 0, last: Price? = .won(100)
) -> RiskGate.View {
    RiskGate.View(
        killed: killed, freeCash: cash, equity: equity, equityAtDayStart: dayStart,
        held: .shares(held), workingBuys: .shares(buys), workingSells: .shares(sells),
        otherSymbols: others, last: last)
}

private func order(_ side: Side = .buy, _ quantity: Quantity, limit: Price? = nil) -> Order {
    Order(
        number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(0), side: side,
        quantity: quantity, limit: limit)
}

private func rule(_ limits: RiskLimits, _ order: Order, _ view: RiskGate.View) -> String? {
    RiskGate(limits).refusal(of: order, view)?.rule
}

@Suite struct RiskGateTests {
    static let one = Quantity(units: 1)

    @Test func withoutLimitsASaneOrderPasses() {
        #expect(rule(RiskLimits(), order(.buy, .shares(10)), view()) == nil)
        #expect(rule(RiskLimits(), order(.buy, .zero), view()) == "quantity")
        #expect(rule(RiskLimits(), order(.sell, Quantity(units: -1)), view(held: 5)) == "quantity")
        #expect(rule(RiskLimits(), order(.buy, .shares(1)), view(last: nil)) == "price")
        #expect(rule(RiskLimits(), order(.buy, .shares(1)), view(last: .zero)) == "price")
    }

    @Test func marketOnlyTakesNoLimitOrders() {
        var limits = RiskLimits()
        limits.state = .marketOnly
        for side in [Side.buy, .sell] {
            #expect(rule(limits, order(side, .shares(1)), view(held: 5)) == nil)
            #expect(
                rule(limits, order(side, .shares(1), limit: .won(100)), view(held: 5)) == "state")
        }
    }

    /// At the limit it passes, one unit beyond it does not.
    @Test func orderValueEndsAtItsLimit() {
        let limits = RiskLimits(orderValue: .won(1_000))
        #expect(rule(limits, order(.buy, .shares(10)), view()) == nil)
        #expect(rule(limits, order(.buy, Quantity(units: 1_000_000_001)), view()) == "order_value")
        #expect(
            rule(limits, order(.buy, .shares(10), limit: Price(units: 10_000_000_001)), view())
                == "order_value")
    }

    @Test func symbolValueCountsWhatIsHeldAndWhatIsBeingBought() {
        let limits = RiskLimits(symbolValue: .won(1_000))
        let account = view(held: 3, buys: 4)
        #expect(rule(limits, order(.buy, .shares(3)), account) == nil)
        #expect(rule(limits, order(.buy, Quantity(units: 300_000_001)), account) == "symbol_value")
    }

    @Test func symbolsCountOthersUnlessThisOneIsHeld() {
        let limits = RiskLimits(symbols: 2)
        #expect(rule(limits, order(.buy, .shares(1)), view(others: 1)) == nil)
        #expect(rule(limits, order(.buy, .shares(1)), view(others: 2)) == "symbols")
        #expect(rule(limits, order(.buy, .shares(1)), view(held: 1, others: 2)) == nil)
        #expect(rule(limits, order(.buy, .shares(1)), view(buys: 1, others: 2)) == nil)
    }

    @Test func symbolWeightIsExact() {
        let limits = RiskLimits(symbolWeight: 200_000)
        let account = view(equity: .won(5_000), dayStart: .won(5_000))
        #expect(rule(limits, order(.buy, .shares(10)), account) == nil)
        #expect(
            rule(limits, order(.buy, Quantity(units: 1_000_000_001)), account) == "symbol_weight")
        let poorer = view(equity: Money(units: Money.won(5_000).units - 1), dayStart: .won(5_000))
        #expect(rule(limits, order(.buy, .shares(10)), poorer) == "symbol_weight")
    }

    @Test func theDaysValueCountsWhatWasBoughtAndWhatWorks() {
        var limits = RiskLimits()
        limits.dayValue = .won(1_000)
        var account = view()
        account.boughtToday = .won(400)
        account.reserved = .won(100)
        #expect(rule(limits, order(.buy, .shares(5)), account) == nil)
        #expect(rule(limits, order(.buy, Quantity(units: 500_000_001)), account) == "day_value")
        account.held = .shares(9)
        #expect(rule(limits, order(.sell, .shares(9)), account) == nil)
    }

    @Test func theDrawdownIsMeasuredFromTheBestDaysStart() {
        var limits = RiskLimits()
        limits.drawdown = 100_000
        var account = view(equity: .won(900_000), dayStart: .won(900_000), held: 3)
        account.peak = .won(1_000_000)
        #expect(rule(limits, order(.buy, .shares(1)), account) == nil)
        account.equity = Money(units: Money.won(900_000).units - 1)
        #expect(rule(limits, order(.buy, .shares(1)), account) == "drawdown")
        #expect(rule(limits, order(.sell, .shares(3)), account) == nil)
    }

    @Test func aStateHoldsBackBuysAndAHaltEverything() {
        var limits = RiskLimits()
        let account = view(held: 5)
        for (state, buy, sell) in [
            (TradingState.normal, nil, nil), (.reducing, "state", nil), (.halted, "state", "state"),
        ] {
            limits.state = state
            #expect(rule(limits, order(.buy, .shares(1)), account) == buy)
            #expect(rule(limits, order(.sell, .shares(1)), account) == sell)
        }
    }

    @Test func pastOrdersHoldBackTheNext() {
        var limits = RiskLimits()
        limits.ordersPerMinute = 3
        limits.duplicateWithin = .seconds(10)
        limits.coolDown = .seconds(20)
        limits.confidence = 700_000
        var account = view(held: 5)
        (account.confidence, account.recentBuys) = (700_000, 2)
        (account.twinAge, account.failureAge) = (.seconds(10), .seconds(20))
        #expect(rule(limits, order(.buy, .shares(1)), account) == nil)
        let wrong: [(String, WritableKeyPath<RiskGate.View, Nanoseconds?>, Int64)] = [
            ("duplicate_within", \.twinAge, 9), ("cool_down", \.failureAge, 19),
            // A clock that was ahead: not old enough.
            ("duplicate_within", \.twinAge, -5),
        ]
        for (name, path, age) in wrong {
            var other = account
            other[keyPath: path] = .seconds(age)
            #expect(rule(limits, order(.buy, .shares(1)), other) == name)
            #expect(rule(limits, order(.sell, .shares(1)), other) == nil)
        }
        account.recentBuys = 3
        #expect(rule(limits, order(.buy, .shares(1)), account) == "orders_per_minute")
        #expect(rule(limits, order(.sell, .shares(1)), account) == nil)
        account.confidence = 699_999
        #expect(rule(limits, order(.buy, .shares(1)), account) == "confidence")
        // An exit has no vote: it is no buy either, and is not asked.
        account.confidence = nil
        account.recentBuys = 0
        #expect(rule(limits, order(.buy, .shares(1)), account) == nil)
    }

    /// Its own stand before those of all, key by key.
    @Test func anAccountsOwnLimitsStandFirst() {
        var all = RiskLimits(orderValue: .won(1_000), symbols: 5)
        all.state = .reducing
        var own = RiskLimits(orderValue: .won(9_000))
        own.coolDown = .seconds(7)
        let both = own.over(all)
        #expect(both.orderValue == .won(9_000) && both.symbols == 5)
        #expect(both.state == .reducing && both.coolDown == .seconds(7))
        #expect(RiskLimits().over(all) == all && all.over(RiskLimits()) == all)
    }

    @Test func theDaysLossIsMeasuredFromItsStart() {
        let limits = RiskLimits(dayLoss: 20_000)
        #expect(rule(limits, order(.buy, .shares(1)), view(equity: .won(980_000))) == nil)
        let beyond = view(equity: Money(units: Money.won(980_000).units - 1))
        #expect(rule(limits, order(.buy, .shares(1)), beyond) == "day_loss")
    }

    @Test func cashEndsAtWhatIsFree() {
        #expect(rule(RiskLimits(), order(.buy, .shares(10)), view(cash: .won(1_000))) == nil)
        let short = view(cash: Money(units: Money.won(1_000).units - 1))
        #expect(rule(RiskLimits(), order(.buy, .shares(10)), short) == "cash")
    }

    @Test func theBandHoldsBothSidesOfALimitPrice() {
        let limits = RiskLimits(priceBand: 50_000)
        let account = view(held: 10)
        for side in [Side.buy, .sell] {
            for price in [Price.won(105), .won(95)] {
                #expect(rule(limits, order(side, .shares(1), limit: price), account) == nil)
            }
            for units in [Price.won(105).units + 1, Price.won(95).units - 1] {
                #expect(
                    rule(limits, order(side, .shares(1), limit: Price(units: units)), account)
                        == "price_band")
            }
            #expect(
                rule(RiskLimits(), order(side, .shares(1), limit: .zero), account) == "price_band")
            #expect(
                rule(RiskLimits(), order(side, .shares(1), limit: .won(-1)), account)
                    == "price_band")
        }
    }

    /// What sells reduces exposure: neither the kill switch nor a limit of exposure or loss stops it.
    @Test func aSaleIsStoppedByHoldingsAlone() {
        let limits = RiskLimits(
            orderValue: .zero, symbolValue: .zero, symbolWeight: 0, symbols: 0, dayLoss: 0)
        let account = view(
            killed: .all, cash: .won(-5), equity: nil, held: 10, sells: 4, others: 9)
        #expect(rule(limits, order(.sell, .shares(6)), account) == nil)
        #expect(rule(limits, order(.sell, Quantity(units: 600_000_001)), account) == "holdings")
        #expect(rule(limits, order(.buy, .shares(1)), account) == "kill")
    }

    @Test func killStopsEveryBuy() {
        #expect(rule(RiskLimits(), order(.buy, Self.one), view(killed: .all)) == "kill")
    }

    /// Nothing traps at the ends of the ranges; what cannot be judged is refused.
    @Test func theEndsOfTheRangesAreRefusedNotTrapped() {
        let all = RiskLimits(
            orderValue: Money(units: .max), symbolValue: Money(units: .max), symbolWeight: .max,
            symbols: .max, priceBand: .max, dayLoss: .max)
        let amounts: [Int128] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
        for quantity in [1, Int64.max / 2, .max] {
            for last in [1, Int64.max] {
                for amount in amounts {
                    for start in amounts {
                        let account = RiskGate.View(
                            killed: nil, freeCash: Money(units: amount),
                            equity: Money(units: amount), equityAtDayStart: Money(units: start),
                            held: Quantity(units: quantity / 2),
                            workingBuys: Quantity(units: .max / 2),
                            workingSells: .zero, otherSymbols: 0, last: Price(units: last))
                        let asked = order(
                            .buy, Quantity(units: quantity), limit: Price(units: .max))
                        #expect(RiskGate(all).refusal(of: asked, account) != nil || quantity == 1)
                    }
                }
            }
        }
        let huge = view(
            cash: Money(units: .max), equity: Money(units: .max), last: Price(units: .max))
        #expect(rule(RiskLimits(), order(.buy, .shares(1_000_000_000)), huge) == "order_value")
        #expect(rule(all, order(.buy, .shares(1)), view(equity: nil)) == "equity")
    }
}
