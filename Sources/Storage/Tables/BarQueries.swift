package import Ports

extension ProjectionQueries {
    /// By symbol, interval and open time, texts byte by byte.
    ///
    /// - Parameter one: Of one symbol and interval alone; `nil`: all.
    func bars(of one: (symbol: String, interval: String)? = nil) throws(StoreError) -> [BarRow] {
        let some = one == nil ? "" : " AND symbol = ? AND interval = ?"
        return try rows(
            """
            SELECT \(RowColumns.barColumns) FROM market_bars WHERE run = ?\(some)
            ORDER BY symbol, interval, open_time
            """, doing: "read bars"
        ) {
            guard let one else { return }
            $0.put(one.symbol)
            $0.put(one.interval)
        } _: { row in
            let (symbol, interval, openTime) = (row.text(), row.text(), row.time())
            return BarRow(
                record: row.unsigned(), symbol: symbol, interval: interval, openTime: openTime,
                open: row.price(), high: row.price(), low: row.price(), close: row.price(),
                volume: row.volume())
        }
    }
}

extension SQLiteProjections {
    package func bars() throws(StoreError) -> [BarRow] {
        try query { (queries) throws(StoreError) in try queries.bars() }
    }
    package func bars(of symbol: String, interval: String) throws(StoreError) -> [BarRow] {
        try query { (queries) throws(StoreError) in try queries.bars(of: (symbol, interval)) }
    }
}

extension PostgresProjections {
    package func bars() throws(StoreError) -> [BarRow] {
        try query { (queries) throws(StoreError) in try queries.bars() }
    }
    package func bars(of symbol: String, interval: String) throws(StoreError) -> [BarRow] {
        try query { (queries) throws(StoreError) in try queries.bars(of: (symbol, interval)) }
    }
}
