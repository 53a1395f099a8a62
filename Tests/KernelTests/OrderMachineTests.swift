import TestKit
import Testing
import TradingModel

@testable import Kernel

private func machine(_ quantity: Int64 = 10, reserved: Money = .won(1_000)) -> OrderMachine {
    OrderMachine(
        OrderDecision(
            order: Order(
                number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(0),
                side: .buy,
                quantity: .shares(quantity), limit: nil),
            source: SourceID(0), position: .start, confidence: .full, reference: .won(100),
            reserved: reserved, detail: ""))
}

private func fill(_ id: UInt32, _ quantity: Int64) -> Fill {
    Fill(
        order: OrderNumber(1), id: id, price: .won(100), quantity: .shares(quantity), fee: .zero,
        time: .zero)
}

extension OrderMachine {
    /// Takes a report as the kernel does: what the answer says is applied.
    @discardableResult
    fileprivate mutating func hear(_ report: BrokerReport) -> Answer {
        let answer = answer(to: report)
        switch answer {
        case .ignore, .contradiction: break
        case .submitted: applySubmitted()
        case .book(let fill, _): apply(fill)
        case .ended(let state, _): applyEnd(state)
        case .inDoubt: applyInDoubt()
        case .cancelAsked: applyCancelAsked()
        case .changed: applyChangeTaken()
        case .changeRefused: applyChangeRefused()
        }
        return answer
    }
}

private let accepted = BrokerReport.accepted(OrderNumber(1), BrokerOrderID("b1"))
private let rejected = BrokerReport.rejected(OrderNumber(1), reason: "no")
private let cancelled = BrokerReport.cancelled(OrderNumber(1), reason: "asked")

@Suite struct OrderMachineTests {
    @Test func fillsAccumulateToTheEnd() {
        var order = machine()
        #expect(order.state == .pending)
        #expect(order.hear(accepted) == .submitted(BrokerOrderID("b1")))
        order.hear(.filled(fill(1, 4)))
        #expect(order.state == .partlyFilled && order.open == .shares(6))
        order.hear(.filled(fill(2, 6)))
        #expect(order.state == .filled && order.open == .zero && order.filled == .shares(10))
    }

    @Test func itsNumberIsRecordedOnceBehindAFillToo() {
        var order = machine()
        order.hear(.unknown(OrderNumber(1), reason: "no answer"))
        order.hear(.filled(fill(1, 4)))
        #expect(order.hear(accepted) == .submitted(BrokerOrderID("b1")))
        #expect(order.state == .partlyFilled)
        #expect(order.hear(accepted) == .ignore)
    }

    @Test func aFillHeardTwiceCountsOnce() {
        var order = machine()
        order.hear(.filled(fill(1, 4)))
        #expect(order.hear(.filled(fill(1, 4))) == .ignore)
        order.hear(.filled(fill(2, 6)))
        #expect(order.hear(.filled(fill(1, 4))) == .ignore, "after the end too")
        #expect(order.filled == .shares(10))
    }

    @Test func aFillBeforeTheAcceptanceIsTaken() {
        var order = machine()
        order.hear(.filled(fill(1, 4)))
        #expect(order.hear(accepted) == .submitted(BrokerOrderID("b1")), "its number")
        #expect(order.state == .partlyFilled)
    }

    @Test(arguments: [0, -1] as [Int64])
    func anImpossibleFillIsAContradiction(_ quantity: Int64) {
        var order = machine()
        let before = order
        guard case .contradiction = order.hear(.filled(fill(1, quantity))) else {
            Issue.record("\(quantity) of ten was taken")
            return
        }
        #expect(order == before)
    }

    @Test func whatComesAfterTheEndIsIgnoredOrTold() {
        var order = machine()
        order.hear(.filled(fill(1, 4)))
        order.hear(cancelled)
        #expect(order.state == .cancelled && order.filled == .shares(4))
        #expect(order.hear(cancelled) == .ignore)
        #expect(order.hear(accepted) == .ignore)
        guard case .contradiction = order.hear(rejected) else {
            return _ = Issue.record("rejected after the end")
        }
        #expect(order.state == .cancelled && order.filled == .shares(4))
    }

    /// Money that moved is booked; what is odd about it is told.
    @Test func aFillBehindTheEndOrOfTooMuchIsBookedAndTold() {
        var order = machine()
        order.hear(cancelled)
        guard case .book(_, .some) = order.hear(.filled(fill(1, 4))) else {
            return _ = Issue.record("not booked behind the end")
        }
        #expect(order.state == .cancelled && order.filled == .shares(4) && order.open == .zero)
        var other = machine()
        guard case .book(_, .some) = other.hear(.filled(fill(1, 11))) else {
            return _ = Issue.record("too much was not booked")
        }
        #expect(other.state == .filled && other.filled == .shares(11) && other.open == .zero)
    }

    @Test func aRejectionAfterAFillIsAContradiction() {
        var order = machine()
        order.hear(.filled(fill(1, 4)))
        guard case .contradiction = order.hear(rejected) else {
            Issue.record("a filled order was rejected")
            return
        }
        #expect(order.state == .partlyFilled)
    }

    /// The share of what is open, never more than was reserved, nothing at the end.
    @Test(arguments: [1_000, 7, 0] as [Int128])
    func theReservationShrinksWithTheFills(_ units: Int128) {
        var order = machine(3, reserved: Money(units: units))
        #expect(order.reservation.units == units)
        order.hear(.filled(fill(1, 1)))
        #expect(order.reservation.units == units * 2 / 3)
        order.hear(.filled(fill(2, 2)))
        #expect(order.reservation == .zero)
    }

    @Test func theLargestReservationDoesNotTrap() {
        let largest = Money(units: .max)
        var order = OrderMachine(
            OrderDecision(
                order: Order(
                    number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(0),
                    side: .buy, quantity: Quantity(units: .max), limit: nil),
                source: SourceID(0), position: .start, confidence: .full, reference: .won(1),
                reserved: largest, detail: ""))
        order.hear(
            .filled(
                Fill(
                    order: OrderNumber(1), id: 1, price: .won(1), quantity: Quantity(units: 1),
                    fee: .zero, time: .zero)))
        #expect(order.reservation < largest)
        #expect(order.reservation > Money(units: .max - .max / 1_000))
    }

    /// Reports in any order, doubled, too much, after the end, against sets and a sum.
    @Test(arguments: seeds(0..<300))
    func agreesWithAPlainModel(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var order = machine(10)
        var taken: [UInt32: Int64] = [:]
        var end: OrderMachine.State?
        for _ in 0..<Int.random(in: 1...25, using: &random) {
            let before = order
            switch Int.random(in: 0..<8, using: &random) {
            case 0: order.hear(accepted)
            case 1 where random.oneIn(3):
                order.hear(rejected)
                if end == nil, taken.isEmpty { end = .rejected }
            case 2 where random.oneIn(3):
                order.hear(cancelled)
                if end == nil { end = .cancelled }
            default:
                let id = UInt32.random(in: 1...6, using: &random)
                let quantity = Int64.random(in: -1...6, using: &random)
                let open = 10 - taken.values.reduce(0, +)
                let isNew = taken[id] == nil && quantity > 0
                let fits = quantity <= open && end == nil
                let answer = order.hear(.filled(fill(id, quantity)))
                if case .book(let booked, let odd) = answer {
                    #expect(isNew && booked == fill(id, quantity) && (odd == nil) == fits)
                } else {
                    #expect(!isNew && order == before)
                }
                if isNew { taken[id] = quantity }
                if isNew, end == nil, quantity >= open { end = .filled }
            }
            #expect(order.filled == .shares(taken.values.reduce(0, +)))
            #expect(order.state.isFinal == (end != nil))
            if let end { #expect(order.state == end) }
        }
    }
}
