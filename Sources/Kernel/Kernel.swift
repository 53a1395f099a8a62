import Indicators
import Strategies
public import TradingModel

/// The decision stage: votes, rounds, risk, orders, positions. Pure: no clock, no I/O, no randomness.
///
/// One owner. What decides is changed only by applying facts; what follows from market events alone
/// (strategies, last prices) is changed by the events. So recovery feeds the events and applies the facts.
// What is not copyable is copied nonetheless: a mutating method that calls one that is not lends it all of the
// kernel, 600 bytes, in another place. So what is called for an order mutates though it changes nothing, or is inlined.
public struct Kernel: ~Copyable {
    public internal(set) var plan: KernelPlan
    var arbiter: Arbiter
    /// By account.
    var gates: Column<RiskGate>
    @usableFromInline var books: Column<Book>
    var seats: Column<Seat>
    /// Holds what the seats point at.
    var slots: [StrategySlot]
    /// What the strategy that fired last said.
    var fired: StrategyResult?
    var watches: Column<PriceWatch>
    var desks: Column<Desk>
    var serverSeats: [SourceID: [InstrumentID: [ServerSeat]]]
    var accounts: Column<AccountState>
    var orders = KnownOrders()
    var lastOrder: UInt64 = 0
    /// Orders whose outcome is unknown, as they came into doubt.
    var doubtful: [OrderNumber] = []
    var kills = Kills()
    /// By which past orders are counted: what the host said last, see ``note(_:)``.
    var clock = Timestamp.zero
    /// Of the market's last event.
    @usableFromInline var marketTime = Timestamp(nanoseconds: .min)
    /// Before this no order is too old, see ``endAged(into:)``.
    var ageDue = Timestamp(nanoseconds: .min)
    /// Desks with an open round, sorted.
    var openRounds: [Int] = []
    /// By source and shard: the position through which it has answered; servers only.
    var coverage: [[EventPosition]]
    /// By source and shard: whether its results count at present.
    var isLive: [[Bool]]
    /// From here and for this long nothing comes of time alone: no day begins, and accounts are not looked at.
    @usableFromInline var quietFloor = Timestamp(nanoseconds: .min)
    @usableFromInline var quietLength: UInt64 = 0
    /// From here and for this long no account's day begins or is taken back.
    @usableFromInline var dayFloor = Timestamp(nanoseconds: .min)
    @usableFromInline var dayLength: UInt64 = 0
    /// Whether a limit of an account is looked at between orders, and where it was last.
    var isWatching: Bool
    var lastLook = Int64.min
    /// In which order a candle's prices meet exits, where the exchange fills what they want inside of it: then the
    /// host walks through the candle, see ``walk(_:into:)``, and the candle itself tells guards nothing more.
    public var candlePath = CandlePath.atClose
    /// Behind what every tick and order touches.
    @usableFromInline var exits: ExitBook

    public init(_ plan: KernelPlan) {
        self.plan = plan
        arbiter = Arbiter(plan.arbiter, sources: plan.sources)
        let gates = Self.gates(plan)
        self.gates = Column(gates)
        isWatching = Self.isWatching(gates)
        let layout = Layout(plan)
        books = Column(layout.books)
        seats = Column(layout.seats)
        slots = layout.slots
        watches = Column(layout.watches)
        desks = Column(layout.desks)
        serverSeats = layout.serverSeats
        accounts = Column(
            plan.accounts.map { AccountState(cash: $0.cash, equityAtDayStart: $0.cash) })
        exits = ExitBook(plan.exits, desks: layout.desks.count)
        coverage = plan.sources.map(Self.coverageAtStart)
        isLive = plan.sources.map(Self.livesAtStart)
    }

    static func gates(_ plan: KernelPlan) -> [RiskGate] {
        plan.accounts.indices.map {
            RiskGate(plan.limits(of: $0), feeMicroBasisPoints: plan.feeMicroBasisPoints)
        }
    }

    /// Notes the time of what is decided next: the market's where it is simulated, the wall's at a pace, so
    /// that limits over a span of time outlive a restart. Nothing is decided by its coming.
    public mutating func note(_ time: Timestamp) { clock = time }

    // MARK: Market events

    /// Takes a numbered market event: strategies see it, votes that it ends expire.
    ///
    /// - Parameter entry: When it entered, by the clock that deadlines and validity run on.
    @inlinable @inline(__always)
    public mutating func handle(
        _ event: MarketEvent, entry: Timestamp, into effects: inout Effects
    ) {
        if case .tick(let tick) = event.kind {
            handle(tick, at: event.position, entry: entry, into: &effects)
        } else {
            handleRare(event, entry: entry, into: &effects)
        }
    }

    /// Takes a tick of which nothing comes, as of most: no day and no look at the accounts is due, it reaches no
    /// bound of rules and exits, and crosses no means. Nothing is called for it.
    ///
    /// - Parameter noting: ``hasExits``, which does not change from one such tick to the next.
    /// - Returns: False, with nothing changed, where ``handle(_:at:entry:into:)`` has to take it. Else the market's
    ///   time is left to ``note(passed:)``, which the last of several ticks is enough for.
    @inlinable @inline(__always)
    public mutating func pass(_ tick: Tick, noting: Bool) -> Bool {
        !isOutside(tick.feedTime)
            && books[Int(tick.instrument.index)].pass(tick, noting: noting)
    }

    /// - Parameter tick: The one that was passed last.
    @inlinable @inline(__always)
    public mutating func note(passed tick: Tick) { marketTime = tick.feedTime }

    @inlinable @inline(__always)
    public mutating func handle(
        _ tick: Tick, at position: EventPosition, entry: Timestamp, into effects: inout Effects
    ) {
        if pass(tick, noting: exits.isOn) {
            note(passed: tick)
        } else {
            handleInFull(tick, at: position, entry: entry, into: &effects)
        }
    }

    /// Takes a tick of which something may come.
    @usableFromInline @inline(never)
    mutating func handleInFull(
        _ tick: Tick, at position: EventPosition, entry: Timestamp, into effects: inout Effects
    ) {
        if isOutside(tick.feedTime) { turn(to: tick, into: &effects) }
        let index = Int(tick.instrument.index)
        let reachesBound =
            tick.price.units >= books[index].upper || tick.price.units <= books[index].lower
        if exits.isOn { books[index].noteBefore() }
        books[index].last = tick.price
        books[index].lastTime = tick.feedTime
        books[index].awaitsPrice = false
        marketTime = tick.feedTime
        for seat in Int(books[index].firstSeat)..<Int(books[index].firstWatchedSeat) {
            if let means = seats[seat].means {
                if let direction = means.pointee.push(tick.price) {
                    cross(direction, seat: seat, at: position, entry: entry, into: &effects)
                }
            } else if seats[seat].onTick(seats[seat].state, tick, &fired) {
                propose(seat: seat, at: position, entry: entry, into: &effects)
            }
        }
        guard reachesBound else { return }
        wake(tick) { kernel, seat in
            kernel.propose(seat: seat, at: position, entry: entry, into: &effects)
        }
        if exits.isOn {
            guardsSee(
                tick, before: books[index].before, at: position, entry: entry, into: &effects)
        }
    }

    /// Asks the watched seats whose bound the tick reaches, in their order.
    @inline(never)
    mutating func wake(_ tick: Tick, _ body: (inout Kernel, Int) -> Void) {
        let index = Int(tick.instrument.index)
        watches[index].take(tick.price)
        books[index].lower = watches[index].lower
        books[index].upper = watches[index].upper
        for offset in watches[index].reached.indices {
            let seat = Int(books[index].firstWatchedSeat) + Int(watches[index].reached[offset])
            if seats[seat].onTick(seats[seat].state, tick, &fired) { body(&self, seat) }
        }
    }

    @inlinable @inline(__always) func isOutside(_ time: Timestamp) -> Bool {
        UInt64(bitPattern: time.nanoseconds &- quietFloor.nanoseconds) >= quietLength
    }

    @usableFromInline @inline(never)
    mutating func handleRare(_ event: MarketEvent, entry: Timestamp, into effects: inout Effects) {
        switch event.kind {
        case .tick: break
        case .timer(let time, _): marketTime = max(marketTime, time)
        case .quote(let quote):
            marketTime = quote.feedTime
            if isOutside(quote.feedTime), turn(to: quote.feedTime, into: &effects) {
                watchAccounts(into: &effects)
            }
        case .candle(let candle):
            // One that still grows decides nothing; its close is yet to come.
            guard candle.isFinal else { return }
            let end = end(of: candle)
            marketTime = max(marketTime, end)
            if isOutside(end) {
                turn(to: end, candle.instrument, at: candle.close, into: &effects)
            }
            let before = books[Int(candle.instrument.index)].last
            books[Int(candle.instrument.index)].took(candle, at: event.position, end: end)
            expireVotes(endedBy: candle, at: event.position, into: &effects)
            forEachResult(of: candle) { kernel, seat in
                kernel.propose(seat: seat, at: event.position, entry: entry, into: &effects)
            }
            if exits.isOn, candlePath == .atClose {
                guardsSee(
                    candle, before: before, at: event.position, entry: entry, into: &effects)
            }
        }
    }

    /// When the candle was known: the account's day is that of this moment, not of a midnight to come.
    private func end(of candle: Candle) -> Timestamp {
        let index = Int(candle.instrument.index)
        guard index < plan.hours.count else { return candle.closeTime }
        return plan.hours[index].end(of: candle, plan.zones[index])
    }

    /// What an event changes besides decisions; results are dropped, for the log has them.
    public mutating func observe(_ event: MarketEvent) {
        switch event.kind {
        case .timer(let time, _): marketTime = max(marketTime, time)
        case .quote(let quote):
            marketTime = quote.feedTime
            observeTime(quote.feedTime)
        case .tick(let tick):
            marketTime = tick.feedTime
            observeTime(tick.feedTime)
            let index = Int(tick.instrument.index)
            let before = books[index].last
            books[index].last = tick.price
            books[index].lastTime = tick.feedTime
            books[index].awaitsPrice = false
            // As live: who asks for it notes it.
            if exits.isOn { books[index].hasTicks = true }
            for seat in Int(books[index].firstSeat)..<Int(books[index].firstWatchedSeat) {
                if let means = seats[seat].means {
                    _ = means.pointee.push(tick.price)
                } else {
                    _ = seats[seat].onTick(seats[seat].state, tick, &fired)
                }
            }
            if tick.price.units >= books[index].upper || tick.price.units <= books[index].lower {
                wake(tick) { _, _ in }
                if exits.isOn { guardsObserve(tick, before: before) }
            }
        case .candle(let candle):
            guard candle.isFinal else { return }
            let end = end(of: candle)
            marketTime = max(marketTime, end)
            observeTime(end)
            let before = books[Int(candle.instrument.index)].last
            books[Int(candle.instrument.index)].took(candle, at: event.position, end: end)
            forEachResult(of: candle) { _, _ in }
            if exits.isOn { guardsObserve(candle, before: before) }
        }
    }

    private mutating func forEachResult(
        of candle: Candle, _ body: (inout Kernel, Int) -> Void
    ) {
        let book = books[Int(candle.instrument.index)]
        for seat in Int(book.firstCandleSeat)..<Int(book.endSeat)
        where seats[seat].terms.input == .candles(candle.interval) {
            if slots[seat].onCandle(slots[seat].state, candle, &fired) { body(&self, seat) }
        }
    }

    // MARK: Views

    /// Whether any position can have exits.
    @inlinable public var hasExits: Bool { exits.isOn }
    public func last(of instrument: InstrumentID) -> Price? { books[Int(instrument.index)].last }
    public func cash(of account: AccountID) -> Money { accounts[Int(account.index)].cash }
    /// The cash that an order may take when it fills, so that cash never goes below zero.
    ///
    /// A limit order was reserved for at its worst price. A market order may fill at any: it takes no more than
    /// what others do not hold.
    public mutating func funds(for order: Order) -> Money {
        let index = Int(order.account.index)
        let cash = accounts[index].cash
        guard order.limit == nil else { return cash }
        let own = orders.index(of: order.number).map { orders.claims(of: $0).reservation }
        return cash - accounts[index].reserved + (own ?? .zero)
    }
    public func order(_ number: OrderNumber) -> OrderMachine? {
        orders.index(of: number).map { orders.machines[$0] }
    }

    /// Desks with a position or realised profit, by instrument and account.
    public func positions() -> [PositionView] {
        var views: [PositionView] = []
        for desk in 0..<desks.count
        where desks[desk].position != .zero || desks[desk].realised != .zero {
            views.append(view(desk))
        }
        return views
    }
    public func position(of key: DeskKey) -> PositionView? {
        guard let desk = desk(of: key) else { return nil }
        return view(desk)
    }

    /// Where the desk is: an instrument's desks are contiguous and sorted by account.
    @inline(__always)
    func desk(of key: DeskKey) -> Int? {
        let instrument = Int(key.instrument.index)
        guard instrument >= 0, instrument < books.count else { return nil }
        let first = books[instrument].desks.lowerBound
        // Mostly there is one account, or it is the first's.
        if first < books[instrument].desks.upperBound, desks[first].key.account == key.account {
            return first
        }
        return Self.desk(of: key.account, books[instrument].desks, desks)
    }

    @inline(never)
    private static func desk(
        of account: AccountID, _ all: Range<Int>, _ desks: borrowing Column<Desk>
    ) -> Int? {
        var (low, high) = (all.lowerBound, all.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if desks[middle].key.account < account { low = middle + 1 } else { high = middle }
        }
        return low < all.upperBound && desks[low].key.account == account ? low : nil
    }

    /// The instrument's last trade, or the close of its last candle; `nil` before the first.
    public func lastPrice(of instrument: InstrumentID) -> Price? {
        let index = Int(instrument.index)
        return index >= 0 && index < books.count ? books[index].last : nil
    }

    func view(_ desk: Int) -> PositionView {
        PositionView(
            key: desks[desk].key, held: desks[desk].position, cost: desks[desk].cost,
            realised: desks[desk].realised, last: books[Int(desks[desk].key.instrument.index)].last)
    }

    /// Cash and holdings at their last prices; `nil` out of range.
    public func equity(of account: AccountID) -> Money? {
        Self.equity(of: Int(account.index), accounts, desks, books)
    }
    static func equity(
        of account: Int, _ accounts: borrowing Column<AccountState>,
        _ desks: borrowing Column<Desk>, _ books: borrowing Column<Book>
    ) -> Money? {
        var sum = accounts[account].cash.units
        for desk in accounts[account].active where desks[desk].position != .zero {
            guard let last = books[Int(desks[desk].key.instrument.index)].last else { continue }
            let (next, overflow) = sum.addingReportingOverflow(
                Money(last, times: desks[desk].position).units)
            guard !overflow else { return nil }
            sum = next
        }
        return Money(units: sum)
    }

    /// Orders that have not ended, by number.
    public func workingOrders() -> [OrderMachine] {
        orders.machines.filter { !$0.state.isFinal }
    }
}
