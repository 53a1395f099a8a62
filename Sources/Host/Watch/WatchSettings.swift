package import TradingModel

/// What a run at a pace is watched for, and for how long that is patient. `nil`: not watched.
package struct WatchSettings: Hashable, Sendable {
    /// By instrument: the market's time within its hours that may pass without data; empty: none is watched alone.
    package var noData: [Nanoseconds?] = []
    /// The same of those that are watched as one with the others of their hours: a feed that breaks is told, and
    /// that a single one of them does not trade is not.
    package var noDataTogether: [Nanoseconds?] = []
    /// The odd days of hours, since 1970-01-01: on a Saturday or a Sunday exchanges with hours are open on these alone.
    package var oddDays: [MarketHours: Set<Int64>] = [:]
    /// Of hours whose sessions end with an auction: how long before the close nothing fills any more.
    package var closingAuctions: [MarketHours: Nanoseconds] = [:]
    /// By source, of strategy servers: the market's time in which events may go to it without a result.
    package var noResults: [SourceID: Nanoseconds] = [:]
    /// By the host's clock: for how long an order that should fill at once may have no fill.
    package var noFills: Nanoseconds?
    /// How long a broker may take to answer, as a rule.
    package var slowBroker: Nanoseconds?
    /// How far the wall's clock may leave the monotonic one between two looks.
    package var clockJump: Nanoseconds?
    /// Between two looks at what the host's clock alone tells, ns.
    package var lookEvery: Int64 = 1_000_000_000
    package init() {}
}
