package import Kernel
package import TradingModel

/// A fill as booked, with the step it came in: what a backtest counts its trades from.
package struct BookedFill: Hashable, Sendable {
    package let step: UInt64
    package let fill: Fill
    package let booking: Booking
    package let order: Order
    /// Whose vote the order came from.
    package let source: SourceID
    /// The last price when the order was decided.
    package let reference: Price

    package init(
        step: UInt64, fill: Fill, booking: Booking, order: Order, source: SourceID,
        reference: Price
    ) {
        self.step = step
        self.fill = fill
        self.booking = booking
        self.order = order
        self.source = source
        self.reference = reference
    }
}
