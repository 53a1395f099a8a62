import Ports

/// Tells slow and hung from idle, by watermarks alone. A value.
struct Liveness {
    /// Slow: the oldest unanswered event is older than its deadline; where its kind has none of its own this, ns.
    let deadline: Int64
    private(set) var state: SessionState = .live
    /// Hung: no watermark for this long while something is unanswered.
    static let hungAfter: Int64 = 1_000_000_000
    /// An idle server is sent a beat when it has been silent for this long.
    static let idleAfter: Int64 = 5_000_000_000

    init(deadline: Int64?) { self.deadline = deadline ?? Self.hungAfter }

    /// - Parameters:
    ///   - oldest: When the oldest unanswered event was sent; `nil`: none.
    ///   - own: Its deadline, ns; `nil`: as the others'.
    ///   - beat: When the unanswered beat was sent; `nil`: none.
    ///   - lastWatermark: When the last watermark came.
    /// - Returns: The new state and its detail, when it changed.
    mutating func check(
        oldest: Int64?, within own: Int64? = nil, beat: Int64? = nil, lastWatermark: Int64,
        now: Int64
    ) -> (SessionState, String)? {
        let deadline = own ?? deadline
        let age = oldest.map { now - $0 } ?? 0
        let silence = (oldest ?? beat).map { now - max(lastWatermark, $0) } ?? 0
        let next: SessionState =
            if silence >= max(Self.hungAfter, deadline) {
                .hung
            } else if age > deadline {
                .slow
            } else {
                .live
            }
        // Slow after hung would only say that it has not caught up yet.
        guard next != state, !(state == .hung && next == .slow && silence > deadline) else {
            return nil
        }
        let before = state
        state = next
        switch next {
        case .hung: return (next, "no answer for \(silence / 1_000_000) ms")
        case .slow:
            return (
                next,
                "an event waits for \(age / 1_000_000) ms, its deadline is \(deadline / 1_000_000) ms"
            )
        default: return (next, before == .hung ? "it answers again" : "it has caught up")
        }
    }
}
