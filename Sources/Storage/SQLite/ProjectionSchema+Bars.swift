extension ProjectionSchema {
    /// Closed candles, where they are kept: schema 5.
    static var bars: String {
        """
        -- interval: 1m, 1d, … volume: exact decimal text, for 128 bits fit no column.
        CREATE TABLE market_bars (
            run INTEGER NOT NULL REFERENCES runs (number), symbol TEXT NOT NULL,
            interval TEXT NOT NULL, open_time INTEGER NOT NULL, record INTEGER NOT NULL,
            open INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,
            close INTEGER NOT NULL, volume TEXT NOT NULL,
            PRIMARY KEY (run, symbol, interval, open_time)) STRICT, WITHOUT ROWID;
        CREATE INDEX market_bars_symbol_time ON market_bars (symbol, open_time);

        CREATE VIEW market_bars_view AS SELECT runs.id AS run, symbol, interval,
            \(instant("open_time")) AS time, \(decimal("open")) AS open,
            \(decimal("high")) AS high, \(decimal("low")) AS low,
            \(decimal("close")) AS close, volume
            FROM market_bars JOIN runs ON runs.number = market_bars.run
            ORDER BY market_bars.run, symbol, interval, open_time;
        """
    }
}
