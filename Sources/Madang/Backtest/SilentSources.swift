import Backtest
import Host
import Kernel
import TradingModel

/// Why strategies and rules in the host never said a thing, where that is plain: too few events, or a rule's
/// condition that none of them met.
struct SilentSources {
    let configuration: HostConfiguration
    let outcome: BacktestOutcome

    /// A line each.
    var lines: [String] {
        let all =
            configuration.strategies.map { setting -> StrategyNeed? in
                guard case .builtIn(let builtIn) = setting.kind, let input = setting.input,
                    let warmUp = try? builtIn.warmUp(parameters: setting.parameters)
                else { return nil }
                return StrategyNeed(input: input, warmUp: warmUp, symbols: setting.symbols)
            }
            + configuration.rules.map { rule -> StrategyNeed? in
                StrategyNeed(
                    input: rule.input, warmUp: rule.condition.mayHoldFrom, symbols: rule.symbols,
                    isRule: true)
            }
        return zip(outcome.summary.sources, all).compactMap { source, need in
            guard source.results == 0, let need else { return nil }
            return words(source.name, need)
        }
    }

    private struct StrategyNeed {
        let input: Attachment.Input
        /// Events before the first at which it may speak.
        let warmUp: Int
        let symbols: [InstrumentID]
        /// However often it repeats, it speaks at the first event at which its condition is true.
        var isRule = false
    }

    private func words(_ name: String, _ need: StrategyNeed) -> String? {
        let counts = need.symbols.map { outcome.accounting.events(of: $0, need.input) }
        guard let most = counts.max(), let at = counts.firstIndex(of: most) else { return nil }
        let input =
            switch need.input {
            case .ticks: "ticks"
            case .candles(let interval): "candles:\(interval)"
            }
        guard most <= need.warmUp else {
            // One that came or changed in the middle was not asked at all of them.
            guard need.isRule, configuration.changes.isEmpty else { return nil }
            let asked = counts.reduce(0) { $0 + max(0, $1 - need.warmUp) }
            return "\(name) said nothing: its condition was asked at \(counted(asked, "event")) of"
                + " \(input), and true at none"
        }
        guard need.warmUp > 0 else { return nil }
        let symbol = configuration.instruments[Int(need.symbols[at].index)].symbol
        let known =
            need.isRule ? "it cannot be true before event" : "its first outcome is known at event"
        return "\(name) said nothing: \(known)"
            + " \(grouped("\(need.warmUp + 1)")) of \(input), and there were"
            + " \(grouped("\(most)")) (\(symbol))"
    }
}
