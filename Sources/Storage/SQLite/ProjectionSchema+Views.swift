extension ProjectionSchema {
    /// The tables as people write numbers and times, for whoever opens the file with other tools.
    static var views: String {
        """
        CREATE VIEW ledger_view AS SELECT runs.id AS run, line, \(instant("time")) AS time, account,
            symbol, side, \(decimal("quantity")) AS quantity, \(decimal("price")) AS price, fee,
            currency, realised, \(decimal("slippage")) AS slippage,
            \(decimal("position_after")) AS position_after, cash_after, source, model_version,
            confidence / 1e6 AS confidence, order_number, client_order_id, hash
            FROM ledger JOIN runs ON runs.number = ledger.run ORDER BY ledger.run, line;

        CREATE VIEW signals_view AS SELECT runs.id AS run, \(instant("time")) AS time, source,
            version, model, account, symbol, action, confidence / 1e6 AS confidence, status,
            detail, message, reasons FROM signals JOIN runs ON runs.number = signals.run ORDER BY signals.number;

        CREATE VIEW orders_view AS SELECT runs.id AS run, orders.number AS number,
            \(instant("time")) AS time, account, symbol, side, \(decimal("quantity")) AS quantity,
            \(decimal("price_limit")) AS price_limit, state, \(decimal("filled")) AS filled, source,
            reason, client_order_id
            FROM orders JOIN runs ON runs.number = orders.run ORDER BY orders.run, orders.number;

        CREATE VIEW risk_events_view AS SELECT runs.id AS run, \(instant("time")) AS time, code,
            account, symbol, rule, detail
            FROM risk_events JOIN runs ON runs.number = risk_events.run ORDER BY risk_events.number;
        """
    }

    /// 10⁻⁸ as exact decimal text without trailing zeros; NULL stays.
    static func decimal(_ column: String) -> String {
        """
        CASE WHEN \(column) < 0 THEN '-' WHEN \(column) >= 0 THEN '' END \
        || rtrim(rtrim(printf('%d.%08d', \
        abs(\(column) / 100000000), abs(\(column) % 100000000)), '0'), '.')
        """
    }

    /// Nanoseconds as `2026-11-20T08:55:00.000000000Z`, before 1970 too.
    static func instant(_ column: String) -> String {
        let fraction = "((\(column) % 1000000000 + 1000000000) % 1000000000)"
        let seconds = "(\(column) - \(fraction)) / 1000000000"
        return """
            strftime('%Y-%m-%dT%H:%M:%S', \(seconds), 'unixepoch') || printf('.%09dZ', \(fraction))
            """
    }
}
