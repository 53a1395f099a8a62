package import Ports

extension ProjectionStore {
    /// Every row of the run, kind by kind: what another store needs to be like this one.
    ///
    /// - Throws: As reading.
    package func rows() throws(StoreError) -> [ProjectionRow] {
        var rows = try ledger().map { ProjectionRow.ledger($0) }
        rows += try signals().map { .signal($0) }
        rows += try orders().map { .order($0) }
        rows += try riskEvents().map { .risk($0) }
        rows += try rounds().map { .round($0) }
        rows += try events().map { .event($0) }
        rows += try shadows().map { .shadow($0) }
        rows += try versions().map { .version($0) }
        rows += try bars().map { .bar($0) }
        return rows
    }
}

/// Two stores of one run, table by table.
package struct StoreComparison: Hashable, Sendable {
    package struct Table: Hashable, Sendable {
        package var name: String
        /// Rows here and in the reference.
        package var here: Int
        package var there: Int
        /// In words; `nil`: all rows are alike.
        package var difference: String?
    }
    package private(set) var tables: [Table] = []
    package var first: Table? { tables.first { $0.difference != nil } }

    /// - Parameters:
    ///   - store: What is looked at.
    ///   - reference: What it should hold.
    package init(_ store: any ProjectionStore, _ reference: any ProjectionStore) throws(StoreError)
    {
        add("ledger", try store.ledger(), try reference.ledger())
        add("signals", try store.signals(), try reference.signals())
        add("orders", try store.orders(), try reference.orders())
        add("risk_events", try store.riskEvents(), try reference.riskEvents())
        add("rounds", try store.rounds(), try reference.rounds())
        add("events", try store.events(), try reference.events())
        add("shadows", try store.shadows(), try reference.shadows())
        add("versions", try store.versions(), try reference.versions())
        add("market_bars", try store.bars(), try reference.bars())
    }

    private mutating func add<Row: Hashable>(_ name: String, _ here: [Row], _ there: [Row]) {
        tables.append(
            Table(
                name: name, here: here.count, there: there.count,
                difference: difference(here, there)))
    }

    private func difference<Row: Hashable>(_ here: [Row], _ there: [Row]) -> String? {
        for (index, pair) in zip(here, there).enumerated() where pair.0 != pair.1 {
            return "row \(index + 1): \(Self.words(pair.0, pair.1))"
        }
        guard here.count != there.count else { return nil }
        let at = min(here.count, there.count)
        return here.count > there.count
            ? "row \(at + 1) is not in the log: \(Self.portrait(here[at]))"
            : "row \(at + 1) is missing: \(Self.portrait(there[at]))"
    }

    /// The columns that differ: `filled is 5, by the log 10 (record 12)`.
    private static func words<Row>(_ here: Row, _ there: Row) -> String {
        let pairs = zip(Mirror(reflecting: here).children, Mirror(reflecting: there).children)
        let differences = pairs.compactMap { one, other -> String? in
            let (a, b) = ("\(one.value)", "\(other.value)")
            return a == b ? nil : "\(one.label ?? "?") is \(a), by the log \(b)"
        }
        return differences.prefix(4).joined(separator: "; ") + "; " + portrait(there)
    }

    /// What tells a row from others: its first columns.
    private static func portrait<Row>(_ row: Row) -> String {
        Mirror(reflecting: row).children.prefix(4).map { "\($0.label ?? "?") \($0.value)" }
            .joined(separator: ", ")
    }
}
