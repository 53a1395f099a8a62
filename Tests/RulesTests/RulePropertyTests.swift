import Rules
import TestKit
import Testing
import TradingModel

/// Random rules over random candles, against an interpreter that knows no increments.
@Suite struct RulePropertyTests {
    static let lengths = [1, 2, 3, 4, 6, 7]

    static func number(_ random: inout SeededRandom) -> (Exact, String) {
        let whole = Int128.random(in: 0...9, using: &random)
        guard Bool.random(using: &random) else { return (Exact(whole), "\(whole)") }
        let hundredths = Int128.random(in: 0...99, using: &random)
        return (
            Exact(whole * 100 + hundredths, 100),
            "\(whole).\(hundredths < 10 ? "0" : "")\(hundredths)"
        )
    }

    static func expression(_ unit: Int, _ depth: Int, _ random: inout SeededRandom) -> Expression {
        if depth > 0, Int.random(in: 0..<2, using: &random) == 0 {
            let (factor, text) = number(&random)
            if Bool.random(using: &random) {
                return .scaled(
                    factor, text, expression(unit, depth - 1, &random),
                    numberFirst: Bool.random(using: &random))
            }
            return .sum(
                expression(unit, depth - 1, &random), expression(unit, depth - 1, &random),
                minus: Bool.random(using: &random))
        }
        let length = lengths.randomElement(using: &random) ?? 1
        let isNumber = Int.random(in: 0..<4, using: &random) == 0
        let (value, text) = number(&random)
        switch unit {
        case 0:
            if isNumber { return .number(value, text) }
            let fields = ["price", "close", "open", "high", "low"]
            let functions = [
                "sma", "sma", "sma", "ema", "wma", "highest", "lowest", "resistance", "support",
                "donchian_middle",
            ]
            let name = (fields + functions).randomElement(using: &random) ?? "price"
            return functions.contains(name) ? .function(name, length) : .field(name)
        case 1:
            if isNumber { return .number(value, text) }
            return Bool.random(using: &random) ? .field("volume") : .function("vsma", length)
        case 2:
            if isNumber { return .number(value, text) }
            return .function("rsi", max(2, length))
        default:
            if isNumber { return .number(value * Exact(1, 100), text + "%") }
            return .function("change", length)
        }
    }

    static func condition(_ depth: Int, _ random: inout SeededRandom) -> Condition {
        if depth > 0 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: return .not(condition(depth - 1, &random))
            case 1, 2:
                return .join(
                    condition(depth - 1, &random), Bool.random(using: &random) ? "and" : "or",
                    condition(depth - 1, &random))
            default: break
            }
        }
        let unit = [0, 0, 0, 1, 2, 3].randomElement(using: &random) ?? 0
        let (a, b) = (expression(unit, 2, &random), expression(unit, 2, &random))
        if Int.random(in: 0..<4, using: &random) == 0 {
            return .cross(Bool.random(using: &random) ? "cross_above" : "cross_below", a, b)
        }
        return .compare(a, [">", ">=", "<", "<=", "=="].randomElement(using: &random) ?? ">", b)
    }

    /// Few different prices, so that ties, crossings and changes from zero are common.
    static func history(_ count: Int, _ random: inout SeededRandom) -> History {
        var history = History()
        for _ in 0..<count {
            let four = (0..<4).map { _ in Int128.random(in: 0...9, using: &random) }
            history.open.append(four[0])
            history.high.append(four[1])
            history.low.append(four[2])
            history.close.append(four[3])
            history.volume.append(Int128.random(in: 0...20, using: &random))
        }
        return history
    }

    static func candle(_ history: History, _ i: Int) throws -> Candle {
        let scale = Int128(fixedPointScale)
        func price(_ value: Int128) -> Price { Price(units: Int64(value * scale)) }
        return try .sample(
            open: price(history.open[i]), high: price(history.high[i]),
            low: price(history.low[i]),
            close: price(history.close[i]), volume: Volume(units: history.volume[i] * scale))
    }

    @Test(arguments: seeds(0..<8))
    func agreesWithANaiveInterpreter(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        var (compiled, held, notHeld, refused) = (0, 0, 0, 0)
        // Outcomes that are known although a part is not, and the other way.
        var (early, unknown) = (0, 0)
        while compiled < 150 {
            let condition = Self.condition(3, &random)
            let rule: CompiledRule
            do {
                rule = try Rule.compile(condition.text)
            } catch {
                #expect(error.what.contains("always the same"), "\(condition.text): \(error)")
                refused += 1
                continue
            }
            guard !condition.cancels else { continue }
            #expect(rule.warmUp == condition.warmUp, "\(condition.text)")
            compiled += 1
            var state = RuleState(rule)
            let history = Self.history(40, &random)
            // At the event before; `nil` where rounding decided.
            var before: Truth? = .unknown
            for i in 0..<40 {
                let speaks = state.onCandle(try Self.candle(history, i))
                let truth = condition.truth(history, i)
                defer { before = truth }
                guard let truth else { continue }
                #expect(state.isTrue == (truth == .yes), "\(condition.text) at \(i)")
                switch truth {
                case .yes: held += 1
                case .no: notHeld += 1
                case .unknown: unknown += 1
                }
                if truth == .yes {
                    #expect(i >= rule.mayHoldFrom, "\(condition.text) at \(i)")
                    if i < rule.warmUp { early += 1 }
                }
                // What was not known counts as not true: becoming true is told.
                guard let before else { continue }
                #expect(
                    speaks == (truth == .yes && before != .yes), "\(condition.text) at \(i)")
            }
        }
        #expect(held > 500 && notHeld > 500 && unknown > 100 && early > 20)
        #expect(refused < 600)
    }

    /// Whatever is read may be evaluated with any prices; whatever is not gets a column in the
    /// text.
    @Test(arguments: seeds(0..<4))
    func damagedTextsAndExtremePricesNeverTrap(_ seed: UInt64) throws {
        var random = SeededRandom(1_000 + seed)
        let pieces = [
            "price", "sma(", "sma(volume,", "512)", "rsi(14)", "ema(3)", "change(2)",
            "cross_above(", ",",
            "(", ")", "not ", "and ", " or ", ">", ">=", "==", "<", "*", "+", "-", "%", "5",
            "0.00000001",
            "999999999999999", "_", ".", " ", "가", "\u{0}", "\u{1F1F0}", "é", "=", "!", "\n",
        ]
        let extremes: [Int64] = [.max, .min, .max / 2, .min / 2, 0, 1, -1]
        var compiled = 0
        for _ in 0..<4_000 {
            var text = Array(Self.condition(2, &random).text)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let at = Int.random(in: 0...text.count, using: &random)
                if Bool.random(using: &random), at < text.count {
                    text.remove(at: at)
                } else {
                    text.insert(contentsOf: pieces.randomElement(using: &random) ?? "", at: at)
                }
            }
            do {
                let rule = try Rule.compile(String(text))
                compiled += 1
                var state = RuleState(rule, every: .always)
                for _ in 0..<20 {
                    let four = (0..<4).map { _ in
                        Price(units: extremes.randomElement(using: &random) ?? 0)
                    }
                    let volume = Volume(units: Bool.random(using: &random) ? .max : .min)
                    _ = state.onCandle(
                        try .sample(
                            open: four[0], high: four[1], low: four[2], close: four[3],
                            volume: volume))
                }
            } catch let error as RuleError {
                #expect(
                    (1...max(1, text.count + 1)).contains(error.column), "\(String(text)): \(error)"
                )
            }
        }
        #expect(compiled > 500)
    }

    @Test func noiseNeverTraps() {
        var random = SeededRandom(77)
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(throws: RuleError.self) {
                try Rule.compile(String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
