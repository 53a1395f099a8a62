public import Rules
public import Strategies
public import TradingModel

/// A rule at work as a strategy: what it says when its condition speaks.
public struct RuleStrategy: Strategy {
    private var state: RuleState
    private let result: StrategyResult

    public init(
        _ rule: CompiledRule, action: Action, confidence: Confidence, every: RuleRepeat,
        coolDown: Nanoseconds
    ) {
        state = RuleState(rule, every: every, cooldown: coolDown)
        result = StrategyResult(
            action, confidence: confidence, message: rule.text, reasons: [rule.text])
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? {
        state.onTick(tick) ? result : nil
    }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? {
        state.onCandle(candle) ? result : nil
    }
    public func hash(into hasher: inout StateHasher) { state.hash(into: &hasher) }
}
