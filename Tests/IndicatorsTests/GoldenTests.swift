import Foundation
import Indicators
import Testing
import TradingModel

/// A column of the oracle, and what to ask for to get it.
struct Probe: Sendable, CustomTestStringConvertible {
    let column: String
    let request: String
    let output: Int
    var testDescription: String { column }

    init(_ column: String, _ request: String, _ output: Int = 0) {
        self.column = column
        self.request = request
        self.output = output
    }

    static let all: [Probe] = [
        Probe("sma20", "sma:20"), Probe("sma60", "sma:60"), Probe("ema12", "ema:12"),
        Probe("ema26", "ema:26"), Probe("rsi14", "rsi:14"), Probe("macd", "macd", 0),
        Probe("macd_signal", "macd:12:26", 1), Probe("macd_hist", "macd:12:26:9", 2),
        Probe("bb_upper", "bollinger", 0), Probe("bb_middle", "bollinger:20", 1),
        Probe("bb_lower", "bollinger:20:2", 2), Probe("atr14", "atr"),
        Probe("stoch_k", "stochastic", 0), Probe("stoch_d", "stochastic:14:3:3", 1),
        Probe("stochf_k", "stochastic:14:1:3", 0), Probe("stochf_d", "stochastic:14:1", 1),
    ]

    /// The indicator as a function of bars.
    func make() throws -> (Bar) -> Double? {
        var indicator = try IndicatorRequest(request).make()
        let output = output
        return {
            indicator.push($0)
            return indicator.value(output)
        }
    }
}

@Suite struct GoldenTests {
    @Test(arguments: Probe.all)
    func matchesAtEveryIndexAndHasNothingBefore(_ probe: Probe) throws {
        let golden = try Oracle.golden()
        let bars = try Oracle.bars(golden)
        let expected = try #require(golden[probe.column])
        let push = try probe.make()
        var compared = 0
        for index in bars.indices {
            let value = push(bars[index])
            guard let wanted = expected[index] else {
                #expect(value == nil, "index \(index) has no value yet")
                continue
            }
            let got = try #require(value, "index \(index) must have a value")
            #expect(Oracle.agrees(got, wanted), "index \(index): \(got), not \(wanted)")
            compared += 1
        }
        #expect(bars.count == 200)
        #expect(
            compared == 200 - (try Conventions.load().first_index_with_value[probe.column] ?? -1))
    }

    @Test(arguments: Probe.all)
    func flatInputGivesTheStatedValue(_ probe: Probe) throws {
        let wanted = try #require(try Conventions.load().flat_input[probe.column])
        let first = try #require(try Conventions.load().first_index_with_value[probe.column])
        let push = try probe.make()
        #expect(try IndicatorRequest(probe.request).firstIndex == first)
        let price = try #require(Price(whole: 100))
        let bar = Bar(
            open: price, high: price, low: price, close: price, volume: Volume(units: 1))
        for index in 0..<300 { #expect(push(bar) == (index < first ? nil : wanted)) }
    }

    @Test func everyColumnOfTheOracleIsProbed() throws {
        let bars: Set = ["i", "open", "high", "low", "close", "volume"]
        let columns = Set(try Oracle.golden().keys).subtracting(bars)
        #expect(Set(Probe.all.map(\.column)) == columns)
        #expect(Set(try Conventions.load().first_index_with_value.keys) == columns)
    }
}

/// The parts of `conventions.json` that are checked.
struct Conventions: Decodable {
    let first_index_with_value: [String: Int]
    let flat_input: [String: Double]
    static func load() throws -> Conventions {
        let data = try Data(contentsOf: Oracle.folder.appending(path: "conventions.json"))
        return try JSONDecoder().decode(Conventions.self, from: data)
    }
}
