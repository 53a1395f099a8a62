public import TradingModel

/// The life of one order. A fill heard twice counts once; the kernel turns answers into facts.
///
/// A fill is booked whatever was thought of the order, for it is money that moved: behind the end, or of more
/// than was open, it is told besides.
public struct OrderMachine: Hashable, Sendable {
    public enum State: UInt8, Hashable, Sendable {
        case pending = 0
        case submitted, partlyFilled, filled, cancelled, rejected, expired, failed, unknown
        public var isFinal: Bool {
            switch self {
            case .filled, .cancelled, .rejected, .expired, .failed: true
            case .pending, .submitted, .partlyFilled, .unknown: false
            }
        }
    }
    public enum Answer: Hashable, Sendable {
        case ignore
        case submitted(BrokerOrderID)
        /// `odd`: what about it contradicts what is known, for a person to know.
        case book(Fill, odd: String?)
        case ended(State, reason: String)
        /// It contradicts what is known: nothing changes, a person should know.
        case contradiction(String)
    }
    public let order: Order
    /// Cash held for all of it.
    private let reserved: Money
    public private(set) var state: State = .pending
    public private(set) var filled: Quantity = .zero
    private var heard = HeardFills()

    public init(_ decision: OrderDecision) {
        order = decision.order
        reserved = decision.reserved
    }

    public var open: Quantity {
        state.isFinal ? .zero : Quantity(units: max(0, order.quantity.units - filled.units))
    }

    /// What a buy still holds: its reservation's share of what is open, rounded toward zero.
    public var reservation: Money {
        guard open.units > 0 else { return .zero }
        if open == order.quantity { return reserved }
        let whole = Int128(order.quantity.units)
        let (quotient, remainder) = reserved.units.quotientAndRemainder(dividingBy: whole)
        let part = Int128(open.units)
        return Money(units: quotient * part + remainder * part / whole)
    }

    /// What it holds of cash and position, and whether it has ended.
    typealias Claims = (open: Quantity, reservation: Money, isFinal: Bool)
    mutating func claimsInPlace() -> Claims { (open, reservation, state.isFinal) }
    mutating func answerInPlace(to report: BrokerReport) -> Answer { answer(to: report) }

    /// What a report means. Changes nothing: the kernel applies the fact it makes of the answer.
    public func answer(to report: BrokerReport) -> Answer {
        switch report {
        case .accepted(_, let id):
            return state == .pending || state == .unknown ? .submitted(id) : .ignore
        case .filled(let fill):
            if heard.contains(fill.id) { return .ignore }
            guard fill.quantity.isPositive else {
                return .contradiction("a fill of \(fill.quantity)")
            }
            return .book(fill, odd: oddity(of: fill))
        case .rejected(_, let reason):
            if state.isFinal {
                return state == .rejected ? .ignore : .contradiction("rejected after \(state)")
            }
            guard filled == .zero else { return .contradiction("rejected after a fill: \(reason)") }
            return .ended(.rejected, reason: reason)
        case .cancelled(_, let reason):
            if state.isFinal {
                return state == .cancelled ? .ignore : .contradiction("cancelled after \(state)")
            }
            return .ended(.cancelled, reason: reason)
        }
    }

    private func oddity(of fill: Fill) -> String? {
        if state.isFinal { return "filled \(fill.quantity) after the end (\(state)): it is booked" }
        guard fill.quantity > open else { return nil }
        return "filled \(fill.quantity) with \(open) open: it is booked"
    }

    mutating func applySubmitted() {
        if state == .pending || state == .unknown { state = .submitted }
    }
    mutating func apply(_ fill: Fill) {
        heard.insert(fill.id)
        filled = (try? filled.adding(fill.quantity)) ?? Quantity(units: .max)
        guard !state.isFinal else { return }
        state = filled >= order.quantity ? .filled : .partlyFilled
    }
    mutating func applyEnd(_ end: State) { state = end }
}
