extension IndicatorKind {
    /// In the order they are listed.
    public static let all = averages + oscillators + bands + volumes

    private static let length = IndicatorParameter.length("length", nil, "in events")
    private static let oracle = "TA-Lib, default compatibility, unstable period 0"

    private static let averages: [IndicatorKind] = [
        IndicatorKind(
            "sma", "Simple moving average",
            formula: "(p[i] + … + p[i-n+1]) / n", source: "\(oracle): SMA", unit: .price,
            parameters: [length], warmUp: "length - 1", first: { $0[0] - 1 },
            build: { whole, _ in SMA(length: whole[0]) }),
        IndicatorKind(
            "ema", "Exponential moving average",
            formula: "mean of the first n at n-1, then y += 2 / (n + 1) x (p[i] - y)",
            source: "\(oracle): EMA", unit: .price,
            parameters: [length], warmUp: "length - 1", first: { $0[0] - 1 },
            build: { whole, _ in EMA(length: whole[0]) }),
        IndicatorKind(
            "wma", "Linearly weighted moving average",
            formula: "(n x p[i] + (n-1) x p[i-1] + … + p[i-n+1]) / (n x (n+1) / 2)",
            source: "\(oracle): WMA", unit: .price,
            parameters: [length], warmUp: "length - 1", first: { $0[0] - 1 },
            build: { whole, _ in WMA(length: whole[0]) }),
        IndicatorKind(
            "vwap", "Volume-weighted average price: of the last bars, or of the day so far",
            formula:
                "Σ t x volume / Σ volume, t = (high + low + close) / 3; no value without volume",
            source: "the common definition; TA-Lib has none", unit: .price,
            parameters: [.length("length", 0, from: 0, "in events; 0: since the day began")],
            readsBar: true, warmUp: "length - 1, or 0 for the day", first: { max(0, $0[0] - 1) },
            build: { whole, _ in VWAP(length: whole[0]) }),
        IndicatorKind(
            "highest", "Highest high of the last bars, the newest included",
            formula: "max(high[i], …, high[i-n+1])", source: "\(oracle): MAX of the highs",
            unit: .price, parameters: [length], readsBar: true, warmUp: "length - 1",
            first: { $0[0] - 1 }, build: { whole, _ in Extreme(.highest, length: whole[0]) }),
        IndicatorKind(
            "lowest", "Lowest low of the last bars, the newest included",
            formula: "min(low[i], …, low[i-n+1])", source: "\(oracle): MIN of the lows",
            unit: .price, parameters: [length], readsBar: true, warmUp: "length - 1",
            first: { $0[0] - 1 }, build: { whole, _ in Extreme(.lowest, length: whole[0]) }),
    ]

    private static let oscillators: [IndicatorKind] = [
        IndicatorKind(
            "rsi", "Wilder's relative strength index, 0 to 100",
            formula: "100 x gain / (gain + loss), Wilder's means of the changes up and down, seeded"
                + " with the plain means of the first n; 0 when both are 0",
            source: "\(oracle): RSI", unit: .index,
            parameters: [.length("length", 14, from: 2, "in events")], warmUp: "length",
            first: { $0[0] }, build: { whole, _ in RSI(length: whole[0]) }),
        IndicatorKind(
            "macd", "Moving-average convergence/divergence",
            formula: "line = ema(fast) - ema(slow), signal = ema(signal) of the line, histogram ="
                + " line - signal; the fast average is seeded on the values that end where the slow"
                + " one begins",
            source: "\(oracle): MACD", unit: .price,
            parameters: [
                .length("fast", 12, "of the fast average, in events"),
                .length("slow", 26, from: 2, "of the slow average, in events"),
                .length("signal", 9, "of the signal, in lines"),
            ], outputs: ["line", "signal", "histogram"], warmUp: "slow + signal - 2",
            first: { $0[1] + $0[2] - 2 },
            check: { $0[0] < $0[1] ? nil : "fast \($0[0]) is not below slow \($0[1])" },
            build: { whole, _ in MACD(fast: whole[0], slow: whole[1], signal: whole[2]) }),
        IndicatorKind(
            "stochastic", "Slow stochastic oscillator, 0 to 100",
            formula: "raw = 100 x (close - lowest) / (highest - lowest), 0 when the range is empty;"
                + " k = sma(smoothing) of raw, d = sma(signal) of k; smoothing 1 is the fast one",
            source: "\(oracle): STOCH, STOCHF with simple means", unit: .index,
            parameters: [
                .length("length", 14, "of the range, in events"),
                .length("smoothing", 3, "of k, in values"),
                .length("signal", 3, "of d, in values"),
            ], outputs: ["k", "d"], readsBar: true, warmUp: "length + smoothing + signal - 3",
            first: { $0[0] + $0[1] + $0[2] - 3 },
            build: { whole, _ in
                Stochastic(length: whole[0], smoothing: whole[1], signal: whole[2])
            }),
        IndicatorKind(
            "adx", "Wilder's average directional index and its two sides, 0 to 100",
            formula:
                "dm and true range summed by Wilder, s -= s / n, then + x; plus, minus = 100 x dm"
                + " / tr; dx = 100 x |plus - minus| / (plus + minus); adx = mean of the first n dx,"
                + " then (adx x (n-1) + dx) / n",
            source: "\(oracle): ADX, PLUS_DI, MINUS_DI", unit: .index,
            parameters: [.length("length", 14, from: 2, "in events")],
            outputs: ["", "plus", "minus"], readsBar: true, warmUp: "2 x length - 1",
            first: { 2 * $0[0] - 1 }, build: { whole, _ in ADX(length: whole[0]) }),
        IndicatorKind(
            "cci", "Commodity channel index",
            formula:
                "(t - mean) / (0.015 x mean of |t - mean|), t = (high + low + close) / 3; 0 when"
                + " all are equal",
            source: "\(oracle): CCI", unit: .index,
            parameters: [.length("length", 20, from: 2, "in events")], readsBar: true,
            warmUp: "length - 1", first: { $0[0] - 1 },
            build: { whole, _ in CCI(length: whole[0]) }),
        IndicatorKind(
            "roc", "Rate of change over so many events",
            formula: "(p[i] - p[i-n]) / p[i-n] x 100; no value while p[i-n] is not above 0",
            source: "\(oracle): ROC", unit: .percent, parameters: [length], warmUp: "length",
            first: { $0[0] }, build: { whole, _ in RateOfChange(length: whole[0]) }),
    ]

    private static let bands: [IndicatorKind] = [
        IndicatorKind(
            "bollinger", "Bollinger bands",
            formula: "middle = sma(n), upper and lower = middle ± factor x stddev(n)",
            source: "\(oracle): BBANDS", unit: .price,
            parameters: [
                .length("length", 20, "in events"),
                .factor("factor", 2, "in standard deviations"),
            ], outputs: ["upper", "middle", "lower"], warmUp: "length - 1", first: { $0[0] - 1 },
            build: { whole, exact in BollingerBands(length: whole[0], factor: exact[1]) }),
        IndicatorKind(
            "donchian", "Donchian channel, the newest bar included",
            formula: "upper = highest(n), lower = lowest(n), middle = (upper + lower) / 2",
            source: "\(oracle): MAX of the highs, MIN of the lows", unit: .price,
            parameters: [.length("length", 20, "in events")],
            outputs: ["upper", "middle", "lower"], readsBar: true, warmUp: "length - 1",
            first: { $0[0] - 1 }, build: { whole, _ in DonchianChannel(length: whole[0]) }),
        IndicatorKind(
            "keltner", "Keltner channel",
            formula: "middle = ema(length), upper and lower = middle ± factor x atr(range)",
            source: "Raschke's form; \(oracle): EMA, ATR", unit: .price,
            parameters: [
                .length("length", 20, "of the average, in events"),
                .factor("factor", 2, "in average true ranges"),
                .length("range", 10, "of the average true range, in events"),
            ], outputs: ["upper", "middle", "lower"], readsBar: true,
            warmUp: "the larger of length - 1 and range", first: { max($0[0] - 1, $0[2]) },
            build: { whole, exact in
                KeltnerChannel(length: whole[0], factor: exact[1], range: whole[2])
            }),
        IndicatorKind(
            "atr", "Wilder's average true range",
            formula:
                "tr = max(high - low, |high - close before|, |low - close before|) from index 1;"
                + " mean of the first n at n, then (atr x (n-1) + tr) / n",
            source: "\(oracle): ATR", unit: .price,
            parameters: [.length("length", 14, "in events")], readsBar: true, warmUp: "length",
            first: { $0[0] }, build: { whole, _ in ATR(length: whole[0]) }),
        IndicatorKind(
            "stddev", "Population standard deviation",
            formula: "√((n x Σp² - (Σp)²) / n²)", source: "\(oracle): STDDEV", unit: .price,
            parameters: [length], warmUp: "length - 1", first: { $0[0] - 1 },
            build: { whole, _ in StandardDeviation(length: whole[0]) }),
    ]

    private static let volumes: [IndicatorKind] = [
        IndicatorKind(
            "obv", "On-balance volume",
            formula: "volume[0], then + volume where the close rose, - volume where it fell",
            source: "\(oracle): OBV", unit: .volume, parameters: [], readsBar: true, warmUp: "0",
            first: { _ in 0 }, build: { _, _ in OBV() }),
        IndicatorKind(
            "volume_average", "Mean volume",
            formula: "(volume[i] + … + volume[i-n+1]) / n", source: "\(oracle): SMA of the volumes",
            unit: .volume, parameters: [length], readsBar: true, warmUp: "length - 1",
            first: { $0[0] - 1 }, build: { whole, _ in VolumeAverage(length: whole[0]) }),
    ]
}
