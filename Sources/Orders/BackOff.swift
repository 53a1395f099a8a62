package import TradingModel

/// Waits that double, with jitter out of a hash: the same in a replay, different from order to order and host to host.
package struct BackOff: Hashable, Sendable {
    package let first: Nanoseconds
    package let longest: Nanoseconds
    package let seed: UInt64
    package init(first: Nanoseconds, longest: Nanoseconds, seed: UInt64) {
        self.first = first
        self.longest = longest
        self.seed = seed
    }

    /// Between half of the doubled wait and all of it.
    ///
    /// - Parameters:
    ///   - tries: Failed so far, from 1.
    ///   - key: What is tried: an order's number.
    package func wait(after tries: Int, of key: UInt64) -> Nanoseconds {
        let doublings = min(max(tries, 1) - 1, 32)
        let (doubled, overflow) = first.count.multipliedReportingOverflow(by: 1 << doublings)
        let whole = max(1, overflow ? longest.count : min(doubled, longest.count))
        var hasher = StateHasher()
        hasher.combine(seed)
        hasher.combine(key)
        hasher.combine(tries)
        let half = whole / 2
        return Nanoseconds(whole - half + Int64(hasher.value % UInt64(half + 1)))
    }
}
