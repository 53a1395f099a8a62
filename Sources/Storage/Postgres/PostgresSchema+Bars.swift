extension PostgresSchema {
    /// Closed candles, where they are kept, by months of their open time: schema 4.
    ///
    /// Texts are sorted byte by byte, whatever the database's language: as in the SQLite file.
    static var bars: String {
        """
        -- interval: 1m, 1d, … volume: exact decimal text, for 128 bits fit no column.
        CREATE TABLE market_bars (
            run BIGINT NOT NULL REFERENCES runs (number), symbol TEXT COLLATE "C" NOT NULL,
            interval TEXT COLLATE "C" NOT NULL, open_time BIGINT NOT NULL, record BIGINT NOT NULL,
            open BIGINT NOT NULL, high BIGINT NOT NULL, low BIGINT NOT NULL,
            close BIGINT NOT NULL, volume TEXT NOT NULL,
            PRIMARY KEY (run, symbol, interval, open_time)) PARTITION BY RANGE (open_time);
        CREATE INDEX market_bars_symbol_time ON market_bars (symbol, open_time);

        CREATE VIEW market_bars_view AS SELECT runs.id AS run, symbol, interval,
            \(instant("open_time")) AS time, \(decimal("open")) AS open,
            \(decimal("high")) AS high, \(decimal("low")) AS low,
            \(decimal("close")) AS close, volume::numeric AS volume
            FROM market_bars JOIN runs ON runs.number = market_bars.run
            ORDER BY market_bars.run, symbol, interval, open_time
        """
    }
}
