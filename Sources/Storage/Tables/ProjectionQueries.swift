import Ports
import TradingModel

/// Reads one run's rows back.
struct ProjectionQueries<Source: TableSource> {
    let connection: Source
    let run: Int64

    /// - Parameter number: Of one order alone; `nil`: all.
    func ledger(of number: OrderNumber? = nil) throws(StoreError) -> [LedgerRow] {
        let one = number == nil ? "" : " AND order_number = ?"
        return try rows(
            "SELECT \(RowColumns.ledgerColumns) FROM ledger WHERE run = ?\(one) ORDER BY line",
            doing: "read the ledger"
        ) {
            if let number { $0.put(number.value) }
        } _: { row in
            let line = row.integer()
            var found = LedgerRow(
                record: row.unsigned(), line: line, account: row.text(), symbol: row.text(),
                side: row.side(), quantity: row.quantity(), price: row.price(), fee: row.money(),
                currency: row.text(), order: OrderNumber(row.unsigned()),
                clientOrderID: row.text(), slippage: row.price(), realised: row.money(),
                positionAfter: row.quantity(), cashAfter: row.money(), source: row.text(),
                modelVersion: row.text(), confidence: row.integer32(), time: row.time(),
                hash: row.text())
            let kind = row.text()
            found.kind = row.known(LedgerRow.Kind(rawValue: kind), else: .fill)
            found.cashBefore = row.optionalMoney()
            found.costAfter = row.optionalMoney()
            found.note = row.text()
            found.tax = row.optionalMoney()
            return found
        }
    }

    /// In the order in which they were first heard of.
    ///
    /// - Parameter desk: Of one account and symbol, from and through these positions; `nil`: all.
    func signals(
        on desk: (account: String, symbol: String, positions: ClosedRange<EventPosition>)? = nil
    ) throws(StoreError) -> [SignalRow] {
        let some =
            desk == nil ? "" : " AND position BETWEEN ? AND ? AND account = ? AND symbol = ?"
        return try rows(
            "SELECT \(RowColumns.signalColumns) FROM signals WHERE run = ?\(some) ORDER BY number",
            doing: "read signals"
        ) {
            guard let desk else { return }
            $0.put(desk.positions.lowerBound.value)
            $0.put(desk.positions.upperBound.value)
            $0.put(desk.account)
            $0.put(desk.symbol)
        } _: { row in
            row.signal()
        }
    }

    func orders() throws(StoreError) -> [OrderRow] {
        try rows(
            "SELECT \(RowColumns.orderColumns) FROM orders WHERE run = ? ORDER BY number",
            doing: "read orders"
        ) { row in
            let number = OrderNumber(row.unsigned())
            return OrderRow(
                record: row.unsigned(), number: number, clientOrderID: row.text(),
                account: row.text(), symbol: row.text(), side: row.side(),
                quantity: row.quantity(), limit: row.optionalInteger().map { Price(units: $0) },
                state: row.text(), filled: row.quantity(), source: row.text(),
                reason: row.text(), time: row.time(), round: row.integer(),
                confidence: row.integer32(), sizing: row.text(), reference: row.price(),
                reserved: row.money())
        }
    }

    func riskEvents() throws(StoreError) -> [RiskRow] {
        try rows(
            "SELECT \(RowColumns.riskColumns) FROM risk_events WHERE run = ? ORDER BY number",
            doing: "read risk events"
        ) { row in
            RiskRow(
                record: row.unsigned(), position: EventPosition(row.unsigned()), code: row.text(),
                account: row.text(), symbol: row.text(), rule: row.text(), detail: row.text(),
                time: row.time())
        }
    }

    /// - Parameter bind: What stands behind the run's number.
    func rows<Row>(
        _ sql: String, doing what: String, bind: (inout Source.Binder) -> Void = { _ in },
        _ decode: (inout Source.Row) -> Row
    ) throws(StoreError) -> [Row] {
        var rows: [Row] = []
        try connection.forEach(sql, doing: what) {
            $0.put(run)
            bind(&$0)
        } _: { (row) throws(StoreError) in
            rows.append(decode(&row))
        }
        return rows
    }
}
