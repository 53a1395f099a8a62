package import TradingModel

/// Which of the cancels that wait for their turn goes first: the lower one.
///
/// A kill of hundreds takes many seconds, and what stands next to the market fills in them. What reduces goes first, for
/// an exit waits for the room that it takes, and what opens has every second turn all the same: falling prices
/// replace one exit after another, and buys would fill behind them. Of what opens go first orders without a limit, then
/// by the share of the last price between it and the limit. Equal ones go in the order in which they came.
package struct CancelRank: Hashable, Comparable, Sendable {
    private let opens: Bool
    /// Millionths of the last price; below zero: the limit is through it. Of what reduces zero.
    private let distance: Int64

    /// - Parameter last: Of its instrument; `nil`: none has come, and the order counts as one at the market.
    package init(of order: Order?, opens: Bool, last: Price?) {
        self.opens = opens && order != nil
        guard let order, opens else {
            distance = 0
            return
        }
        guard let limit = order.limit else {
            distance = .min
            return
        }
        guard let last, last.units > 0 else {
            distance = 0
            return
        }
        let away = (Int128(last.units) - Int128(limit.units)) * Int128(order.side.sign)
        distance = max(.min + 1, Int64(clamping: away * 1_000_000 / Int128(last.units)))
    }

    package static func < (a: CancelRank, b: CancelRank) -> Bool { a.isBefore(b) }

    /// - Parameter openingFirst: It is the turn of what opens.
    package func isBefore(_ other: CancelRank, openingFirst: Bool = false) -> Bool {
        opens == other.opens ? distance < other.distance : opens == openingFirst
    }
}

extension OrderDesk {
    /// Of a cancel or a change that waits.
    package func rank(of number: OrderNumber, last: (InstrumentID) -> Price?) -> CancelRank {
        let approved = index(of: number).map { entries[$0].approved }
        return CancelRank(
            of: approved?.order, opens: approved?.opens ?? false,
            last: approved.flatMap { last($0.order.instrument) })
    }
}
