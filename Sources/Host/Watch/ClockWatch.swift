import TradingModel

/// Whether the wall's clock and the monotonic one part: the machine slept, or somebody set the clock. A value.
///
/// A clock that is drawn into step slowly parts by less than a thousandth of what passes between two looks.
struct ClockWatch {
    struct Jump: Hashable {
        /// What passed between the two looks, by each clock.
        let wall: Nanoseconds
        let monotonic: Nanoseconds
        var size: Nanoseconds { Nanoseconds(wall.count - monotonic.count) }
    }
    /// Both clocks, read together.
    struct Reading: Hashable {
        let wall: Int64
        let monotonic: Int64
        /// How long the reading took: so far apart the two may be.
        let spread: Int64

        /// - Parameters: The monotonic clock before and behind the wall's, ns.
        init(wall: Int64, before: Int64, after: Int64) {
            self.wall = wall
            monotonic = before + (after - before) / 2
            spread = after - before
        }
    }
    let span: Nanoseconds
    private var last: Reading?

    init(_ span: Nanoseconds) { self.span = span }

    /// - Returns: The jump since the last look, told once: the next is measured from here.
    mutating func look(_ reading: Reading) -> Jump? {
        // The thread was held up between the two: that says nothing of the clocks.
        guard reading.spread < span.count else { return nil }
        defer { last = reading }
        guard let last else { return nil }
        let jump = Jump(
            wall: Nanoseconds(reading.wall &- last.wall),
            monotonic: Nanoseconds(reading.monotonic &- last.monotonic))
        let doubt = UInt64(max(0, reading.spread + last.spread))
        return jump.size.count.magnitude > span.count.magnitude + doubt ? jump : nil
    }
}
