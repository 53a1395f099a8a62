import Indicators
import TestKit
import Testing
import TradingModel

/// Indicators against plain formulas over all data, with ties and every length class.
@Suite struct AverageTests {
    /// A walk on a coarse ladder: many unchanged prices, many equal means.
    static func walk(_ seed: UInt64, count: Int) -> [Int64] {
        var random = SeededRandom(seed)
        var price: Int64 = 500
        return (0..<count).map { _ in
            price = max(1, price + Int64.random(in: -1...1, using: &random))
            return price
        }
    }
    static func prices(_ walk: [Int64]) -> [Price] {
        walk.map { Price(units: $0 * fixedPointScale) }
    }

    @Test(arguments: [1, 2, 12, 64, 65, 200, 512])
    func emaEqualsItsFormula(_ length: Int) {
        let walk = Self.walk(UInt64(length), count: 1_500)
        var ema = EMA(length: length)
        var reference = 0.0
        for (index, price) in Self.prices(walk).enumerated() {
            ema.push(price)
            if index == length - 1 {
                reference = walk[...index].reduce(0.0) { $0 + Double($1) } / Double(length)
            } else if index >= length {
                reference += 2 / Double(length + 1) * (Double(walk[index]) - reference)
            }
            #expect(ema.value == (index < length - 1 ? nil : reference))
        }
    }

    @Test(arguments: [2, 14, 64, 65, 500])
    func rsiEqualsItsFormula(_ length: Int) throws {
        let walk = Self.walk(UInt64(length) + 7, count: 1_500)
        var rsi = RSI(length: length)
        var (gain, loss) = (0.0, 0.0)
        let n = Double(length)
        for (index, price) in Self.prices(walk).enumerated() {
            rsi.push(price)
            if index == length {
                let changes = (1...length).map { Double(walk[$0] - walk[$0 - 1]) }
                gain = changes.reduce(0) { $0 + max($1, 0) } / n
                loss = changes.reduce(0) { $0 + max(-$1, 0) } / n
            } else if index > length {
                let change = Double(walk[index] - walk[index - 1])
                gain = (gain * (n - 1) + max(change, 0)) / n
                loss = (loss * (n - 1) + max(-change, 0)) / n
            }
            guard index >= length else {
                #expect(rsi.value == nil)
                continue
            }
            let wanted = gain + loss == 0 ? 0 : 100 * gain / (gain + loss)
            #expect(Oracle.agrees(try #require(rsi.value), wanted))
        }
    }

    @Test(arguments: [(Int64(1), 100.0), (-1, 0)])
    func rsiOfOneDirectionIsAnEnd(_ step: Int64, _ wanted: Double) {
        var rsi = RSI(length: 14)
        for index in 0..<50 { rsi.push(Price(units: 1_000_000 + Int64(index) * step)) }
        #expect(rsi.value == wanted)
    }

    @Test func rsiOfExtremesStaysInItsRange() throws {
        var random = SeededRandom(3)
        var rsi = RSI(length: 14)
        for index in 0..<500 {
            let extremes: [Int64] = [.max, .min, 0, .max / 2, .min / 2]
            rsi.push(Price(units: extremes.randomElement(using: &random) ?? 0))
            guard index >= 14 else { continue }
            #expect((0...100).contains(try #require(rsi.value)))
        }
    }

    @Test func smaOfExtremesIsItsMean() throws {
        var sma = SMA(length: 512)
        for _ in 0..<512 { sma.push(Price(units: .max / 2)) }
        let wanted = Double(Int64.max / 2) / Double(fixedPointScale)
        #expect(Oracle.agrees(try #require(sma.value), wanted))
    }

    @Test func hashesTellStatesApart() {
        var hashes: Set<UInt64> = []
        for count in 0..<40 {
            var (sma, ema, rsi) = (SMA(length: 5), EMA(length: 5), RSI(length: 5))
            for price in Self.prices(Self.walk(1, count: count)) {
                sma.push(price)
                ema.push(price)
                rsi.push(price)
            }
            hashes.insert(StateHasher.of { sma.hash(into: &$0) })
            hashes.insert(StateHasher.of { ema.hash(into: &$0) })
            hashes.insert(StateHasher.of { rsi.hash(into: &$0) })
        }
        #expect(hashes.count == 120)
    }
}

@Suite struct CrossingTests {
    @Test(
        arguments: [
            ([-1, 1], [nil, .up]), ([1, -1], [nil, .down]), ([0, 1], [nil, .up]),
            ([0, -1], [nil, .down]),
            ([1, 0, 1], [nil, nil, .up]), ([-1, 0, -1], [nil, nil, .down]), ([1], [nil]),
            ([-1], [nil]),
            ([1, 1, 0, 0, -1], [nil, nil, nil, nil, .down]),
        ] as [([Int], [Crossing.Direction?])])
    func tieBelongsToNoSide(_ signs: [Int], _ wanted: [Crossing.Direction?]) {
        var crossing = Crossing()
        #expect(signs.map { crossing.push($0) } == wanted)
    }
}
