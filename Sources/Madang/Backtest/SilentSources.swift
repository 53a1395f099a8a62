import Backtest
import Host
import Kernel
import TradingModel

/// Why strategies and rules in the host never said a thing, where that is plain: too few events.
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
                    input: rule.input, warmUp: rule.condition.warmUp, symbols: rule.symbols)
            }
        return zip(outcome.summary.sources, all).compactMap { source, need in
            guard source.results == 0, let need else { return nil }
            return words(source.name, need)
        }
    }

    private struct StrategyNeed {
        let input: Attachment.Input
        let warmUp: Int
        let symbols: [InstrumentID]
    }

    private func words(_ name: String, _ need: StrategyNeed) -> String? {
        let counts = need.symbols.map { outcome.accounting.events(of: $0, need.input) }
        guard let most = counts.max(), most <= need.warmUp, need.warmUp > 0,
            let at = counts.firstIndex(of: most)
        else { return nil }
        let input =
            switch need.input {
            case .ticks: "ticks"
            case .candles(let interval): "candles:\(interval)"
            }
        let symbol = configuration.instruments[Int(need.symbols[at].index)].symbol
        return "\(name) said nothing: its first outcome is known at event"
            + " \(grouped("\(need.warmUp + 1)")) of \(input), and there were"
            + " \(grouped("\(most)")) (\(symbol))"
    }
}
