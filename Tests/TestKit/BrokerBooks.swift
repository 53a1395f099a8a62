import Ports
import TradingModel

/// What a listener knows: the plain model that a broker's answers are held against.
struct BrokerBooks {
    struct Known {
        /// As it is now.
        var order: Order
        let client: ClientOrderID
        var broker: BrokerOrderID?
        /// Its numbers before changes.
        var formers: [BrokerOrderID] = []
        var accepted = false
        var heard: Set<UInt32> = []
        var filled: Int64 = 0
        var value: Int128 = 0
        var end: BrokerOrder.State?
        var state: BrokerOrder.State { end ?? .working }
        var isOpen: Bool { end == nil && broker != nil }

        /// What the broker answered, or told: the same twice.
        mutating func change(to change: OrderChange, as number: BrokerOrderID) {
            guard order.terms != change else { return }
            order = order.changed(to: change)
            if let old = broker, old != number { formers.append(old) }
            broker = number
        }
    }
    typealias Complaint = (rule: BrokerViolation.Rule, what: String)

    var orders: [OrderNumber: Known] = [:]
    /// As they were sent.
    var numbers: [OrderNumber] = []
    var fills: [Fill] = []
    var held: [InstrumentID: Int64] = [:]
    var cash: Int128

    init(cash: Money) { self.cash = cash.units }

    /// - Parameter broker: `nil` while its outcome is unknown.
    mutating func sent(_ order: Order, _ client: ClientOrderID, _ broker: BrokerOrderID?) {
        if orders[order.number] == nil {
            numbers.append(order.number)
            orders[order.number] = Known(order: order, client: client)
        }
        if let broker { orders[order.number]?.broker = broker }
    }

    mutating func hear(_ report: BrokerReport) -> Complaint? {
        guard var known = orders[report.order] else {
            return (.answersPlacing, "a report of order \(report.order), which was not taken")
        }
        defer { orders[report.order] = known }
        if case .filled(let fill) = report, known.heard.contains(fill.id) {
            return (.fillsAddUp, "fill \(fill.id) of order \(fill.order) comes twice")
        }
        if let end = known.end {
            return (.reportsInOrder, "order \(report.order) is \(end), then comes \(report)")
        }
        switch report {
        case .accepted(let number, let broker):
            if known.accepted { return (.reportsInOrder, "order \(number) is accepted twice") }
            known.accepted = true
            if let told = known.broker, told != broker {
                return (.answersPlacing, "order \(number) is \(told), then accepted as \(broker)")
            }
            known.broker = broker
        case .rejected: known.end = .rejected
        case .expired(let number, _):
            known.end = .expired
            if !known.accepted { return (.reportsInOrder, "\(number) ends before its acceptance") }
        case .changed(let number, let change, let broker):
            if !known.accepted {
                return (.reportsInOrder, "\(number) changes before its acceptance")
            }
            known.change(to: change, as: broker)
        case .unknown, .failed, .cancelAsked, .changeRefused:
            return (.reportsInOrder, "\(report) is the desk's to say, never a broker's")
        case .cancelled(let number, _):
            known.end = .cancelled
            if !known.accepted { return (.reportsInOrder, "\(number) ends before its acceptance") }
        case .filled(let fill): return take(fill, &known)
        }
        return nil
    }

    private mutating func take(_ fill: Fill, _ known: inout Known) -> Complaint? {
        let order = known.order
        known.heard.insert(fill.id)
        known.filled += fill.quantity.units
        known.value += Int128(fill.price.units) * Int128(fill.quantity.units)
        fills.append(fill)
        held[order.instrument, default: 0] += fill.quantity.units * order.side.sign
        cash -=
            Int128(fill.price.units) * Int128(fill.quantity.units) * Int128(order.side.sign)
            + fill.fee.units
        if known.filled == order.quantity.units { known.end = .filled }
        if !known.accepted {
            return (.reportsInOrder, "order \(fill.order) fills before it is accepted")
        }
        if !fill.quantity.isPositive || known.filled > order.quantity.units {
            return (.fillsAddUp, "order \(fill.order) of \(order.quantity) has \(known.filled)")
        }
        if !fill.isTaxOfFee {
            return (.fillsAddUp, "a tax of \(fill.tax ?? .zero) in a fee of \(fill.fee)")
        }
        if let limit = order.limit,
            order.side == .buy ? fill.price > limit : fill.price < limit
        {
            return (.fillsAddUp, "order \(fill.order) fills at \(fill.price), limit \(limit)")
        }
        return nil
    }

    var open: [Known] { numbers.compactMap { orders[$0] }.filter(\.isOpen) }
}
