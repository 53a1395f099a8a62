package import Host
import Kernel
package import TradingModel

/// From flat to flat: what an account bought of an instrument until it held none again.
///
/// Amounts are exact; the prices of several fills are their mean, toward zero.
package struct RoundTrip: Hashable, Sendable {
    package let account: AccountID
    package let instrument: InstrumentID
    /// Whose order opened it.
    package let source: SourceID
    /// The one that opened it.
    package let entryOrder: OrderNumber
    /// Bought in all.
    package internal(set) var quantity: Quantity
    /// The instrument's rows are numbered from 0.
    package let entryIndex: Int
    package let entryTime: Timestamp
    package internal(set) var bought: Money
    package internal(set) var sold = Money.zero
    package internal(set) var soldQuantity = Quantity.zero
    /// Taxes included.
    package internal(set) var fees: Money
    /// Of the sale that left nothing; `nil` while something is held.
    package internal(set) var exit: Exit?

    package struct Exit: Hashable, Sendable {
        package let index: Int
        package let time: Timestamp
        /// The one that left nothing.
        package let order: OrderNumber
    }

    package var isClosed: Bool { exit != nil }
    package var entryPrice: Price { mean(bought, quantity) }
    package var exitPrice: Price { mean(sold, soldQuantity) }
    /// Fees included; of a closed one.
    package var profit: Money { sold - bought - fees }
    /// ns; `nil` while open.
    package var holding: Nanoseconds? { exit.map { $0.time.since(entryTime) } }
    /// Of what it cost.
    package var yield: Double {
        bought.units == 0 ? 0 : Double(profit.units) / Double(bought.units)
    }

    private func mean(_ value: Money, _ quantity: Quantity) -> Price {
        guard quantity.units != 0 else { return .zero }
        return Price(units: Int64(clamping: value.units / Int128(quantity.units)))
    }
}

/// Pairs fills into round trips, in the order in which they were booked. A value.
package struct RoundTrips: Sendable {
    private var open: [DeskKey: RoundTrip] = [:]
    package private(set) var closed: [RoundTrip] = []
    package init() {}

    /// - Parameter index: Of the row that filled, among those of its instrument.
    package mutating func book(_ booked: BookedFill, index: Int) {
        let (order, fill) = (booked.order, booked.fill)
        let key = DeskKey(account: order.account, instrument: order.instrument)
        let value = Money(fill.price, times: fill.quantity)
        guard var trip = open[key] else {
            guard order.side == .buy else { return }
            open[key] = RoundTrip(
                account: order.account, instrument: order.instrument, source: booked.source,
                entryOrder: order.number, quantity: fill.quantity, entryIndex: index,
                entryTime: fill.time, bought: value, fees: fill.fee)
            return
        }
        trip.fees += fill.fee
        switch order.side {
        case .buy:
            trip.bought += value
            trip.quantity = sum(trip.quantity, fill.quantity)
        case .sell:
            trip.sold += value
            trip.soldQuantity = sum(trip.soldQuantity, fill.quantity)
        }
        if booked.booking.positionAfter == .zero {
            trip.exit = .init(index: index, time: fill.time, order: order.number)
            closed.append(trip)
            open[key] = nil
        } else {
            open[key] = trip
        }
    }

    /// By instrument and entry, open ones among them.
    package var all: [RoundTrip] {
        (closed + open.values).sorted {
            ($0.instrument.index, $0.entryIndex, $0.account.index)
                < ($1.instrument.index, $1.entryIndex, $1.account.index)
        }
    }

    private func sum(_ a: Quantity, _ b: Quantity) -> Quantity {
        (try? a.adding(b)) ?? Quantity(units: .max)
    }
}
