public import TradingModel

/// Which plan guards which position. An instrument's word goes before a strategy's, and that before the general.
public struct ExitSettings: Hashable, Sendable {
    public enum Choice: Hashable, Sendable {
        case off
        /// Index in ``ExitSettings/plans``.
        case plan(Int)
    }
    public var plans: [ExitPlan] = []
    public var general = Choice.off
    public var sources: [SourceID: Choice] = [:]
    public var instruments: [InstrumentID: Choice] = [:]
    public init() {}

    public var isEmpty: Bool { plans.isEmpty }

    /// Index of ``ExitPlan/everything``, which no configuration has.
    public static let everything = Int(UInt32.max)
    public func plan(at index: Int) -> ExitPlan? {
        if index == Self.everything { return .everything }
        return plans.indices.contains(index) ? plans[index] : nil
    }

    /// - Parameter source: Whose buy opened the position.
    func plan(of instrument: InstrumentID, openedBy source: SourceID) -> Int? {
        guard case .plan(let index) = instruments[instrument] ?? sources[source] ?? general,
            plans.indices.contains(index)
        else { return nil }
        return index
    }
}

/// What a split makes of a number of shares, and turned round of a price: for books of any room.
public enum SplitScale {
    /// Rounded toward zero, within the range.
    public static func units(_ units: Int64, _ new: Int64, for old: Int64) -> Int64 {
        Int64(clamping: Int128(units) * Int128(new) / Int128(old))
    }
}

/// Something that was decided about exits.
public enum ExitFact: Equatable, Sendable {
    /// A position is guarded from its first fill.
    ///
    /// - Parameters:
    ///   - plan: Index in ``ExitSettings/plans``.
    ///   - source: Whose buy opened the position; its exits are told as its orders.
    case armed(DeskKey, plan: Int, source: SourceID, price: Price, quantity: Quantity)
    case fired(DeskKey, plan: Int, tier: Int, price: Price)
    /// The order is an exit of the tier.
    case assigned(DeskKey, OrderNumber, tier: Int, at: Timestamp)
    /// A price is too far from the one before it: nothing fires until it is confirmed.
    case doubted(DeskKey, price: Price, since: Price)
    /// A price near what was known came, or a person said so.
    case believed(DeskKey)
    /// A person holds every exit, or lets them go.
    case held(Bool, reason: String)
    /// The instrument does not trade, or does again: its exits wait, and nothing new is bought.
    case halted(InstrumentID, Bool)
    /// Between which prices its orders are taken today; `nil`: nobody knows any more.
    case dayLimits(InstrumentID, DayLimits?)
    /// `new` shares for `old`.
    case split(InstrumentID, new: Int64, old: Int64)
    /// Whatever the account holds or comes to hold is sold, or no more.
    case flattening(AccountID, Bool, reason: String)
}

/// What the kernel keeps of exits. Empty, and asked by nobody, where no plan is configured.
@usableFromInline struct ExitBook {
    struct Entry {
        var position: PositionGuard
        /// Index in ``ExitSettings/plans``.
        let plan: Int
        let source: SourceID
        /// Of what sells everything: what the guard in whose place it stands doubted.
        var doubtBefore: PositionGuard.Doubt?
    }
    /// By desk.
    var guards: [Entry?] = []
    /// By desk: whose buy opened it last, by its fill.
    var openers: [SourceID?] = []
    /// By desk: what was opened in the step in hand and has no guard yet.
    var openings: [PositionGuard?] = []
    /// By desk: when the print was that opened it, where that was an order without a limit; asked while a candle
    /// is walked, and by what that leaves behind.
    var entrances: [Timestamp?] = []
    /// By desk: when the print was of the last buy with a limit. Where in a candle it was reached nobody knows.
    var limitBuys: [Timestamp?] = []
    /// By instrument: the candle that guards saw last.
    var candles: [Int: (openTime: Timestamp, high: Price)] = [:]
    /// Desks whose guard heard something since it was asked, sorted.
    @usableFromInline var restless: [Int] = []
    /// Instruments that were split and have had no price since: whatever plan comes waits for one. The last price is
    /// scaled, and may have been of behind the split already.
    var rescaled: Set<Int> = []
    /// Desks of those whose position was opened since: what was paid says more of the price to come than the one that
    /// was scaled.
    var openedSinceSplit: Set<Int> = []
    var isHeld = false
    /// By the kill switch, and let go with it.
    var isHeldByKill = false
    /// Accounts that hold nothing any more, in the order in which they were told.
    var flattening: [AccountID] = []
    /// Sorted.
    var halted: [InstrumentID] = []
    /// By instrument, as they were told.
    var dayLimits: [Int: DayLimits] = [:]

    /// Asked for each order: at hand, and not behind a pointer.
    @usableFromInline private(set) var isOn: Bool

    init(_ settings: ExitSettings, desks: Int) {
        isOn = !settings.isEmpty
        if isOn { makeRoom(desks) }
    }

    /// Somebody wants exits of a plan that nobody configured.
    mutating func turnOn(desks: Int) {
        guard !isOn else { return }
        isOn = true
        makeRoom(desks)
    }

    private mutating func makeRoom(_ desks: Int) {
        guards = Array(repeating: nil, count: desks)
        openers = Array(repeating: nil, count: desks)
        openings = Array(repeating: nil, count: desks)
        entrances = Array(repeating: nil, count: desks)
        limitBuys = Array(repeating: nil, count: desks)
    }
    /// Desks have other places: what is known of each goes with it.
    mutating func move(from old: [DeskKey], to desks: [Desk]) {
        let places = Dictionary(
            old.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let before = desks.map { places[$0.key] }
        guards = before.map { $0.flatMap { guards[$0] } }
        openers = before.map { $0.flatMap { openers[$0] } }
        openings = before.map { $0.flatMap { openings[$0] } }
        entrances = before.map { $0.flatMap { entrances[$0] } }
        limitBuys = before.map { $0.flatMap { limitBuys[$0] } }
        func kept(_ wanted: (Int) -> Bool) -> [Int] {
            before.indices.filter { index in before[index].map(wanted) ?? false }
        }
        restless = kept { restless.contains($0) }
        openedSinceSplit = Set(kept { openedSinceSplit.contains($0) })
    }

    /// A position is opened, by whatever.
    mutating func opened(_ desk: Int, in instrument: InstrumentID) {
        if rescaled.contains(Int(instrument.index)) { openedSinceSplit.insert(desk) }
    }
    /// - Parameter desks: Of the instrument.
    mutating func priceCame(_ instrument: Int, _ desks: Range<Int>) {
        guard !rescaled.isEmpty, rescaled.remove(instrument) != nil else { return }
        openedSinceSplit.subtract(desks)
    }

    /// Nothing is held any more: whoever buys next opens, and what was about to be guarded is not there.
    ///
    /// That nobody guards a position is no fact, so recovery has openings still that live were dropped.
    mutating func forgetOpener(of desk: Int) {
        openers[desk] = nil
        openings[desk] = nil
        openedSinceSplit.remove(desk)
    }

    mutating func stir(_ desk: Int) {
        guard !restless.contains(desk) else { return }
        restless.append(desk)
        restless.sort()
    }
}
