extension ProjectionSchema {
    /// Why each order, and why none: schema 2.
    static let rounds = """
        -- In words, what a result wanted; delay in ns. Empty in rows from schema 1.
        ALTER TABLE signals ADD COLUMN size TEXT NOT NULL DEFAULT '';
        ALTER TABLE signals ADD COLUMN price_limit INTEGER;
        ALTER TABLE signals ADD COLUMN delay INTEGER NOT NULL DEFAULT 0;

        -- round: 0 in rows from schema 1.
        ALTER TABLE orders ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE orders ADD COLUMN confidence INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE orders ADD COLUMN sizing TEXT NOT NULL DEFAULT '';
        ALTER TABLE orders ADD COLUMN reference INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE orders ADD COLUMN reserved TEXT NOT NULL DEFAULT '0';

        -- threshold, weight: in 10^-6. side: NULL where nothing was to be done. approved: NULL where
        -- it did not come to sizing and risk.
        CREATE TABLE rounds (
            run INTEGER NOT NULL REFERENCES runs (number), number INTEGER NOT NULL,
            record INTEGER NOT NULL, account TEXT NOT NULL, symbol TEXT NOT NULL,
            opened INTEGER NOT NULL, closed INTEGER NOT NULL, policy TEXT NOT NULL,
            threshold INTEGER NOT NULL, side TEXT, conflict INTEGER NOT NULL, detail TEXT NOT NULL,
            leader TEXT NOT NULL, approved INTEGER, rule TEXT NOT NULL, rule_detail TEXT NOT NULL,
            order_number INTEGER, silent TEXT NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY (run, number)) STRICT, WITHOUT ROWID;
        CREATE INDEX rounds_symbol_time ON rounds (run, symbol, time, number);

        -- With the round's account and symbol, a vote names its signal. The key's columns come first:
        -- else SQLite 3.40's integrity check finds NULL where there is none.
        CREATE TABLE round_votes (
            run INTEGER NOT NULL, round INTEGER NOT NULL, number INTEGER NOT NULL,
            source TEXT NOT NULL, position INTEGER NOT NULL, result INTEGER NOT NULL,
            action TEXT NOT NULL, confidence INTEGER NOT NULL, weight INTEGER NOT NULL,
            priority INTEGER NOT NULL, status TEXT NOT NULL,
            PRIMARY KEY (run, round, number),
            FOREIGN KEY (run, round) REFERENCES rounds (run, number)) STRICT, WITHOUT ROWID;

        -- Market events that results were computed from. price: a tick's, a candle's close.
        CREATE TABLE events (
            run INTEGER NOT NULL REFERENCES runs (number), position INTEGER NOT NULL,
            record INTEGER NOT NULL, kind TEXT NOT NULL, symbol TEXT NOT NULL,
            time INTEGER NOT NULL, price INTEGER, open INTEGER, high INTEGER, low INTEGER,
            bid INTEGER, ask INTEGER, volume TEXT,
            PRIMARY KEY (run, position)) STRICT, WITHOUT ROWID;

        """

    static var roundViews: String {
        """
        CREATE VIEW rounds_view AS SELECT runs.id AS run, rounds.number AS number,
            \(instant("time")) AS time, account, symbol, policy, threshold / 1e6 AS threshold, side,
            conflict, detail, leader, approved, rule, rule_detail, order_number, silent
            FROM rounds JOIN runs ON runs.number = rounds.run ORDER BY rounds.run, rounds.number;

        CREATE VIEW round_votes_view AS SELECT runs.id AS run, round, source, action,
            confidence / 1e6 AS confidence, weight / 1e6 AS weight, priority, status
            FROM round_votes JOIN runs ON runs.number = round_votes.run
            ORDER BY round_votes.run, round, round_votes.number;

        CREATE VIEW events_view AS SELECT runs.id AS run, position, \(instant("time")) AS time, kind,
            symbol, \(decimal("price")) AS price, \(decimal("open")) AS open,
            \(decimal("high")) AS high, \(decimal("low")) AS low, \(decimal("bid")) AS bid,
            \(decimal("ask")) AS ask, volume
            FROM events JOIN runs ON runs.number = events.run ORDER BY events.run, position;
        """
    }
}
