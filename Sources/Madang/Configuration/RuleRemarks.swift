import Feeds
import Kernel
import Rules
import TradingModel

/// Rules that no event can make true, where that is plain before a run: one that never speaks is a mistake that
/// nobody sees.
struct RuleRemarks {
    let configuration: HostConfiguration

    /// A line for each thing that is plain.
    var lines: [String] {
        configuration.rules.flatMap { rule in
            (rule.condition.doubts + [offHours(rule)].compactMap { $0 }).map {
                "\(rule.name): \($0)"
            }
        }
    }

    /// Candles that the host makes lie in their instrument's session, and a day's begins at midnight.
    private func offHours(_ rule: RuleSetting) -> String? {
        // What is never true at any time is told already.
        guard case .candles(let interval) = rule.input, !isRecorded(interval),
            (0..<1_440).contains(where: { rule.condition.canHold(atMinute: $0) })
        else { return nil }
        if interval.nanoseconds >= nanosecondsPerDay {
            guard !rule.condition.canHold(atMinute: 0) else { return nil }
            return "'time in' is of the time at which a candle opens, and candles:\(interval)"
                + " open at 00:00: it is never true"
        }
        let never = rule.symbols.filter { !hears(rule, configuration.hours[Int($0.index)]) }
        guard !never.isEmpty else { return nil }
        let symbols = never.prefix(5).map { configuration.instruments[Int($0.index)].symbol }
        return "its times of the day lie outside of the hours of"
            + " \(symbols.joined(separator: ", "))\(never.count > 5 ? ", …" : ""): it is never true there"
    }

    private func hears(_ rule: RuleSetting, _ hours: MarketHours) -> Bool {
        hours.isAlways
            || (0..<1_440).contains { minute in
                rule.condition.canHold(atMinute: minute) && hours.holds(Self.moment(minute), .utc)
            }
    }

    /// Of a day as the others are: the first of 1970 is nobody's odd one.
    private static func moment(_ minute: Int) -> Timestamp {
        Timestamp(nanoseconds: Int64(minute) * 60_000_000_000)
    }

    /// Candles that a feed holds are heard as they are, whatever the hours.
    private func isRecorded(_ interval: Interval) -> Bool {
        configuration.feeds.contains { feed in
            guard case .candles(let own, _) = feed.csv.content else { return false }
            return own == interval
        }
    }
}
