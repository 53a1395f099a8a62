import Host
import Ports
import TestKit
import TradingModel

@testable import Storage

/// Values as a statement has them.
struct LiteralBinder: RowBinder {
    private(set) var literals: [String] = []
    mutating func put(_ value: Int64) { literals.append("\(value)") }
    mutating func put(_ value: String) {
        literals.append("'" + value.replacing("'", with: "''") + "'")
    }
    mutating func putNull() { literals.append("NULL") }
}

/// A run with rows of every kind, written into tables of an older shape by that shape's own columns.
struct OldTables {
    /// Every row has one of these records.
    static let applied: UInt64 = 7
    let ledger: [LedgerRow]
    let signals: [SignalRow] = [.sample(5, index: 0), .sample(6, index: 1)]
    let orders: [OrderRow] = [.sample(5, number: 4), .sample(7, number: 5)]
    let risks: [RiskRow] = [.sample(5), .sample(6)]
    let rounds: [RoundRow] = [.sample(5, number: 1), .sample(6, number: 2)]
    let events: [EventRow] = [.sample(5, step: 9), .quote(6, step: 10)]
    let shadows = [ShadowRow(slot: .candidate, result: .sample(6, index: 3))]
    let versions = [
        VersionRow(
            record: 5, source: "cross", event: .skipped(.candidate, .start, EventPosition(9)),
            time: .sample)
    ]

    /// - Parameter columns: Of each table that there is.
    init(_ columns: [String: Set<String>]) {
        var rows = [LedgerRow.sample(5, line: 1), .sample(6, line: 2)]
        if columns["ledger"]?.contains("kind") == true { rows.append(.correction(7, line: 3)) }
        if columns["ledger"]?.contains("tax") == true { rows.append(.taxed(7, line: 4)) }
        ledger = Self.chained(rows)
    }

    static func chained(_ rows: [LedgerRow], behind: String = Ledger.begin) -> [LedgerRow] {
        var before = behind
        return rows.map { row in
            var row = row
            row.hash = Ledger.hash(of: row, behind: before, PlainSHA256())
            before = row.hash
            return row
        }
    }

    /// Statements that write the rows, with those columns alone that the tables have.
    func statements(_ columns: [String: Set<String>]) -> [String] {
        var all = [
            """
            INSERT INTO runs (id, started, finished, configuration_hash, summary, applied)
            VALUES ('old', 100, NULL, 'c0ffee', NULL, \(Self.applied))
            """
        ]
        func insert(
            _ table: String, _ names: String, _ bind: (inout LiteralBinder) -> Void
        ) {
            guard let known = columns[table] else { return }
            var binder = LiteralBinder()
            bind(&binder)
            let names = names.split { ", \n".contains($0) }.map(String.init)
            precondition(names.count == binder.literals.count, "\(table): a value for each column")
            let cells = zip(names, binder.literals).filter { known.contains($0.0) }
            all.append(
                "INSERT INTO \(table) (\(cells.map(\.0).joined(separator: ", ")))"
                    + " VALUES (\(cells.map(\.1).joined(separator: ", ")))")
        }
        for row in ledger {
            insert("ledger", "run, \(RowColumns.ledgerColumns)") { row.bind(to: 1, &$0) }
        }
        for row in signals {
            insert("signals", "run, \(RowColumns.signalColumns)") { row.bind(to: 1, &$0) }
        }
        for row in orders {
            insert("orders", "run, \(RowColumns.orderColumns)") { row.bind(to: 1, &$0) }
        }
        for row in risks {
            insert("risk_events", "run, \(RowColumns.riskColumns)") { row.bind(to: 1, &$0) }
        }
        for row in rounds {
            insert("rounds", "run, \(RowColumns.roundColumns)") { row.bind(to: 1, &$0) }
            for (place, vote) in row.votes.enumerated() {
                insert("round_votes", "run, \(RowColumns.voteColumns), number") {
                    vote.bind(to: 1, round: row.number, place: place, &$0)
                }
            }
        }
        for row in events {
            insert("events", "run, \(RowColumns.eventColumns)") { row.bind(to: 1, &$0) }
        }
        for row in shadows {
            insert("shadow_results", "run, slot, \(RowColumns.signalColumns)") {
                row.bind(to: 1, &$0)
            }
        }
        for row in versions {
            insert("version_events", "run, \(RowColumns.versionColumns)") { row.bind(to: 1, &$0) }
        }
        return all
    }

    /// The same rows as the present program reads them: what the tables did not know is empty.
    func present(_ columns: [String: Set<String>]) -> [ProjectionRow] {
        func has(_ table: String, _ column: String = "run") -> Bool {
            columns[table]?.contains(column) == true
        }
        var rows = ledger.map(ProjectionRow.ledger)
        rows += signals.map { row in
            var row = row
            if !has("signals", "size") { (row.size, row.limit, row.delay) = ("", nil, 0) }
            return .signal(row)
        }
        rows += orders.map { row in
            var row = row
            if !has("orders", "round") {
                (row.round, row.confidence, row.sizing) = (0, 0, "")
                (row.reference, row.reserved) = (.zero, .zero)
            }
            return .order(row)
        }
        rows += risks.map { .risk($0) }
        if has("rounds") { rows += rounds.map { .round($0) } }
        if has("events") { rows += events.map { .event($0) } }
        if has("shadow_results") { rows += shadows.map { .shadow($0) } }
        if has("version_events") { rows += versions.map { .version($0) } }
        return rows
    }
}
