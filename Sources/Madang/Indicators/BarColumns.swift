import Indicators
import Platform
import TradingModel

/// Which column of a file is what of a bar, found by name.
struct BarColumns {
    enum Field: String, CaseIterable {
        case open, high, low, close, volume, symbol, time

        /// Names that are known without being told, in order; case does not matter.
        var names: [String] {
            switch self {
            case .close: ["close", "price", "last"]
            case .volume: ["volume", "quantity", "size", "vol"]
            case .symbol: ["symbol", "ticker", "code"]
            case .time: ["time", "ts", "timestamp", "datetime", "date"]
            default: [rawValue]
            }
        }
    }
    private(set) var places: [Field: Int] = [:]
    private let header: [String]
    private let offset: ZoneOffsets

    /// - Parameter told: `FIELD=NAME`, each.
    init(_ header: [String], told: [String], zone: ZoneOffsets) throws(RunError) {
        self.header = header
        offset = zone
        for field in Field.allCases {
            for name in field.names where places[field] == nil {
                places[field] = header.firstIndex { $0.lowercased() == name }
            }
        }
        for text in told {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let field = Field(rawValue: parts[0]) else {
                let fields = Field.allCases.map(\.rawValue)
                throw RunError(
                    .usage,
                    "--column '\(text)' is not FIELD=NAME\n  fields: \(fields.joined(separator: ", "))"
                )
            }
            guard let place = header.firstIndex(of: parts[1]) else {
                throw RunError(
                    .feed, "the file has no column '\(parts[1])'\(hint(for: parts[1]))")
            }
            places[field] = place
        }
    }

    private func hint(for name: String) -> String {
        let nearest = nearestName(to: name, in: header).map { "   did you mean '\($0)'?" } ?? ""
        return "\(nearest)\n  its columns: \(header.joined(separator: ", "))"
    }

    /// Refuses what the file has no columns for.
    func check(_ requests: [IndicatorRequest]) throws(RunError) {
        try need(.close, "every indicator")
        for request in requests {
            let name = request.kind.name
            for field in Self.fields(of: request) { try need(field, name) }
        }
    }

    /// What an indicator looks at besides the close.
    private static func fields(of request: IndicatorRequest) -> [Field] {
        switch request.kind.name {
        case "vwap":
            [.high, .low, .volume] + (request.values == [0] ? [.time] : [])
        case "obv", "volume_average": [.volume]
        case "highest": [.high]
        case "lowest": [.low]
        default: request.kind.readsBar ? [.high, .low] : []
        }
    }

    /// A tick is a candle of one trade: where none of open, high and low is there, the price is all.
    private var isTicks: Bool {
        places[.open] == nil && places[.high] == nil && places[.low] == nil
    }

    private func need(_ field: Field, _ who: String) throws(RunError) {
        if places[field] != nil || (isTicks && [.high, .low].contains(field)) { return }
        throw RunError(
            .feed,
            "\(who) needs the column '\(field.rawValue)', and the file has none"
                + "\n  its columns: \(header.joined(separator: ", "))"
                + "\n  say which one it is: --column \(field.rawValue)=NAME")
    }

    /// What of a row stops its reading.
    struct Problem: Error {
        let column: String
        let what: String
    }

    func bar(_ cells: [String]) throws(Problem) -> Bar {
        let close = try price(.close, cells) ?? .zero
        return Bar(
            open: try price(.open, cells) ?? close, high: try price(.high, cells) ?? close,
            low: try price(.low, cells) ?? close, close: close, volume: try volume(cells),
            day: try day(cells))
    }

    func symbol(_ cells: [String]) -> String { places[.symbol].map { cells[$0] } ?? "" }

    private func price(_ field: Field, _ cells: [String]) throws(Problem) -> Price? {
        guard let place = places[field] else { return nil }
        guard let price = Price(cells[place]) else {
            throw Problem(
                column: header[place],
                what: "'\(cells[place])' is not a price: digits with up to 8 decimals")
        }
        return price
    }

    private func volume(_ cells: [String]) throws(Problem) -> Volume {
        guard let place = places[.volume] else { return Volume(units: 0) }
        guard let volume = Volume(cells[place]) else {
            throw Problem(
                column: header[place],
                what: "'\(cells[place])' is not a volume: digits with up to 8 decimals")
        }
        return volume
    }

    /// Of a date as it is written, or of a time since 1970 in the zone.
    private func day(_ cells: [String]) throws(Problem) -> Int64 {
        guard let place = places[.time] else { return 0 }
        let text = cells[place]
        let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        if digits.count == text.utf8.count, let number = Int64(text) {
            if digits.count == 8 { return number }
            // s, ms, µs or ns since 1970, told apart by their number of digits.
            let scale: Int64? =
                switch digits.count {
                case 9...10: 1_000_000_000
                case 12...13: 1_000_000
                case 15...16: 1_000
                case 18...19: 1
                default: nil
                }
            if let scale {
                let (time, overflow) = number.multipliedReportingOverflow(by: scale)
                if !overflow { return offset.day(of: Timestamp(nanoseconds: time)) }
            }
        } else if text.utf8.count >= 8 {
            let date = text.prefix { $0 != "T" && $0 != " " }.filter(\.isNumber)
            if date.utf8.count == 8, let day = Int64(date) { return day }
        }
        throw Problem(
            column: header[place],
            what: "'\(text)' is no date or time: 2026-11-20T09:00:00, or a number since 1970")
    }
}
