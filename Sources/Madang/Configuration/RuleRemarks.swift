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
        guard case .candles(let interval) = rule.input, !configuration.isRecorded(interval),
            (0..<1_440).contains(where: { rule.condition.canHold(atMinute: $0) })
        else { return nil }
        if interval.nanoseconds >= nanosecondsPerDay {
            // Others count from a Monday of 1970, and open at any hour.
            guard interval.nanoseconds % nanosecondsPerDay == 0,
                !rule.condition.canHold(atMinute: 0)
            else { return nil }
            return "'time in' is of the time at which a candle opens, and candles:\(interval)"
                + " open at 00:00: it is never true"
        }
        var known: [MarketHours: Bool] = [:]
        let never = rule.symbols.filter { symbol in
            let hours = configuration.hours[Int(symbol.index)]
            let isHeard = known[hours] ?? hears(rule, hours)
            known[hours] = isHeard
            return !isHeard
        }
        guard !never.isEmpty else { return nil }
        let symbols = never.prefix(5).map { configuration.instruments[Int($0.index)].symbol }
        return "its times of the day lie outside of the hours of"
            + " \(symbols.joined(separator: ", "))\(never.count > 5 ? ", …" : ""): it is never true there"
    }

    /// On a day as the others are, the first of 1970, or on one that is named: it may be open for longer.
    private func hears(_ rule: RuleSetting, _ hours: MarketHours) -> Bool {
        guard !hours.isAlways else { return true }
        let days = [0] + (configuration.oddDays[hours] ?? []).sorted()
        return (0..<1_440).contains { minute in
            rule.condition.canHold(atMinute: minute)
                && days.contains { hours.holds(Self.moment($0, minute), .utc) }
        }
    }

    private static func moment(_ day: Int64, _ minute: Int) -> Timestamp {
        Timestamp(nanoseconds: day * nanosecondsPerDay + Int64(minute) * 60_000_000_000)
    }
}

extension HostConfiguration {
    /// Candles that a feed holds are heard as they are, whatever the hours.
    func isRecorded(_ interval: Interval) -> Bool {
        feeds.contains { feed in
            guard case .candles(let own, _) = feed.csv.content else { return false }
            return own == interval
        }
    }
}
