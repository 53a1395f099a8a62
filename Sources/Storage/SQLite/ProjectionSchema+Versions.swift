package import Ports

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
