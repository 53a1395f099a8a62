import Ports
import TradingModel

/// Reads one run's rows back.
struct ProjectionQueries {
    let connection: SQLiteConnection
    let run: Int64

    func ledger() throws(StoreError) -> [LedgerRow] {
        try rows(
            "SELECT \(ProjectionTables.ledgerColumns) FROM ledger WHERE run = ? ORDER BY line",
            doing: "read the ledger"
        ) { row in
            let line = row.integer()
            return LedgerRow(
                record: row.unsigned(), line: line, account: row.text(), symbol: row.text(),
                side: row.side(), quantity: row.quantity(), price: row.price(), fee: row.money(),
                currency: row.text(), order: OrderNumber(row.unsigned()),
                clientOrderID: row.text(), slippage: row.price(), realised: row.money(),
                positionAfter: row.quantity(), cashAfter: row.money(), source: row.text(),
                modelVersion: row.text(), confidence: row.integer32(), time: row.time(),
                hash: row.text())
        }
    }

    /// In the order in which they were first heard of.
    func signals() throws(StoreError) -> [SignalRow] {
        try rows(
            "SELECT \(ProjectionTables.signalColumns) FROM signals WHERE run = ? ORDER BY number",
            doing: "read signals"
        ) { row in
            SignalRow(
                record: row.unsigned(), position: EventPosition(row.unsigned()),
                index: Int(row.integer()), source: row.text(), version: row.text(),
                model: row.text(), parameterHash: row.text(), account: row.text(),
                symbol: row.text(), action: row.action(), confidence: row.integer32(),
                message: row.text(), reasons: row.words(), status: row.text(), detail: row.text(),
                time: row.time())
        }
    }

    func orders() throws(StoreError) -> [OrderRow] {
        try rows(
            "SELECT \(ProjectionTables.orderColumns) FROM orders WHERE run = ? ORDER BY number",
            doing: "read orders"
        ) { row in
            let number = OrderNumber(row.unsigned())
            return OrderRow(
                record: row.unsigned(), number: number, clientOrderID: row.text(),
                account: row.text(), symbol: row.text(), side: row.side(),
                quantity: row.quantity(), limit: row.optionalInteger().map { Price(units: $0) },
                state: row.text(), filled: row.quantity(), source: row.text(),
                reason: row.text(), time: row.time())
        }
    }

    func riskEvents() throws(StoreError) -> [RiskRow] {
        try rows(
            "SELECT \(ProjectionTables.riskColumns) FROM risk_events WHERE run = ? ORDER BY number",
            doing: "read risk events"
        ) { row in
            RiskRow(
                record: row.unsigned(), position: EventPosition(row.unsigned()), code: row.text(),
                account: row.text(), symbol: row.text(), rule: row.text(), detail: row.text(),
                time: row.time())
        }
    }

    private func rows<Row>(
        _ sql: String, doing what: String, _ decode: (inout SQLiteRow) -> Row
    ) throws(StoreError) -> [Row] {
        var rows: [Row] = []
        try connection.prepare(sql, doing: what).forEach {
            $0.put(run)
        } _: { (row) throws(StoreError) in
            rows.append(decode(&row))
        }
        return rows
    }
}

extension SQLiteRow {
    fileprivate mutating func side() -> Side {
        let word = text()
        return known(Side(word: word), else: .buy)
    }
    fileprivate mutating func action() -> Action {
        let word = text()
        return known(Action(word: word), else: .alert)
    }
    fileprivate mutating func words() -> [String] {
        let array = text()
        return known(JSONWords.decode(array), else: [])
    }
}
