package import Ports
import TradingModel

/// The statements that write and read what became of the versions of strategies.
struct VersionTables: ~Copyable {
    private let run: Int64
    private let shadow: SQLiteStatement
    private let event: SQLiteStatement
    private let covered: SQLiteStatement

    init(_ connection: SQLiteConnection, run: Int64) throws(StoreError) {
        let shadow = try connection.prepare(Self.upsertShadow, doing: "write shadow results")
        let event = try connection.prepare(Self.insertEvent, doing: "write versions")
        let covered = try connection.prepare(Self.upsertCovered, doing: "write versions")
        self.run = run
        self.shadow = shadow
        self.event = event
        self.covered = covered
    }

    func write(_ row: ShadowRow) throws(StoreError) {
        try shadow.run {
            $0.put(run)
            $0.put(row.slot.name)
            ProjectionTables.put(row.result, &$0)
        }
    }

    func write(_ row: VersionRow) throws(StoreError) {
        var line = Line(row)
        if case .covered = row.event { return try covered.run { line.put(run, row, &$0) } }
        try event.run { line.put(run, row, &$0) }
    }

    /// An event as its columns; what a kind does not have is empty.
    private struct Line {
        var kind = ""
        var slot = ""
        var first: UInt64 = 0
        var last: UInt64 = 0
        var order: Int64 = 0
        var words: (String, String, String) = ("", "", "")

        init(_ row: VersionRow) {
            switch row.event {
            case .described(let slot, let version, let model, let parameterHash):
                kind = "described"
                self.slot = slot.name
                words = (version, model, parameterHash)
            case .changed(let plan, let from, let number, let reason):
                kind = "changed"
                slot = plan.live.name
                first = from
                order = Int64(number)
                words = (plan.text, reason, "")
            case .skipped(let slot, let from, let through):
                kind = "skipped"
                self.slot = slot.name
                first = from.value
                last = through.value
            case .covered(let slot, let through):
                kind = "covered"
                self.slot = slot.name
                last = through.value
            }
        }

        mutating func put(_ run: Int64, _ row: VersionRow, _ binder: inout SQLiteBinder) {
            binder.put(run)
            binder.put(row.record)
            binder.put(row.source)
            binder.put(kind)
            binder.put(slot)
            binder.put(first)
            binder.put(last)
            binder.put(order)
            binder.put(words.0)
            binder.put(words.1)
            binder.put(words.2)
            binder.put(row.time)
        }
    }

    private static let upsertShadow = """
        INSERT INTO shadow_results (run, slot, \(ProjectionTables.signalColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run, slot, position, source, account, symbol, result) DO NOTHING
        """
    private static let insertEvent = """
        INSERT INTO version_events (run, \(eventColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let upsertCovered = """
        \(insertEvent) ON CONFLICT (run, source, slot) WHERE kind = 'covered'
        DO UPDATE SET record = excluded.record, last = excluded.last, time = excluded.time
        """
    static let eventColumns =
        "record, source, kind, slot, first, last, order_number, words, reason, parameter_hash, time"
}

extension ProjectionQueries {
    func shadows() throws(StoreError) -> [ShadowRow] {
        try rows(
            """
            SELECT slot, \(ProjectionTables.signalColumns) FROM shadow_results WHERE run = ?
            ORDER BY number
            """, doing: "read shadow results"
        ) { row in
            let word = row.text()
            let slot = row.known(VersionSlot(name: word), else: .main)
            return ShadowRow(slot: slot, result: row.signal())
        }
    }

    func versions() throws(StoreError) -> [VersionRow] {
        try rows(
            """
            SELECT \(VersionTables.eventColumns) FROM version_events WHERE run = ? ORDER BY number
            """, doing: "read versions"
        ) { row in
            let record = row.unsigned()
            let source = row.text()
            let kind = row.text()
            let slotName = row.text()
            let slot = row.known(VersionSlot(name: slotName), else: .main)
            let (first, last, order) = (row.unsigned(), row.unsigned(), row.integer())
            let (words, reason, hash) = (row.text(), row.text(), row.text())
            let event: VersionRow.Event? =
                switch kind {
                case "described":
                    .described(slot, version: words, model: reason, parameterHash: hash)
                case "changed":
                    VersionPlan(words).map {
                        .changed($0, from: first, order: Int(order), reason: reason)
                    }
                case "skipped": .skipped(slot, EventPosition(first), EventPosition(last))
                case "covered": .covered(slot, EventPosition(last))
                default: nil
                }
            return VersionRow(
                record: record, source: source,
                event: row.known(event, else: .covered(slot, .start)), time: row.time())
        }
    }
}

extension SQLiteProjections {
    package func shadows() throws(StoreError) -> [ShadowRow] {
        try query { (queries) throws(StoreError) in try queries.shadows() }
    }
    package func versions() throws(StoreError) -> [VersionRow] {
        try query { (queries) throws(StoreError) in try queries.versions() }
    }
}

extension ProjectionSchema {
    /// What versions of strategies said that was not heard, and who of them was: schema 3.
    static let versions = """
        -- slot: main or candidate. Results that were recorded and not heard.
        CREATE TABLE shadow_results (
            number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (number),
            slot TEXT NOT NULL, record INTEGER NOT NULL, position INTEGER NOT NULL,
            result INTEGER NOT NULL, source TEXT NOT NULL, version TEXT NOT NULL,
            model TEXT NOT NULL, parameter_hash TEXT NOT NULL, account TEXT NOT NULL,
            symbol TEXT NOT NULL, action TEXT NOT NULL, confidence INTEGER NOT NULL,
            message TEXT NOT NULL, reasons TEXT NOT NULL, status TEXT NOT NULL,
            detail TEXT NOT NULL, time INTEGER NOT NULL, size TEXT NOT NULL, price_limit INTEGER,
            delay INTEGER NOT NULL,
            UNIQUE (run, slot, position, source, account, symbol, result)) STRICT;

        -- kind: described (words: version; reason: model), changed (words: the plan; first: from
        -- this step on), skipped (first, last: positions), covered (last: through this position).
        CREATE TABLE version_events (
            number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (number),
            record INTEGER NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL,
            slot TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            order_number INTEGER NOT NULL, words TEXT NOT NULL, reason TEXT NOT NULL,
            parameter_hash TEXT NOT NULL, time INTEGER NOT NULL) STRICT;
        CREATE UNIQUE INDEX version_events_covered ON version_events (run, source, slot)
            WHERE kind = 'covered';

        CREATE VIEW shadow_results_view AS SELECT runs.id AS run, \(instant("time")) AS time, slot,
            source, version, model, account, symbol, action, confidence / 1e6 AS confidence,
            message, reasons FROM shadow_results JOIN runs ON runs.number = shadow_results.run
            ORDER BY shadow_results.number;
        """
}
