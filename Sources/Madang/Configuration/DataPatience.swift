import Host
import TradingModel

/// Which instruments are watched for data alone, which together, and for how long each is patient.
///
/// One that has a `no_data` of its own is watched alone. The others of an exchange are watched as one: a feed that
/// breaks is one line, and an instrument that trades thinly is none. Where they are few each is watched alone,
/// provided that it is plain what rows it has.
struct DataPatience {
    let configuration: HostConfiguration
    /// By instrument, in open time; `nil`: not watched alone.
    private(set) var alone: [Nanoseconds?]
    /// By instrument, as one with the others of its hours.
    private(set) var together: [Nanoseconds?]
    /// So many are watched one by one.
    static let few = 5

    /// The hours of an exchange, and its clock.
    private struct Exchange: Hashable {
        let hours: MarketHours
        let zone: String
    }

    init(_ configuration: HostConfiguration) {
        self.configuration = configuration
        let indices = configuration.instruments.indices
        alone = indices.map { configuration.noData[$0]?.span }
        together = indices.map { _ in nil }
        var exchanges: [Exchange] = []
        var crowds: [Exchange: [Int]] = [:]
        for index in indices where configuration.noData[index] == nil {
            let hours = configuration.hours[index]
            // Where nobody wrote hours nobody knows when it is closed.
            guard configuration.watch.noData.map({ $0.span != nil }) ?? !hours.isAlways
            else { continue }
            let exchange = Exchange(
                hours: hours, zone: configuration.instruments[index].timeZone)
            if crowds[exchange] == nil { exchanges.append(exchange) }
            crowds[exchange, default: []].append(index)
        }
        for exchange in exchanges {
            let crowd = crowds[exchange] ?? []
            let apart = crowd.map { pauses($0) }
            let written = configuration.watch.noData?.span
            if crowd.count <= Self.few, apart.allSatisfy({ $0.lowerBound == $0.upperBound }) {
                for (index, pause) in zip(crowd, apart) {
                    alone[index] = written ?? Self.usual(pause.lowerBound)
                }
            } else {
                let least = apart.map(\.lowerBound).min() ?? 0
                for index in crowd { together[index] = written ?? Self.usual(least) }
            }
        }
    }

    private static func usual(_ pause: Int64) -> Nanoseconds {
        Nanoseconds(max(WatchSetting.usualData.count, 2 * pause))
    }

    /// The candles between which an instrument has no data, by the feeds that may hold it; none: it has trades or
    /// quotes. A file with a column of symbols holds nobody knows whom.
    private func candles(_ index: Int) -> (least: Interval?, most: Interval?) {
        let symbol = configuration.instruments[index].symbol
        let feeds = configuration.feeds.map(\.csv)
        let own = feeds.filter { $0.columns[.symbol] == nil && $0.symbol == symbol }
        let intervals = (own.isEmpty ? feeds.filter { $0.columns[.symbol] != nil } : own).map {
            feed -> Interval? in
            if case .candles(let interval, _) = feed.content { interval } else { nil }
        }
        let candles = intervals.compactMap(\.self)
        let least = candles.count < intervals.count ? nil : candles.min()
        // Of its own feeds the one with the most rows says how often it has any.
        return (least, own.isEmpty ? candles.max() : least)
    }

    /// Open time between two rows of an instrument, at least and at most, ns; 0: as it trades.
    private func pauses(_ index: Int) -> ClosedRange<Int64> {
        let (least, most) = candles(index)
        let (low, high) = (openTime(least, index), openTime(most, index))
        return min(low, high)...max(low, high)
    }

    /// Of a candle, ns: a day's is as long as its session.
    private func openTime(_ interval: Interval?, _ index: Int) -> Int64 {
        guard let interval else { return 0 }
        guard let session = configuration.hours[index].usualSession else {
            return interval.nanoseconds
        }
        let days = (interval.nanoseconds + nanosecondsPerDay - 1) / nanosecondsPerDay
        return min(interval.nanoseconds, days * session.count)
    }

    /// Whose candles are further apart than a span says; `nil`: nobody's.
    ///
    /// - Parameters:
    ///   - own: Instruments whose `no_data` it is; `nil`: that of all.
    func tooShort(_ span: Nanoseconds, of own: [Int]?) -> (interval: Interval, index: Int)? {
        let indices = configuration.instruments.indices
        let others = indices.filter { configuration.noData[$0] == nil }
        // Where each has its own that of all says nothing, and is wrong all the same.
        let asked = own ?? (others.isEmpty ? Array(indices) : others)
        let isAlone = own != nil || others.isEmpty
        let judged = asked.filter { isAlone || alone[$0] != nil }
        let crowd = asked.filter { together[$0] != nil && own == nil }
        let isCrowdShort = crowd.allSatisfy { span.count <= pauses($0).lowerBound }
        for index in judged + (isCrowdShort ? crowd : []) {
            guard let interval = candles(index).least, span.count <= pauses(index).lowerBound
            else { continue }
            return (interval, index)
        }
        return nil
    }

    /// Open time between two candles as people say it, where that is not their length.
    func words(_ interval: Interval, _ index: Int) -> String {
        let pause = openTime(interval, index)
        return pause == interval.nanoseconds
            ? "as long passes between two of them"
            : "\(spoken(Nanoseconds(pause))) of open time pass between two of them"
    }
}
