import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)

/// A broker that says what cannot be: nothing of it is booked, nothing traps, and the truth is asked for.
@Suite struct NonsenseTests {
    private func fill(
        _ id: UInt32, shares: Int64 = 10, price: Price = .won(100), fee: Money = .zero
    ) -> Fill {
        Fill(
            order: one, id: id, price: price, quantity: .shares(shares), fee: fee,
            time: Timestamp(nanoseconds: .max))
    }
    private func fills(_ reports: [BrokerReport]) -> [Fill] {
        reports.compactMap { if case .filled(let fill) = $0 { fill } else { nil } }
    }

    // MARK: Fills

    @Test(
        arguments: [
            (1, 10, 0, 0), (1, 10, -5, 0), (1, 1_000_000, 100, 0), (0x8000_0000, 10, 100, 0),
            (.max, 10, 100, 0), (1, 10, 100, 5_000_000_000_000_000_000),
            (1, 10, 100, -5_000_000_000_000_000_000),
        ] as [(UInt32, Int64, Int64, Int128)])
    func aFillThatCannotBeIsNotBookedAndTheTotalIsAskedFor(
        _ id: UInt32, _ shares: Int64, _ price: Int64, _ fee: Int128
    ) {
        var talk = Conversation()
        talk.working(1)
        talk.report(.filled(fill(id, shares: shares, price: .won(price), fee: .won(fee))))
        #expect(talk.said.reports == [], "it is no fill")
        #expect(talk.codes == [.drift] && talk.isCritical)
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 10, .filled))))
        talk.answer(talk.fills, .fills([fill(1)]))
        #expect(fills(talk.said.reports) == [fill(1)], "the right one counts")
    }

    @Test(arguments: [(5, 6), (5, -1), (-5, 0), (0, 1)] as [(Int128, Int128)])
    func aTaxThatIsNoPartOfItsFeeKeepsNoFillOut(_ fee: Int128, _ tax: Int128) {
        var talk = Conversation()
        talk.working(1)
        let first = fill(1, shares: 4, fee: .won(fee))
        talk.report(.filled(first.taxed(.won(tax))))
        #expect(fills(talk.said.reports) == [first], "a fill is money that moved")
        #expect(talk.codes == [.drift] && !talk.isCritical)
        #expect(
            talk.said.notes.contains { $0.text.contains("a tax of \(tax) in a fee of \(fee)") })
        let second = fill(2, shares: 6, fee: .won(fee))
        talk.report(.filled(second.taxed(.won(tax))))
        #expect(fills(talk.said.reports) == [second])
        #expect(talk.codes == [], "it is told once")
    }

    @Test(arguments: [0, -3] as [Int64])
    func aFillOfNothingIsToldAndTheTotalIsAskedFor(_ shares: Int64) {
        var talk = Conversation()
        talk.working(1)
        talk.report(.filled(fill(1, shares: shares)))
        #expect(talk.question != nil)
    }

    @Test func aSecondFillOfAnIDIsToldAndTheTotalIsAskedFor() {
        var talk = Conversation()
        talk.working(1)
        talk.report(.filled(fill(1, shares: 4)))
        talk.report(.filled(fill(1, shares: 4)))
        #expect(talk.said.isEmpty, "the same again is nothing")
        talk.report(.filled(fill(1, shares: 6)))
        #expect(talk.said.reports == [] && talk.codes == [.fillsMissing])
        #expect(talk.question != nil)
    }

    @Test func theLastIDOfAllInTheLogLeavesRoomForADifference() {
        let logged = LoggedOrder(
            .sample(1), broker: BrokerOrderID("b1"), fills: [fill(.max, shares: 4)])
        var talk = Conversation(fills: .totals, restart: DeskRestart(orders: [logged]))
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 7))))
        talk.answer(talk.adoption, .done)
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 7))))
        let told = fills(talk.said.reports)
        #expect(told.map(\.quantity) == [.shares(3)])
        #expect(told.allSatisfy { $0.id >= 0x8000_0000 && $0.id != .max })
    }

    // MARK: Totals

    @Test func aTotalBeyondTheOrderIsBookedAsFarAsTheOrderGoes() {
        var talk = Conversation(fills: .totals)
        talk.working(1)
        talk.gap()
        talk.answer(
            talk.call { $0 == .openOrders }, .orders([.of(.sample(1), "b1", filled: 80_000_000)]))
        #expect(fills(talk.said.reports).map(\.quantity) == [.shares(10)])
        #expect(fills(talk.said.reports).map(\.price) == [.won(100)])
        #expect(talk.codes.contains(.drift) && talk.isCritical)
    }

    @Test(arguments: [0, -1_000, 5_000_000_000_000_000_000] as [Int128])
    func aTotalWithoutAPriceIsBookedAtTheLimit(_ value: Int128) {
        var talk = Conversation(fills: .totals)
        talk.working(1)
        talk.gap()
        var found = BrokerOrder.of(.sample(1), "b1", filled: 5)
        found.filledValue = .won(value)
        talk.answer(talk.call { $0 == .openOrders }, .orders([found]))
        #expect(fills(talk.said.reports).map(\.price) == [.won(100)])
        #expect(fills(talk.said.reports).map(\.quantity) == [.shares(5)])
    }

    // MARK: Other orders

    @Test func oneNumberForTwoOrdersBooksNothingTwice() {
        var talk = Conversation()
        talk.working(1)
        talk.report(.filled(fill(1)))
        talk.working(3)
        talk.answer(talk.order(2), .placed(BrokerOrderID("b3")))
        #expect(talk.desk.isWaitingForPerson(OrderNumber(2)))
        #expect(talk.codes.contains(.drift) && talk.isCritical)
        #expect(talk.said.reports.count == 1, "it is in doubt")
        guard case .unknown(OrderNumber(2), _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
    }

    /// An order that was refused, open at the broker after all: it is cancelled there.
    @Test func anEndedOrderThatIsListedAsOpenIsCancelled() {
        var talk = Conversation()
        talk.fail(talk.order(1), .rejected)
        talk.gap()
        talk.answer(talk.call { $0 == .openOrders }, .orders([.of(.sample(1), "b1")]))
        #expect(talk.codes == [.drift] && talk.isCritical)
        #expect(
            talk.said.calls.contains { $0.kind == .cancel(.broker(BrokerOrderID("b1")), of: one) })
    }

    /// The list calls it by a number that another order has: a cancel would end that one.
    @Test func anEndedOrderUnderAnothersNumberEndsNothing() {
        var talk = Conversation()
        talk.fail(talk.order(1), .rejected)
        talk.working(2)
        let taken = BrokerOrderID("b2")
        #expect(talk.desk.holder(of: taken) == OrderNumber(2))
        talk.gap()
        talk.answer(talk.call { $0 == .openOrders }, .orders([.of(.sample(1), "b2")]))
        #expect(talk.cancel == nil && talk.adoption == nil)
        #expect(talk.desk.holder(of: taken) == OrderNumber(2))
        #expect(talk.codes == [.drift] && talk.isCritical, "the number's order is asked for")
        #expect(talk.question != nil)
    }

    /// The broker made two of one: nobody here can end the second, and a person hears of it once.
    @Test(arguments: [false, true]) func aSecondOrderOfOneIsTold(_ isEnded: Bool) {
        var talk = Conversation()
        talk.working(1)
        if isEnded { talk.report(.filled(fill(1))) }
        talk.gap()
        let first: [BrokerOrder] = isEnded ? [] : [.of(.sample(1), "b1")]
        talk.answer(
            talk.call { $0 == .openOrders }, .orders(first + [.of(.sample(1), "b9")]))
        #expect(talk.codes == [.drift] && talk.isCritical)
        #expect(talk.said.notes.first?.text.contains("b9") == true)
        #expect(talk.cancel == nil && talk.said.reports.isEmpty)
        talk.gap()
        talk.answer(
            talk.call { $0 == .openOrders }, .orders(first + [.of(.sample(1), "b9")]))
        #expect(talk.codes == [])
    }

    @Test func anAnswerAboutAnotherOrderIsNone() {
        var strange: [BrokerOrder] = [.of(.sample(1), "b2", filled: 10, .filled)]
        strange.append(.of(.sample(1, .sell), "b1", filled: 10, .filled))
        strange.append(.of(.sample(1, of: 3), "b1", filled: 10, .filled))
        strange.append(.of(.sample(9), "b1", filled: 10, .filled))
        for other in strange {
            var talk = Conversation(fills: .totals)
            talk.working(1)
            talk.report(.cancelled(one, reason: "by hand"))
            talk.answer(talk.question, .order(.found(other)))
            #expect(talk.said.reports == [], "\(other)")
            #expect(talk.codes == [.drift] && talk.isCritical)
            talk.wait(2)
            talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", .cancelled))))
            #expect(talk.said.reports == [.cancelled(one, reason: "by hand")])
        }
    }

    /// One word against the other: neither is taken, and a person hears of it once.
    @Test func anEndThatTheBrokerTakesBackIsToldOnce() {
        var talk = Conversation()
        talk.working(1)
        talk.report(.cancelled(one, reason: "by hand"))
        var told: [DeskNote] = []
        for _ in 0..<40 {
            talk.answer(talk.question, .order(.found(.of(.sample(1), "b1"))))
            #expect(talk.said.reports == [])
            told += talk.said.notes
            for _ in 0..<6 where talk.question == nil { talk.wait(1) }
        }
        #expect(told.map(\.code) == [.drift] && told.allSatisfy { $0.severity == .critical })
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", .cancelled))))
        #expect(talk.said.reports == [.cancelled(one, reason: "by hand")])
    }

    @Test func aDoubtIsNotSettledByAnotherOrder() {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.answer(
            talk.question, .order(.found(.of(.sample(1, .sell), "b1", filled: 10, .filled))))
        #expect(talk.said.reports == [])
        #expect(talk.desk.isInDoubt(one))
    }

    // MARK: Waits

    /// A wait without an end is no reason to leave a cancel, a doubt or an exit alone for ever.
    @Test func aWaitOfAgesIsAnHour() {
        let ages = BrokerError.Code.rateLimited(wait: Nanoseconds(.max))
        var talk = Conversation()
        talk.working(1)
        talk.say(.cancel(one, reason: "by hand"))
        talk.fail(talk.cancel, ages)
        #expect(talk.desk.wake.map { $0 <= .seconds(1_000 + 3_600) } == true)
        talk.wait(3_600)
        #expect(talk.cancel != nil)

        var limiter = RateLimiter(perSecond: 1_000)
        limiter.refused(wait: Nanoseconds(.max), at: .seconds(1_000))
        let ticket = RateLimiter.Ticket(desk: AccountID(0), call: CallID(1))
        let later = Timestamp.seconds(1_000 + 3_600)
        limiter.offer(
            DeskCall(id: CallID(1), kind: .heartbeat, limit: .seconds(10)), of: ticket, at: later)
        guard case .go = limiter.next(at: later) else {
            return #expect(Bool(false), "nothing goes any more")
        }
    }
}
