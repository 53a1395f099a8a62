import Foundation
import Indicators
import Testing
import TradingModel

/// One indicator behind one face, so that the same checks run over all of them.
struct Probe: Sendable, CustomTestStringConvertible {
    let column: String
    let make: @Sendable () -> (Price) -> Double?
    var testDescription: String { column }

    static func sma(_ length: Int) -> Probe {
        Probe(column: "sma\(length)") {
            var sma = SMA(length: length)
            return {
                sma.push($0)
                return sma.value
            }
        }
    }
    static func ema(_ length: Int) -> Probe {
        Probe(column: "ema\(length)") {
            var ema = EMA(length: length)
            return {
                ema.push($0)
                return ema.value
            }
        }
    }
    static func rsi(_ length: Int) -> Probe {
        Probe(column: "rsi\(length)") {
            var rsi = RSI(length: length)
            return {
                rsi.push($0)
                return rsi.value
            }
        }
    }
    static let all: [Probe] = [.sma(20), .sma(60), .ema(12), .ema(26), .rsi(14)]
}

@Suite struct GoldenTests {
    @Test(arguments: Probe.all)
    func matchesAtEveryIndexAndHasNothingBefore(_ probe: Probe) throws {
        let golden = try Oracle.golden()
        let closes = try #require(golden["close"])
        let expected = try #require(golden[probe.column])
        let push = probe.make()
        var compared = 0
        for index in closes.indices {
            let close = try #require(closes[index])
            let value = push(try #require(Price(whole: Int64(close))))
            guard let wanted = expected[index] else {
                #expect(value == nil, "index \(index) has no value yet")
                continue
            }
            let got = try #require(value, "index \(index) must have a value")
            #expect(Oracle.agrees(got, wanted), "index \(index): \(got), not \(wanted)")
            compared += 1
        }
        #expect(closes.count == 200)
        #expect(
            compared == 200 - (try Conventions.load().first_index_with_value[probe.column] ?? -1))
    }

    @Test(arguments: Probe.all)
    func flatInputGivesTheStatedValue(_ probe: Probe) throws {
        let wanted = try #require(try Conventions.load().flat_input[probe.column])
        let first = try #require(try Conventions.load().first_index_with_value[probe.column])
        let push = probe.make()
        let price = try #require(Price(whole: 100))
        for index in 0..<300 { #expect(push(price) == (index < first ? nil : wanted)) }
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
