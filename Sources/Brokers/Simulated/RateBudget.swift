/// Requests that may leave now: a bucket that fills by the second. A value; time comes from
/// outside.
///
/// Questions leave a quarter of it to orders and cancels, so that asking never holds up acting.
struct RateBudget: Sendable {
    enum Kind: Hashable, Sendable { case order, question }
    /// Requests a second, and at once after a pause.
    let rate: Int64
    /// In ns of waiting, of which one request costs 10⁹ / rate.
    private var credit: Int64 = 1_000_000_000
    private var updated: Int64?
    /// By the broker's own word.
    private var closedUntil = Int64.min

    init(rate: Int) { self.rate = Int64(max(1, min(rate, 1_000_000))) }

    /// - Parameter now: Monotonic ns.
    /// - Returns: `nil`: it may leave, and is counted; else how long not.
    mutating func take(_ kind: Kind, at now: Int64) -> Int64? {
        guard now >= closedUntil else { return closedUntil - now }
        let passed = max(0, now &- (updated ?? now))
        credit = min(1_000_000_000, credit + min(passed, 1_000_000_000))
        updated = now
        let cost = 1_000_000_000 / rate
        let needed = cost + (kind == .question && rate >= 4 ? 250_000_000 : 0)
        guard credit >= needed else { return needed - credit }
        credit -= cost
        return nil
    }

    /// The broker says that it takes nothing for so long.
    mutating func close(for wait: Int64, at now: Int64) {
        closedUntil = max(closedUntil, now + max(0, min(wait, 3_600_000_000_000)))
    }
}
