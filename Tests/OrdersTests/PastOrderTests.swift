import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)

/// Orders that ended thousands of others ago: a fill of one is booked once, and what is of none closes the account.
@Suite struct PastOrderTests {
    /// Of the first ones 1, 3 and 4 filled 4 of 10, 3 by its total; 2 in full; 7 was never accepted. Thousands follow.
    private static func later() -> Conversation {
        let orders = (1...3_000 as ClosedRange<UInt64>).map { number in
            var logged = LoggedOrder(
                .sample(number), broker: BrokerOrderID("b\(number)"), end: .cancelled)
            switch number {
            case 1, 4: logged.fills = [.of(number, 1, 4)]
            case 2: (logged.fills, logged.end) = ([.of(2, 1, 10)], .filled)
            case 3: logged.fills = [.of(3, 0x8000_0000, 4)]
            case 7: (logged.broker, logged.end) = (nil, .failed)
            default: break
            }
            return logged
        }
        return Conversation(restart: DeskRestart(orders: orders))
    }
    private static func booked(_ talk: Conversation) -> [Fill] {
        talk.said.reports.compactMap { if case .filled(let fill) = $0 { fill } else { nil } }
    }

    @Test func aFillIsBookedOnceWhateverItsAge() {
        var talk = Self.later()
        talk.report(.filled(.of(1, 2, 3)))
        #expect(Self.booked(talk) == [.of(1, 2, 3)])
        #expect(!talk.isCritical && talk.desk.lockdown == nil, "\(talk.said.notes)")
        talk.report(.filled(.of(1, 2, 3)))
        talk.report(.filled(.of(1, 1, 4)))
        #expect(Self.booked(talk).isEmpty)
        // What was booked from a total is not booked again when it is told.
        talk.report(.filled(.of(3, 1, 4)))
        #expect(Self.booked(talk).isEmpty, "it is the same fill")
        talk.report(.filled(.of(3, 2, 2)))
        #expect(Self.booked(talk) == [.of(3, 2, 2)])
        // More than the order cannot be.
        talk.report(.filled(.of(4, 2, 60)))
        #expect(Self.booked(talk).isEmpty && talk.isCritical)
    }

    /// A lost report stands in the list of fills, which mostly has what was booked long ago.
    @Test func aListTellsOneToo() {
        var talk = Self.later()
        talk.working(5_000)
        talk.gap()
        let fills = talk.openFills
        #expect(fills != nil)
        talk.answer(fills, .fills([.of(1, 1, 4), .of(2, 1, 10), .of(1, 2, 5), .of(3, 1, 4)]))
        #expect(Self.booked(talk) == [.of(1, 2, 5)])
    }

    /// By our own id; the broker's number of long ago may be anybody's by now.
    @Test func oneThatIsOpenAtTheBrokerIsCancelled() {
        for isOurs in [true, false] {
            var talk = Self.later()
            talk.gap()
            let list = talk.openCall { $0 == .openOrders }
            talk.answer(list, .orders([.of(.sample(7), isOurs ? "b9999" : "b7", isKnown: isOurs)]))
            #expect(talk.cancelled == (isOurs ? [.broker(BrokerOrderID("b9999"))] : []))
            #expect(talk.desk.ghosts == (isOurs ? [OrderNumber(7)] : []))
        }
    }

    /// Under the number that it had: the books have its end, and the broker works on it.
    @Test func oneThatIsOpenUnderItsOldNumberIsCancelled() {
        var talk = Self.later()
        talk.gap()
        let list = talk.openCall { $0 == .openOrders }
        talk.answer(list, .orders([.of(.sample(1), "b1")]))
        #expect(talk.cancelled == [.broker(BrokerOrderID("b1"))] && talk.desk.ghosts == [one])
    }

    /// One that becomes known again stands before all others: none of them is taken for its neighbour.
    @Test func oneThatIsRecalledMovesNobodysPlace() {
        var talk = Self.later()
        talk.gap()
        let list = talk.openCall { $0 == .openOrders }
        // 3,000 is known, ended, and open under its number; before it in the list stands an old one.
        talk.answer(
            list,
            .orders([
                .of(.sample(7), "b9999"), .of(.sample(2_999), "x1"), .of(.sample(2_000), "x2"),
            ]))
        #expect(talk.desk.ghosts == [OrderNumber(7)])
        let twins = talk.said.notes.filter { $0.text.contains("cancel that one by hand") }
        #expect(twins.map(\.order) == [OrderNumber(2_999), OrderNumber(2_000)])
    }

    @Test func aFillOfAnOrderThatFilledInFullIsToldAndClosesNothing() {
        var talk = Self.later()
        talk.report(.filled(.of(2, 1, 10)))
        #expect(talk.codes == [.drift] && talk.desk.lockdown == nil)
    }

    /// Of no order that the desk can know: nobody knows its instrument, so nothing opens until a person has looked.
    @Test func aFillOfNoOrderLocksTheAccountDown() throws {
        var talk = Self.later()
        talk.report(.filled(.of(9_999, 1, 3)))
        let why = try #require(talk.desk.lockdown)
        #expect(why.contains("order 9999") && why.contains("3 at 100"), "\(why)")
        #expect(talk.isCritical && talk.codes.contains(.drift))
        #expect(talk.said.lockdown == .began(reason: why))
        #expect(talk.call { $0 == .positions } != nil, "what is held is asked for, and compared")
        talk.order(6_000)
        #expect(talk.place == nil)
        talk.order(6_001, .sell)
        #expect(talk.place != nil, "what reduces passes")
    }

    /// One that a former process had forgotten, with others that ended short, may be any.
    @Test func aFillOfOneThatTheLogLostLocksTheAccountDown() {
        var restart = DeskRestart(orders: [LoggedOrder(.sample(9), end: .cancelled)])
        let cases: [(OrderNumber?, Bool)] = [
            (nil, false), (OrderNumber(4), false), (OrderNumber(5), true),
        ]
        for (lost, locks) in cases {
            restart.lost = lost
            var talk = Conversation(restart: restart)
            talk.report(.filled(.of(5, 1, 3)))
            #expect((talk.desk.lockdown != nil) == locks)
        }
    }

    // MARK: In lists

    private static func list(_ fills: [Fill], began: Timestamp? = nil) -> (Conversation, Int) {
        var restart = DeskRestart(orders: [LoggedOrder(.sample(9), broker: BrokerOrderID("b9"))])
        restart.began = began
        var talk = Conversation(restart: restart)
        var told = 0
        for _ in 0..<3 {
            talk.answer(talk.openFills, .fills(fills))
            told += talk.said.notes.count { $0.code == .drift }
            talk.gap()
        }
        return (talk, told)
    }

    /// Passed over without a word it would be missing in the books, and nobody would look.
    @Test func aFillInAListOfNoOrderIsToldOnceAndLocksTheAccountDown() throws {
        let (talk, told) = Self.list([.of(50, 1, 3), .of(50, 2, 3), .of(51, 1, 1)])
        #expect(told == 3, "once for each of them, and not for each list")
        let why = try #require(talk.desk.lockdown)
        #expect(why.contains("order 50") && why.contains("3 at 100"), "\(why)")
    }

    /// Of a run before this one, by its time: the account is what it was when this one began.
    @Test func aFillFromBeforeTheRunIsToldAndClosesNothing() {
        var fill = Fill.of(50, 1, 3)
        #expect(Self.list([fill], began: .seconds(1_005)).0.desk.lockdown != nil, "clocks differ")
        let (talk, told) = Self.list([fill], began: .seconds(1_000))
        #expect(told == 1 && talk.desk.lockdown != nil)
        fill = Fill(
            order: fill.order, id: 1, price: fill.price, quantity: fill.quantity, fee: .zero,
            time: .seconds(900))
        let (before, toldBefore) = Self.list([fill], began: .seconds(1_000))
        #expect(toldBefore == 1 && before.desk.lockdown == nil)
    }

    /// Filled in full thousands of orders ago: each list of the day has it.
    @Test func aFillInAListOfAnOrderThatIsOverIsNotTold() {
        var talk = Self.later()
        talk.working(5_000)
        talk.gap()
        talk.answer(talk.openFills, .fills([.of(2, 1, 10)]))
        #expect(talk.codes.isEmpty && talk.desk.lockdown == nil)
    }
}
