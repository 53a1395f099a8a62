/// What was found when a log was opened.
package struct LogRecovery: Hashable, Sendable {
    /// A group that a crash cut short, set aside before it was cut off. None of it was ever
    /// durable.
    package struct TornTail: Hashable, Sendable {
        /// The segment's path and where the whole records end.
        package var file: String
        package var offset: Int
        /// How much was set aside.
        package var bytes: Int
        /// The first record that is not there; the next append gets its number.
        package var firstLost: UInt64
        /// Where the bytes lie now.
        package var keptIn: String
    }

    /// The number of the last record; 0 for an empty log.
    package var lastNumber: UInt64
    package var segments: Int
    /// Whether the log ended with ``SegmentedLog/close()``.
    package var wasClosed: Bool
    package var tornTail: TornTail?
    /// The host's bytes of the newest head.
    package var headExtra: HeadExtra
    /// Of the newest segment.
    package var kernelVersion: UInt32
}

extension LogRecovery.TornTail: CustomStringConvertible {
    package var description: String {
        "\(file):\(offset): a crash cut record \(firstLost) short: \(bytes) bytes set aside"
            + "\n  nothing acknowledged is lost; the bytes are kept in \(keptIn)"
    }
}
