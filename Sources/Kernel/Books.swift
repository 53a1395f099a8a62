public import Indicators
import Strategies
public import TradingModel

/// What the kernel keeps of an instrument.
@usableFromInline struct Book {
    // What each tick asks for stands in one line of the processor's memory.
    /// A tick at or beyond one of these reaches a watched seat.
    @usableFromInline var lower = Int64.min
    @usableFromInline var upper = Int64.max
    @usableFromInline var last: Price?
    /// Of the market, when ``last`` came; of a candle, when it was known.
    @usableFromInline var lastTime = Timestamp(nanoseconds: .min)
    /// Of the only seat that hears its ticks, if it has means: they are all that a quiet tick goes to.
    @usableFromInline let means: UnsafeMutablePointer<MeanCross>?
    /// Seats that hear its ticks, then those that are watched for by price, then those that hear its
    /// candles, contiguous.
    @usableFromInline var firstSeat: Int32
    @usableFromInline var firstWatchedSeat: Int32
    var firstCandleSeat: Int32
    var endSeat: Int32
    /// Desks of this instrument, contiguous.
    var desks: Range<Int>
    /// Where the last final candle of each interval was taken.
    var candles: [(interval: Interval, at: EventPosition)] = []
    /// The price before the last one, where exits see it.
    @usableFromInline var before: Price?
    /// It was split, and no price has come since: the last one is made of another.
    var awaitsPrice = false
    /// With exits: then its candles tell nothing new.
    @usableFromInline var hasTicks = false

    /// Takes a tick of which nothing comes.
    ///
    /// - Parameter noting: Exits see the price before.
    /// - Returns: False, with nothing changed, where it reaches a bound, crosses means, or is heard by others.
    @inlinable @inline(__always)
    mutating func pass(_ tick: Tick, noting: Bool) -> Bool {
        guard tick.price.units < upper, tick.price.units > lower else { return false }
        if let means {
            guard means.pointee.pass(tick.price) else { return false }
        } else if firstSeat < firstWatchedSeat {
            return false
        }
        if noting { noteBefore() }
        last = tick.price
        lastTime = tick.feedTime
        return true
    }

    /// A tick is about to come.
    @inlinable @inline(__always) mutating func noteBefore() {
        before = last
        hasTicks = true
    }
    /// Whether guards read the candle: it comes from the feed, not of ticks or shorter candles.
    func isSeenBy(_ candle: Candle) -> Bool {
        !hasTicks && !candles.contains { $0.interval < candle.interval }
    }
    func lastCandle(_ interval: Interval) -> EventPosition? {
        candles.first { $0.interval == interval }?.at
    }
    /// - Parameter end: When it was known.
    mutating func took(_ candle: Candle, at position: EventPosition, end: Timestamp) {
        // The close of a candle that was built of ticks is as old as the last of them.
        if lastTime < candle.openTime || lastTime >= candle.closeTime
            || lastTime == candle.openTime && last != candle.close
        {
            lastTime = end
        }
        last = candle.close
        awaitsPrice = false
        if let index = candles.firstIndex(where: { $0.interval == candle.interval }) {
            candles[index].at = position
        } else {
            candles.append((candle.interval, position))
        }
    }
}

/// An attachment without its strategy: numbers, cheap to copy.
struct Terms: Hashable {
    let source: SourceID
    let account: AccountID
    let instrument: InstrumentID
    let input: Attachment.Input
    let quantity: Quantity
    let addsToPosition: Bool
    init(_ attachment: Attachment) {
        source = attachment.source
        account = attachment.account
        instrument = attachment.instrument
        input = attachment.input
        quantity = attachment.quantity
        addsToPosition = attachment.addsToPosition
    }
}

/// A strategy in the host at its desk.
struct Seat {
    /// The slot's own, which the kernel holds: at hand for the tick.
    let state: UnsafeMutableRawPointer
    let means: UnsafeMutablePointer<MeanCross>?
    let onTick: StrategySlot.Call<Tick>
    let onCrossing: ((UnsafeMutableRawPointer, Crossing.Direction) -> StrategyResult?)?
    let terms: Terms
    let desk: Int
}

/// An account's dealings in one instrument.
struct Desk {
    struct Round: Hashable {
        let position: EventPosition
        let deadline: Timestamp
    }
    let key: DeskKey
    /// Sources whose results are votes here.
    var voters: Int
    var position: Quantity = .zero
    var cost: Money = .zero
    var realised: Money = .zero
    var workingBuys: Quantity = .zero
    var workingSells: Quantity = .zero
    /// At most one for each source, sorted by source.
    var votes: [Vote] = []
    var round: Round?

    var isActive: Bool { position != .zero || workingBuys != .zero || workingSells != .zero }
}

struct AccountState {
    struct OtherDay {
        let day: Int64
        let equity: Money
        let bought: Money
        let passed: [PassedLimit]
    }
    var cash: Money
    /// Held by working buys.
    var reserved: Money = .zero
    var day: Int64 = .min
    var equityAtDayStart: Money
    /// The latest other days with their bases: a wrong stamp begins a day, and the right ones go on with theirs.
    private(set) var otherDays: [OtherDay] = []
    /// The highest equity that a day began with.
    private(set) var peak: Money = .zero
    /// Of fills of the day, without fees.
    var boughtToday: Money = .zero
    /// In the day, as they were passed.
    var passed: [PassedLimit] = []
    var recent = RecentOrders()
    /// Desks with a position or a working order, sorted.
    var active: [Int] = []

    mutating func begin(_ day: Int64, _ equity: Money) {
        let known = otherDays.first { $0.day == day }
        otherDays.removeAll { $0.day == day }
        if self.day != .min {
            otherDays.append(
                OtherDay(
                    day: self.day, equity: equityAtDayStart, bought: boughtToday, passed: passed))
        }
        if otherDays.count > 4 { otherDays.removeFirst() }
        self.day = day
        equityAtDayStart = equity
        peak = max(peak, equity)
        boughtToday = known?.bought ?? .zero
        passed = known?.passed ?? []
    }

    /// What the account is worth changed by no trade: what its days and its peak are measured from goes with it.
    mutating func shift(by worth: Money) {
        equityAtDayStart += worth
        if day != .min { peak += worth }
        otherDays = otherDays.map {
            OtherDay(
                day: $0.day, equity: $0.equity + worth, bought: $0.bought, passed: $0.passed)
        }
    }

    func isPast(_ limit: WatchedLimit, _ instrument: InstrumentID? = nil) -> Bool {
        passed.contains(PassedLimit(limit: limit, instrument: instrument))
    }

    /// The base of a day that was begun before.
    func base(of day: Int64) -> Money? { otherDays.first { $0.day == day }?.equity }

    /// Whether a day is older than all that are known: no day of this account, but an old stamp.
    func isPast(_ day: Int64) -> Bool {
        !otherDays.isEmpty && day < self.day && otherDays.allSatisfy { day < $0.day }
    }
}

/// Where a server's results for an instrument go: its attachments, one for each account.
struct ServerSeat {
    let terms: Terms
    let desk: Int
}

/// What an account holds in an instrument, for the host's view, for servers, and for the summary.
public struct PositionView: Hashable, Sendable {
    public let key: DeskKey
    public let held: Quantity
    public let cost: Money
    public let realised: Money
    public let last: Price?
    /// Rounded toward zero; zero when flat.
    public var averagePrice: Price {
        guard held.units != 0 else { return .zero }
        return Price(units: Int64(clamping: cost.units / Int128(held.units)))
    }
}
