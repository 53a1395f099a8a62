public import TradingModel

/// Notices when a difference changes its side.
///
/// Fed with the sign of a - b at every event. Upward at i: sign[i] > 0 and sign[i-1] <= 0;
/// downward: < and >=. So a tie belongs to neither side, and leaving it counts. Warm-up: the
/// first sign only arms it; index 1 is the first that can cross.
public struct Crossing: Hashable, Sendable {
    public enum Direction: Sendable { case up, down }

    /// The last sign; 2 before the first.
    @usableFromInline var last: Int8 = 2

    @inlinable public init() {}

    /// Whether a sign has been seen, so that the next one may cross.
    @inlinable public var isArmed: Bool { last != 2 }

    /// - Parameter sign: Of the difference now; only whether it is below, at or above 0 matters.
    @inlinable @inline(__always) public mutating func push(_ sign: Int) -> Direction? {
        let (before, now) = (last, Int8(truncatingIfNeeded: sign.signum()))
        guard now != before else { return nil }  // as mostly: then nothing is written
        last = now
        guard now != 0, before != 2 else { return nil }
        return now > 0 ? .up : .down
    }

    public func hash(into hasher: inout StateHasher) { hasher.combine(Int(last)) }
}
