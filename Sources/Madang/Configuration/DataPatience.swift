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
    /// Of each exchange those without a `no_data` of their own.
    private var crowds: [[Int]] = []
    /// By symbol, and of files with a column of symbols: the candles of their feeds; `nil`: trades or quotes.
    private var own: [String: [Interval?]] = [:]
    private var columns: [Interval?] = []
    /// A day's, of hours that are not around the clock.
    private let sessions: [MarketHours: Nanoseconds]
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
        sessions = Dictionary(
            uniqueKeysWithValues: Set(configuration.hours).compactMap { hours in
                hours.usualSession.map { (hours, $0) }
            })
        for feed in configuration.feeds.map(\.csv) {
            let interval: Interval? =
                if case .candles(let interval, _) = feed.content { interval } else { nil }
            if feed.columns[.symbol] != nil {
                columns.append(interval)
            } else if let symbol = feed.symbol {
                own[symbol, default: []].append(interval)
            }
        }
        var places: [Exchange: Int] = [:]
        for index in indices where configuration.noData[index] == nil {
            let hours = configuration.hours[index]
            // Where nobody wrote hours nobody knows when it is closed.
            guard configuration.watch.noData.map({ $0.span != nil }) ?? !hours.isAlways
            else { continue }
            let exchange = Exchange(
                hours: hours, zone: configuration.instruments[index].timeZone)
            let place = places[exchange] ?? crowds.count
            places[exchange] = place
            if place == crowds.count { crowds.append([]) }
            crowds[place].append(index)
        }
        for crowd in crowds {
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
        let named = own[configuration.instruments[index].symbol]
        let intervals = named ?? columns
        let candles = intervals.compactMap(\.self)
        let least = candles.count < intervals.count ? nil : candles.min()
        // Of its own feeds the one with the most rows says how often it has any.
        return (least, named == nil ? candles.max() : least)
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
        guard let session = sessions[configuration.hours[index]] else {
            return interval.nanoseconds
        }
        let days = (interval.nanoseconds + nanosecondsPerDay - 1) / nanosecondsPerDay
        return min(interval.nanoseconds, days * session.count)
    }

    /// Whose candles are further apart than a span says; `nil`: nobody's.
    ///
    /// Of those watched together it is wrong where all of them are.
    ///
    /// - Parameter instruments: Whose own it is; `nil`: that of all.
    func tooShort(
        _ span: Nanoseconds, of instruments: [Int]?
    ) -> (interval: Interval, index: Int)? {
        // Where each has its own that of all says nothing, and is wrong all the same.
        let singles =
            instruments ?? (crowds.isEmpty ? Array(configuration.instruments.indices) : nil)
        let units =
            singles?.map { [$0] }
            ?? crowds.flatMap { crowd in
                crowd.allSatisfy { together[$0] != nil } ? [crowd] : crowd.map { [$0] }
            }
        for unit in units {
            guard let index = unit.first, let interval = candles(index).least,
                unit.allSatisfy({ span.count <= pauses($0).lowerBound })
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
