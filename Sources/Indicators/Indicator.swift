public import TradingModel

/// An incremental indicator: one value for each series, fed in the order of events.
///
/// Whatever the prices, nothing traps; the same bars give the same bits on every machine.
public protocol Indicator: Sendable {
    mutating func push(_ bar: Bar)
    /// - Parameter output: Its place among the kind's outputs.
    /// - Returns: `nil` while warming up, or where the formula has no value.
    func value(_ output: Int) -> Double?
    /// Puts in everything that future values depend on.
    func hash(into hasher: inout StateHasher)
}

/// An indicator of closes alone: one output.
protocol CloseIndicator: Indicator {
    mutating func push(_ price: Price)
    var value: Double? { get }
}

extension CloseIndicator {
    public mutating func push(_ bar: Bar) { push(bar.close) }
    public func value(_ output: Int) -> Double? { value }
}

extension SMA: CloseIndicator {}
extension EMA: CloseIndicator {}
extension RSI: CloseIndicator {}
extension WMA: CloseIndicator {}
extension StandardDeviation: CloseIndicator {}
extension RateOfChange: CloseIndicator {}

/// The mean of the last volumes.
public struct VolumeAverage: Indicator {
    var window: RollingVolume

    /// - Parameter length: In ``RollingSum/lengths``.
    public init(length: Int) { window = RollingVolume(length: length) }

    public var value: Double? {
        guard window.isFull else { return nil }
        return rounded(window.sum) / (Double(window.length) * Double(fixedPointScale))
    }
    public mutating func push(_ bar: Bar) { window.push(bar.volume) }
    public func value(_ output: Int) -> Double? { value }
    public func hash(into hasher: inout StateHasher) { window.hash(into: &hasher) }
}
