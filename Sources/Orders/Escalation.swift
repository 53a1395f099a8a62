package import TradingModel

/// Counts failures of one account and says when it is locked down: R11.2.
package struct Escalation: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        /// In a row.
        package var consecutive = 3
        /// Within ``within``, whatever succeeded between.
        package var total = 3
        package var within = Nanoseconds.seconds(300)
        package init() {}
    }
    package enum Level: Int, Hashable, Sendable { case normal, guarded, failSafe, lockdown }
    package let limits: Limits
    private var inARow = 0
    private var times: [Timestamp] = []
    private(set) package var lockdown: String?

    package init(_ limits: Limits, lockdown: String? = nil) {
        self.limits = limits
        self.lockdown = lockdown
    }

    package var level: Level {
        if lockdown != nil { return .lockdown }
        switch max(inARow, times.count) {
        case 0: return .normal
        case 1: return .guarded
        default: return .failSafe
        }
    }

    /// - Returns: Why it is locked down from now on; `nil` when it is not, or was before.
    package mutating func failed(_ what: String, at now: Timestamp) -> String? {
        inARow += 1
        times.removeAll { now.since($0) > limits.within }
        times.append(now)
        if times.count > limits.total { times.removeFirst(times.count - limits.total) }
        guard lockdown == nil else { return nil }
        if inARow >= limits.consecutive {
            lockdown = "\(inARow) failures in a row, the last: \(what)"
        } else if times.count >= limits.total {
            lockdown =
                "\(times.count) failures within \(limits.within.count / 1_000_000_000) s, the last: \(what)"
        }
        return lockdown
    }

    /// At once, whatever was counted.
    package mutating func lock(_ why: String) { lockdown = lockdown ?? why }

    /// Something succeeded at the broker.
    package mutating func succeeded() { inARow = 0 }

    /// A person ends it; counting begins anew.
    package mutating func release() {
        lockdown = nil
        inARow = 0
        times.removeAll()
    }
}
