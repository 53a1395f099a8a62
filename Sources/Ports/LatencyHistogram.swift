/// How long answers took, in buckets a sixteenth wide: a figure told is at most 7 % above the true
/// one, and never below.
///
/// Of fixed size: what is recorded costs no memory.
package struct LatencyHistogram: Hashable, Sendable {
    private var counts = [UInt64](repeating: 0, count: 64 * Self.parts)
    private var total: UInt64 = 0
    private var longest: Int64 = 0
    private static let parts = 16

    package init() {}

    /// - Parameters:
    ///   - nanoseconds: Below zero counts as zero.
    ///   - times: Of how many this is so, of one at least.
    package mutating func record(_ nanoseconds: Int64, times: Int = 1) {
        let value = UInt64(max(0, nanoseconds))
        counts[Self.bucket(of: value)] += UInt64(times)
        total += UInt64(times)
        longest = max(longest, nanoseconds)
    }

    /// Takes in what another has recorded.
    package mutating func add(_ other: LatencyHistogram) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        total += other.total
        longest = max(longest, other.longest)
    }

    /// `nil` while nothing was recorded.
    package var latency: Latency? {
        guard total > 0 else { return nil }
        return Latency(
            count: Int(clamping: total), p50: percentile(50), p90: percentile(90),
            p99: percentile(99), max: longest)
    }

    /// The upper end of the bucket that holds the value which `percent` of them do not pass.
    private func percentile(_ percent: UInt64) -> Int64 {
        let wanted = (total * percent + 99) / 100
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return min(longest, Self.upperEnd(of: bucket)) }
        }
        return longest
    }

    /// Values below 32 have a bucket each; above, each power of two has sixteen.
    private static func bucket(of value: UInt64) -> Int {
        guard value >= UInt64(parts) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let part = Int(value >> UInt64(exponent - 4)) & (parts - 1)
        return (exponent - 3) * parts + part
    }

    private static func upperEnd(of bucket: Int) -> Int64 {
        guard bucket >= parts else { return Int64(bucket) }
        let exponent = bucket / parts + 3
        let next = UInt64(bucket % parts + parts + 1) << UInt64(exponent - 4)
        return Int64(clamping: next - 1)
    }
}
