package import Ports
package import TradingModel

/// How a file is to be read that nobody described: seen from its header and its first row.
package enum CSVGuess {
    /// What columns are called in the wild, the likeliest first.
    private static let names: [(field: CSVFeedSettings.Field, names: [String])] = [
        (.time, ["ts", "time", "timestamp", "datetime", "date", "open_time", "feed_time"]),
        (.symbol, ["symbol", "ticker", "code", "instrument"]),
        (.open, ["open", "o"]), (.high, ["high", "h"]), (.low, ["low", "l"]),
        (.close, ["close", "c"]), (.volume, ["volume", "vol", "v"]),
        (.price, ["price", "px", "last"]),
        (.quantity, ["quantity", "size", "qty", "amount", "volume"]), (.side, ["side"]),
        (.bid, ["bid", "bid_price"]), (.ask, ["ask", "ask_price"]),
        (.bidSize, ["bid_size", "bid_quantity", "bid_qty"]),
        (.askSize, ["ask_size", "ask_quantity", "ask_qty"]),
    ]

    /// Open, high, low and close are candles, price is ticks, bid and ask are quotes. A candle's time
    /// is its start.
    ///
    /// - Parameters:
    ///   - interval: Of candles, where the file holds any.
    ///   - symbol: Of rows, where the file has no such column.
    /// - Throws: ``FeedError``: the file is unreadable, or its columns are not known.
    package static func settings(
        of path: String, interval: Interval, symbol: String
    ) throws(FeedError) -> CSVFeedSettings {
        let scanner = CSVScanner(try openSource(path), path: path)
        guard try scanner.nextRow() else { throw FeedError("the file is empty", at: path) }
        let header = (0..<scanner.fieldCount).map { index in
            var name = Substring(scanner.text(index))
            if name.unicodeScalars.first == "\u{FEFF}" { name.unicodeScalars.removeFirst() }
            return String(name.trimmed)
        }
        let found = columns(header)
        let content: CSVFeedSettings.Content
        if [.open, .high, .low, .close].allSatisfy({ found[$0] != nil }) {
            content = .candles(interval, time: .open)
        } else if found[.price] != nil {
            content = .ticks
        } else if found[.bid] != nil, found[.ask] != nil {
            content = .quotes
        } else {
            throw FeedError(
                "its columns are not known: \(header.joined(separator: ", "))", at: path,
                advice: "describe the file under feeds in a madang.yaml, and give -c instead")
        }
        guard let time = found[.time], let index = header.firstIndex(of: time) else {
            throw FeedError(
                "which column is the time? \(header.joined(separator: ", "))", at: path,
                advice: "describe the file under feeds in a madang.yaml, and give -c instead")
        }
        let wanted = Set(CSVFeedSettings.Field.all(of: content))
        var settings = CSVFeedSettings(
            path: path, content: content, columns: found.filter { wanted.contains($0.key) })
        if found[.symbol] == nil { settings.symbol = symbol }
        if try scanner.nextRow() { settings.timeFormat = format(of: scanner.text(index)) }
        return settings
    }

    private static func columns(_ header: [String]) -> [CSVFeedSettings.Field: String] {
        var found: [CSVFeedSettings.Field: String] = [:]
        for (field, names) in names {
            for name in names where found[field] == nil {
                found[field] = header.first { $0.lowercased() == name }
            }
        }
        return found
    }

    /// Whole numbers are told by their size: seconds have ten digits in our days.
    private static func format(of text: String) -> TimeFormat {
        let digits = text.prefix { $0 != "." }
        guard digits.allSatisfy(\.isNumber), digits.count > 8 else { return .iso }
        switch digits.count {
        case ..<12: return .unixSeconds
        case ..<15: return .unixMilliseconds
        case ..<18: return .unixMicroseconds
        default: return .unixNanoseconds
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
