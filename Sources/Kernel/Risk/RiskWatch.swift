public import TradingModel

/// A limit that a position can pass by its price alone: so it is looked at between orders too.
public enum WatchedLimit: UInt8, Hashable, Sendable, CaseIterable {
    case dayLoss = 1
    case drawdown, symbolValue, symbolWeight

    /// As the gate calls the rule.
    public var name: String {
        switch self {
        case .dayLoss: "day_loss"
        case .drawdown: "drawdown"
        case .symbolValue: "symbol_value"
        case .symbolWeight: "symbol_weight"
        }
    }
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

    static func isWatching(_ gates: [RiskGate]) -> Bool { gates.contains { $0.limits.isWatched } }

    /// The time is outside of where nothing begins: a day may begin, and accounts may want to be looked at.
    ///
    /// - Returns: Whether ``watchAccounts(into:)`` is due, once the event was taken.
    @usableFromInline @inline(never)
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

    /// In recovery the log says what was found; here it is noted where was looked.
    mutating func observeTime(_ time: Timestamp) {
        if isWatching { lastLook = Self.cell(of: time) }
    }

    /// Tells of every limit that is passed and was not, and ends the buys that it forbids.
    @usableFromInline @inline(never)
    mutating func watchAccounts(into effects: inout Effects) {
        for index in 0..<accounts.count where gates[index].limits.isWatched {
            let account = AccountID(index)
            guard let equity = equity(of: account) else { continue }
            let limits = gates[index].limits
            if limits.dayLoss != nil, !accounts[index].isPast(.dayLoss),
                let detail = gates[index].dayLoss(
                    equity, since: accounts[index].equityAtDayStart)
            {
                pass(
                    LimitPassed(
                        account: account, instrument: nil, limit: .dayLoss, detail: .words(detail)),
                    into: &effects)
            }
            if limits.drawdown != nil, !accounts[index].isPast(.drawdown),
                let detail = gates[index].drawdown(equity, below: accounts[index].peak)
            {
                pass(
                    LimitPassed(
                        account: account, instrument: nil, limit: .drawdown, detail: .words(detail)),
                    into: &effects)
            }
            guard limits.symbolValue != nil || limits.symbolWeight != nil else { continue }
            for desk in accounts[index].active { watch(desk, of: index, equity, into: &effects) }
        }
    }

    /// What is held and being bought, at the last price.
    private mutating func watch(
        _ desk: Int, of account: Int, _ equity: Money, into effects: inout Effects
    ) {
        let instrument = desks[desk].key.instrument
        let held = Int128(desks[desk].position.units) + Int128(desks[desk].workingBuys.units)
        guard let last = books[Int(instrument.index)].last, let units = Int64(exactly: held),
            units > 0
        else { return }
        let exposure = Money(last, times: Quantity(units: units))
        for (limit, detail) in [
            (WatchedLimit.symbolValue, gates[account].symbolValue(exposure)),
            (.symbolWeight, gates[account].symbolWeight(exposure, of: equity)),
        ] {
            guard let detail, !accounts[account].isPast(limit, instrument) else { continue }
            pass(
                LimitPassed(
                    account: AccountID(account), instrument: instrument, limit: limit,
                    detail: .words(detail)), into: &effects)
        }
    }

    private mutating func pass(_ passed: LimitPassed, into effects: inout Effects) {
        emit(.limitPassed(passed), into: &effects)
        let reason = "\(passed.limit.name) is passed"
        for machine in workingOrders() where machine.order.side == .buy {
            let order = machine.order
            guard order.account == passed.account,
                passed.instrument.map({ $0 == order.instrument }) ?? true
            else { continue }
            cancel(order.number, reason: reason, into: &effects)
        }
    }

    /// Limits that are others than before are passed anew, if they are.
    mutating func forgetPassed(_ before: [RiskGate]) {
        for index in 0..<accounts.count {
            let (old, new) = (before[index].limits, gates[index].limits)
            accounts[index].passed.removeAll {
                switch $0.limit {
                case .dayLoss: old.dayLoss != new.dayLoss
                case .drawdown: old.drawdown != new.drawdown
                case .symbolValue: old.symbolValue != new.symbolValue
                case .symbolWeight: old.symbolWeight != new.symbolWeight
                }
            }
        }
    }
}
