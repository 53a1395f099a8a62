public import TradingModel

/// The life of one order. A fill heard twice counts once; the kernel turns answers into facts.
///
/// A fill is booked whatever was thought of the order, for it is money that moved: behind the end, or of more
/// than was open, it is told besides.
public struct OrderMachine: Hashable, Sendable {
    public enum State: UInt8, Hashable, Sendable {
        case pending = 0
        case submitted, partlyFilled, filled, cancelled, rejected, expired, failed, unknown
        case cancelPending
        public var isFinal: Bool {
            switch self {
            case .filled, .cancelled, .rejected, .expired, .failed: true
            case .pending, .submitted, .partlyFilled, .unknown, .cancelPending: false
            }
        }
    }
    public enum Answer: Hashable, Sendable {
        case ignore
        case submitted(BrokerOrderID)
        /// `odd`: what about it contradicts what is known, for a person to know.
        case book(Fill, odd: String?)
        case ended(State, reason: String)
        case inDoubt(String)
        case cancelAsked(String)
        case changed(OrderChange, BrokerOrderID)
        case changeRefused(OrderChange, reason: String)
        /// It contradicts what is known: nothing changes, a person should know.
        case contradiction(String)
    }
    /// What a fill means.
    enum FillAnswer {
        case ignore
        case book(odd: String?)
        case contradiction(String)
    }
    /// As it is now: a change that was taken is in it.
    public internal(set) var order: Order
    /// Whose it is.
    let source: SourceID
    /// When it was decided, by the clock of limits over spans of time.
    public let placed: Timestamp
    /// Cash held for all of it.
    var reserved: Money
    /// A change on its way: until its answer the order may be either, and holds the greater of both.
    var change: ChangeUnderWay?
    /// It is not what was placed any more.
    var wasChanged = false
    public internal(set) var state: State = .pending
    public private(set) var filled: Quantity = .zero
    /// Its end was asked for; in doubt it is remembered.
    public private(set) var isCancelAsked = false
    /// The broker's number of it is on record.
    private var isNumbered = false
    /// Somebody could not tell what became of it.
    private var wasInDoubt = false
    private var heard = HeardFills()

    public init(_ decision: OrderDecision) {
        self.init(decision.order, of: decision.source, reserving: decision.reserved)
    }
    init(
        _ order: Order, of source: SourceID, reserving reserved: Money, at time: Timestamp = .zero
    ) {
        self.order = order
        self.source = source
        placed = time
        self.reserved = reserved
    }

    @inline(__always) public var open: Quantity {
        state.isFinal ? .zero : Quantity(units: max(0, whole.units - filled.units))
    }
    /// What it can come to.
    @inline(__always) var whole: Quantity {
        change.map { max(order.quantity, $0.to.quantity) } ?? order.quantity
    }

    /// What a buy still holds: its reservation's share of what is open, rounded toward zero.
    @inline(__always) public var reservation: Money {
        if let change {
            return change.reservation(with: reserved, for: order.quantity, filled, state.isFinal)
        }
        let open = open
        guard open.units > 0, reserved != .zero else { return .zero }
        return open == order.quantity
            ? reserved : Self.share(of: open, in: reserved, for: order.quantity)
    }

    @inline(never)
    static func share(of open: Quantity, in reserved: Money, for quantity: Quantity) -> Money {
        let whole = Int128(quantity.units)
        let (quotient, remainder) = reserved.units.quotientAndRemainder(dividingBy: whole)
        let part = Int128(open.units)
        return Money(units: quotient * part + remainder * part / whole)
    }

    /// What it holds of cash and position, and whether it has ended.
    typealias Claims = (open: Quantity, reservation: Money, isFinal: Bool)
    @inline(__always) var claims: Claims { (open, reservation, state.isFinal) }

    /// What a report means. Changes nothing: the kernel applies the fact it makes of the answer.
    public func answer(to report: BrokerReport) -> Answer {
        switch report {
        case .accepted(_, let id):
            // Once also behind a fill: in doubt it is known by this number, after a restart too.
            if isUnconfirmed { return .submitted(id) }
            guard state == .failed || state == .rejected else { return .ignore }
            return .contradiction("accepted as \(id) after \(state)")
        case .filled(let fill):
            switch answer(to: fill) {
            case .ignore: return .ignore
            case .book(let odd): return .book(fill, odd: odd)
            case .contradiction(let what): return .contradiction(what)
            }
        case .rejected(_, let reason): return end(.rejected, reason)
        case .cancelled(_, let reason): return end(.cancelled, reason)
        case .expired(_, let reason): return end(.expired, reason)
        case .failed(_, let reason):
            if !state.isFinal, state != .pending, state != .unknown {
                return .contradiction("failed after it was accepted: \(reason)")
            }
            return end(.failed, reason)
        case .unknown(_, let reason):
            return state.isFinal || state == .unknown ? .ignore : .inDoubt(reason)
        case .cancelAsked(_, let reason):
            return state.isFinal || isCancelAsked ? .ignore : .cancelAsked(reason)
        case .changed(_, let change, let id): return answer(toChange: change, id)
        case .changeRefused(_, let change, let reason):
            return self.change?.to == change ? .changeRefused(change, reason: reason) : .ignore
        }
    }

    private func end(_ end: State, _ reason: String) -> Answer {
        if state.isFinal { return state == end ? .ignore : .contradiction("\(end) after \(state)") }
        if end == .rejected || end == .failed, filled != .zero {
            return .contradiction("\(end) after a fill: \(reason)")
        }
        return .ended(end, reason: reason)
    }

    @inline(__always)
    func answer(to fill: Fill) -> FillAnswer {
        if heard.contains(fill.id) { return .ignore }
        guard fill.quantity.isPositive else { return .contradiction("a fill of \(fill.quantity)") }
        return .book(odd: oddity(of: fill))
    }

    // Read where the machine stands; what is rare is called with what it tells, not with the machine.
    @inline(__always)
    private func oddity(of fill: Fill) -> String? {
        if state.isFinal { return Self.oddity(of: fill.quantity, after: state) }
        return fill.quantity > open ? Self.oddity(of: fill.quantity, with: open) : nil
    }
    @inline(never)
    private static func oddity(of quantity: Quantity, after end: State) -> String {
        "filled \(quantity) after the end (\(end)): it is booked"
    }
    @inline(never)
    private static func oddity(of quantity: Quantity, with open: Quantity) -> String {
        "filled \(quantity) with \(open) open: it is booked"
    }

    /// Whether that the broker has it, under a number, is news.
    var isUnconfirmed: Bool { !state.isFinal && (!isNumbered || state == .unknown) }
    mutating func applySubmitted() {
        isNumbered = true
        if state == .pending || state == .unknown { state = working }
    }
    private var working: State {
        isCancelAsked ? .cancelPending : filled == .zero ? .submitted : .partlyFilled
    }
    mutating func apply(_ fill: Fill) {
        heard.insert(fill.id)
        filled = (try? filled.adding(fill.quantity)) ?? Quantity(units: .max)
        guard !state.isFinal else { return }
        state = filled >= whole ? .filled : working
        if state == .filled { change = nil }
    }
    mutating func applyInDoubt() {
        guard !state.isFinal else { return }
        state = .unknown
        wasInDoubt = true
    }
    mutating func applyCancelAsked() {
        guard !state.isFinal else { return }
        isCancelAsked = true
        if state == .submitted || state == .partlyFilled { state = .cancelPending }
    }
    /// Over with something of it open: a broker may have filled more.
    var endedShort: Bool { state.isFinal && filled < order.quantity }
    /// It failed before a broker had it: nobody sent it, or a broker said for certain that it was not taken.
    var failedBefore: Bool {
        state == .failed && !isNumbered && !wasInDoubt && filled == .zero
    }
    mutating func applyEnd(_ end: State) {
        state = end
        change = nil
    }
}
