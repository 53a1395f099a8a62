/// How much is taken from a server in a second: what is too much is refused, what is far too much is not
/// even read. A value; one for each connection. In lockstep there is no such limit.
struct Intake: Sendable {
    /// Results that count.
    private var results: TokenBucket?
    /// What the host reads: results, good or not, and bytes.
    private var readResults: TokenBucket?
    private var bytes: TokenBucket?
    /// Messages, whatever is in them: each costs the host a look.
    private var count: TokenBucket?
    let resultsPerSecond: Int
    /// Of refusals without a second's pause between them, the first and the last.
    private var excess: (first: Int64, last: Int64)?
    private(set) var isHeld = false

    /// Results beyond the rate for this long end the session.
    static let patience: Int64 = 8_000_000_000
    private static let pause: Int64 = 1_000_000_000
    /// The rate of results is an average over this long, s.
    static let span: Int64 = 10
    /// The host reads so many times as many results as count.
    static let readFactor: Int64 = 2
    /// Largest messages a second that are read, and at once.
    static let messages: Int64 = 64
    /// Messages a second that are read, on average over ``span``: more than one for each event that a host
    /// sends alone.
    static let messageRate: Int64 = 50_000

    init(_ limits: SessionLimits, isLockstep: Bool) {
        resultsPerSecond = isLockstep ? 0 : limits.resultsPerSecond
        guard !isLockstep else { return }
        let size = Int64(limits.messageBytes) * Self.messages
        bytes = TokenBucket(rate: size, burst: size)
        count = TokenBucket(rate: Self.messageRate, burst: Self.messageRate * Self.span)
        guard limits.resultsPerSecond > 0 else { return }
        let rate = Int64(limits.resultsPerSecond)
        results = TokenBucket(rate: rate, burst: rate * Self.span)
        readResults = TokenBucket(rate: rate * Self.readFactor, burst: rate * Self.span)
    }

    /// - Returns: Why one more result is refused; `nil`: it is taken.
    mutating func refusal(at now: Int64) -> String? {
        guard let isTaken = results?.take(at: now), !isTaken else { return nil }
        if let excess, now - excess.last < Self.pause {
            self.excess = (excess.first, now)
        } else {
            excess = (now, now)
        }
        return "more than \(resultsPerSecond) results a second"
    }

    /// Whether too many came for so long that it is no burst.
    var isTooMuch: Bool { excess.map { $0.last - $0.first >= Self.patience } ?? false }

    /// A message was read.
    ///
    /// - Returns: How long nothing more is read, ns.
    mutating func read(bytes size: Int, results: Int, at now: Int64) -> Int64 {
        let pause = max(
            bytes?.spend(size, at: now) ?? 0, count?.spend(1, at: now) ?? 0,
            results > 0 ? readResults?.spend(results, at: now) ?? 0 : 0)
        if pause > 0 { isHeld = true }
        return pause
    }
}
