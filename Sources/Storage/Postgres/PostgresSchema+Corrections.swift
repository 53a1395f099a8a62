extension PostgresSchema {
    /// Rows of the ledger that are no fill: schema 3.
    static var corrections: String {
        """
        -- kind: fill or correction. A correction has no order; cash_before, cost_after: money as text.
        ALTER TABLE ledger ADD COLUMN kind text NOT NULL DEFAULT 'fill',
            ADD COLUMN cash_before text, ADD COLUMN cost_after text,
            ADD COLUMN note text NOT NULL DEFAULT '';

        CREATE OR REPLACE VIEW ledger_view AS SELECT runs.id AS run, line,
            \(instant("time")) AS time, account, symbol, side, \(decimal("quantity")) AS quantity,
            \(decimal("price")) AS price, fee::numeric AS fee, currency,
            realised::numeric AS realised, \(decimal("slippage")) AS slippage,
            \(decimal("position_after")) AS position_after, cash_after::numeric AS cash_after,
            source, model_version, trim_scale(confidence * 0.000001) AS confidence, order_number,
            client_order_id, hash, kind, cash_before::numeric AS cash_before,
            cost_after::numeric AS cost_after, note
            FROM ledger JOIN runs ON runs.number = ledger.run ORDER BY ledger.run, line
        """
    }
}
