import Kernel
import Ports
import TradingModel

/// Why a result came to its end, where the fact that says so does not: nobody is to guess.
enum FateWords {
    /// Of one that never stood as a vote.
    static func unheard(
        _ signal: Signal, _ status: SignalStatus, deadline: Nanoseconds?
    ) -> String {
        let delay = signal.arrivalTime.since(signal.entryTime).count
        switch (status, signal.result.validity) {
        case (.late, _):
            let limit = deadline.map { ", deadline \(milliseconds($0.count))" } ?? ""
            guard delay < EntryTimes.longAgo.count else {
                return "asked long before, or before a start of the host\(limit)"
            }
            return "\(milliseconds(delay)) after its event\(limit)"
        case (.expired, .duration(let span)):
            return span.count > 0
                ? "valid for \(milliseconds(span.count)), heard after \(milliseconds(delay))"
                : "its time was over before its event"
        case (.expired, .untilNextCandle):
            return "heard behind the next candle, or a minute after its event"
        default: return ""
        }
    }

    /// Of one that stood.
    static func ended(_ status: SignalStatus, _ detail: String) -> String {
        guard detail.isEmpty else { return detail }
        return switch status {
        case .expired: "its validity was over"
        case .replaced: "by the next result of its source"
        default: ""
        }
    }

    private static func milliseconds(_ count: Int64) -> String {
        count.magnitude < 10_000_000_000
            ? "\(count / 1_000_000) ms" : "\(count / 1_000_000_000) s"
    }
}

extension RiskDecision {
    /// What it is told by where it refuses.
    var code: FailSafeCode {
        switch rule {
        case "orders_per_minute": .orderRate
        case "price_age": .staleData
        default: .riskLimit
        }
    }
}

extension [String: Int] {
    /// What there was no size for is told by its words, without their numbers.
    func adding(_ refusal: RiskDecision) -> Self {
        var counts = self
        var why = refusal.rule
        if why == "sizing" {
            let words = refusal.detail.text.prefix { !$0.isNumber }
            why = String(words.reversed().drop { $0 == " " }.reversed())
        }
        counts[why, default: 0] += 1
        return counts
    }
}
