import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)

/// R8.5, R8.7: each fill once, whether it was told or stands in a total.
@Suite struct FillTests {
    /// Without a fill in the books nothing guards the position: the total counts where the adapter never learns whose it is.
    @Test func anAdoptionThatFailsOnAndOnHoldsNoFillBack() {
        let logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
        var talk = Conversation(restart: DeskRestart(orders: [logged]))
        let found = BrokerOrder.of(.sample(1), "b1", filled: 4)
        talk.answer(talk.question, .order(.found(found)))
        var booked: [BrokerReport] = []
        for _ in 0..<60 where booked.isEmpty {
            talk.answer(
                talk.openCall { if case .adopt = $0 { true } else { false } },
                .failed(BrokerError(.offline, "no")))
            talk.gap()
            talk.answer(talk.openCall { $0 == .openOrders }, .orders([]))
            talk.answer(talk.openQuestion, .order(.found(found)))
            booked = talk.said.reports.filter { if case .filled = $0 { true } else { false } }
            talk.answer(talk.openFills, .fills([]))
            talk.wait(1)
        }
        #expect(booked.count == 1)
    }

    /// Seed 114876: at a slow limit the adapter was told late whose an order of before was, and its fills were in no list.
    @Test func listsBeforeAnAdapterKnowsTheOrderSayNothing() {
        let logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
        var talk = Conversation(restart: DeskRestart(orders: [logged]))
        let found = BrokerOrder.of(.sample(1), "b1", filled: 4)
        talk.answer(talk.question, .order(.found(found)))
        #expect(talk.adoption != nil)
        for second in 0..<20 {
            // Something asks for its total meanwhile.
            if second == 1 {
                talk.gap()
                talk.answer(talk.openCall { $0 == .openOrders }, .orders([]))
            }
            talk.answer(talk.openQuestion, .order(.found(found)))
            var said = talk.said.reports
            talk.answer(talk.openFills, .fills([]))
            said += talk.said.reports
            let isBooked = said.contains { if case .filled = $0 { true } else { false } }
            #expect(!isBooked, "nothing is booked from the total")
            talk.wait(1)
        }
        // Given up and asked anew meanwhile.
        talk.answer(talk.openCall { if case .adopt = $0 { true } else { false } }, .done)
        talk.answer(talk.openQuestion, .order(.found(found)))
        #expect(talk.said.reports == [])
        talk.answer(talk.openFills, .fills([.of(1, 1, 4)]))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))], "with the price and fee of the fill")
    }

    /// A total that is ahead of the fills asks for them once at a time, and is booked when they stay without it.
    @Test func aShortfallWaitsForTheQuestionThatIsOnItsWay() {
        var talk = Conversation()
        talk.working(1)
        talk.gap()
        let list = talk.call { $0 == .openOrders }
        // An answer to the fills takes three looks at the order, or 4 s: it is within its limit.
        var (asked, age, seconds) = (talk.fills, 0, 0)
        var booked: [BrokerReport] = []
        func hear() {
            booked += talk.said.reports
            guard let call = talk.fills else { return }
            #expect(asked == nil, "asked again before the answer")
            (asked, age, seconds) = (call, 0, 0)
        }
        talk.answer(list, .orders([.of(.sample(1), "b1", filled: 4)]))
        hear()
        for _ in 0..<200 where booked.isEmpty {
            talk.wait(1)
            hear()
            seconds += 1
            if let question = talk.question {
                talk.answer(question, .order(.found(.of(.sample(1), "b1", filled: 4))))
                hear()
                age += 1
            }
            guard let call = asked, age >= 3 || seconds >= 4 else { continue }
            asked = nil
            talk.answer(call, .fills([]))
            hear()
        }
        guard case .filled(let fill) = booked.first else {
            return #expect(Bool(false), "\(booked)")
        }
        #expect(fill.quantity == .shares(4))
    }

    /// Seeds 101128, 124397 and 148722: lists that lagged for 3 s made an estimate of a fee that the broker tells.
    @Test func aFillThatIsListedLateIsBookedWithItsOwnFee() {
        let late = Fill(
            order: one, id: 1, price: .won(100), quantity: .shares(4), fee: .won(89),
            time: .seconds(1_001))
        #expect(booked(listedAfter: .seconds(9), late) == [late])
        // Past the patience the total is all there is; what the settings take for its fee is an estimate.
        let estimate = booked(listedAfter: .seconds(600), late)
        #expect(estimate.map(\.quantity) == [.shares(4)])
        #expect(estimate.allSatisfy { $0.id >= 0x8000_0000 && $0.fee == .zero })
    }

    /// What is booked of an order whose total says 4 shares at once, and whose list of fills says so after a while.
    private func booked(listedAfter wait: Nanoseconds, _ fill: Fill) -> [Fill] {
        var talk = Conversation()
        talk.working(1)
        let begun = talk.now
        talk.gap()
        var open: [CallID: DeskCall.Kind] = [:]
        var told: [Fill] = []
        var beganAt: [CallID: Timestamp] = [:]
        func hear() {
            for call in talk.said.calls {
                (open[call.id], beganAt[call.id]) = (call.kind, talk.now)
            }
            for case .filled(let fill) in talk.said.reports { told.append(fill) }
        }
        hear()
        for _ in 0..<60 where told.isEmpty {
            for (id, kind) in open.sorted(by: { $0.key < $1.key }) {
                open[id] = nil
                let order = BrokerOrder.of(.sample(1), "b1", filled: 4)
                switch kind {
                case .openOrders: talk.answer(id, .orders([order]))
                case .order: talk.answer(id, .order(.found(order)))
                case .fills:
                    let isListed = beganAt[id].map { $0.since(begun) >= wait } == true
                    talk.answer(id, .fills(isListed ? [fill] : []))
                default: continue
                }
                hear()
            }
            talk.wait(1)
            hear()
        }
        return told
    }

    @Test func aFillHeardTwiceCountsOnce() {
        var talk = Conversation()
        talk.working(1)
        talk.report(.filled(.of(1, 1, 4)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))])
        talk.report(.filled(.of(1, 1, 4)))
        #expect(talk.said.reports == [])
        talk.report(.filled(.of(1, 3, 6)))
        #expect(talk.said.reports == [.filled(.of(1, 3, 6))])
    }

    @Test func newsHeardTwiceChangeNothingAndMissingOnesAskForEverything() {
        var talk = Conversation()
        talk.working(1)
        talk.say(.news(NumberedNews(number: 1, news: .report(.filled(.of(1, 1, 4))))))
        talk.say(.news(NumberedNews(number: 1, news: .report(.filled(.of(1, 2, 4))))))
        #expect(talk.said.isEmpty)
        talk.say(.news(NumberedNews(number: 3, news: .report(.filled(.of(1, 3, 2))))))
        #expect(talk.call { $0 == .openOrders } != nil)
    }

    @Test func aGapAsksForOrdersFillsHoldingsAndCash() {
        var talk = Conversation()
        talk.working(1)
        talk.gap()
        for isIt in [
            { $0 == .openOrders }, { $0 == .positions }, { $0 == .balances },
            { if case .fills = $0 { true } else { false } },
        ] as [(DeskCall.Kind) -> Bool] { #expect(talk.call(isIt) != nil) }
    }

    /// The first list behind a gap lags: it shows the order at work, and its fill is in none.
    @Test func behindAGapListsAreAskedForUntilTheyCannotLag() {
        var talk = Conversation()
        talk.working(1)
        talk.gap()
        var lists = 0
        for _ in 0..<60 {
            for case .fills(let since) in talk.said.calls.map(\.kind) {
                #expect(since < .seconds(1_000), "the order is from then")
            }
            if let open = talk.call({ $0 == .openOrders }) {
                lists += 1
                let fills = talk.fills
                talk.answer(open, .orders(lists < 3 ? [.of(.sample(1), "b1")] : []))
                let question = talk.question
                talk.answer(fills, .fills([]))
                talk.answer(
                    question, .order(.found(.of(.sample(1), "b1", filled: 10, .filled))))
                if let again = talk.fills { talk.answer(again, .fills([.of(1, 1, 10)])) }
            } else {
                talk.wait(1)
            }
            guard lists < 3 else { break }
        }
        #expect(lists == 3)
        #expect(
            talk.said.reports.contains {
                if case .filled(let fill) = $0 { fill.quantity == .shares(10) } else { false }
            })
        // Nothing is at work any more: nothing is looked for.
        for _ in 0..<60 {
            talk.wait(1)
            #expect(talk.call { $0 == .openOrders } == nil)
        }
    }

    @Test func whatTheTotalHasMoreIsBookedOnce() {
        var talk = Conversation(fills: .totals)
        talk.working(1)
        talk.report(.filled(.of(1, 1, 2)))
        talk.gap()
        let open = talk.call { $0 == .openOrders }
        talk.answer(open, .orders([.of(.sample(1), "b1", filled: 5)]))
        guard case .filled(let fill) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(fill.quantity == .shares(3) && fill.id >= 0x8000_0000)
        #expect(talk.codes == [.fillsMissing])
        // The missing one is told late: it stands in the books already, and the total proves it.
        talk.report(.filled(.of(1, 2, 3)))
        #expect(talk.said.reports == [])
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 5))))
        #expect(talk.said.reports == [])
    }

    /// Seed 338413: a broker that lists fills is asked for each of them, however often that was needed before.
    @Test func aFillThatWasListedLetsTheNextOneBeAskedForToo() {
        var talk = Conversation()
        talk.working(1)
        var booked: [Fill] = []
        for count in 1...8 as ClosedRange<Int64> {
            talk.gap()
            let (orders, fills) = (talk.call { $0 == .openOrders }, talk.fills)
            #expect(fills != nil)
            func hear() {
                booked += talk.said.reports.compactMap {
                    if case .filled(let fill) = $0 { fill } else { nil }
                }
            }
            talk.answer(orders, .orders([.of(.sample(1), "b1", filled: count)]))
            hear()
            talk.answer(fills, .fills((1...count).map { .of(1, UInt32($0), 1) }))
            hear()
        }
        #expect(booked == (1...8).map { Fill.of(1, $0, 1) })
    }

    @Test func aNewFillBehindADifferenceIsNotLost() {
        var talk = Conversation(fills: .totals)
        talk.working(1)
        talk.gap()
        talk.answer(
            talk.call { $0 == .openOrders }, .orders([.of(.sample(1), "b1", filled: 5)]))
        talk.report(.filled(.of(1, 7, 3)))
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 8))))
        let booked = talk.said.reports.compactMap { report -> Int64? in
            if case .filled(let fill) = report { fill.quantity.units / 100_000_000 } else { nil }
        }
        #expect(booked == [3])
    }

    /// By the settings, where nobody tells it; a buy's is none, and known.
    @Test(arguments: [Side.buy, .sell]) func aTotalHasItsTaxByTheSettings(_ side: Side) {
        var talk = Conversation(fills: .totals) {
            ($0.feeMicroBasisPoints, $0.sellTaxMicroBasisPoints) = (5_000_000, 18_000_000)
        }
        talk.working(1, side)
        talk.gap()
        talk.answer(
            talk.call { $0 == .openOrders }, .orders([.of(.sample(1, side), "b1", filled: 5)]))
        guard case .filled(let fill) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        // Of 500 won 0.05% and 0.18%.
        let fee = Money(units: Money.scale / 4)
        let tax = Money(units: side == .buy ? 0 : Money.scale * 9 / 10)
        #expect(fill.fee == fee + tax && fill.tax == tax && fill.isTaxOfFee)
        #expect(talk.said.notes.contains { $0.text.contains("of it tax") } == (side == .sell))
    }

    /// Five of seven shares were booked from a total, whose tax nobody told: of fee and tax the other two have their share.
    @Test(arguments: [nil, 35, 0, 1] as [Int128?])
    func aPartOfAFillHasItsShareOfFeeAndTax(_ tax: Int128?) {
        var talk = Conversation(fills: .totals) { $0.feeMicroBasisPoints = 10_000_000 }
        talk.working(1)
        talk.gap()
        talk.answer(
            talk.call { $0 == .openOrders }, .orders([.of(.sample(1), "b1", filled: 5)]))
        guard case .filled(let difference) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(difference.fee != .zero && difference.tax == nil)
        talk.report(
            .filled(
                Fill(
                    order: one, id: 1, price: .won(100), quantity: .shares(7),
                    fee: Money(units: 70), time: .seconds(1_001),
                    tax: tax.map { Money(units: $0) })))
        guard case .filled(let part) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(part.quantity == .shares(2) && part.fee == Money(units: 20))
        #expect(part.tax == tax.map { Money(units: $0 * 2 / 7) })
    }

    @Test func theEndWaitsForTheTotalWhereOnlyTotalsAreKept() {
        var talk = Conversation(fills: .totals)
        talk.working(1)
        talk.report(.cancelled(one, reason: "by hand"))
        #expect(talk.said.reports == [])
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 4, .cancelled))))
        #expect(talk.said.reports.last == .cancelled(one, reason: "by hand"))
        guard case .filled(let fill) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(fill.quantity == .shares(4))
    }

    @Test func booksAheadOfTheBrokerAreDrift() {
        var talk = Conversation(fills: .totals)
        talk.working(1)
        talk.report(.filled(.of(1, 1, 4)))
        talk.report(.cancelled(one, reason: "by hand"))
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 2, .cancelled))))
        #expect(talk.codes == [.drift] && talk.isCritical)
    }

    @Test func aReportOfAnOrderThatThisDeskNeverHadIsDrift() {
        var talk = Conversation()
        talk.report(.filled(.of(9, 1, 1)))
        #expect(talk.codes == [.fillsMissing, .drift] && talk.desk.lockdown != nil)
        #expect(talk.said.reports == [.filled(.of(9, 1, 1))], "the kernel tells it too")
    }

    @Test func afterARestartKnownFillsCountOnceAndMissingOnesAreBooked() {
        let logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"), fills: [.of(1, 1, 4)])
        var talk = Conversation(restart: DeskRestart(orders: [logged]))
        talk.answer(
            talk.call { if case .fills = $0 { true } else { false } },
            .fills([.of(1, 1, 4), .of(1, 2, 3)]))
        #expect(talk.said.reports == [.filled(.of(1, 2, 3))])
    }

    /// Fills end the doubt before the order itself was asked for: it is made ours all the same, or its reports stay away.
    @Test func afterARestartAnOrderThatFillsFirstIsAdoptedToo() {
        let logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
        var talk = Conversation(restart: DeskRestart(orders: [logged]))
        talk.answer(talk.fills, .fills([.of(1, 1, 4)]))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))])
        #expect(talk.adoption != nil)
    }
}
