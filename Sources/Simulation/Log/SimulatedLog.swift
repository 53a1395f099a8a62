/// The host's log over a disk that is slow, full, or loses what it had not written.
///
/// Group commit: one flush at a time covers everything that waits. What is behind the durable record may be
/// there after a crash or not, in whole records from the first on; a torn one is dropped.
package struct SimulatedLog<Record: Sendable>: Sendable {
    package private(set) var records: [Record] = []
    package private(set) var durable: UInt64 = 0
    /// Through which record the flush in progress reaches.
    package private(set) var flushing: UInt64?

    package init() {}

    /// The number of the last record, from 1.
    package var last: UInt64 { UInt64(records.count) }

    /// - Returns: The record's number.
    package mutating func append(_ record: Record) -> UInt64 {
        records.append(record)
        return last
    }

    /// - Returns: Whether a flush began: one is in progress, or nothing waits.
    package mutating func beginFlush() -> Bool {
        guard flushing == nil, durable < last else { return false }
        flushing = last
        return true
    }

    package mutating func endFlush() {
        durable = flushing ?? durable
        flushing = nil
    }

    /// Power is lost.
    ///
    /// - Parameter written: How many records behind the durable ones reached the disk all the same, at most.
    /// - Returns: The last record that is left.
    package mutating func crash(written: UInt64) -> UInt64 {
        let kept = min(last, durable + written)
        records.removeLast(Int(last - kept))
        durable = kept
        flushing = nil
        return kept
    }
}
