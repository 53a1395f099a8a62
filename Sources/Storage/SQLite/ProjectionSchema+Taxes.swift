extension ProjectionSchema {
    /// What of a fill's fee is tax: schema 6.
    static var taxes: String {
        """
        -- fee: all of it, tax within. tax: money as text; NULL where nobody told it, as in rows from before.
        ALTER TABLE ledger ADD COLUMN tax TEXT;

        DROP VIEW ledger_view;
        CREATE VIEW ledger_view AS SELECT runs.id AS run, line, \(instant("time")) AS time, account,
            symbol, side, \(decimal("quantity")) AS quantity, \(decimal("price")) AS price, fee,
            currency, realised, \(decimal("slippage")) AS slippage,
            \(decimal("position_after")) AS position_after, cash_after, source, model_version,
            confidence / 1e6 AS confidence, order_number, client_order_id, hash, kind, cash_before,
            cost_after, note, tax
            FROM ledger JOIN runs ON runs.number = ledger.run ORDER BY ledger.run, line;
        """
    }
}
