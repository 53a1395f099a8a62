extension PostgresSchema {
    /// Why each order, and why none.
    static let rounds = """
        CREATE TABLE rounds (
            run BIGINT NOT NULL REFERENCES runs (number), number BIGINT NOT NULL,
            record BIGINT NOT NULL, account TEXT NOT NULL, symbol TEXT NOT NULL,
            opened BIGINT NOT NULL, closed BIGINT NOT NULL, policy TEXT NOT NULL,
            threshold BIGINT NOT NULL, side TEXT, conflict BIGINT NOT NULL, detail TEXT NOT NULL,
            leader TEXT NOT NULL, approved BIGINT, rule TEXT NOT NULL, rule_detail TEXT NOT NULL,
            order_number BIGINT, silent TEXT NOT NULL, time BIGINT NOT NULL,
            PRIMARY KEY (run, number));
        CREATE INDEX rounds_symbol_time ON rounds (run, symbol, time, number);

        CREATE TABLE round_votes (
            run BIGINT NOT NULL, round BIGINT NOT NULL, number BIGINT NOT NULL,
            source TEXT NOT NULL, position BIGINT NOT NULL, result BIGINT NOT NULL,
            action TEXT NOT NULL, confidence BIGINT NOT NULL, weight BIGINT NOT NULL,
            priority BIGINT NOT NULL, status TEXT NOT NULL,
            PRIMARY KEY (run, round, number),
            FOREIGN KEY (run, round) REFERENCES rounds (run, number));

        CREATE TABLE events (
            run BIGINT NOT NULL REFERENCES runs (number), position BIGINT NOT NULL,
            record BIGINT NOT NULL, kind TEXT NOT NULL, symbol TEXT NOT NULL,
            time BIGINT NOT NULL, price BIGINT, open BIGINT, high BIGINT, low BIGINT,
            bid BIGINT, ask BIGINT, volume TEXT, PRIMARY KEY (run, position));

        """

    /// Moves a run on, and refuses whoever is not its writer or was not where the tables are.
    static let advance = """
        CREATE FUNCTION advance(asked_run BIGINT, by_writer BIGINT, behind BIGINT, upto BIGINT)
        RETURNS void LANGUAGE plpgsql AS $body$
        DECLARE present RECORD;
        BEGIN
            SELECT writer, applied INTO present FROM runs WHERE number = asked_run FOR UPDATE;
            IF present.writer IS DISTINCT FROM by_writer THEN
                RAISE EXCEPTION 'another host writes this run now' USING ERRCODE = '\(fenced)';
            END IF;
            IF present.applied IS DISTINCT FROM behind THEN
                RAISE EXCEPTION 'the tables are at record %, this host left them at %',
                    present.applied, behind USING ERRCODE = '\(gap)';
            END IF;
            UPDATE runs SET applied = upto WHERE number = asked_run;
        END $body$;

        """

    /// The tables as people write numbers and times, for whoever opens them with other tools.
    static var views: String {
        """
        CREATE VIEW ledger_view AS SELECT runs.id AS run, line, \(instant("time")) AS time, account,
            symbol, side, \(decimal("quantity")) AS quantity, \(decimal("price")) AS price,
            fee::numeric AS fee, currency, realised::numeric AS realised,
            \(decimal("slippage")) AS slippage, \(decimal("position_after")) AS position_after,
            cash_after::numeric AS cash_after, source, model_version,
            trim_scale(confidence * 0.000001) AS confidence, order_number, client_order_id, hash
            FROM ledger JOIN runs ON runs.number = ledger.run ORDER BY ledger.run, line;

        CREATE VIEW signals_view AS SELECT runs.id AS run, \(instant("time")) AS time, source,
            version, model, account, symbol, action, trim_scale(confidence * 0.000001) AS confidence,
            status, detail, message, reasons
            FROM signals JOIN runs ON runs.number = signals.run ORDER BY signals.number;

        CREATE VIEW orders_view AS SELECT runs.id AS run, orders.number AS number,
            \(instant("time")) AS time, account, symbol, side, \(decimal("quantity")) AS quantity,
            \(decimal("price_limit")) AS price_limit, state, \(decimal("filled")) AS filled,
            source, reason, client_order_id
            FROM orders JOIN runs ON runs.number = orders.run ORDER BY orders.run, orders.number;

        CREATE VIEW risk_events_view AS SELECT runs.id AS run, \(instant("time")) AS time, code,
            account, symbol, rule, detail
            FROM risk_events JOIN runs ON runs.number = risk_events.run
            ORDER BY risk_events.number;

        CREATE VIEW rounds_view AS SELECT runs.id AS run, rounds.number AS number,
            \(instant("time")) AS time, account, symbol, policy,
            trim_scale(threshold * 0.000001) AS threshold, side, conflict, detail, leader, approved,
            rule, rule_detail, order_number, silent
            FROM rounds JOIN runs ON runs.number = rounds.run ORDER BY rounds.run, rounds.number;

        CREATE VIEW round_votes_view AS SELECT runs.id AS run, round, source, action,
            trim_scale(confidence * 0.000001) AS confidence, trim_scale(weight * 0.000001) AS weight,
            priority, status FROM round_votes JOIN runs ON runs.number = round_votes.run
            ORDER BY round_votes.run, round, round_votes.number;

        CREATE VIEW events_view AS SELECT runs.id AS run, position, \(instant("time")) AS time,
            kind, symbol, \(decimal("price")) AS price, \(decimal("open")) AS open,
            \(decimal("high")) AS high, \(decimal("low")) AS low, \(decimal("bid")) AS bid,
            \(decimal("ask")) AS ask, volume::numeric AS volume
            FROM events JOIN runs ON runs.number = events.run ORDER BY events.run, position
        """
    }

    /// 10⁻⁸ as an exact number; NULL stays.
    static func decimal(_ column: String) -> String { "trim_scale(\(column) * 0.00000001)" }

    /// Nanoseconds as `2026-11-20T08:55:00.000000000Z`, before 1970 too.
    static func instant(_ column: String) -> String {
        let fraction = "((\(column) % 1000000000 + 1000000000) % 1000000000)"
        return """
            to_char(to_timestamp(((\(column) - \(fraction)) / 1000000000)::float8) \
            AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.') || lpad(\(fraction)::text, 9, '0') || 'Z'
            """
    }
}
