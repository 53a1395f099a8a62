import StrategyWire
import TradingModel

/// A market that never was: events of the inputs a server asks for, the same in each run.
///
/// Prices rise and fall in waves of 240 points with a little noise, so that most strategies find
/// something to say.
struct Material: Sendable {
    static let instruments = [
        PBInstrument(
            number: 0, symbol: "MADE01", market: "KR", currency: "KRW", tickSize: 0,
            lot: 100_000_000, timeZone: "UTC"),
        PBInstrument(
            number: 1, symbol: "MADE02", market: "CRYPTO", currency: "USDT", tickSize: 1_000_000,
            lot: 1_000, timeZone: "UTC"),
    ]
    let events: [MadeEvent]

    /// - Parameter rounds: Intervals of the shortest candle, else of the shortest timer, else
    ///   seconds; each has four
    ///   prices of each instrument.
    init(inputs: [PBInput], readsAccount: Bool, rounds: Int, seed: UInt64 = 1) {
        var maker = MaterialMaker(inputs: inputs, readsAccount: readsAccount, seed: seed)
        for _ in 0..<rounds { maker.round() }
        events = maker.events
    }

    /// As much as `inputs` need to warm up, and 300 rounds more; not beyond 3,000 rounds, nor
    /// beyond 95 years.
    static func rounds(for inputs: [PBInput]) -> Int {
        let warmUp = Int(inputs.map(\.warmUp).max() ?? 0)
        return min(3_000, 300 + warmUp, Int(3_000_000_000_000_000_000 / unit(of: inputs)))
    }

    static let second: Int64 = 1_000_000_000
    /// What the contract allows: whole seconds up to 366 days.
    private static let allowed = second...366 * 86_400 * second

    /// The intervals of a kind that can be made, the shortest first.
    static func intervals(_ kind: PBInput.Kind, of inputs: [PBInput]) -> [Int64] {
        inputs.filter { $0.kind == kind && allowed.contains($0.intervalNs) }
            .map { $0.intervalNs / second * second }.sorted()
    }

    /// The length of a round.
    static func unit(of inputs: [PBInput]) -> Int64 {
        intervals(.candles, of: inputs).first ?? intervals(.timers, of: inputs).first ?? second
    }
}

/// Walks through made-up time and writes what the market stage would emit.
private struct MaterialMaker {
    private struct Bar {
        var open: Int64
        var high: Int64
        var low: Int64
        var close: Int64
        var volume: Int64
    }
    /// 2023-11-14T00:00:00Z
    private static let start: Int64 = 1_699_920_000 * Material.second
    private static let base: [Int64] = [7_000_000_000_000, 25_000_000_000]
    private static let grain: [Int64] = [10_000_000_000, 1_000_000]

    private let ticks: Bool
    private let quotes: Bool
    private let candles: [Int64]
    /// Of the candles, those that are shown while they grow.
    private let growing: [Int64]
    private let timers: [Int64]
    private let readsAccount: Bool
    private let unit: Int64
    private let longest: Int64
    private var random: SplitMix64
    private var now = MaterialMaker.start
    private var point: Int64 = 0
    private var rounds = 0
    private var step: UInt64 = 0
    private var bars: [Int64: [Int: Bar]] = [:]
    private var held: [Int64] = [0, 0]
    private(set) var events: [MadeEvent] = []

    init(inputs: [PBInput], readsAccount: Bool, seed: UInt64) {
        ticks = inputs.contains { $0.kind == .ticks }
        quotes = inputs.contains { $0.kind == .quotes }
        candles = Material.intervals(.candles, of: inputs)
        growing = Material.intervals(.candles, of: inputs.filter(\.unfinished))
        timers = Material.intervals(.timers, of: inputs)
        self.readsAccount = readsAccount
        unit = Material.unit(of: inputs)
        longest = (candles + timers).max() ?? Material.second
        random = SplitMix64(seed)
    }

    /// Four prices of each instrument, then the end of the interval. Every twentieth round time
    /// leaps to where the longest interval ends, as over a night.
    mutating func round() {
        for quarter in 0..<4 {
            for instrument in Self.base.indices {
                price(instrument, at: now + Int64(quarter) * (unit / 4) + Int64(instrument))
            }
        }
        rounds += 1
        var next = (now / unit + 1) * unit
        if rounds % 20 == 0 { next = max(next, (now / longest + 1) * longest) }
        close(before: next)
        now = next
    }

    private mutating func price(_ instrument: Int, at time: Int64) {
        point += 1
        let phase = (point / 2 + Int64(instrument) * 70) % 240
        let wave = phase < 120 ? phase - 60 : 180 - phase  // -60 ... 60
        let base = Self.base[instrument]
        let noise = Int64(random.next() % 7) - 3
        let grain = Self.grain[instrument]
        let price = (base + base / 1_200 * wave) / grain * grain + noise * grain
        let quantity = Int64(1 + random.next() % 9) * 100_000_000
        grow(instrument, price, quantity)
        step += 1
        if ticks {
            emit(
                0, time,
                .tick(
                    instrument: UInt32(instrument), price: price, quantity: quantity,
                    side: UInt32(1 + random.next() % 2)))
        }
        emitGrowing(instrument, at: time)
        step += 1
        if quotes {
            emit(
                0, time,
                .quote(
                    instrument: UInt32(instrument), bid: price - grain, bidSize: quantity,
                    ask: price + grain, askSize: quantity + 100_000_000))
        }
        if readsAccount, point % 29 == 0 { fill(instrument, price, at: time) }
    }

    /// Behind the trade that changed them.
    private mutating func emitGrowing(_ instrument: Int, at time: Int64) {
        for (index, interval) in growing.enumerated() {
            guard let bar = bars[interval]?[instrument] else { continue }
            emit(
                UInt64(index) + 1, time,
                .candle(
                    instrument: UInt32(instrument), interval: interval, open: bar.open,
                    high: bar.high, low: bar.low, close: bar.close, volume: Int128(bar.volume)),
                closes: (time / interval + 1) * interval)
        }
    }

    private mutating func grow(_ instrument: Int, _ price: Int64, _ quantity: Int64) {
        for interval in candles {
            var bar =
                bars[interval]?[instrument]
                ?? Bar(open: price, high: price, low: price, close: price, volume: 0)
            bar.high = max(bar.high, price)
            bar.low = min(bar.low, price)
            bar.close = price
            bar.volume += quantity
            bars[interval, default: [:]][instrument] = bar
        }
    }

    /// A fill stands in the upper half of its step's numbers.
    private mutating func fill(_ instrument: Int, _ price: Int64, at time: Int64) {
        let buys = held[instrument] == 0
        held[instrument] = buys ? 100_000_000 : 0
        emit(
            1 << 19, time,
            .fill(
                instrument: UInt32(instrument), side: buys ? 1 : 2, price: price,
                quantity: 100_000_000, held: held[instrument], cash: 1_000_000_000_000_000))
    }

    /// Candles in the order (close time, interval, instrument), then timers, in a step of their
    /// own.
    private mutating func close(before next: Int64) {
        step += 1
        var index: UInt64 = 0
        let ended = candles.filter { now / $0 != next / $0 }
            .map { (interval: $0, at: (now / $0 + 1) * $0) }
            .sorted { ($0.at, $0.interval) < ($1.at, $1.interval) }
        for (interval, at) in ended {
            for instrument in Self.base.indices {
                guard let bar = bars[interval]?.removeValue(forKey: instrument) else { continue }
                emit(
                    index, at,
                    .candle(
                        instrument: UInt32(instrument), interval: interval, open: bar.open,
                        high: bar.high, low: bar.low, close: bar.close, volume: Int128(bar.volume)))
                index += 1
            }
        }
        for interval in timers where now / interval != next / interval {
            emit(index, next / interval * interval, .timer(interval: interval))
            index += 1
        }
    }

    private mutating func emit(
        _ index: UInt64, _ time: Int64, _ row: MadeEvent.Row, closes: Int64? = nil
    ) {
        events.append(
            MadeEvent(position: step << 20 | index, time: time, row: row, closes: closes))
    }
}
