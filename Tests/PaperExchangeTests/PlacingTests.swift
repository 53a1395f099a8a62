import PaperExchange
import TestKit
import Testing
import TradingModel

/// What the exchange takes, from whomever it comes.
@Suite struct PlacingTests {
    private static let rejected = BrokerReport.rejected(
        OrderNumber(5), reason: "order 5 is working")

    /// A broker's clients number their orders as they like: one that waits is not taken twice.
    @Test(arguments: [[5], [5, 3], [9, 5, 7], [5, 9, 3], [3, 5, 4]] as [[UInt64]])
    func anOrderThatWaitsIsNotTakenAgain(_ numbers: [UInt64]) {
        var paper = exchange()
        for number in numbers {
            let report = paper.submit(order(.buy, number: number))
            #expect(
                report
                    == .accepted(OrderNumber(number), BrokerOrderID(paper: OrderNumber(number))))
        }
        #expect(paper.submit(order(.buy, number: 5)) == Self.rejected)
        let fills = paper.fills(.tick(.at(1, 100)))
        #expect(fills.map(\.order.value) == numbers, "each once, as they came")
    }

    /// One that is done waits no more: its number is free, whatever came behind it.
    @Test func anOrderThatEndedMayComeAgain() {
        var paper = exchange()
        for number in [5, 9] as [UInt64] { _ = paper.submit(order(.buy, number: number)) }
        _ = paper.cancel(OrderNumber(5), of: InstrumentID(0), reason: "test")
        #expect(
            paper.submit(order(.buy, number: 5))
                == .accepted(OrderNumber(5), BrokerOrderID(paper: OrderNumber(5))))
        #expect(paper.fills(.tick(.at(1, 100))).map(\.order.value) == [9, 5])
    }

    /// As ``PaperExchange/visit(_:)-(MarketInput)`` says of it: it fills nothing.
    @Test func aTickOfNoInstrumentFillsNothing() {
        var paper = exchange()
        _ = paper.submit(order(.buy))
        var visit = paper.visit(Tick.at(1, 100, of: 7))
        let next = paper.next(of: &visit)
        #expect(next == nil)
        #expect(paper.fills(.tick(.at(2, 100))).count == 1)
    }

    /// Those that are done leave those that wait in their order, and are met by no later print.
    @Test func ordersThatAreDoneLeaveTheOthersInTheirOrder() {
        var paper = exchange()
        let limits: [Int64?] = [nil, 90, nil, 80, 95, nil, 70]
        for (index, limit) in limits.enumerated() {
            _ = paper.submit(order(.buy, limit: limit, number: UInt64(index + 1)))
        }
        #expect(paper.fills(.tick(.at(1, 100))).map(\.order.value) == [1, 3, 6])
        #expect(paper.fills(.tick(.at(2, 90))).map(\.order.value) == [2, 5])
        #expect(paper.fills(.tick(.at(3, 60))).map(\.order.value) == [4, 7])
        #expect(paper.isIdle(InstrumentID(0)))
    }
}
