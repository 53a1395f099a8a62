import Indicators
import TestKit
import Testing
import TradingModel

/// What holds for every indicator of the table.
@Suite struct IndicatorPropertyTests {
    static let requests: [String] = TALibTests.requests.flatMap { $0 }

    /// Ends of the range beside each other, high below low, no volume and absurd volume.
    static func extremes(_ seed: UInt64, count: Int) -> [Bar] {
        var random = SeededRandom(seed)
        let ends: [Int64] = [.max, .min, 0, 1, -1, .max / 2, .min / 2, .max - 1, .min + 1]
        let volumes: [Int128] = [0, .max, .min, 1, 1 << 70]
        func price() -> Price { Price(units: ends.randomElement(using: &random) ?? 0) }
        return (0..<count).map { index in
            Bar(
                open: price(), high: price(), low: price(), close: price(),
                volume: Volume(units: volumes.randomElement(using: &random) ?? 0),
                day: Int64(index / 100))
        }
    }

    static func hash(_ indicator: any Indicator) -> UInt64 {
        StateHasher.of { indicator.hash(into: &$0) }
    }

    @Test(arguments: requests)
    func extremesNeitherTrapNorGiveNonsense(_ text: String) throws {
        let request = try IndicatorRequest(text)
        var indicator = request.make()
        for (index, bar) in Self.extremes(11, count: 1_200).enumerated() {
            indicator.push(bar)
            for output in request.kind.outputs.indices {
                guard let value = indicator.value(output) else { continue }
                #expect(value.isFinite && index >= request.firstIndex, "\(text) at \(index)")
            }
        }
    }

    @Test(arguments: requests)
    func firstValueStandsWhereTheTableSaysForAllOutputs(_ text: String) throws {
        let request = try IndicatorRequest(text)
        var indicator = request.make()
        for (index, bar) in Bars.walk(seed: 8, count: 700, tick: 1, start: 900, step: 3).bars
            .enumerated()
        {
            indicator.push(bar)
            for output in request.kind.outputs.indices {
                #expect((indicator.value(output) != nil) == (index >= request.firstIndex))
            }
        }
    }

    /// What came out cannot depend on what comes later: no bar of the future is looked at.
    @Test(arguments: requests)
    func equalPastsGiveEqualValuesAndHashes(_ text: String) throws {
        let request = try IndicatorRequest(text)
        let past = Bars.walk(seed: 5, count: 600, tick: 1, start: 900, step: 3).bars
        func run() -> ([[Double?]], UInt64) {
            var indicator = request.make()
            let values = past.map { bar in
                indicator.push(bar)
                return request.kind.outputs.indices.map { indicator.value($0) }
            }
            return (values, Self.hash(indicator))
        }
        let (a, b) = (run(), run())
        #expect(a.0 == b.0)
        #expect(a.1 == b.1)
    }

    /// Of bars no two of which are alike: another state is another hash.
    @Test(arguments: requests)
    func hashFollowsTheState(_ text: String) throws {
        let request = try IndicatorRequest(text)
        var indicator = request.make()
        var seen: Set<UInt64> = [Self.hash(indicator)]
        let bars = Bars.walk(seed: 6, count: 40, tick: 1, start: 900_000, step: 9_000).bars
        for bar in bars {
            indicator.push(bar)
            seen.insert(Self.hash(indicator))
        }
        #expect(seen.count == bars.count + 1)
    }

    /// A window forgets: after its length nothing of what was before is left, to the last bit.
    @Test(arguments: [
        "sma:60", "wma:60", "highest:60", "lowest:60", "bollinger:60", "stddev:60", "donchian:60",
        "cci:60", "roc:59", "volume_average:60", "vwap:60",
    ])
    func windowsForgetWithoutATrace(_ text: String) throws {
        let request = try IndicatorRequest(text)
        var (long, short) = (request.make(), request.make())
        for bar in Self.extremes(3, count: 500) { long.push(bar) }
        let bars = Bars.walk(seed: 7, count: 60, tick: 0.01, start: 90, step: 3).bars
        for bar in bars {
            long.push(bar)
            short.push(bar)
        }
        for output in request.kind.outputs.indices {
            #expect(long.value(output) == short.value(output))
            #expect(long.value(output) != nil)
        }
    }

    @Test func equalPricesHaveNoDeviationWhateverWentBefore() throws {
        for close in [Int64.max, .min, 7, 7_200_000_000_001] {
            var deviation = StandardDeviation(length: 20)
            for bar in Self.extremes(4, count: 100) { deviation.push(bar.close) }
            for _ in 0..<20 { deviation.push(Price(units: close)) }
            #expect(deviation.value == 0)
            #expect(deviation.score(of: Price(units: close)) == nil)
        }
    }

    @Test func vwapOfTheDayBeginsAnewWithIt() throws {
        var vwap = VWAP()
        func bar(_ price: Int64, _ volume: Int128, _ day: Int64) throws -> Bar {
            let price = try #require(Price(whole: price))
            return Bar(
                open: price, high: price, low: price, close: price,
                volume: Volume(units: volume * Int128(fixedPointScale)), day: day)
        }
        vwap.push(try bar(10, 0, 1))
        #expect(vwap.value == nil)
        vwap.push(try bar(10, 1, 1))
        vwap.push(try bar(20, 3, 1))
        #expect(vwap.value == 17.5)
        vwap.push(try bar(30, 2, 2))
        #expect(vwap.value == 30)
    }
}

@Suite struct RollingExtremeTests {
    @Test(arguments: [RollingExtreme.Side.highest, .lowest], [1, 2, 3, 20, 64, 512])
    func isThatOfTheLastPrices(_ side: RollingExtreme.Side, _ length: Int) {
        var random = SeededRandom(UInt64(length))
        var values: [Int64] = []
        var window = RollingExtreme(side, length: length)
        for index in 0..<2_000 {
            // Ties, runs up and down, and both ends of the range.
            let value: Int64 =
                switch index / 300 {
                case 0: Int64(index)
                case 1: -Int64(index)
                case 2: [.max, .min, 0].randomElement(using: &random) ?? 0
                default: Int64.random(in: -3...3, using: &random)
                }
            values.append(value)
            window.push(Price(units: value))
            let last = values.suffix(length)
            let wanted = side == .highest ? last.max() : last.min()
            #expect(window.units == wanted)
            #expect((window.price != nil) == (index >= length - 1))
        }
    }
}
