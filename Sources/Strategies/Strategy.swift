public import TradingModel

/// A strategy in the host: one value for each attachment and instrument, fed in the order of
/// events.
///
/// The host calls ``onTick(_:)`` or ``onCandle(_:)``, as the attachment's input says, never both.
/// A value is a struct: no clock, no I/O, no randomness; the same events give the same results.
/// It signals whatever is held; what becomes of a signal is the host's business. Nothing is
/// allocated for an event that fires nothing. Neither method may trap, whatever the prices.
public protocol Strategy: Sendable {
    /// - Returns: `nil` when nothing is triggered.
    mutating func onTick(_ tick: Tick) -> StrategyResult?
    /// - Parameter candle: Final, of the attachment's interval.
    /// - Returns: `nil` when nothing is triggered.
    mutating func onCandle(_ candle: Candle) -> StrategyResult?
    /// Puts in everything that future results depend on, parameters included.
    func hash(into hasher: inout StateHasher)
    /// Whether anything it says may be a vote; alerts alone never are.
    var isVoter: Bool { get }
    /// It was fed what came before it began, and nobody heard what it said: from here on it is heard.
    mutating func begin()
    /// It takes the place of one that was changed.
    ///
    /// - Parameter old: As it stands, on the same input.
    mutating func takeOver(from old: any Strategy)
    /// Where a kernel keeps it; the default does for every strategy.
    func slot() -> StrategySlot
}

extension Strategy {
    public var isVoter: Bool { true }
    public mutating func begin() {}
    public mutating func takeOver(from old: any Strategy) {}
    public mutating func onTick(_ tick: Tick) -> StrategyResult? { nil }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? { nil }
}
