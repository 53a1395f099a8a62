import Feeds
import Kernel
import Platform
import Ports
import TradingModel

/// Whether the feeds hold what strategies and rules ask for: one that never hears a thing is a
/// mistake that no summary explains.
struct FeedCoverage {
    let configuration: HostConfiguration

    /// A line for each strategy or rule in the host that no feed calls.
    var unheard: [String] {
        configuration.strategies.compactMap { unheard($0.name, $0.input) }
            + configuration.rules.compactMap { unheard($0.name, $0.input) }
    }

    /// A line for each input of a server that no feed gives.
    func unheard(_ name: String, _ description: ServerDescription) -> [String] {
        description.inputs.compactMap { input in
            switch input.kind {
            case .candles(let interval, _): unheard(name, .candles(interval))
            case .ticks: unheard(name, .ticks)
            case .quotes: holds(.quotes) ? nil : words(name, "quotes")
            case .timers: nil
            }
        }
    }

    /// A line where instruments had no row, once everything was read; none where all or none had:
    /// then the summary says so.
    ///
    /// - Parameter others: Symbols that the feeds hold and nobody trades, for what one may be written as.
    static func absent(
        _ met: Set<InstrumentID>, of instruments: [Instrument], others: [String]
    ) -> [String] {
        let absent = instruments.filter { !met.contains($0.id) }.map(\.symbol)
        guard !absent.isEmpty, absent.count < instruments.count else { return [] }
        let rest = absent.count > 5 ? " and \(absent.count - 5) more" : ""
        let held =
            others.isEmpty
            ? ""
            : " It holds others: \(others.prefix(5).map { printable($0) }.joined(separator: ", "))"
                + (others.count > 5 ? ", …" : "")
        return [
            "no feed has a row of \(absent.prefix(5).joined(separator: ", "))\(rest):"
                + " is it written as the file writes it?" + held
        ]
    }

    /// Symbols of a recording that nobody trades, the first of them.
    static func others(in feed: any RecordedFeed) -> [String] {
        (feed as? CSVFeed)?.strangers ?? (feed as? MergedFeed)?.strangers ?? []
    }

    private func unheard(_ name: String, _ input: Attachment.Input?) -> String? {
        switch input {
        case nil: nil
        case .ticks: holds(.ticks) ? nil : words(name, "ticks")
        case .candles(let interval): makes(interval) ? nil : words(name, "candles:\(interval)")
        }
    }

    private func words(_ name: String, _ input: String) -> String {
        "\(name) asks for \(input), which no feed gives: it hears nothing of it"
    }

    private enum Rows { case ticks, quotes }

    private func holds(_ rows: Rows) -> Bool {
        configuration.feeds.contains { feed in
            switch feed.csv.content {
            case .ticks: rows == .ticks
            case .quotes: rows == .quotes
            case .candles: false
            }
        }
    }

    /// Candles grow from ticks, and from candles that divide them.
    private func makes(_ interval: Interval) -> Bool {
        configuration.feeds.contains { feed in
            switch feed.csv.content {
            case .ticks: true
            case .quotes: false
            case .candles(let own, _): interval.nanoseconds % own.nanoseconds == 0
            }
        }
    }
}
