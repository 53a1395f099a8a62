import Brokers
import Foundation
import Ports
import TradingModel

/// The simulated broker as a value: its account, its sessions, its faults. No socket, no clock, no
/// thread.
///
/// The same requests at the same times get the same answers for the same seed.
struct SimulatedVenue: Sendable {
    struct Settings: Sendable {
        var account: PaperAccount.Settings
        var instruments: [Instrument]
        var clientIDs = BrokerCapabilities.ClientOrderIDs.always
        var fillHistory = BrokerCapabilities.FillHistory.each
        var changes = BrokerCapabilities.Changes.keepNumber
        /// What it looks at; the rest is refused at once.
        var terms = VenueTerms()
        /// After which an open order ends unfilled, ns of the market's time; 0: never.
        var orderLife: Int64 = 0
        /// Whether a new line of the stream is told again what it missed.
        var isResumable = true
        /// Of a token, ns.
        var tokenLife: Int64 = 86_400_000_000_000
        /// Requests that a token is good for; 0: any number.
        var tokenUses = 0
        /// Requests a second and key; 0: any number.
        var rate = 0
        var seed: UInt64 = 1
        var key = "demo"
        var secret = "demo"
        /// Its market's time is the machine's; else a second passes with each print.
        var isRealTime = false
    }
    let settings: Settings
    var account: PaperAccount
    var faults: FaultPlan
    /// How long a token is good: until a time, ns of the monotonic clock, and for so many requests.
    struct Validity {
        var end: Int64
        var left: Int
    }
    var tokens: [String: Validity] = [:]
    private var tokensMade: UInt64 = 0
    var ordersMade: UInt64 = 0
    /// Of the client's own text, as far as the broker keeps it.
    var clients: [String: BrokerOrderID] = [:]
    var clientTexts: [BrokerOrderID: String] = [:]
    /// Numbers that an order had before changes, by the one that it has.
    var formers: [BrokerOrderID: [BrokerOrderID]] = [:]
    var replaced: [BrokerOrderID: BrokerOrderID] = [:]
    /// Every report of the account's life; the n-th has the number n + 1.
    private(set) var reports: [SimulatorWire.Report] = []
    /// What the stream says next, in its order; taken by the rim.
    private var outgoing: [StreamEvent] = []
    /// One that the next one overtakes.
    private var heldBack: StreamEvent?
    /// The account as it stood when the last copy was made, for questions that meet a lagging one.
    private var copy: PaperAccount?
    private var windowStart = Int64.min
    private var windowCount = 0
    var walk: MarketWalk

    init(_ settings: Settings) {
        self.settings = settings
        account = PaperAccount(settings.account, instruments: settings.instruments)
        faults = FaultPlan(seed: settings.seed)
        walk = MarketWalk(seed: settings.seed, settings.instruments)
    }

    /// Real time, where the market keeps it.
    mutating func pass(to utc: Int64) {
        guard settings.isRealTime else { return }
        account.pass(to: Timestamp(nanoseconds: utc))
        walk.utc = utc
        expireThoseDue()
    }

    // MARK: Sessions

    mutating func login(_ login: SimulatorWire.Login, at now: Int64) -> SimulatorWire.Token? {
        guard login.key == settings.key, login.secret == settings.secret else { return nil }
        tokensMade += 1
        let token = "sim-\(settings.seed)-\(tokensMade)"
        tokens = tokens.filter { $0.value.end > now && $0.value.left > 0 }
        tokens[token] = Validity(
            end: now + settings.tokenLife,
            left: settings.tokenUses > 0 ? settings.tokenUses : .max)
        return SimulatorWire.Token(
            token: token, expires_in: max(0, settings.tokenLife / 1_000_000_000))
    }
    func admits(_ token: String?, at now: Int64) -> Bool {
        token.flatMap { tokens[$0] }.map { $0.end > now && $0.left > 0 } ?? false
    }

    /// Counts a request.
    ///
    /// - Returns: The wait, ns, where there were too many in this second; `nil`: it may pass.
    mutating func overRate(at now: Int64) -> Int64? {
        guard settings.rate > 0 else { return nil }
        if windowStart == .min || now - windowStart >= 1_000_000_000 {
            windowStart = now
            windowCount = 0
        }
        guard windowCount < settings.rate else { return windowStart + 1_000_000_000 - now }
        windowCount += 1
        return nil
    }

    // MARK: Market and reports

    /// Makes the market do this, and tells what came of it.
    mutating func observe(_ input: MarketInput) {
        account.pass(to: input.time)
        expireThoseDue()
        tell(account.observe(input))
    }

    /// The next print of its own market.
    mutating func step() { observe(walk.next()) }
    var reportCount: UInt64 { UInt64(reports.count) }

    mutating func tell(_ made: [BrokerReport]) {
        for report in made {
            let number = UInt64(reports.count) + 1
            let broker = BrokerOrderID(paper: report.order)
            guard case .found(let order) = account.order(.broker(broker)) else { continue }
            var told = SimulatorWire.Report(seq: number, type: "", order: wire(order))
            switch report {
            case .accepted: told.type = "accepted"
            case .changed: told.type = "changed"
            case .filled(let fill):
                told.type = "filled"
                told.fill = wire(fill)
            case .cancelled(_, let reason), .rejected(_, let reason):
                told.type = "cancelled"
                told.reason = reason
            case .expired(_, let reason):
                told.type = "expired"
                told.reason = reason
            // No paper account makes these.
            case .failed, .unknown, .cancelAsked, .changeRefused: continue
            }
            reports.append(told)
            send(told)
        }
    }

    private mutating func send(_ report: SimulatorWire.Report) {
        var events = [StreamEvent.report(report, delay: 0)]
        switch faults.meet(.stream) {
        case .double: events.append(events[0])
        case .delay(let wait): events = [.report(report, delay: wait)]
        case .reorder where heldBack == nil:
            heldBack = events[0]
            return
        case .lose: events = []
        case .drop: events.append(.dropLines)
        default: break
        }
        outgoing += events
        if let held = heldBack {
            heldBack = nil
            outgoing.append(held)
        }
    }

    /// What the stream says now. One that was to be overtaken, and was not, comes along at
    /// `isLast`.
    mutating func takeOutgoing(isLast: Bool = true) -> [StreamEvent] {
        if isLast, let held = heldBack {
            heldBack = nil
            outgoing.append(held)
        }
        defer { outgoing = [] }
        return outgoing
    }

    /// What a new line is told first.
    func greeting(after number: UInt64?) -> [SimulatorWire.Report] {
        let last = UInt64(reports.count)
        guard settings.isResumable, let number, number < last else {
            return [SimulatorWire.Report(seq: last, type: "hello")]
        }
        return [SimulatorWire.Report(seq: number, type: "hello")]
            + reports[Int(number)...]
    }

    /// From here on questions that meet a lagging copy see the account as it stands now.
    mutating func makeCopy() { copy = account }
    var laggingAccount: PaperAccount {
        copy ?? PaperAccount(settings.account, instruments: settings.instruments)
    }

    // MARK: In the wire's words

    func wire(_ order: BrokerOrder) -> SimulatorWire.OrderState {
        SimulatorWire.OrderState(
            order_id: order.brokerID.text,
            client_id: settings.clientIDs == .none ? nil : clientTexts[order.brokerID],
            symbol: order.symbol, side: SimulatorWire.text(order.side),
            quantity: "\(order.quantity)", limit: order.limit.map { "\($0)" },
            filled: "\(order.filled)", filled_value: "\(order.filledValue)",
            state: "\(order.state)", placed_at: order.placedAt?.nanoseconds,
            former_ids: formers[order.brokerID]?.map(\.text))
    }
    private func numberNow(of order: OrderNumber) -> BrokerOrderID {
        var number = BrokerOrderID(paper: order)
        while let next = replaced[number] { number = next }
        return number
    }
    func wire(_ fill: Fill) -> SimulatorWire.FillState {
        SimulatorWire.FillState(
            order_id: numberNow(of: fill.order).text, id: fill.id, price: "\(fill.price)",
            quantity: "\(fill.quantity)", fee: "\(fill.fee)", time: fill.time.nanoseconds,
            tax: fill.tax.map { "\($0)" })
    }
}

/// What happens on every line of the stream.
enum StreamEvent: Hashable, Sendable {
    /// `delay`: ns before it leaves; later ones do not wait for it.
    case report(SimulatorWire.Report, delay: Int64)
    case dropLines
}

/// A market of its own: a price for each instrument that wanders by its steps, from the seed.
struct MarketWalk: Sendable {
    private var random: SplitMix64
    private let instruments: [Instrument]
    private var prices: [Price]
    private(set) var time: Int64 = 0
    /// The machine's, where the market goes by it.
    var utc: Int64?

    init(
        seed: UInt64, _ instruments: [Instrument],
        from price: Price = Price(units: 70_000 * fixedPointScale)
    ) {
        random = SplitMix64(seed ^ 0x6d61_726b_6574)
        self.instruments = instruments
        prices = instruments.map { _ in price }
    }

    /// - Parameter pushed: A print from outside, from which the walk goes on.
    mutating func take(_ instrument: InstrumentID, _ pushed: Price) -> Int64 {
        let index = Int(instrument.index)
        if prices.indices.contains(index) { prices[index] = pushed }
        tick()
        return time
    }

    /// Nothing is printed meanwhile.
    mutating func pass(_ wait: Int64) { time += wait }

    private mutating func tick() {
        time = utc.map { max($0, time + 1) } ?? time + 1_000_000_000
    }

    mutating func next() -> MarketInput {
        let index = Int(random.next() % UInt64(max(1, instruments.count)))
        let step = max(1, instruments[index].ladder.step(at: prices[index]).units)
        let move = Int64(random.next() % 7) - 3
        prices[index] = Price(units: max(step, prices[index].units + move * step))
        tick()
        return .tick(
            Tick(
                instrument: instruments[index].id, feedTime: Timestamp(nanoseconds: time),
                price: prices[index],
                quantity: Quantity(units: Int64(1 + random.next() % 500) * fixedPointScale)))
    }
}
