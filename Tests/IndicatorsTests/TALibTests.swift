import Foundation
import Indicators
import TestKit
import Testing
import TradingModel

/// Every indicator of the table against TA-Lib on random bars.
@Suite struct TALibTests {
    /// Short, usual and long; each kind at least once with its defaults.
    static let requests = [
        ["sma:2", "ema:3", "wma:2", "vwap:1", "highest:2", "lowest:2", "rsi:2", "macd:2:3:2"],
        ["stochastic:5:1:3", "stochastic:1:2:3", "stochastic:14:3:3", "stochastic:20:5:2"],
        ["adx:2", "adx:14", "adx:50", "cci:2", "cci:20", "cci:100", "roc:1", "roc:10"],
        ["bollinger:2:1.5", "bollinger:20:2", "bollinger:200:3", "stddev:2", "stddev:20"],
        ["donchian:2", "donchian:20", "donchian:300", "keltner:20:2:10", "keltner:5:1.25:30"],
        ["atr:1", "atr:14", "obv", "volume_average:20", "volume_average:1", "vwap:0", "vwap:20"],
        ["sma:200", "ema:200", "wma:30", "wma:512", "highest:64", "lowest:512", "rsi:14"],
        ["macd:12:26:9", "macd:5:35:5", "roc:200", "rsi:100", "stddev:512"],
    ]

    static let random: [Bars] = [
        .walk(seed: 1, count: 1_500, tick: 100, start: 72_000, step: 3),  // a coarse ladder: ties
        .walk(seed: 2, count: 1_500, tick: 1, start: 5_000, step: 40),
        // Parts of two: TA-Lib's doubles are exact there, so that it sees the same ties.
        .walk(seed: 3, count: 700, tick: 0.25, start: 300, step: 5),
        .walk(seed: 4, count: 700, tick: 0.0078125, start: 0.5, step: 9),
    ]

    @Test(arguments: requests, random)
    func agreesAtEveryIndex(_ asked: [String], _ bars: Bars) throws {
        let reference = try Self.reference(asked, bars)
        var column = 0
        for text in asked {
            let request = try IndicatorRequest(text)
            var indicator = request.make()
            var wrong: [String] = []
            for (index, bar) in bars.bars.enumerated() {
                indicator.push(bar)
                for output in request.kind.outputs.indices {
                    let wanted = reference[index][column + output]
                    let got = indicator.value(output)
                    if got == nil, wanted == nil, index < request.firstIndex { continue }
                    if let got, let wanted, index >= request.firstIndex,
                        Oracle.agrees(got, wanted)
                    {
                        continue
                    }
                    wrong.append("\(text)[\(index)].\(output): \(got ?? .nan), \(wanted ?? .nan)")
                }
            }
            #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(3))")
            column += request.kind.outputs.count
        }
        #expect(reference.first?.count == column)
    }

    @Test func everyKindIsAsked() {
        let asked = Set(Self.requests.joined().compactMap { $0.split(separator: ":").first })
        #expect(asked == Set(IndicatorKind.all.map { Substring($0.name) }))
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    static func reference(_ asked: [String], _ bars: Bars) throws -> [[Double?]] {
        let command = try Python.command(
            "Tests/IndicatorsTests/Reference/talib_reference.py", asked)
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        process.standardError = errors
        do { try process.run() } catch {
            throw Failure(
                description: "\(command[0]) cannot be run: make setup makes .venv (\(error))")
        }
        // What it prints fits no pipe: it is read beside the writing.
        let writer = Thread {
            try? input.fileHandleForWriting.write(contentsOf: Data(bars.csv.utf8))
            try? input.fileHandleForWriting.close()
        }
        writer.start()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let words = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "no answer of TA-Lib: make setup installs it\n"
                    + String(decoding: words.suffix(2_000), as: UTF8.self))
        }
        let rows = String(decoding: text, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        }
        guard rows.count == bars.bars.count else {
            throw Failure(description: "\(rows.count) rows for \(bars.bars.count) bars")
        }
        return rows
    }
}

/// Random bars on a price ladder.
struct Bars: Sendable, CustomTestStringConvertible {
    let bars: [Bar]
    let testDescription: String

    static func walk(
        seed: UInt64, count: Int, tick: Double, start: Double, step: Int64
    ) -> Bars {
        var random = SeededRandom(seed)
        let unit = Int64((tick * Double(fixedPointScale)).rounded())
        var close = Int64((start / tick).rounded())
        let bars = (0..<count).map { _ in
            let open = max(1, close + Int64.random(in: -1...1, using: &random))
            close = max(1, open + Int64.random(in: -step...step, using: &random))
            let high = max(open, close) + Int64.random(in: 0...step, using: &random)
            let low = max(1, min(open, close) - Int64.random(in: 0...step, using: &random))
            let volume = Int64.random(in: 1...50_000, using: &random)
            return Bar(
                open: Price(units: open * unit), high: Price(units: high * unit),
                low: Price(units: low * unit), close: Price(units: close * unit),
                volume: Volume(units: Int128(volume) * Int128(fixedPointScale)))
        }
        return Bars(bars: bars, testDescription: "seed \(seed)")
    }

    var csv: String {
        bars.reduce(into: "open,high,low,close,volume\n") { text, bar in
            let prices = [bar.open, bar.high, bar.low, bar.close].map(\.description)
            text += (prices + [bar.volume.description]).joined(separator: ",") + "\n"
        }
    }
}
