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

    /// The instant at which `time`'s local day ends, by the offset in force at `time`; an hour off on
    /// the day of a change, where the next look-up mends it.
    public func endOfDay(of time: Timestamp) -> Timestamp {
        let (next, overflow) = (day(of: time) + 1).multipliedReportingOverflow(by: nanosecondsPerDay)
        return overflow ? .distantFuture : Timestamp(nanoseconds: next).advanced(by: Nanoseconds(-offset(at: time).count))
    }

    /// The start of the interval that holds `time`: counted from local midnight, or from the local epoch
    /// for intervals that do not divide a day.
    public func start(of interval: Interval, holding time: Timestamp) -> Timestamp {
        let offset = offset(at: time).count
        let local = time.nanoseconds &+ offset
        return Timestamp(nanoseconds: floorDivide(local, interval.nanoseconds) * interval.nanoseconds &- offset)
    }
}

public let nanosecondsPerDay: Int64 = 86_400_000_000_000

/// Division toward negative infinity. `divisor` is positive.
@inlinable public func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
