import Conformance
import Feeds
import Foundation
import Host
import Kernel
import Platform
import Ports
import TradingModel
import Vault

/// What is replayed to a server: the feeds of a configuration, or one file that nobody described.
struct RecordedData {
    let feed: any RecordedFeed
    let instruments: [Instrument]
    /// For people: what was taken for granted.
    var remark: String?

    init(_ configuration: HostConfiguration) {
        instruments = configuration.instruments
        feed = RunCommand.feed(configuration)
    }

    /// Reads the file once, for its symbols and for the length of its candles.
    ///
    /// - Throws: `RunError` with the feed's words.
    init(file path: String, interval: Interval?, symbol: String?, market: String) throws {
        do throws(FeedError) {
            // Any length does for the first look.
            guard let any = interval ?? Interval(seconds: 1) else { preconditionFailure() }
            let settings = try CSVGuess.settings(of: path, interval: any, symbol: symbol ?? "DATA")
            let seen = try Seen(settings)
            if seen.symbols.isEmpty { throw FeedError("the file has no rows", at: path) }
            var whole = settings
            if case .candles = settings.content, interval == nil {
                guard let shortest = seen.shortest else {
                    throw FeedError(
                        "how long are its candles?", at: path, advice: "say --interval 1m")
                }
                whole.content = .candles(shortest, time: .open)
                remark = "candles of \(shortest), as the rows are apart"
            }
            let defaults = MarketDefaults(market)
            instruments = seen.symbols.enumerated().map { index, symbol in
                Instrument(
                    id: InstrumentID(index), symbol: symbol, market: market,
                    currency: defaults.currency, ladder: defaults.ladder, lot: defaults.lot,
                    timeZone: defaults.timeZone)
            }
            let known = Dictionary(
                instruments.map { ($0.symbol, $0.id) }, uniquingKeysWith: { first, _ in first })
            feed = CSVFeed(whole, digest: OpenSSLDigest()) { known[$0] }
        } catch { throw RunError(.feed, "\(error)") }
    }

    /// The events that a server of these inputs gets in a run as fast as possible.
    ///
    /// - Parameter most: How many are taken.
    /// - Returns: Whether that is all.
    func events(
        for server: ServerDescription, most: Int
    ) throws -> (events: [SessionEvent], isWhole: Bool) {
        let subscription = Subscription(
            server, instruments: instruments.map(\.id), of: instruments.count, account: nil)
        do throws(FeedError) {
            let reader = try StepReader(feed, plan(server))
            var step = Step()
            var events: [SessionEvent] = []
            while try reader.read(into: &step) {
                for event in step.events where subscription.hears(event) {
                    guard events.count < most else { return (events, false) }
                    events.append(SessionEvent(event, entry: step.time))
                }
            }
            return (events, true)
        } catch { throw RunError(.feed, "\(error)") }
    }

    private func plan(_ server: ServerDescription) -> MarketPlan {
        var intervals: Set<Interval> = []
        var timers: Set<Interval> = []
        for input in server.inputs {
            switch input.kind {
            case .candles(let interval, _): intervals.insert(interval)
            case .timers(let interval): timers.insert(interval)
            case .ticks, .quotes: break
            }
        }
        var zones: [String: ZoneOffsets] = [:]
        return MarketPlan(
            zones: instruments.map { instrument in
                if let known = zones[instrument.timeZone] { return known }
                let zone = Zones.offsets(of: instrument.timeZone) ?? .utc
                zones[instrument.timeZone] = zone
                return zone
            }, intervals: Array(intervals), timers: Array(timers))
    }
}

/// A look through a file: its symbols as they come, and how far apart candles are.
private struct Seen {
    var symbols: [String] = []
    var shortest: Interval?

    init(_ settings: CSVFeedSettings) throws(FeedError) {
        let names = Locked<[String]>([])
        let feed = CSVFeed(settings, digest: OpenSSLDigest()) { symbol in
            names.withLock { names in
                names.append(symbol)
                return InstrumentID(names.count - 1)
            }
        }
        let reader = try feed.open()
        var rows: [MarketInput] = []
        var last: [InstrumentID: Int64] = [:]
        var least = Int64.max
        var hasMore = true
        while hasMore {
            rows.removeAll(keepingCapacity: true)
            hasMore = try reader.read(into: &rows, limit: 4_096)
            for case .candle(let candle) in rows {
                let time = candle.openTime.nanoseconds
                if let before = last[candle.instrument], time > before {
                    least = min(least, time - before)
                }
                last[candle.instrument] = time
            }
        }
        symbols = names.withLock { $0 }
        if least < .max { shortest = Interval(seconds: least / 1_000_000_000) }
    }
}
