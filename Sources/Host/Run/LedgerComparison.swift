package import Ports
import TradingModel

/// A ledger as it stands in tables, held against the one that its log comes to, and against its own chain.
package struct LedgerComparison: Hashable, Sendable {
    /// The first row that is not the log's.
    package struct Difference: Hashable, Sendable {
        /// Its line: 1, 2, 3, …
        package var line: Int64
        /// The table's column; empty where one side has no such row.
        package var column: String
        /// As the tables say; `nil`: they have no such row.
        package var here: String?
        /// As the log comes to; `nil`: it comes to none.
        package var there: String?
        /// The log's row, or the tables' where the log has none.
        package var row: LedgerRow
    }
    package private(set) var difference: Difference?
    /// The first line whose hash is not that of its own columns behind the line before; `nil`: the chain is whole.
    package private(set) var brokenAt: Int64?

    /// - Parameters:
    ///   - here: Of the tables, by line.
    ///   - there: Of the log, as far as the tables have applied it.
    package init(_ here: [LedgerRow], _ there: [LedgerRow], digest: any Digest) {
        difference = Self.difference(here, there)
        var before = Ledger.begin
        for (index, row) in here.enumerated() {
            // A row that was taken out leaves a gap in the lines, whatever hashes were made anew.
            guard row.line == Int64(index) + 1,
                row.hash == Ledger.hash(of: row, behind: before, digest)
            else {
                brokenAt = row.line
                break
            }
            before = row.hash
        }
    }

    private static func difference(_ here: [LedgerRow], _ there: [LedgerRow]) -> Difference? {
        for (mine, logged) in zip(here, there) where mine != logged {
            // Of another line: one of both sides lacks a row in between.
            if mine.line > logged.line { return missing(logged) }
            if mine.line < logged.line { return unknown(mine) }
            let columns = zip(mine.columns, logged.columns)
            guard let (one, other) = columns.first(where: { $0.0.text != $0.1.text }) else {
                continue
            }
            return Difference(
                line: logged.line, column: one.name, here: one.text, there: other.text,
                row: logged)
        }
        if here.count > there.count { return unknown(here[there.count]) }
        if there.count > here.count { return missing(there[here.count]) }
        return nil
    }

    private static func missing(_ row: LedgerRow) -> Difference {
        Difference(line: row.line, column: "", here: nil, there: row.hash, row: row)
    }
    private static func unknown(_ row: LedgerRow) -> Difference {
        Difference(line: row.line, column: "", here: row.hash, there: nil, row: row)
    }
}

extension LedgerRow {
    /// Every column with its name in the tables; decimals as people write them, time in ns since 1970, UTC.
    package var columns: [(name: String, text: String)] {
        [
            ("line", "\(line)"), ("record", "\(record)"), ("account", account),
            ("symbol", symbol), ("side", side == .buy ? "buy" : "sell"),
            ("quantity", "\(quantity)"), ("price", "\(price)"), ("fee", "\(fee)"),
            ("currency", currency), ("order_number", "\(order)"),
            ("client_order_id", clientOrderID), ("slippage", "\(slippage)"),
            ("realised", "\(realised)"), ("position_after", "\(positionAfter)"),
            ("cash_after", "\(cashAfter)"), ("source", source), ("model_version", modelVersion),
            ("confidence", "\(confidence)"),
            // Of a split the log does not say it.
            ("time", kind == .split ? "" : "\(time.nanoseconds)"), ("hash", hash),
            ("kind", kind.rawValue), ("cash_before", cashBefore.map { "\($0)" } ?? ""),
            ("cost_after", costAfter.map { "\($0)" } ?? ""), ("note", note),
            ("tax", tax.map { "\($0)" } ?? ""),
        ]
    }
}
