/// What may go wrong, by kind. The names are those of `--without` and of the table of coverage.
package enum Fault: String, Hashable, Sendable, CaseIterable {
    // Between the host and a broker.
    /// The request never arrives; no answer comes.
    case requestLost = "request lost"
    /// The broker acts on it; no answer comes.
    case replyLost = "reply lost"
    /// The request arrives after the call's limit has passed.
    case requestLate = "request late"
    /// The answer takes its time, mostly within the limit.
    case replySlow = "reply slow"
    /// The answer comes twice.
    case replyDoubled = "reply doubled"
    /// An error of the server, and the broker did nothing.
    case serverError = "5xx, nothing done"
    /// An error of the server, and the broker did what was asked.
    case serverErrorDone = "5xx, but done"
    case rateLimited = "rate limited"
    case offline = "connection refused"
    case sessionExpired = "session expired"
    case maintenance = "maintenance"
    case rejected = "order rejected"
    case halted = "instrument halted"

    // News of orders.
    case newsDelayed = "news delayed"
    case newsDoubled = "news doubled"
    case newsReordered = "news reordered"
    /// The line of news breaks: what is told meanwhile is lost, and a gap is told afterwards.
    case lineBroken = "line broken"

    // What the broker says of itself.
    case snapshotLags = "snapshot lags"
    case snapshotOmits = "snapshot omits"
    /// Somebody else's order of the same account looks like ours.
    case lookalike = "lookalike order"
    /// What was open ends, and nobody is told.
    case brokerRestarted = "broker restarted"
    case fillAfterCancel = "fill after cancel"

    // The log.
    case flushSlow = "flush slow"
    case diskFull = "disk full"
    case suffixLost = "suffix lost"
    case stepTorn = "step torn"

    // The host.
    case crash = "crash"
    case crashInRecovery = "crash in recovery"
    case feedSilent = "feed silent"

    /// Told when it happens: nobody draws it.
    case failover = "failover"

    // Strategies.
    case resultLate = "result late"
    case votesOpposed = "votes opposed"

    // Last, and drawn by themselves: other seeds stay what they were.
    /// A buy arrives long after the host's patience, and the broker takes it.
    case requestStray = "request stray"
    /// What such a request made ends untraded, and the broker knows nothing of it any more.
    case orderForgotten = "order forgotten"

    /// Those whose rates are drawn together.
    static let usual = allCases.filter { $0 != .requestStray && $0 != .orderForgotten }

    /// As typed: `request-lost`.
    package var name: String {
        String(
            rawValue.compactMap { character -> Character? in
                switch character {
                case " ": "-"
                case ",": nil
                default: character
                }
            })
    }
    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}
