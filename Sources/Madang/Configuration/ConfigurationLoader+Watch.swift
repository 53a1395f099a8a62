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
    /// Of every instrument without one of its own; `nil`: ``usualData`` of those whose hours are known, and none of
    /// the others. See ``DataPatience``.
    var noData: Patience?
    var noFills = Patience.seconds(60)
    var slowBroker = Patience.seconds(2)
    var clockJump = Patience.seconds(2)
    /// Longer than the auction before KRX closes, in which nothing trades.
    static let usualData = Nanoseconds.seconds(15 * 60)
    /// Orders at KRX meet each other at 15:30 alone in the ten minutes before.
    static let krxAuction = Nanoseconds.seconds(10 * 60)
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
        if let span = watch.noData { dataSpans.append((section, span, nil)) }
        let host = Formats.patience(in: Patience.host)
        watch.noFills = section.value("no_fills", host, default: watch.noFills)
        watch.slowBroker = section.value("slow_broker", host, default: watch.slowBroker)
        watch.clockJump = section.value("clock_jump", host, default: watch.clockJump)
        set(watch)
    }

    /// Between two candles there is no data, and nothing is wrong.
    private func checkDataSpans() {
        guard !dataSpans.isEmpty else { return }
        let patience = DataPatience(configuration)
        for (section, written, instruments) in dataSpans {
            guard let span = written.span,
                let (interval, index) = patience.tooShort(span, of: instruments)
            else { continue }
            section.report(
                "no_data",
                "a feed has candles of \(interval) and '\(configuration.instruments[index].symbol)' no"
                    + " other rows, so \(patience.words(interval, index))",
                advice: "give a longer span, such as twice that, or off")
        }
    }
}

extension HostConfiguration {
    /// What the loop is to watch for.
    var watchSettings: WatchSettings {
        var settings = WatchSettings()
        let patience = DataPatience(self)
        (settings.noData, settings.noDataTogether) = (patience.alone, patience.together)
        settings.oddDays = oddDays
        for hours in krxHours { settings.closingAuctions[hours] = WatchSetting.krxAuction }
        for (index, strategy) in strategies.enumerated() {
            settings.noResults[SourceID(index)] = strategy.expectResults
        }
        settings.noFills = watch.noFills.span
        settings.slowBroker = watch.slowBroker.span
        settings.clockJump = watch.clockJump.span
        return settings
    }
}
