public import Rules
public import Strategies
public import TradingModel

/// A rule at work as a strategy: what it says when its condition speaks.
public struct RuleStrategy: Strategy {
    private var state: RuleState
    private let result: StrategyResult

    /// Whether what it says is a vote; an alert never is.
    public var isVoter: Bool { result.action != .alert }

    /// The bound on the price that it is, where it has nothing to do or say while the price stays on
    /// one side of it.
    var watched: PriceThreshold? { state.every == .always ? nil : state.rule.threshold }

    /// - Parameters:
    ///   - zone: The exchange's, for days and times of the day.
    ///   - hours: The exchange's, for the last prices of days.
    public init(
        _ rule: CompiledRule, action: Action, confidence: Confidence, every: RuleRepeat,
        coolDown: Nanoseconds, zone: ZoneOffsets = .utc, hours: MarketHours = .always
    ) {
        state = RuleState(rule, every: every, cooldown: coolDown, zone: zone, hours: hours)
        result = StrategyResult(
            action, confidence: confidence, message: rule.text, reasons: [rule.text])
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? {
        state.onTick(tick) ? result : nil
    }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? {
        state.onCandle(candle) ? result : nil
    }
    var isTrue: Bool { state.isTrue }

    public mutating func begin() { state.begin() }
    public mutating func takeOver(from old: any Strategy) {
        if let old = old as? RuleStrategy { state.takeOver(from: old.state) }
    }
    public func hash(into hasher: inout StateHasher) { state.hash(into: &hasher) }
}
