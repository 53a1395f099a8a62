import Strategies
import Testing
import TradingModel

@Suite struct BacktestOracleTests {
    static func trades(
        of candles: [Candle], by strategy: any Strategy
    ) throws -> [Reference.Trade] {
        var strategy = strategy
        var reference = Reference(quantity: try #require(Quantity(whole: 10)))
        for (index, candle) in candles.enumerated() {
            try reference.fill(index, at: candle.open)
            reference.decide(strategy.onCandle(candle)?.action)
        }
        return reference.trades
    }

    /// Every round trip, and its result to the last 1/10000 won.
    @Test func movingAverageCrossTradesAsTheOracle() throws {
        let expected = try Bars.rows("trades_ma_bars_5000.csv")
        var row = expected.startIndex
        var realised = Money.zero
        for (symbol, candles) in try Bars.candles() {
            let cross = try BuiltInStrategy.named("ma_cross").make(parameters: [:])
            for trade in try Self.trades(of: candles, by: cross) {
                let wanted = try #require(row < expected.endIndex ? expected[row] : nil)
                row += 1
                #expect(wanted[0] == symbol)
                #expect(wanted[2] == "\(trade.entry)")
                #expect(wanted[3] == "\(candles[trade.entry].openTime.nanoseconds)")
                #expect(Price(wanted[4]) == trade.entryPrice)
                #expect(wanted[5] == trade.exit.map { "\($0)" } ?? "")
                #expect(Price(wanted[7]) == trade.exitPrice)
                #expect(Money(wanted[8]) == trade.fees)
                #expect(Money(wanted[9]) == trade.pnl)
                realised += trade.pnl ?? .zero
            }
        }
        #expect(row == expected.endIndex)
        #expect(expected.count == 40)
        #expect(realised == Money("-64385.7500"))
    }

    /// Wilder's RSI over all data, each index computed afresh.
    @Test func relativeStrengthTradesAsANaiveReference() throws {
        var total = 0
        for (symbol, candles) in try Bars.candles() {
            let closes = candles.map { Double($0.close.units / fixedPointScale) }
            let index = Self.relativeStrength(closes, 14)
            var reference = Reference(quantity: try #require(Quantity(whole: 10)))
            for i in candles.indices {
                try reference.fill(i, at: candles[i].open)
                guard i > 14, let now = index[i], let before = index[i - 1] else { continue }
                reference.decide(
                    now > 30 && before <= 30 ? .buy : now < 70 && before >= 70 ? .sell : nil)
            }
            let strategy = try BuiltInStrategy.named("rsi").make(parameters: [:])
            #expect(try Self.trades(of: candles, by: strategy) == reference.trades, "\(symbol)")
            total += reference.trades.count
        }
        #expect(total > 20)
    }

    static func relativeStrength(_ closes: [Double], _ n: Int) -> [Double?] {
        var values: [Double?] = []
        var (gain, loss) = (0.0, 0.0)
        for i in closes.indices {
            let changes = i < n ? [] : (i == n ? 1...n : i...i).map { closes[$0] - closes[$0 - 1] }
            let gains = changes.reduce(0) { $0 + max($1, 0) }
            let losses = changes.reduce(0) { $0 - min($1, 0) }
            gain = i <= n ? gains / Double(n) : (gain * Double(n - 1) + gains) / Double(n)
            loss = i <= n ? losses / Double(n) : (loss * Double(n - 1) + losses) / Double(n)
            values.append(i < n ? nil : gain + loss == 0 ? 0 : 100 * (gain / (gain + loss)))
        }
        return values
    }
}
