import Ports
import StrategyWire
import TradingModel

/// What a server tells people, cut and paced as the limits say. A value; one for each connection.
struct Remarks {
    /// So many a second; the rest is counted.
    private struct Pace {
        let rate: Int
        var bucket: TokenBucket
        var dropped = 0
        init(_ rate: Int) {
            self.rate = rate
            bucket = TokenBucket(rate: Int64(rate), burst: Int64(rate))
        }

        mutating func take(at now: Int64) -> Bool {
            if bucket.take(at: now) { return true }
            dropped += 1
            return false
        }

        /// How many were dropped, once.
        mutating func loss(of what: String) -> [SessionReport] {
            guard dropped > 0 else { return [] }
            defer { dropped = 0 }
            let words = "\(dropped) more \(what) were dropped: \(rate) a second are kept"
            return [.log(level: "warning", text: words)]
        }
    }
    private let limits: SessionLimits
    private var lines: Pace
    /// `nil`: each is told, where nobody waits for anything else.
    private var failures: Pace?
    /// The one that ends the session has been told.
    private var hasEnded = false

    init(_ limits: SessionLimits, isLockstep: Bool = false) {
        self.limits = limits
        lines = Pace(limits.logsPerSecond)
        failures = isLockstep ? nil : Pace(limits.logsPerSecond)
    }

    /// A line for the log; none when too many came within a second. Behind those that were dropped
    /// stands how many they were.
    mutating func take(_ log: PBLog, at now: Int64) -> [SessionReport] {
        guard lines.take(at: now) else { return [] }
        return lines.loss(of: "lines") + [.log(level: "\(log.level)", text: cut(log.text))]
    }

    /// A failure, as often as lines; the first that ends the session always.
    mutating func take(_ failure: PBFailure, at now: Int64) -> [SessionReport] {
        if !failure.recoverable, !hasEnded {
            hasEnded = true
        } else if failures?.take(at: now) == false {
            return []
        }
        let report = SessionReport.failure(
            EventPosition(failure.position), message: cut(failure.message),
            recoverable: failure.recoverable)
        return (failures?.loss(of: "failures") ?? []) + [report]
    }

    /// What was dropped and is not told yet.
    mutating func rest() -> [SessionReport] {
        lines.loss(of: "lines") + (failures?.loss(of: "failures") ?? [])
    }

    private func cut(_ text: String) -> String {
        guard text.utf8.count > limits.textBytes else { return text }
        return String(decoding: text.utf8.prefix(limits.textBytes), as: UTF8.self) + "…"
    }
}
