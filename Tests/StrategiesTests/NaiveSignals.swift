import Foundation
import Strategies
import TradingModel

/// What each strategy says, calculated afresh from all history at each index: the words of its
/// description, and no increments.
struct NaiveSignals {
    let open: [Double]
    let high: [Double]
    let low: [Double]
    let close: [Double]
    let volume: [Double]

    init(_ candles: [Candle]) {
        func values(_ field: KeyPath<Candle, Price>) -> [Double] {
            candles.map { Double($0[keyPath: field].units) / Double(fixedPointScale) }
        }
        (open, high, low, close) = (
            values(\.open), values(\.high), values(\.low), values(\.close)
        )
        volume = candles.map { Double($0.volume.units) / Double(fixedPointScale) }
    }

    func mean(_ n: Int, _ i: Int) -> Double? {
        i >= n - 1 ? close[(i - n + 1)...i].reduce(0, +) / Double(n) : nil
    }

    func score(_ n: Int, _ i: Int) -> Double? {
        guard let mean = mean(n, i) else { return nil }
        let squares = close[(i - n + 1)...i].map { ($0 - mean) * ($0 - mean) }
        let deviation = (squares.reduce(0, +) / Double(n)).squareRoot()
        return deviation > 0 ? (close[i] - mean) / deviation : nil
    }

    /// The last score before i, for an event without one is passed over.
    func scoreBefore(_ n: Int, _ i: Int) -> Double? {
        stride(from: i - 1, through: 0, by: -1).lazy.compactMap { score(n, $0) }.first
    }

    func ema(_ n: Int, from first: Int, _ values: [Double]) -> [Double?] {
        var result: [Double?] = values.map { _ in nil }
        guard values.count >= first + n else { return result }
        var value = values[first..<first + n].reduce(0, +) / Double(n)
        result[first + n - 1] = value
        for index in (first + n)..<max(first + n, values.count) {
            value += 2 / Double(n + 1) * (values[index] - value)
            result[index] = value
        }
        return result
    }

    func rsi(_ n: Int) -> [Double?] {
        var (gain, loss) = (0.0, 0.0)
        return close.indices.map { index in
            guard index > 0 else { return nil }
            let change = close[index] - close[index - 1]
            let keep = index <= n ? 1 : Double(n - 1)
            gain = (gain * keep + max(change, 0)) / (index < n ? 1 : Double(n))
            loss = (loss * keep + max(-change, 0)) / (index < n ? 1 : Double(n))
            return index < n ? nil : gain + loss == 0 ? 0 : 100 * gain / (gain + loss)
        }
    }

    func macd(_ fast: Int, _ slow: Int, _ signal: Int) -> [Action?] {
        let near = ema(fast, from: slow - fast, close)
        let far = ema(slow, from: 0, close)
        let line = zip(near, far).map { ($0 ?? 0) - ($1 ?? 0) }
        let smooth = ema(signal, from: slow - 1, line)
        let histogram = zip(line, smooth).map { line, smooth in smooth.map { line - $0 } }
        return close.indices.map { i in
            guard i > 0, let now = histogram[i], let before = histogram[i - 1] else { return nil }
            if now > 0, before <= 0 { return .buy }
            return now < 0 && before >= 0 ? .sell : nil
        }
    }

    func bollinger(_ n: Int, _ factor: Double) -> [Action?] {
        close.indices.map { i in
            guard let now = score(n, i), let before = scoreBefore(n, i) else { return nil }
            if now > -factor, before <= -factor { return .buy }
            return now < factor && before >= factor ? .sell : nil
        }
    }

    func meanReversion(_ n: Int, _ entry: Double, _ exit: Double) -> [Action?] {
        close.indices.map { i in
            guard let now = score(n, i), let before = scoreBefore(n, i) else { return nil }
            if now < -entry, before >= -entry { return .buy }
            return now > -exit && before <= -exit ? .sell : nil
        }
    }

    func breakout(_ n: Int, _ exit: Int, volumeFactor: Double) -> [Action?] {
        func breaks(_ i: Int) -> (up: Bool, down: Bool) {
            guard i >= max(n, exit) else { return (false, false) }
            return (
                close[i] > high[(i - n)..<i].reduce(-.infinity, max),
                close[i] < low[(i - exit)..<i].reduce(.infinity, min)
            )
        }
        return close.indices.map { i in
            let (now, before) = (breaks(i), breaks(i - 1))
            if now.up, !before.up {
                return volumeFactor == 0 || surges(20, volumeFactor, i) ? .buy : nil
            }
            return now.down && !before.down ? .sell : nil
        }
    }

    func surges(_ n: Int, _ factor: Double, _ i: Int) -> Bool {
        i >= n - 1 && volume[i] * Double(n) > factor * volume[(i - n + 1)...i].reduce(0, +)
    }

    func volumeSurge(_ n: Int, _ factor: Double, _ move: Double) -> [Action?] {
        close.indices.map { i in
            guard i > 0, surges(n, factor, i), !surges(n, factor, i - 1) else { return nil }
            let change = close[i] - close[i - 1]
            guard change != 0, abs(change) * 100 >= move * close[i - 1] else { return nil }
            return change > 0 ? .buy : .sell
        }
    }

    func trendDip(_ fast: Int, _ slow: Int, _ n: Int, _ low: Double, _ high: Double) -> [Action?] {
        let rsi = rsi(n)
        func state(_ i: Int) -> (dip: Bool, peak: Bool)? {
            guard i >= 0, let near = mean(fast, i), let far = mean(slow, i), let index = rsi[i]
            else { return nil }
            return (near > far && index < low, index > high)
        }
        return close.indices.map { i in
            guard let now = state(i), let before = state(i - 1) else { return nil }
            if now.dip, !before.dip { return .buy }
            return now.peak && !before.peak ? .sell : nil
        }
    }
}
