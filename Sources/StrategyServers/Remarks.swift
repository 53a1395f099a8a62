import Ports
import StrategyWire
import TradingModel

/// What a server tells people, cut and paced as the limits say. A value; one for each connection.
struct Remarks {
    private let limits: SessionLimits
    private var tokens: Double
    /// Monotonic ns; `nil` before the first line.
    private var time: Int64?
    private var dropped = 0

    init(_ limits: SessionLimits) {
        self.limits = limits
        tokens = Double(limits.logsPerSecond)
    }

    /// A line for the log; none when too many came within a second. Behind those that were dropped
    /// stands how many they were.
    mutating func take(_ log: PBLog, at now: Int64) -> [SessionReport] {
        let rate = Double(limits.logsPerSecond)
        tokens = min(rate, tokens + Double(now - (time ?? now)) / 1e9 * rate)
        time = now
        guard tokens >= 1 else {
            dropped += 1
            return []
        }
        tokens -= 1
        var reports: [SessionReport] = []
        if dropped > 0 {
            let words =
                "\(dropped) more lines were dropped: \(limits.logsPerSecond) a second are kept"
            reports.append(.log(level: "warning", text: words))
            dropped = 0
        }
        return reports + [.log(level: "\(log.level)", text: cut(log.text))]
    }

    func take(_ failure: PBFailure) -> SessionReport {
        .failure(
            EventPosition(failure.position), message: cut(failure.message),
            recoverable: failure.recoverable)
    }

    private func cut(_ text: String) -> String {
        guard text.utf8.count > limits.textBytes else { return text }
        return String(decoding: text.utf8.prefix(limits.textBytes), as: UTF8.self) + "…"
    }
}
