package import Kernel
package import Ports
package import TradingModel

/// Which events a session hears.
package struct Subscription: Sendable {
    package let ticks: Bool
    package let quotes: Bool
    package let candles: [Interval]
    /// Also while they grow.
    package let unfinished: [Interval]
    package let timers: [Interval]
    package let readsAccount: Bool
    private let instruments: [Bool]
    /// Its instruments where they may change while it goes on; `nil`: they stand to its end.
    package let roster: SessionRoster?
    package let account: AccountID?

    /// - Parameters:
    ///   - wanted: Those of its start.
    ///   - count: Instruments in the house.
    ///   - account: Whose fills it hears, if it reads account state.
    ///   - roster: Of the same instruments, where they may change.
    package init(
        _ description: ServerDescription, instruments wanted: [InstrumentID], of count: Int,
        account: AccountID?, roster: SessionRoster? = nil
    ) {
        var ticks = false
        var quotes = false
        var candles: [Interval] = []
        var timers: [Interval] = []
        var unfinished: [Interval] = []
        for input in description.inputs {
            switch input.kind {
            case .ticks: ticks = true
            case .quotes: quotes = true
            case .candles(let interval, let isUnfinishedToo):
                candles.append(interval)
                if isUnfinishedToo { unfinished.append(interval) }
            case .timers(let interval): timers.append(interval)
            }
        }
        self.ticks = ticks
        self.quotes = quotes
        self.candles = candles
        self.timers = timers
        self.unfinished = unfinished
        readsAccount = description.readsAccount
        var flags = [Bool](repeating: false, count: count)
        for instrument in wanted { flags[Int(instrument.index)] = true }
        instruments = flags
        self.roster = roster
        self.account = account
    }

    /// As of the loop's own place, where they change.
    package func hears(_ instrument: InstrumentID) -> Bool {
        roster?.hears(instrument) ?? instruments[Int(instrument.index)]
    }

    func hears(_ tick: Tick) -> Bool { ticks && hears(tick.instrument) }

    package func hears(_ event: MarketEvent) -> Bool {
        switch event.kind {
        case .tick(let tick): ticks && hears(tick.instrument)
        case .quote(let quote): quotes && hears(quote.instrument)
        case .candle(let candle):
            (candle.isFinal ? candles : unfinished).contains(candle.interval)
                && hears(candle.instrument)
        case .timer(_, let interval): timers.contains(interval)
        }
    }
}

extension SessionEvent {
    package init(_ event: MarketEvent, entry: Timestamp) {
        let kind: Kind =
            switch event.kind {
            case .tick(let tick): .tick(tick)
            case .quote(let quote): .quote(quote)
            case .candle(let candle): .candle(candle)
            case .timer(let time, let interval): .timer(at: time, interval: interval)
            }
        self.init(position: event.position, entryTime: entry, kind: kind)
    }
}
