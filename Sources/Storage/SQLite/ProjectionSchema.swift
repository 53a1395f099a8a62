import Ports

/// The tables' shape, and how an older shape becomes the present one.
///
/// Migrations only go forward, each in its transaction together with its line in `schema_versions`.
struct ProjectionSchema {
    struct Migration {
        var name: String
        var sql: String
    }

    /// The first leads to version 1. A published one is never changed: what comes later is added.
    var migrations: [Migration]

    static let current = ProjectionSchema(migrations: [
        Migration(name: "ledger, signals, orders, risk events", sql: tables + views),
        Migration(name: "rounds, their votes, their events", sql: rounds + roundViews),
        Migration(name: "versions of strategies", sql: versions),
        Migration(name: "corrections in the ledger", sql: corrections),
        Migration(name: "bars of the market", sql: bars),
        Migration(name: "taxes in the ledger", sql: taxes),
    ])

    var version: Int64 { Int64(migrations.count) }

    /// Brings the store to the present version.
    ///
    /// - Throws: `newerVersion` naming both; `corrupt` where another program's tables are.
    func migrate(_ connection: SQLiteConnection) throws(StoreError) {
        let found = try version(of: connection)
        guard found <= version else {
            throw StoreError(
                .newerVersion,
                "the store has schema \(found), this program knows schemas up to \(version)",
                at: connection.path,
                advice: "use the program that wrote it, or a newer one; or give another store path")
        }
        for number in found..<version {
            let migration = migrations[Int(number)]
            let what = "migrate the store to schema \(number + 1) (\(migration.name))"
            try connection.transaction(doing: what) { () throws(StoreError) in
                // Another program may have been here while we waited for the lock.
                guard try version(of: connection) == number else { return }
                try connection.execute(migration.sql, doing: what)
                let line = try connection.prepare(
                    "INSERT INTO schema_versions (version, name) VALUES (?, ?)", doing: what)
                try line.run {
                    $0.put(number + 1)
                    $0.put(migration.name)
                }
            }
        }
    }

    /// 0 for an empty store.
    func version(of connection: SQLiteConnection) throws(StoreError) -> Int64 {
        let what = "read the schema's version"
        let known = try connection.integer(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_versions'",
            doing: what)
        guard known == 0 else {
            return try connection.integer("SELECT max(version) FROM schema_versions", doing: what)
        }
        let others = try connection.integer("SELECT count(*) FROM sqlite_master", doing: what)
        guard others == 0 else {
            throw StoreError(
                .corrupt, "this SQLite file holds another program's tables", at: connection.path,
                advice: "give another store path in the configuration")
        }
        return 0
    }

    private static let tables = """
        CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

        -- started, finished: ns since 1970, UTC. applied: the last log record in the tables.
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
            started INTEGER NOT NULL, finished INTEGER, configuration_hash TEXT NOT NULL,
            summary TEXT, applied INTEGER NOT NULL DEFAULT 0) STRICT;

        -- Everywhere: prices, quantities in 10^-8; money as exact decimal text; time in ns since
        -- 1970, UTC; confidence in 10^-6; record: the log record a row came from.
        CREATE TABLE ledger (
            run INTEGER NOT NULL REFERENCES runs (number), line INTEGER NOT NULL,
            record INTEGER NOT NULL, account TEXT NOT NULL, symbol TEXT NOT NULL,
            side TEXT NOT NULL, quantity INTEGER NOT NULL, price INTEGER NOT NULL,
            fee TEXT NOT NULL, currency TEXT NOT NULL, order_number INTEGER NOT NULL,
            client_order_id TEXT NOT NULL, slippage INTEGER NOT NULL, realised TEXT NOT NULL,
            position_after INTEGER NOT NULL, cash_after TEXT NOT NULL, source TEXT NOT NULL,
            model_version TEXT NOT NULL, confidence INTEGER NOT NULL, time INTEGER NOT NULL,
            hash TEXT NOT NULL, PRIMARY KEY (run, line)) STRICT, WITHOUT ROWID;
        CREATE INDEX ledger_symbol_time ON ledger (symbol, time);
        CREATE INDEX ledger_account_time ON ledger (account, time);

        CREATE TABLE signals (
            number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (number),
            record INTEGER NOT NULL, position INTEGER NOT NULL, result INTEGER NOT NULL,
            source TEXT NOT NULL, version TEXT NOT NULL, model TEXT NOT NULL,
            parameter_hash TEXT NOT NULL, account TEXT NOT NULL, symbol TEXT NOT NULL,
            action TEXT NOT NULL, confidence INTEGER NOT NULL, message TEXT NOT NULL,
            reasons TEXT NOT NULL, status TEXT NOT NULL, detail TEXT NOT NULL,
            time INTEGER NOT NULL,
            UNIQUE (run, position, source, account, symbol, result)) STRICT;
        CREATE INDEX signals_symbol_time ON signals (symbol, time);
        CREATE INDEX signals_account_status ON signals (account, status);

        CREATE TABLE orders (
            run INTEGER NOT NULL REFERENCES runs (number), number INTEGER NOT NULL,
            record INTEGER NOT NULL, client_order_id TEXT NOT NULL, account TEXT NOT NULL,
            symbol TEXT NOT NULL, side TEXT NOT NULL, quantity INTEGER NOT NULL,
            price_limit INTEGER, state TEXT NOT NULL, filled INTEGER NOT NULL,
            source TEXT NOT NULL, reason TEXT NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY (run, number)) STRICT, WITHOUT ROWID;
        CREATE INDEX orders_symbol_time ON orders (symbol, time);
        CREATE INDEX orders_account_state ON orders (account, state);

        CREATE TABLE risk_events (
            number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (number),
            record INTEGER NOT NULL, position INTEGER NOT NULL, code TEXT NOT NULL,
            account TEXT NOT NULL, symbol TEXT NOT NULL, rule TEXT NOT NULL,
            detail TEXT NOT NULL, time INTEGER NOT NULL) STRICT;
        CREATE INDEX risk_events_run ON risk_events (run, number);
        CREATE INDEX risk_events_symbol_time ON risk_events (symbol, time);
        CREATE INDEX risk_events_account_code ON risk_events (account, code);

        """
}
