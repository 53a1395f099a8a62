/// How long a server worked at an event, by when it was sent and when it was answered. A value.
///
/// It works at one message after the other, and the events of one share its time: one that judges many at once is told
/// faster than it answers one alone. Of fixed size; a figure told is at most an eighth below the true one, and never
/// above.
package struct ServiceTimes: Hashable, Sendable {
    private var counts = [UInt64](repeating: 0, count: 64 * Self.parts)
    private var total: UInt64 = 0
    private static let parts = 8

    /// - Parameters:
    ///   - nanoseconds: That all of them took; below zero counts as zero.
    ///   - events: More than none.
    mutating func record(_ nanoseconds: Int64, events: Int) {
        guard events > 0 else { return }
        counts[Self.bucket(of: UInt64(max(0, nanoseconds)) / UInt64(events))] += UInt64(events)
        total += UInt64(events)
    }

    /// Takes in what another has recorded.
    mutating func add(_ other: ServiceTimes) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        total += other.total
    }

    /// What ninety-nine of a hundred events did not pass, ns; `nil` while nothing was recorded.
    package var p99: Int64? {
        guard total > 0 else { return nil }
        let wanted = total - total / 100
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return Self.lowerEnd(of: bucket) }
        }
        return nil
    }

    /// Values below 16 have a bucket each; above, each power of two has eight.
    private static func bucket(of value: UInt64) -> Int {
        guard value >= UInt64(parts) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return (exponent - 2) * parts + (Int(value >> UInt64(exponent - 3)) & (parts - 1))
    }

    private static func lowerEnd(of bucket: Int) -> Int64 {
        guard bucket >= parts else { return Int64(bucket) }
        let exponent = bucket / parts + 2
        return Int64(clamping: UInt64(bucket % parts + parts) << UInt64(exponent - 3))
    }
}
