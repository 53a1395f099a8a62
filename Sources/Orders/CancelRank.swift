package import TradingModel

/// Which of the cancels that wait for their turn goes first: the lower one.
///
/// A kill of hundreds takes many seconds, and what stands next to the market fills in them. What reduces goes before all,
/// for an exit waits for the room that it takes; then orders without a limit, then by the share of the last price
/// between it and the limit. Equal ones go in the order in which they came.
package struct CancelRank: Hashable, Comparable, Sendable {
    /// Millionths of the last price; below zero: the limit is through it.
    private let distance: Int64

    /// - Parameter last: Of its instrument; `nil`: none has come, and the order counts as one at the market.
    package init(of order: Order?, opens: Bool, last: Price?) {
        guard let order, opens else {
            distance = .min
            return
        }
        guard let limit = order.limit else {
            distance = .min + 1
            return
        }
        guard let last, last.units > 0 else {
            distance = 0
            return
        }
        let away = (Int128(last.units) - Int128(limit.units)) * Int128(order.side.sign)
        distance = max(.min + 2, Int64(clamping: away * 1_000_000 / Int128(last.units)))
    }

    package static func < (a: CancelRank, b: CancelRank) -> Bool { a.distance < b.distance }
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
