/// An instant: ns since 1970-01-01T00:00:00Z, by the clock its name tells (`feedTime`, `entryTime`, …).
///
/// 1678 to 2262. Leap seconds are not counted, as in Unix time.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64
    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    @inlinable public static var zero: Timestamp { Timestamp(nanoseconds: 0) }
    @inlinable public static var distantFuture: Timestamp { Timestamp(nanoseconds: .max) }
    @inlinable public static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.nanoseconds < b.nanoseconds
    }
    /// Saturates at the ends of the range.
    @inlinable public func advanced(by duration: Nanoseconds) -> Timestamp {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.count)
        guard overflow else { return Timestamp(nanoseconds: sum) }
        return Timestamp(nanoseconds: duration.count > 0 ? .max : .min)
    }
    /// This instant less `other`; saturates.
    @inlinable public func since(_ other: Timestamp) -> Nanoseconds {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        guard overflow else { return Nanoseconds(difference) }
        return Nanoseconds(nanoseconds > other.nanoseconds ? .max : .min)
    }
}

/// A span of time in ns.
public struct Nanoseconds: Hashable, Comparable, Sendable {
    public let count: Int64
    @inlinable public init(_ count: Int64) { self.count = count }
    @inlinable public static var zero: Nanoseconds { Nanoseconds(0) }
    @inlinable public static func milliseconds(_ n: Int64) -> Nanoseconds { .init(n * 1_000_000) }
    @inlinable public static func seconds(_ n: Int64) -> Nanoseconds { .init(n * 1_000_000_000) }
    @inlinable public static func < (a: Nanoseconds, b: Nanoseconds) -> Bool { a.count < b.count }
    @inlinable public var seconds: Double { Double(count) / 1e9 }
}

/// The length of a candle, as people write it: `1m`, `5m`, `1h`, `1d`.
public struct Interval: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// At least one second.
    public let nanoseconds: Int64

    /// - Returns: `nil` for zero, negative, or anything that is no whole number of seconds.
    public init?(seconds: Int64) {
        guard seconds > 0, seconds <= 366 * 86_400 else { return nil }
        nanoseconds = seconds * 1_000_000_000
    }
    /// Reads `30s`, `1m`, `4h`, `1d`, `1w`.
    public init?(_ text: some StringProtocol) {
        guard let unit = text.last, let count = Int64(text.dropLast()), count > 0, count < 100_000
        else { return nil }
        let scale: Int64? =
            switch unit {
            case "s": 1
            case "m": 60
            case "h": 3_600
            case "d": 86_400
            case "w": 604_800
            default: nil
            }
        guard let scale else { return nil }
        self.init(seconds: count * scale)
    }
    public static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }
    public var description: String {
        let seconds = nanoseconds / 1_000_000_000
        for (unit, scale) in [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60)]
            as [(String, Int64)]
        where seconds % scale == 0 { return "\(seconds / scale)\(unit)" }
        return "\(seconds)s"
    }
}
