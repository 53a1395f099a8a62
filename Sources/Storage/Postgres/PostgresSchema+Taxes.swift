extension PostgresSchema {
    /// What of a fill's fee is tax: schema 5.
    static var taxes: String {
        """
        -- fee: all of it, tax within. tax: money as text; NULL where nobody told it, as in rows from before.
        ALTER TABLE ledger ADD COLUMN tax TEXT;

        CREATE OR REPLACE VIEW ledger_view AS SELECT runs.id AS run, line,
            \(instant("time")) AS time, account, symbol, side, \(decimal("quantity")) AS quantity,
            \(decimal("price")) AS price, fee::numeric AS fee, currency,
            realised::numeric AS realised, \(decimal("slippage")) AS slippage,
            \(decimal("position_after")) AS position_after, cash_after::numeric AS cash_after,
            source, model_version, trim_scale(confidence * 0.000001) AS confidence, order_number,
            client_order_id, hash, kind, cash_before::numeric AS cash_before,
            cost_after::numeric AS cost_after, note, tax::numeric AS tax
            FROM ledger JOIN runs ON runs.number = ledger.run ORDER BY ledger.run, line
        """
    }
}
