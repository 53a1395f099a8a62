import Kernel
import Ports
import TradingModel

/// A history for people: time since the start, where it happened, which intent, what.
package struct HistoryText {
    /// One line of it.
    package struct Line: Hashable, Sendable {
        package let time: String
        /// `host`, `log`, a broker's name, `market`, `people`, `fault`, `CHECK`.
        package let place: String
        /// The intent's number, or nothing.
        package let intent: String
        package let what: String
    }
    private let history: History
    let terms: History.Terms

    package init(_ history: History) {
        self.history = history
        terms = history.terms
    }

    /// - Parameter violations: Told where they come about.
    /// - Parameter prints: Prints of the market too, which are most of it.
    package func lines(_ violations: [Violation] = [], prints: Bool = true) -> [Line] {
        var lines: [Line] = []
        var next = violations[...]
        for (index, entry) in history.entries.enumerated() {
            if prints || !entry.what.isPrint { lines.append(line(entry)) }
            while let violation = next.first, violation.at <= index {
                lines.append(
                    Line(
                        time: time(entry.time), place: "CHECK", intent: "",
                        what: "VIOLATED: \(violation.rule.rawValue): \(violation.what)"))
                next = next.dropFirst()
            }
        }
        return lines
    }

    /// As one text with columns that line up; the same history, the same bytes.
    package func text(_ violations: [Violation] = [], prints: Bool = true) -> String {
        let lines = lines(violations, prints: prints)
        let width = max(6, lines.map(\.place.utf8.count).max() ?? 0)
        let number = max(3, lines.map(\.intent.utf8.count).max() ?? 0)
        return lines.reduce(into: head) { text, line in
            text +=
                Self.padded(line.time, 10, right: true) + "  "
                + Self.padded(line.place, width) + "  "
                + Self.padded(line.intent, number, right: true) + "  " + line.what + "\n"
        }
    }

    private var head: String {
        let brokers = terms.brokers.map { "\($0.name) (\($0.kind))" }.joined(separator: "; ")
        let symbols = terms.instruments.map(\.symbol).joined(separator: ", ")
        return "seed \(terms.seed): \(symbols), cash \(money(terms.cash))\nbrokers: \(brokers)\n"
    }

    private func line(_ entry: History.Entry) -> Line {
        let (place, intent, what) = words(entry.what)
        return Line(
            time: time(entry.time), place: place, intent: intent.map(\.description) ?? "",
            what: what)
    }

    private func time(_ time: Timestamp) -> String {
        let start = history.entries.first?.time ?? time
        let milliseconds = time.since(start).count / 1_000_000
        let thousandth = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)."
            + String(repeating: "0", count: 3 - thousandth.utf8.count) + thousandth
    }

    private static func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
        let gap = String(repeating: " ", count: max(0, width - text.utf8.count))
        return right ? gap + text : text + gap
    }

    // MARK: Words of values

    func symbol(_ instrument: InstrumentID) -> String {
        let index = Int(instrument.index)
        return terms.instruments.indices.contains(index)
            ? terms.instruments[index].symbol : "?\(index)"
    }

    func order(_ order: Order) -> String {
        let price = order.limit.map { "at \(grouped($0.description))" } ?? "at market"
        return "\(order.side == .buy ? "BUY" : "SELL") \(order.quantity) "
            + "\(symbol(order.instrument)) \(price)"
    }

    func fill(_ fill: Fill) -> String {
        "fill \(fill.id): \(fill.quantity) at \(grouped(fill.price.description)), "
            + "fee \(money(fill.fee))"
            + (fill.tax.map { " (tax \(money($0)))" } ?? "")
    }

    func money(_ money: Money) -> String {
        let currency = terms.instruments.first?.currency ?? ""
        return grouped(money.description) + " " + currency
    }

    func grouped(_ decimal: String) -> String {
        let parts = decimal.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first else { return decimal }
        let sign = whole.hasPrefix("-") ? "-" : ""
        let digits = Array(whole.drop { $0 == "-" })
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return sign + text + (parts.count > 1 ? "." + parts[1] : "")
    }
}

extension Happening {
    /// Of the market, or a note that the log was flushed.
    package var isPrint: Bool {
        switch self {
        case .printed, .durable, .came, .saw: true
        default: false
        }
    }
}
