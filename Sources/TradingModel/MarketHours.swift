/// When an instrument is traded, by its exchange's clock: what its candles are made of.
///
/// A trade outside of the hours is heard by who hears trades, and is in no candle. Candles shorter than a day
/// count from the opening, and the last ends with the session; a day's candle is the session. The closing
/// auction prints at the close or soon after it, and its price is the last candle's close.
public struct MarketHours: Hashable, Sendable {
    /// Since local midnight, ns: trades from `open` on, to before `close`, then the closing auction's.
    public struct Session: Hashable, Sendable {
        public let open: Int64
        public let close: Int64
        /// - Returns: `nil` where the close is not behind the open, or either is no time of a day.
        public init?(open: Int64, close: Int64) {
            guard open >= 0, open < close, close <= nanosecondsPerDay - MarketHours.closingPrint
            else { return nil }
            self.open = open
            self.close = close
        }
    }
    /// A day that is not as the others.
    public struct OddDay: Hashable, Sendable {
        /// Since 1970-01-01, by the local calendar.
        public let day: Int64
        /// `nil`: closed.
        public let session: Session?
        public init(day: Int64, session: Session?) {
            self.day = day
            self.session = session
        }
    }
    /// How long after the close a trade is the closing auction's. Exchanges end it at random within half a minute.
    public static let closingPrint: Int64 = 60_000_000_000
    /// Around the clock.
    public static let always = MarketHours(nil)

    private let regular: Session?
    /// By day.
    private let oddDays: [OddDay]

    /// - Parameter regular: `nil`: around the clock, on days that are not odd.
    public init(_ regular: Session?, oddDays: [OddDay] = []) {
        self.regular = regular
        self.oddDays = oddDays.sorted { $0.day < $1.day }
    }

    public var isAlways: Bool { regular == nil && oddDays.isEmpty }

    /// Where a candle that holds a moment begins and ends.
    public struct Bounds: Hashable, Sendable {
        /// As the candle names it.
        public let openTime: Timestamp
        /// Of the trades that lie in it: the first moment, and the one behind the last.
        public let first: Timestamp
        public let end: Timestamp
    }

    /// - Parameters:
    ///   - interval: At most a day, unless the hours are around the clock.
    ///   - floor: What an earlier candle has taken: where clocks step back, an hour comes twice.
    /// - Returns: `nil` outside of the hours.
    public func bounds(
        of interval: Interval, holding time: Timestamp, _ zone: ZoneOffsets,
        notBefore floor: Timestamp = Timestamp(nanoseconds: .min)
    ) -> Bounds? {
        let start = max(zone.start(of: interval, holding: time), floor)
        let whole = Bounds(
            openTime: start, first: start, end: zone.end(of: interval, from: start))
        if isAlways { return whole }
        let day = zone.day(of: time)
        switch session(on: day) {
        case .around: return whole
        case .closed: return nil
        case .within(let session):
            let opens = zone.instant(day: day, timeOfDay: session.open, near: time)
            let closes = zone.instant(day: day, timeOfDay: session.close, near: time)
            let end = closes.advanced(by: Nanoseconds(Self.closingPrint))
            guard time >= opens, time < end else { return nil }
            if interval.nanoseconds >= nanosecondsPerDay {
                return Bounds(openTime: start, first: max(opens, floor), end: end)
            }
            let last = (closes.since(opens).count - 1) / interval.nanoseconds
            let index = min(last, time.since(opens).count / interval.nanoseconds)
            let begin = opens.advanced(by: Nanoseconds(index * interval.nanoseconds))
            return Bounds(
                openTime: max(begin, floor), first: max(begin, floor),
                end: index == last ? end : begin.advanced(by: Nanoseconds(interval.nanoseconds)))
        }
    }

    /// When a final candle was known: with its session where that ends inside its interval, else at its close time.
    public func end(of candle: Candle, _ zone: ZoneOffsets) -> Timestamp {
        guard !isAlways else { return candle.closeTime }
        // A day's candle is named by its midnight, which lies in no session.
        guard candle.interval.nanoseconds >= nanosecondsPerDay else {
            let bounds = bounds(of: candle.interval, holding: candle.openTime, zone)
            return bounds.map { min($0.end, candle.closeTime) } ?? candle.closeTime
        }
        let day = zone.day(of: candle.openTime)
        guard case .within(let session) = session(on: day) else { return candle.closeTime }
        return Self.end(of: session, on: day, zone, near: candle.openTime)
    }

    /// Whether a trade of this moment belongs into a candle.
    public func holds(_ time: Timestamp, _ zone: ZoneOffsets) -> Bool {
        let day = zone.day(of: time)
        switch session(on: day) {
        case .around: return true
        case .closed: return false
        case .within(let session):
            return time >= zone.instant(day: day, timeOfDay: session.open, near: time)
                && time < Self.end(of: session, on: day, zone, near: time)
        }
    }

    /// Whether no session of the day is to come or goes on.
    public func isOver(_ time: Timestamp, _ zone: ZoneOffsets) -> Bool {
        let day = zone.day(of: time)
        switch session(on: day) {
        case .around: return false
        case .closed: return true
        case .within(let session):
            return Self.end(of: session, on: day, zone, near: time) <= time
        }
    }

    /// Behind the closing auction's print.
    private static func end(
        of session: Session, on day: Int64, _ zone: ZoneOffsets, near time: Timestamp
    ) -> Timestamp {
        zone.instant(day: day, timeOfDay: session.close, near: time)
            .advanced(by: Nanoseconds(closingPrint))
    }

    private enum DayHours {
        case around, closed
        case within(Session)
    }

    private func session(on day: Int64) -> DayHours {
        if let odd = oddDays.first(where: { $0.day == day }) {
            return odd.session.map(DayHours.within) ?? .closed
        }
        return regular.map(DayHours.within) ?? .around
    }
}
