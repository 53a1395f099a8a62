extension ProjectionSchema {
    /// Rows of the ledger that are no fill: schema 4.
    static var corrections: String {
        """
        -- kind: fill or correction. A correction has no order; cash_before, cost_after: money as text.
        ALTER TABLE ledger ADD COLUMN kind TEXT NOT NULL DEFAULT 'fill';
        ALTER TABLE ledger ADD COLUMN cash_before TEXT;
        ALTER TABLE ledger ADD COLUMN cost_after TEXT;
        ALTER TABLE ledger ADD COLUMN note TEXT NOT NULL DEFAULT '';

        DROP VIEW ledger_view;
        CREATE VIEW ledger_view AS SELECT runs.id AS run, line, \(instant("time")) AS time, account,
            symbol, side, \(decimal("quantity")) AS quantity, \(decimal("price")) AS price, fee,
            currency, realised, \(decimal("slippage")) AS slippage,
            \(decimal("position_after")) AS position_after, cash_after, source, model_version,
            confidence / 1e6 AS confidence, order_number, client_order_id, hash, kind, cash_before,
            cost_after, note
            FROM ledger JOIN runs ON runs.number = ledger.run ORDER BY ledger.run, line;
        """
    }
}
