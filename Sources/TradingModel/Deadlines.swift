/// Kinds of events as deadlines are given for them.
public enum EventClass: UInt8, Hashable, Sendable, CaseIterable {
    /// And quotes, candles that still grow, changes of a list of instruments.
    case ticks
    /// Candles that closed.
    case candles
    case timers
    /// Fills of the account's own orders.
    case fills
}

/// From the entry of an event to its result, for kinds that have longer or shorter than others.
public struct ClassDeadlines: Hashable, Sendable {
    public var ticks: Nanoseconds?
    public var candles: Nanoseconds?
    public var timers: Nanoseconds?
    public var fills: Nanoseconds?

    public init(
        ticks: Nanoseconds? = nil, candles: Nanoseconds? = nil, timers: Nanoseconds? = nil,
        fills: Nanoseconds? = nil
    ) {
        self.ticks = ticks
        self.candles = candles
        self.timers = timers
        self.fills = fills
    }

    /// `nil`: it has none of its own.
    public subscript(_ eventClass: EventClass) -> Nanoseconds? {
        switch eventClass {
        case .ticks: ticks
        case .candles: candles
        case .timers: timers
        case .fills: fills
        }
    }

    /// - Parameter rest: Of kinds that have none of their own.
    public func longest(or rest: Nanoseconds) -> Nanoseconds {
        EventClass.allCases.map { self[$0] ?? rest }.max() ?? rest
    }
}
