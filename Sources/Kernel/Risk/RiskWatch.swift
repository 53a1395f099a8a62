public import TradingModel

/// A limit that a position can pass by its price alone: so it is looked at between orders too.
public enum WatchedLimit: UInt8, Hashable, Sendable, CaseIterable {
    case dayLoss = 1
    case drawdown, symbolValue, symbolWeight
    /// No limit of anybody's: cash and holdings come to more than can be counted, so no other limit can be looked at.
    case equity

    /// As the gate calls the rule.
    public var name: String {
        switch self {
        case .dayLoss: "day_loss"
        case .drawdown: "drawdown"
        case .symbolValue: "symbol_value"
        case .symbolWeight: "symbol_weight"
        case .equity: "equity"
        }
    }
    /// What is passed, for people.
    public var words: String { self == .equity ? "the range of equity" : name }
    /// Why a buy is ended that it forbids.
    var reason: String { "\(words) is passed" }
    /// Whether a cancel with this reason is the watch's.
    public static func says(_ reason: String) -> Bool {
        allCases.contains { $0.reason == reason }
    }
    /// Whether nothing is bought for the rest of the day; else only as long as it is passed.
    public var lastsTheDay: Bool { self == .dayLoss || self == .drawdown }
}

/// An account is past a limit of its own, and nobody had to order anything for that.
public struct LimitPassed: Equatable, Sendable {
    public let account: AccountID
    /// Of a limit for each instrument.
    public let instrument: InstrumentID?
    public let limit: WatchedLimit
    /// The numbers, for people.
    public let detail: Detail
    public init(
        account: AccountID, instrument: InstrumentID?, limit: WatchedLimit, detail: Detail
    ) {
        self.account = account
        self.instrument = instrument
        self.limit = limit
        self.detail = detail
    }
    var key: PassedLimit { PassedLimit(limit: limit, instrument: instrument) }
}

/// Which limit, and of what. It is passed once in a day of the account.
struct PassedLimit: Hashable {
    let limit: WatchedLimit
    let instrument: InstrumentID?
}

/// Accounts are looked at with the first event of every five seconds of the market's time, on the clock: so a run
/// that was started again looks at the same events as one that was not.
///
/// The gate looks at the same numbers before each buy. This finds what no order asks about: then buys that work are
/// ended, and people are told.
extension Kernel {
    private static var lookEvery: Int64 { 5_000_000_000 }

    /// Which five seconds a time is in.
    private static func cell(of time: Timestamp) -> Int64 {
        let (quotient, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: lookEvery)
        return rest < 0 ? quotient - 1 : quotient
    }

    static func isWatching(_ gates: [RiskGate]) -> Bool {
        gates.contains { $0.limits.isWatched || $0.limits.orderAge != nil }
    }

    /// The time is outside of where nothing begins: a day may begin, and accounts may want to be looked at.
    ///
    /// - Returns: Whether ``watchAccounts(into:)`` is due.
    mutating func turn(to time: Timestamp, into effects: inout Effects) -> Bool {
        if UInt64(bitPattern: time.nanoseconds &- dayFloor.nanoseconds) >= dayLength {
            startDays(at: time, into: &effects)
        }
        (quietFloor, quietLength) = (dayFloor, dayLength)
        guard isWatching else { return false }
        let cell = Self.cell(of: time)
        let begin = cell.multipliedReportingOverflow(by: Self.lookEvery)
        if !begin.overflow {
            // The day's floor and end are full minutes away: the cell lies within.
            (quietFloor, quietLength) = (
                Timestamp(nanoseconds: begin.partialValue), UInt64(Self.lookEvery)
            )
        }
        defer { lastLook = cell }
        return cell != lastLook
    }

    @inline(never)
    mutating func turn(to tick: Tick, into effects: inout Effects) {
        turn(to: tick.feedTime, tick.instrument, at: tick.price, into: &effects)
    }

    /// Days begin with the price before, and accounts are looked at with the one that comes: a buy of the same event
    /// is held back by what it passes.
    mutating func turn(
        to time: Timestamp, _ instrument: InstrumentID, at price: Price,
        into effects: inout Effects
    ) {
        guard turn(to: time, into: &effects) else { return }
        let index = Int(instrument.index)
        let before = books[index].last
        books[index].last = price
        watchAccounts(into: &effects)
        books[index].last = before
    }

    /// In recovery the log says what was found; here it is noted where was looked.
    mutating func observeTime(_ time: Timestamp) {
        if isWatching { lastLook = Self.cell(of: time) }
    }

    /// Tells of every limit that is passed and was not in this day, and ends the buys that it forbids: those too that
    /// were made while it was passed no more. Ends what is too old.
    // Mostly nothing is passed: then nothing is allocated, and no gate is copied.
    mutating func watchAccounts(into effects: inout Effects) {
        endAged(into: &effects)
        for index in 0..<accounts.count {
            guard gates[index].limits.isWatched else { continue }
            guard let equity = Self.equity(of: index, accounts, desks, books) else {
                let detail = "cash and holdings leave 128 bits at these prices"
                pass(.equity, of: index, nil, detail, into: &effects)
                continue
            }
            if let detail = gates[index].dayLoss(equity, since: accounts[index].equityAtDayStart) {
                pass(.dayLoss, of: index, nil, detail, into: &effects)
            }
            if let detail = gates[index].drawdown(equity, below: accounts[index].peak) {
                pass(.drawdown, of: index, nil, detail, into: &effects)
            }
            guard gates[index].limits.watchesPositions else { continue }
            for active in accounts[index].active.indices {
                let desk = accounts[index].active[active]
                watch(desk, of: index, equity, into: &effects)
            }
        }
    }

    /// What is held and being bought, at the last price.
    @inline(__always)
    private func exposure(_ desk: Int) -> Money? {
        let (units, overflow) = desks[desk].position.units.addingReportingOverflow(
            desks[desk].workingBuys.units)
        guard let last = books[Int(desks[desk].key.instrument.index)].last, !overflow, units > 0
        else { return nil }
        return Money(last, times: Quantity(units: units))
    }

    @inline(__always)
    private mutating func watch(
        _ desk: Int, of account: Int, _ equity: Money, into effects: inout Effects
    ) {
        guard let exposure = exposure(desk) else { return }
        let instrument = desks[desk].key.instrument
        if let detail = gates[account].symbolValue(exposure) {
            pass(.symbolValue, of: account, instrument, detail, into: &effects)
        }
        if let detail = gates[account].symbolWeight(exposure, of: equity) {
            pass(.symbolWeight, of: account, instrument, detail, into: &effects)
        }
    }

    @inline(never)
    private mutating func pass(
        _ limit: WatchedLimit, of index: Int, _ instrument: InstrumentID?, _ detail: String,
        into effects: inout Effects
    ) {
        let account = AccountID(index)
        if !accounts[index].isPast(limit, instrument) {
            emit(
                .limitPassed(
                    LimitPassed(
                        account: account, instrument: instrument, limit: limit,
                        detail: .words(detail))),
                into: &effects)
        }
        for machine in workingOrders() where machine.order.side == .buy {
            let order = machine.order
            guard order.account == account, instrument.map({ $0 == order.instrument }) ?? true
            else { continue }
            cancel(order.number, reason: limit.reason, into: &effects)
        }
    }

    /// Limits that are others with these gates than before are passed anew, if they are.
    mutating func forgetPassed(by gates: [RiskGate]) {
        for index in 0..<accounts.count {
            let (old, new) = (self.gates[index].limits, gates[index].limits)
            accounts[index].passed.removeAll {
                switch $0.limit {
                case .dayLoss: old.dayLoss != new.dayLoss
                case .drawdown: old.drawdown != new.drawdown
                case .symbolValue: old.symbolValue != new.symbolValue
                case .symbolWeight: old.symbolWeight != new.symbolWeight
                case .equity: false
                }
            }
        }
    }
}
