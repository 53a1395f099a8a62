import Kernel
import TestKit
import Testing
import TradingModel

@Suite struct MarketStagePropertyTests {
    static let intervals: [Interval] = [.minute, .seconds(300), .hour, .day]

    /// Ticks of three instruments in rising time with pauses, across two days or a change of clocks.
    static func ticks(_ seed: UInt64, from start: Int64) -> [Tick] {
        var random = SeededRandom(seed)
        var time = start * 1_000_000_000
        return (0..<600).map { _ in
            let pause: Int64 = random.oneIn(40) ? 40_000_000_000_000 / 10 : 90_000_000_000
            time += random.oneIn(4) ? 0 : Int64.random(in: 0...pause, using: &random)
            return Tick(
                instrument: InstrumentID(Int.random(in: 0..<3, using: &random)),
                feedTime: Timestamp(nanoseconds: time),
                price: .won(Int64.random(in: 1...50, using: &random)),
                quantity: .shares(Int64.random(in: 1...9, using: &random)))
        }
    }

    /// Grouped by instrument and interval; the last of each is still running.
    static func grouped(_ ticks: [Tick], _ zone: ZoneOffsets) -> [Candle] {
        var candles: [Candle] = []
        for instrument in 0..<3 {
            for interval in intervals {
                var groups: [(start: Timestamp, ticks: [Tick])] = []
                for tick in ticks where tick.instrument == InstrumentID(instrument) {
                    let start = zone.start(of: interval, holding: tick.feedTime)
                    if groups.last?.start == start {
                        groups[groups.count - 1].ticks.append(tick)
                    } else {
                        groups.append((start, [tick]))
                    }
                }
                let through = ticks.last?.feedTime ?? .zero
                for group in groups where zone.end(of: interval, from: group.start) <= through {
                    let prices = group.ticks.map(\.price)
                    candles.append(
                        Candle(
                            instrument: InstrumentID(instrument), interval: interval,
                            openTime: group.start, open: prices[0], high: prices.max() ?? .zero,
                            low: prices.min() ?? .zero, close: prices[prices.count - 1],
                            volume: Volume(
                                units: group.ticks.reduce(0) { $0 + Int128($1.quantity.units) })))
                }
            }
        }
        return candles
    }

    @Test(arguments: seeds(0..<12))
    func candlesAreTheGroupsOfTheirTicks(_ seed: UInt64) {
        let zone: ZoneOffsets = seed % 2 == 0 ? .seoul : .newYork
        let start: Int64 = seed % 4 < 2 ? 1_709_990_000 : 1_730_560_000
        let ticks = Self.ticks(seed, from: start)
        let plan = MarketPlan(zones: [zone, zone, zone], intervals: Self.intervals)
        var stage = MarketStage(plan)
        let events = drive(&stage, ticks.map { .tick($0) })
        let wanted = Self.grouped(ticks, zone)
        #expect(wanted.count > 100)
        #expect(Set(events.candles) == Set(wanted))
        #expect(events.candles.count == wanted.count)
        #expect(stage.late == 0)
        #expect(
            events.filter { if case .tick = $0.kind { true } else { false } }.count == ticks.count)
    }

    @Test(arguments: seeds(0..<6))
    func positionsRiseAndNothingComesAfterItsTime(_ seed: UInt64) {
        let plan = MarketPlan(
            zones: [.seoul, .seoul, .seoul], intervals: Self.intervals, timers: [.seconds(600)])
        let events = drive(plan, Self.ticks(seed, from: 1_709_990_000).map { .tick($0) })
        for (before, after) in zip(events, events.dropFirst()) {
            #expect(before.position < after.position)
            #expect(before.time <= after.time)
            let sameStep = before.position.step == after.position.step
            #expect(after.position.index == (sameStep ? before.position.index + 1 : 0))
            #expect(sameStep || after.position.step == before.position.step + 1)
        }
    }

    /// Clocks of feeds step back: what was closed stays closed, and every trade is counted or in a candle.
    @Test(arguments: seeds(0..<6))
    func ticksThatStepBackAreInACandleOrCounted(_ seed: UInt64) {
        var random = SeededRandom(seed + 99)
        let ticks = Self.ticks(seed, from: 1_709_990_000).map { tick in
            var tick = tick
            if random.oneIn(5) {
                let back = Int64.random(in: 0...200_000_000_000, using: &random)
                tick.feedTime = tick.feedTime.advanced(by: Nanoseconds(-back))
            }
            return tick
        }
        let zones: [ZoneOffsets] = [.seoul, .seoul, .seoul]
        var stage = MarketStage(MarketPlan(zones: zones, intervals: [.minute]))
        var events = drive(&stage, ticks.map { .tick($0) })
        stage.takeTimer(.distantFuture, into: &events)
        let kept = events.candles.reduce(Int128(0)) { $0 + $1.volume.units }
        let sent = ticks.reduce(Int128(0)) { $0 + Int128($1.quantity.units) }
        #expect(stage.late > 0)
        #expect(kept < sent)
        let starts = events.candles.map { [Int64($0.instrument.index), $0.openTime.nanoseconds] }
        #expect(Set(starts).count == starts.count, "no interval closes twice")
    }

    /// A trade that comes late into a candle that still grows counts for its volume, high and low; its close is
    /// the latest trade's, and of trades of one time the last one's.
    @Test(arguments: seeds(0..<12))
    func aLateTradeIsNotTheClose(_ seed: UInt64) {
        var random = SeededRandom(seed + 500)
        let ticks = Self.ticks(seed, from: 1_709_990_000).map { tick in
            var tick = tick
            if random.oneIn(3) {
                let back = Int64.random(in: 0...400_000_000_000, using: &random)
                tick.feedTime = tick.feedTime.advanced(by: Nanoseconds(-back))
            }
            return tick
        }
        let intervals = Array(Self.intervals.prefix(Int.random(in: 3...4, using: &random)))
        var stage = MarketStage(
            MarketPlan(zones: [.seoul, .seoul, .seoul], intervals: intervals))
        var events = drive(&stage, ticks.map { .tick($0) })
        stage.takeTimer(.distantFuture, into: &events)
        var wanted: [Candle] = []
        var revised = 0
        for interval in intervals {
            let (candles, late) = Self.naive(ticks, interval, .seoul)
            wanted += candles
            revised += late
        }
        #expect(events.candles.count == wanted.count)
        #expect(Set(events.candles) == Set(wanted))
        #expect(revised > 5)
    }

    /// Candles by hand, and how often a late trade had another price than the close that it left as it was.
    private static func naive(
        _ ticks: [Tick], _ interval: Interval, _ zone: ZoneOffsets
    ) -> (candles: [Candle], revised: Int) {
        var groups: [(start: Timestamp, ticks: [Tick])?] = [nil, nil, nil]
        var closedThrough = [Timestamp](repeating: Timestamp(nanoseconds: .min), count: 3)
        var candles: [Candle] = []
        var revised = 0
        func close(through time: Timestamp) {
            for index in groups.indices {
                guard let group = groups[index] else { continue }
                let end = zone.end(of: interval, from: group.start)
                guard end <= time else { continue }
                let prices = group.ticks.map(\.price)
                let latest = group.ticks.map(\.feedTime).max() ?? .zero
                candles.append(
                    Candle(
                        instrument: InstrumentID(index), interval: interval,
                        openTime: group.start, open: prices[0], high: prices.max() ?? .zero,
                        low: prices.min() ?? .zero,
                        close: group.ticks.last { $0.feedTime == latest }?.price ?? .zero,
                        volume: Volume(
                            units: group.ticks.reduce(0) { $0 + Int128($1.quantity.units) })))
                closedThrough[index] = end
                groups[index] = nil
            }
        }
        for tick in ticks {
            close(through: tick.feedTime)
            let index = Int(tick.instrument.index)
            guard tick.feedTime >= closedThrough[index] else { continue }
            let start = zone.start(of: interval, holding: tick.feedTime)
            guard let group = groups[index] else {
                groups[index] = (start, [tick])
                continue
            }
            guard group.start == start else { continue }
            let isLate = group.ticks.contains { $0.feedTime > tick.feedTime }
            if isLate, group.ticks.last?.price != tick.price { revised += 1 }
            groups[index]?.ticks.append(tick)
        }
        close(through: .distantFuture)
        return (candles, revised)
    }

    @Test(arguments: seeds(0..<4))
    func twoStagesFedAlikeEmitAlike(_ seed: UInt64) {
        let plan = MarketPlan(
            zones: [.newYork, .seoul, .utc], intervals: Self.intervals, timers: [.seconds(30)])
        let inputs = Self.ticks(seed, from: 1_730_560_000).map { MarketInput.tick($0) }
        var copied = MarketStage(plan)
        let whole = drive(plan, inputs)
        var parts = drive(&copied, Array(inputs.prefix(200)))
        var second = copied
        parts += drive(&second, Array(inputs.dropFirst(200)))
        #expect(whole == parts)
    }
}
