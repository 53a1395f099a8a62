import Ports

extension PostgresConnection {
    /// Bars of one COPY: what the settings' patience has to be enough for.
    private static let most = 20_000
    /// Goes with the connection, and is empty behind every transaction.
    private static let staging = "market_bars_copied"

    /// Makes the partition of a month, unless it is there. Not inside of a transaction.
    ///
    /// Apart from the rows, for attaching takes locks that no other host should wait for long.
    func makePartition(_ month: BarMonth) throws(StoreError) {
        let what = "make a month of bars"
        try transaction(doing: what) { () throws(StoreError) in
            try execute("SELECT pg_advisory_xact_lock(5569042116)", doing: what)
            let known = try integer(
                """
                SELECT count(*) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                WHERE inhparent = 'market_bars'::regclass AND relname = '\(month.partition)'
                """, doing: what)
            guard known == 0 else { return }
            let (from, to) = month.range
            // Attached and not made as a part: who reads bars meanwhile goes on reading.
            try execute(
                """
                CREATE TABLE \(month.partition) (LIKE market_bars INCLUDING ALL);
                ALTER TABLE market_bars ATTACH PARTITION \(month.partition)
                    FOR VALUES FROM (\(from)) TO (\(to))
                """, doing: what)
        }
    }

    /// Writes bars by COPY, inside of a transaction of the caller's. Their months are there.
    ///
    /// COPY itself replaces nothing: rows go to a table aside, and from there by their keys.
    func write(_ bars: [BarRow], run: Int64, doing what: String) throws(StoreError) {
        try execute(
            """
            CREATE TEMPORARY TABLE IF NOT EXISTS \(Self.staging) (LIKE market_bars)
                ON COMMIT DELETE ROWS
            """, doing: what)
        let columns = "run, \(RowColumns.barColumns)"
        var rest = Self.lastOfEach(bars)[...]
        while !rest.isEmpty {
            var text = PostgresCopyText()
            for bar in rest.prefix(Self.most) {
                bar.bind(to: run, &text)
                text.endRow()
            }
            rest = rest.dropFirst(Self.most)
            try copy(into: "\(Self.staging) (\(columns))", text, doing: what)
            try execute(
                """
                INSERT INTO market_bars (\(columns)) SELECT \(columns) FROM \(Self.staging)
                    \(RowStatement.replacingBar);
                TRUNCATE \(Self.staging)
                """, doing: what)
        }
    }

    /// One statement may replace a row once.
    private static func lastOfEach(_ bars: [BarRow]) -> [BarRow] {
        struct Key: Hashable {
            var symbol: String
            var interval: String
            var time: Int64
        }
        var seen: Set<Key> = []
        return bars.reversed().filter { bar in
            seen.insert(
                Key(symbol: bar.symbol, interval: bar.interval, time: bar.openTime.nanoseconds)
            ).inserted
        }.reversed()
    }
}
