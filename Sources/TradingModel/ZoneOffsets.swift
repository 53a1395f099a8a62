/// How a zone's local time differs from UTC over time, as a table: the kernel has no calendar.
///
/// Built outside the kernel from the system's zone data; sorted by `from`.
public struct ZoneOffsets: Hashable, Sendable {
    public struct Change: Hashable, Sendable {
        /// From this instant on.
        public let from: Timestamp
        /// Local time less UTC, ns.
        public let offset: Nanoseconds
        public init(from: Timestamp, offset: Nanoseconds) {
            self.from = from
            self.offset = offset
        }
    }
    public let changes: [Change]

    public static let utc = ZoneOffsets(fixed: .zero)
    public init(fixed offset: Nanoseconds) {
        changes = [Change(from: Timestamp(nanoseconds: .min), offset: offset)]
    }
    /// `changes` in rising order; before the first, its offset holds too.
    public init(changes: [Change]) {
        self.changes = changes.isEmpty ? ZoneOffsets.utc.changes : changes
    }

    /// - Complexity: O(log n) of the table.
    public func offset(at time: Timestamp) -> Nanoseconds {
        var low = 0
        var high = changes.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if changes[middle].from <= time { low = middle } else { high = middle - 1 }
        }
        return changes[low].offset
    }

    /// Whole local days since 1970-01-01.
    public func day(of time: Timestamp) -> Int64 {
        floorDivide(time.advanced(by: offset(at: time)).nanoseconds, nanosecondsPerDay)
    }

    /// The instant at which `time`'s local day began.
    public func startOfDay(of time: Timestamp) -> Timestamp {
        let (first, overflow) = day(of: time).multipliedReportingOverflow(by: nanosecondsPerDay)
        return overflow ? Timestamp(nanoseconds: .min) : instant(ofLocal: first, near: time)
    }

    /// The instant at which `time`'s local day ends, on the day of a change too.
    public func endOfDay(of time: Timestamp) -> Timestamp {
        let (next, overflow) = (day(of: time) + 1).multipliedReportingOverflow(
            by: nanosecondsPerDay)
        return overflow ? .distantFuture : instant(ofLocal: next, near: time)
    }

    /// The start of the interval that holds `time`: counted from local midnight, or, for intervals that do not
    /// divide a day, from a local Monday, 1970-01-05: weeks begin on Mondays.
    public func start(of interval: Interval, holding time: Timestamp) -> Timestamp {
        let local = time.advanced(by: offset(at: time)).nanoseconds
        return Self.begin(of: interval, holding: local).map { instant(ofLocal: $0, near: time) }
            ?? Timestamp(nanoseconds: .min)
    }

    /// By the local clock, ns since 1970.
    ///
    /// - Parameter later: So many intervals behind the one that holds `local`.
    /// - Returns: `nil` beyond the ends of time.
    private static func begin(
        of interval: Interval, holding local: Int64, later: Int64 = 0
    ) -> Int64? {
        let length = interval.nanoseconds
        let phase = 4 * nanosecondsPerDay % length  // none where it divides a day
        let (since, under) = local.subtractingReportingOverflow(phase)
        guard !under else { return nil }
        let (whole, over) = (floorDivide(since, length) + later).multipliedReportingOverflow(
            by: length)
        let (begin, past) = whole.addingReportingOverflow(phase)
        return over || past ? nil : begin
    }

    /// Where an interval that begins at `start` ends: one interval later, but for one in which the zone
    /// changes: that ends where its local clock says, so a day may have 23 or 25 hours.
    public func end(of interval: Interval, from start: Timestamp) -> Timestamp {
        let nominal = start.advanced(by: Nanoseconds(interval.nanoseconds))
        let local = start.advanced(by: offset(at: start)).nanoseconds
        if offset(at: start) == offset(at: nominal),
            Self.begin(of: interval, holding: local) == local
        {
            return nominal
        }
        // An hour that comes twice is two hours.
        if self.start(of: interval, holding: nominal) == nominal,
            self.start(of: interval, holding: nominal.advanced(by: Nanoseconds(-1))) == start
        {
            return nominal
        }
        return Self.begin(of: interval, holding: local, later: 1)
            .map { instant(ofLocal: $0, near: nominal) } ?? .distantFuture
    }

    /// When the local clock of that day shows so many ns since midnight.
    public func instant(day: Int64, timeOfDay: Int64, near time: Timestamp) -> Timestamp {
        let (start, overflow) = day.multipliedReportingOverflow(by: nanosecondsPerDay)
        return overflow ? .distantFuture : instant(ofLocal: start &+ timeOfDay, near: time)
    }

    /// When a local clock shows `local`; where it skips that, the moment it skips.
    private func instant(ofLocal local: Int64, near time: Timestamp) -> Timestamp {
        let clock = Timestamp(nanoseconds: local)
        let guess = clock.advanced(by: Nanoseconds(-offset(at: time).count))
        let there = offset(at: guess)
        let moved = clock.advanced(by: Nanoseconds(-there.count))
        return offset(at: moved) == there ? moved : max(guess, moved)
    }
}

public let nanosecondsPerDay: Int64 = 86_400_000_000_000

/// Division toward negative infinity. `divisor` is positive.
@inlinable public func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
