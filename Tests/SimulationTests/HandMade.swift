import Kernel
import Ports
import Simulation
import TradingModel

/// Histories written by hand, a tenth of a second between two entries.
struct HandMade {
    private(set) var history: History
    private var time = Timestamp.zero
    private var record: UInt64 = 0
    private var calls: UInt64 = 0
    private var position: [Int64]
    private var cash: Int128

    init(
        brokers: Int = 1, limits: RiskLimits = RiskLimits(), keepsFills: Bool = true,
        exits: ExitPlan? = nil, comparesAtStart: Bool = false
    ) {
        let instruments = (0..<2).map { index in
            Instrument(
                id: InstrumentID(index), symbol: "S\(index)", market: "KR", currency: "KRW",
                ladder: .fixed(.zero), lot: .shares(1), timeZone: "Asia/Seoul")
        }
        var terms = History.Terms(
            seed: 1, instruments: instruments, sources: ["cross"], cash: .won(1_000),
            limits: limits,
            brokers: (0..<brokers).map {
                History.Terms.Broker(name: "b\($0)", keepsFills: keepsFills, kind: "test")
            })
        terms.exits = exits
        terms.comparesAtStart = comparesAtStart
        history = History(terms)
        position = [0, 0]
        cash = Money.won(1_000).units
    }

    var violations: [Violation] { Checker.check(history) }
    var rules: [Violation.Rule] { violations.map(\.rule) }

    mutating func add(_ what: Happening) {
        time = time.advanced(by: .milliseconds(100))
        history.add(what, at: time)
    }

    mutating func wait(_ span: Nanoseconds) { time = time.advanced(by: span) }

    static func order(
        _ number: UInt64, _ side: Side, _ shares: Int64, at price: Int64 = 10,
        of instrument: Int = 0
    ) -> Order {
        Order(
            number: OrderNumber(number), account: AccountID(0),
            instrument: InstrumentID(instrument), side: side, quantity: .shares(shares),
            limit: .won(price))
    }

    // MARK: Steps as they should be

    mutating func approve(_ order: Order, reserved: Money? = nil) {
        record += 1
        let value = Money(order.limit ?? .zero, times: order.quantity)
        add(
            .approved(
                Happening.Approval(
                    order: order, reserved: reserved ?? (order.side == .buy ? value : .zero),
                    reference: order.limit ?? .zero), record: record))
    }

    mutating func flush() { add(.durable(through: record)) }

    mutating func send(_ order: Order, broker: Int = 0) {
        calls += 1
        add(.handed(call: calls, broker: broker, order.number))
        add(
            .sent(
                call: calls, broker: broker, order,
                ClientOrderID(high: 1, low: order.number.value)))
    }

    mutating func answer(_ outcome: Happening.Outcome) {
        add(.answered(call: calls, broker: 0, outcome))
    }

    mutating func accept(_ order: Order, broker: Int = 0, as id: String? = nil) {
        add(.accepted(broker: broker, BrokerOrderID(id ?? "B\(order.number)"), order))
    }

    mutating func acknowledge(_ order: Order, as id: String? = nil) {
        record += 1
        let id = BrokerOrderID(id ?? "B\(order.number)")
        add(.acknowledged(order.number, id, record: record))
    }

    static func fill(_ order: Order, _ id: UInt32, _ shares: Int64, fee: Money = .zero) -> Fill {
        Fill(
            order: order.number, id: id, price: order.limit ?? .zero, quantity: .shares(shares),
            fee: fee, time: .zero)
    }

    mutating func fill(_ order: Order, _ fill: Fill) {
        add(.filled(broker: 0, BrokerOrderID("B\(order.number)"), order, fill))
    }

    /// - Parameters:
    ///   - held: What the books say, where it is not the sum.
    ///   - cash: Likewise.
    mutating func book(_ order: Order, _ fill: Fill, held: Int64? = nil, cash said: Money? = nil) {
        record += 1
        let signed = fill.quantity.units * order.side.sign
        position[Int(order.instrument.index)] += signed
        cash -= Int128(fill.price.units) * Int128(signed) + fill.fee.units
        add(
            .booked(
                Happening.BookedFill(
                    fill: fill,
                    positionAfter: held.map { .shares($0) }
                        ?? Quantity(units: position[Int(order.instrument.index)]),
                    cashAfter: said ?? Money(units: cash)), record: record))
    }

    mutating func end(_ order: Order, _ state: OrderMachine.State = .cancelled) {
        record += 1
        add(.ended(order.number, state, reason: "test", record: record))
    }

    /// Something that the host decided, in a record of its own.
    mutating func addRecorded(_ what: (UInt64) -> Happening) {
        record += 1
        add(what(record))
    }
    static func id(of order: Order) -> BrokerOrderID { BrokerOrderID("B\(order.number)") }
    mutating func cancelled(_ order: Order) {
        add(.cancelled(broker: 0, Self.id(of: order), order, reason: "test"))
    }

    mutating func kill(_ on: Bool = true) {
        record += 1
        add(.killed(on, record: record))
    }

    /// The host forgets what its log lost.
    mutating func crash(keeping kept: UInt64) {
        add(.crashed(kept: kept, lost: record - kept, at: .idle))
        record = kept
    }

    mutating func rest(
        free: Money? = nil, brokers: [Int64]? = nil, doubtful: [OrderNumber] = [],
        isKilled: Bool = false, openAtBrokers: [OrderNumber] = []
    ) {
        let host = Happening.Rest.Side(
            positions: position.map { Quantity(units: $0) }, cash: Money(units: cash))
        let broker = Happening.Rest.Side(
            positions: brokers?.map { .shares($0) } ?? host.positions, cash: host.cash)
        add(
            .rested(
                Happening.Rest(
                    host: host, freeCash: free ?? host.cash, working: openAtBrokers,
                    doubtful: doubtful, isKilled: isKilled, brokers: broker,
                    openAtBrokers: openAtBrokers)))
    }

    /// A buy that is approved, durable, sent, taken, filled and booked, all as it should be.
    mutating func bought(_ order: Order) {
        taken(order)
        filled(order)
    }
    mutating func taken(_ order: Order) {
        approve(order)
        flush()
        send(order)
        accept(order)
        answer(.placed(order.number, BrokerOrderID("B\(order.number)")))
        acknowledge(order)
    }
    mutating func filled(_ order: Order) {
        let fill = Self.fill(order, 1, order.quantity.units / fixedPointScale)
        self.fill(order, fill)
        book(order, fill)
    }
}

extension Price {
    static func won(_ whole: Int64) -> Price { Price(units: whole * fixedPointScale) }
}
extension Quantity {
    static func shares(_ whole: Int64) -> Quantity { Quantity(units: whole * fixedPointScale) }
}
extension Money {
    static func won(_ whole: Int128) -> Money { Money(units: whole * Money.scale) }
}
