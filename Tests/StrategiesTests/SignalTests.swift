import Foundation
import Strategies
import TestKit
import Testing
import TradingModel

/// The built-in strategies against plain formulas over all history, on the oracle's bars.
@Suite struct SignalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let kind: String
        let parameters: [String: String]
        let naive: @Sendable (NaiveSignals) -> [Action?]
        var testDescription: String { "\(kind) \(parameters)" }
    }

    static let cases = [
        Case(kind: "macd", parameters: [:]) { $0.macd(12, 26, 9) },
        Case(kind: "macd", parameters: ["fast": "3", "slow": "5", "signal": "2"]) {
            $0.macd(3, 5, 2)
        },
        Case(kind: "bollinger", parameters: [:]) { $0.bollinger(20, 2) },
        Case(kind: "bollinger", parameters: ["length": "7", "factor": "1.3"]) {
            $0.bollinger(7, 1.3)
        },
        Case(kind: "mean_reversion", parameters: [:]) { $0.meanReversion(20, 2, 0) },
        Case(kind: "mean_reversion", parameters: ["length": "50", "entry": "1.5", "exit": "0.7"]) {
            $0.meanReversion(50, 1.5, 0.7)
        },
        Case(kind: "breakout", parameters: [:]) { $0.breakout(20, 10, volumeFactor: 0) },
        Case(
            kind: "breakout", parameters: ["length": "5", "exit": "30", "volume_factor": "1.5"]
        ) { $0.breakout(5, 30, volumeFactor: 1.5) },
        Case(kind: "volume_surge", parameters: ["factor": "1.7"]) { $0.volumeSurge(20, 1.7, 0) },
        Case(kind: "volume_surge", parameters: ["length": "5", "factor": "1.2", "move": "0.25"]) {
            $0.volumeSurge(5, 1.2, 0.25)
        },
        Case(kind: "trend_dip", parameters: [:]) { $0.trendDip(20, 60, 14, 30, 70) },
        Case(
            kind: "trend_dip",
            parameters: ["fast": "3", "slow": "40", "length": "5", "low": "45", "high": "60"]
        ) { $0.trendDip(3, 40, 5, 45, 60) },
    ]

    @Test(arguments: cases)
    func saysWhatItsDescriptionSays(_ one: Case) throws {
        let builtIn = try BuiltInStrategy.named(one.kind)
        let warmUp = try builtIn.warmUp(parameters: one.parameters)
        var (buys, sells) = (0, 0)
        for (symbol, candles) in try Bars.candles() {
            let wanted = one.naive(NaiveSignals(candles))
            var strategy = try builtIn.make(parameters: one.parameters)
            for (index, candle) in candles.enumerated() {
                let said = strategy.onCandle(candle)?.action
                #expect(said == wanted[index], "\(symbol) at \(index)")
                #expect(said == nil || index >= warmUp)
                buys += said == .buy ? 1 : 0
                sells += said == .sell ? 1 : 0
            }
        }
        #expect(buys > 0 && sells > 0, "a case that never speaks proves nothing")
    }

    /// A tick is a candle of one trade.
    @Test(arguments: BuiltInStrategy.all.map(\.name))
    func ticksAndCandlesOfOneTradeSayTheSame(_ name: String) throws {
        let builtIn = try BuiltInStrategy.named(name)
        // Volumes of the oracle never reach three times their mean.
        var onTicks = try builtIn.make(parameters: name == "volume_surge" ? ["factor": "1.5"] : [:])
        var onCandles = onTicks
        var said = 0
        for candle in try Bars.candles()[0].candles {
            let units = Int64(clamping: candle.volume.units)
            var one = candle
            (one.open, one.high, one.low) = (candle.close, candle.close, candle.close)
            let tick = Tick(
                instrument: candle.instrument, feedTime: candle.openTime, price: candle.close,
                quantity: Quantity(units: units))
            let (a, b) = (onTicks.onTick(tick), onCandles.onCandle(one))
            #expect(a == b)
            said += a == nil ? 0 : 1
        }
        #expect(said > 0)
    }

    @Test(arguments: BuiltInStrategy.all.map(\.name))
    func extremesNeverTrapAndHashesFollowTheState(_ name: String) throws {
        var random = SeededRandom(9)
        let ends: [Int64] = [.max, .min, 0, 1, -1, .max / 2, .min / 2]
        let volumes: [Int128] = [0, 1, .max, .min, 1 << 80]
        let minute = try #require(Interval("1m"))
        func candle() -> Candle {
            func price() -> Price { Price(units: ends.randomElement(using: &random) ?? 0) }
            return Candle(
                instrument: InstrumentID(0), interval: minute, openTime: .zero, open: price(),
                high: price(), low: price(), close: price(),
                volume: Volume(units: volumes.randomElement(using: &random) ?? 0))
        }
        let candles = (0..<700).map { _ in candle() }
        func run(_ count: Int) throws -> UInt64 {
            var strategy = try BuiltInStrategy.named(name).make(parameters: [:])
            for candle in candles.prefix(count) { _ = strategy.onCandle(candle) }
            var hasher = StateHasher()
            strategy.hash(into: &hasher)
            return hasher.value
        }
        #expect(try run(700) == run(700))
        #expect(try run(700) != run(699) || run(698) != run(699))
    }

    /// `docs/BUILT-IN.md` says of each strategy what the host says.
    @Test(arguments: BuiltInStrategy.all.map(\.name))
    func documentSaysWhatTheTableSays(_ name: String) throws {
        let strategy = try BuiltInStrategy.named(name)
        let section = try Self.section(strategy)
        #expect(try Self.document().contains(section), "missing, or another:\n\(section)")
    }

    @Test func documentHasNothingElse() throws {
        let headings = try Self.document().split(separator: "\n").filter { $0.hasPrefix("## ") }
        #expect(
            headings.map { String($0.dropFirst(3)) } == BuiltInStrategy.all.map { "`\($0.name)`" })
    }

    static func document() throws -> String {
        let root = Bars.folder.deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/BUILT-IN.md"), encoding: .utf8)
    }

    static func section(_ strategy: BuiltInStrategy) throws -> String {
        let warmUp = try strategy.warmUp(parameters: [:])
        var lines = ["## `\(strategy.name)`", "", "\(strategy.summary).", ""]
        lines.append("| parameter | default | allowed | meaning |")
        lines.append("| --- | --- | --- | --- |")
        for parameter in strategy.parameters {
            let text = StrategyParameter.text
            lines.append(
                "| `\(parameter.name)` | \(text(parameter.defaultValue)) | \(parameter.kind.rawValue), "
                    + "\(text(parameter.minimum)) to \(text(parameter.maximum)) | \(parameter.help) |"
            )
        }
        lines += [
            "", "With the defaults the event at index \(warmUp) is the first that can signal.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
