import Host
import Platform
import TradingModel

/// How long something may be missing before people are told.
struct Patience: Hashable, Sendable {
    /// `nil`: it is not watched.
    var span: Nanoseconds?
    static let off = Patience(span: nil)
    /// Of data and of results, by the market's time, ns.
    static let data: ClosedRange<Int64> = 1_000_000_000...2_592_000_000_000_000
    /// By the host's clock, ns.
    static let host: ClosedRange<Int64> = 100_000_000...86_400_000_000_000

    static func seconds(_ count: Int64) -> Patience { Patience(span: .seconds(count)) }
}

/// What a run at a pace is watched for.
struct WatchSetting: Hashable {
    /// Of every instrument; `nil`: ``usualData`` of those whose hours are known, and none of the others.
    var noData: Patience?
    var noFills = Patience.seconds(60)
    var slowBroker = Patience.seconds(2)
    var clockJump = Patience.seconds(2)
    /// Longer than the auction before KRX closes, in which nothing trades.
    static let usualData = Nanoseconds.seconds(15 * 60)
}

extension Formats {
    /// - Parameter range: ns.
    static func patience(in range: ClosedRange<Int64>) -> ValueFormat<Patience> {
        let span = ValueFormat.duration(in: range)
        return ValueFormat(
            span.expectation + ", or off",
            show: { $0.span.map { showDuration($0.count) } ?? "off" }
        ) { scalar in
            if scalar.text == "off" { return .value(.off) }
            return switch span.read(scalar) {
            case .value(let count): .value(Patience(span: Nanoseconds(count)))
            case .refused: .refused
            case .refusedBecause(let why): .refusedBecause(why)
            }
        }
    }
}

extension ConfigurationLoader {
    /// Behind instruments and feeds.
    mutating func readWatch(_ root: Section) {
        defer { checkDataSpans() }
        guard let section = root.section("watch") else { return }
        var watch = WatchSetting()
        watch.noData = section.optional("no_data", Formats.patience(in: Patience.data))
        if let span = watch.noData { dataSpans.append((section, span)) }
        let host = Formats.patience(in: Patience.host)
        watch.noFills = section.value("no_fills", host, default: watch.noFills)
        watch.slowBroker = section.value("slow_broker", host, default: watch.slowBroker)
        watch.clockJump = section.value("clock_jump", host, default: watch.clockJump)
        set(watch)
    }

    /// Between two candles there is no data, and nothing is wrong.
    private func checkDataSpans() {
        guard let interval = configuration.longestCandles else { return }
        for (section, patience) in dataSpans {
            guard let span = patience.span, span.count <= interval.nanoseconds else { continue }
            section.report(
                "no_data",
                "a feed has candles of \(interval), so as long passes between two of them",
                advice: "give a longer span, such as twice that, or off")
        }
    }
}

extension HostConfiguration {
    /// Of feeds that hold candles.
    var longestCandles: Interval? {
        feeds.compactMap { feed -> Interval? in
            if case .candles(let interval, _) = feed.csv.content { interval } else { nil }
        }.max()
    }

    /// What the loop is to watch for.
    var watchSettings: WatchSettings {
        var settings = WatchSettings()
        let usual = max(
            WatchSetting.usualData.count, 2 * (longestCandles?.nanoseconds ?? 0))
        settings.noData = instruments.indices.map { index in
            let unsaid = hours[index].isAlways ? Patience.off : Patience(span: Nanoseconds(usual))
            return (noData[index] ?? watch.noData ?? unsaid).span
        }
        for (index, strategy) in strategies.enumerated() {
            settings.noResults[SourceID(index)] = strategy.expectResults
        }
        settings.noFills = watch.noFills.span
        settings.slowBroker = watch.slowBroker.span
        settings.clockJump = watch.clockJump.span
        return settings
    }
}
