import Kernel
import Ports
import Strategies
import TestKit
import Testing
import TradingModel

@testable import Host

/// One minute of trades, however its rows and messages are cut, at whatever speed it passes and wherever its
/// strategies live: the same candles, results, orders and fills. Over the wire: `IntegrationTests`.
@Suite struct SameMinuteTests {
    /// What came of it, without what tells a process from a host and a clock from another.
    private struct Outcome: Equatable {
        struct Result: Hashable {
            let position: UInt64
            let index: Int
            let source: String
            let account: String
            let symbol: String
            let action: Action
            let confidence: Int32
            let message: String
            let status: String
            let detail: String
            let time: Timestamp
        }
        let bars: [BarRow]
        let results: [Result]
        let orders: [OrderRow]
        let fills: [LedgerRow]

        init(_ projections: MemoryProjections) throws {
            // Records say how steps were put together, at a pace by the clock.
            bars = try projections.bars().map { row in
                var row = row
                row.record = 0
                return row
            }
            results = try projections.signals().map {
                Result(
                    position: $0.position.value, index: $0.index, source: $0.source,
                    account: $0.account, symbol: $0.symbol, action: $0.action,
                    confidence: $0.confidence, message: $0.message, status: $0.status,
                    detail: $0.detail, time: $0.time)
            }.sorted { ($0.position, $0.source, $0.symbol) < ($1.position, $1.source, $1.symbol) }
            orders = try projections.orders().map { row in
                var row = row
                row.record = 0
                return row
            }
            fills = try projections.ledger().map { row in
                var row = row
                row.record = 0
                row.modelVersion = ""
                row.hash = ""
                return row
            }
        }
    }

    /// Says buy above all prices of a while, and sell below them.
    private struct Swing: Strategy {
        var length: Int
        private var last: [Price] = []
        init(_ length: Int) { self.length = length }

        mutating func take(_ price: Price) -> StrategyResult? {
            defer {
                last.append(price)
                if last.count > length { last.removeFirst() }
            }
            guard last.count == length, let high = last.max(), let low = last.min() else {
                return nil
            }
            if price > high { return StrategyResult(.buy, message: "above \(high)") }
            return price < low ? StrategyResult(.sell, message: "below \(low)") : nil
        }
        mutating func onTick(_ tick: Tick) -> StrategyResult? { take(tick.price) }
        mutating func onCandle(_ candle: Candle) -> StrategyResult? { take(candle.close) }
        func hash(into hasher: inout StateHasher) {
            for price in last { hasher.combine(price.units) }
        }
    }

    /// The same as a server, one swing for each instrument.
    private struct SwingJudge: Judge {
        let length: Int
        private var swings: [InstrumentID: Swing] = [:]
        init(_ length: Int) { self.length = length }

        mutating func judge(_ event: SessionEvent) -> [ReceivedResult] {
            let (instrument, price): (InstrumentID, Price)
            switch event.kind {
            case .tick(let tick): (instrument, price) = (tick.instrument, tick.price)
            case .candle(let candle): (instrument, price) = (candle.instrument, candle.close)
            default: return []
            }
            guard let result = swings[instrument, default: Swing(length)].take(price) else {
                return []
            }
            return [
                ReceivedResult(
                    position: event.position, instrument: instrument, index: 0, result: result)
            ]
        }
    }

    /// A minute by its seed, and the scenarios in which it passes.
    private struct Minute {
        let instruments: Int
        let intervals: [Interval]
        let rows: [MarketInput]
        let lengths: [Int]
        /// Trades that came later than others that are later.
        let late: Int

        init(_ seed: UInt64) {
            var random = SeededRandom(seed)
            instruments = Int.random(in: 1...4, using: &random)
            let lengths: [Int64] = [1, 2, 3, 5, 7, 10, 15, 30, 60]
            let some = lengths.filter { _ in random.oneIn(2) }
            intervals = (some + [4]).sorted().map { .seconds($0) }
            self.lengths = [
                Int.random(in: 3...9, using: &random), Int.random(in: 1...3, using: &random),
            ]
            // Dense or sparse: up to a second between two, and often none.
            let pause = random.pick([60_000_000, 250_000_000, 1_000_000_000] as [Int64])
            var time: Int64 =
                1_704_153_600_000_000_000 + Int64.random(in: 0...pause, using: &random)
            let end = time + 60_000_000_000
            var prices = [Int64](repeating: 100, count: instruments)
            var rows: [MarketInput] = []
            var latest = Int64.min
            var late = 0
            while time < end {
                let instrument = Int.random(in: 0..<instruments, using: &random)
                prices[instrument] = max(
                    1, prices[instrument] + Int64.random(in: -3...3, using: &random))
                let back = random.oneIn(10) ? Int64.random(in: 0...4 * pause, using: &random) : 0
                let tick = Tick(
                    instrument: InstrumentID(instrument),
                    feedTime: Timestamp(nanoseconds: time - back),
                    price: .won(prices[instrument]),
                    quantity: .shares(Int64.random(in: 1...9, using: &random)))
                for _ in 0..<(random.oneIn(10) ? 2 : 1) { rows.append(.tick(tick)) }
                if time - back < latest { late += 1 }
                latest = max(latest, time - back)
                time += random.oneIn(3) ? 0 : Int64.random(in: 0...2 * pause, using: &random)
            }
            self.rows = rows
            self.late = late
        }

        /// - Parameters:
        ///   - served: Of the one on ticks and the one on candles: whether it is a server.
        ///   - cutBy: Of the rows that are read at a time.
        func scenario(served: [Bool] = [false, false], cutBy: UInt64? = nil) -> Scenario {
            let inputs: [Attached.Input] = [.ticks, .candles(.seconds(4))]
            let kinds: [ServerInput.Kind] = [
                .ticks, .candles(.seconds(4), unfinished: false),
            ]
            let plan = KernelPlan.sample(
                instruments: instruments, accounts: 2, cash: .won(20_000),
                sources: served.enumerated().map {
                    SourcePlan(name: "swing\($0)", kind: $1 ? .server : .builtIn)
                },
                attachments: served.indices.flatMap { index in
                    (0..<instruments).map { instrument in
                        .sample(
                            index, account: index, instrument: instrument, input: inputs[index],
                            quantity: .shares(5), adds: true,
                            strategy: served[index] ? nil : Swing(lengths[index]))
                    }
                }, arbiter: ArbiterPlan(policy: .first))
            var feed = MemoryFeed(rows)
            feed.cutBy = cutBy
            let servers = served.indices.filter { served[$0] }.map { index in
                Scenario.Server(
                    source: SourceID(index),
                    description: Scenario.description(
                        "swing\(index)", [kinds[index]], readsAccount: false),
                    account: nil, onceIn: 1, judge: SwingJudge(lengths[index]))
            }
            return Scenario(
                plan: plan,
                market: MarketPlan(zones: plan.zones, intervals: intervals, timers: []),
                feed: feed, servers: servers)
        }

        func outcome(_ scenario: Scenario, batch: Int = 64, seed: UInt64 = 1) throws -> Outcome {
            var start = Scenario.Start()
            start.batch = batch
            start.seed = seed
            let summary = try scenario.run(start) { $0.bars = intervals }
            #expect(summary.end == "finished")
            checkHistory(try facts(start.log))
            return try Outcome(start.projections)
        }

        func paced(_ scenario: Scenario, speed: Double) throws -> Outcome {
            let start = Scenario.Start()
            let summary = try scenario.runPaced(start, speed: speed) { $0.bars = intervals }
            #expect(summary.end == "finished")
            return try Outcome(start.projections)
        }

    }

    /// Rows and messages of one to n, and each of the two strategies in the host or in a server.
    @Test(arguments: seeds(0..<16))
    func anotherChunkingAndAnotherPlace(_ seed: UInt64) throws {
        var random = SeededRandom(seed + 9_000)
        let minute = Minute(seed)
        let reference = try minute.outcome(minute.scenario())
        #expect(reference.bars.count >= 14)
        for served in [[false, false], [true, false], [false, true], [true, true]] {
            let batch = random.pick([1, 2, 7, 64, 300])
            let other = try minute.outcome(
                minute.scenario(served: served, cutBy: random.next()), batch: batch,
                seed: random.next() % 1_000)
            #expect(other.bars == reference.bars, "\(served), \(batch)")
            #expect(other.results == reference.results, "\(served), \(batch)")
            #expect(other.orders == reference.orders, "\(served), \(batch)")
            #expect(other.fills == reference.fills, "\(served), \(batch)")
        }
    }

    /// As fast as possible, and at paces at which rows come alone, a few and hundreds at a time.
    @Test(arguments: seeds(0..<16))
    func anotherSpeed(_ seed: UInt64) throws {
        var random = SeededRandom(seed + 19_000)
        let minute = Minute(seed)
        let reference = try minute.outcome(minute.scenario())
        for speed in [600, 6_000, 60_000, 1e15] {
            let other = try minute.paced(minute.scenario(cutBy: random.next()), speed: speed)
            #expect(other == reference, "\(speed)")
        }
    }

    /// What the seeds draw is worth its name: trades of one time, late ones, orders and fills.
    @Test func minutesHaveEverything() throws {
        var (late, ties, results, orders, fills) = (0, 0, 0, 0, 0)
        for seed in 0..<16 as Range<UInt64> {
            let minute = Minute(seed)
            let outcome = try minute.outcome(minute.scenario())
            late += minute.late
            ties += zip(minute.rows, minute.rows.dropFirst()).count { $0.time == $1.time }
            results += outcome.results.count
            orders += outcome.orders.count
            fills += outcome.fills.count
        }
        #expect(late > 100 && ties > 500 && results > 500 && orders > 100 && fills >= orders / 2)
    }
}
