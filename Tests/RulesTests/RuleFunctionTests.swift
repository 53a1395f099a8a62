import Indicators
import Rules
import TestKit
import Testing
import TradingModel

/// Indicators in rules are those of the table; days and times are the exchange's.
@Suite struct RuleFunctionTests {
    static let minute = Int64(60_000_000_000)

    static func candles(_ count: Int, _ seed: UInt64) throws -> [Candle] {
        var random = SeededRandom(seed)
        var close: Int64 = 500
        return try (0..<count).map { index in
            close = max(10, close + Int64.random(in: -4...4, using: &random))
            let (high, low) = (
                close + Int64.random(in: 0...4, using: &random),
                close - Int64.random(in: 0...4, using: &random)
            )
            func price(_ whole: Int64) -> Price { Price(units: whole * fixedPointScale) }
            return try .sample(
                open: price(close), high: price(high), low: price(low), close: price(close),
                volume: Volume(units: Int128.random(in: 1...900, using: &random) * 100_000_000),
                at: Int64(index))
        }
    }

    @Test(arguments: [
        ("vwap", "vwap", 0, "500"), ("vwap(20)", "vwap:20", 0, "500"), ("macd", "macd", 0, "0"),
        ("macd_signal(3, 8, 4)", "macd:3:8:4", 1, "0.5"), ("macd_histogram", "macd", 2, "0"),
        ("stochastic_k", "stochastic", 0, "60"),
        ("stochastic_d(5, 1, 2)", "stochastic:5:1:2", 1, "40"),
        ("adx", "adx", 0, "20"), ("adx_plus(7)", "adx:7", 1, "25"),
        ("adx_minus(7)", "adx:7", 2, "25"),
        ("cci", "cci", 0, "50"), ("bollinger_upper", "bollinger", 0, "505"),
        ("bollinger_lower(10, 1.5)", "bollinger:10:1.5", 2, "495"),
        ("keltner_upper", "keltner", 0, "505"), ("keltner_middle(9)", "keltner:9", 1, "500"),
        ("keltner_lower(9, 1, 4)", "keltner:9:1:4", 2, "495"), ("atr", "atr", 0, "5"),
        ("stddev(5)", "stddev:5", 0, "4"), ("obv", "obv", 0, "1000"), ("wma(5)", "wma:5", 0, "500"),
        ("bollinger_middle", "bollinger", 1, "500"), ("donchian_upper", "donchian", 0, "510"),
        ("donchian_middle", "donchian", 1, "500"), ("donchian_lower(3)", "donchian:3", 2, "495"),
        ("volume_average(9)", "volume_average:9", 0, "450"), ("highest(4)", "highest:4", 0, "505"),
        ("lowest(4)", "lowest:4", 0, "495"), ("rsi(5)", "rsi:5", 0, "50"),
        ("ema(5)", "ema:5", 0, "500"),
    ])
    func areThoseOfTheTable(_ text: String, _ asked: String, _ output: Int, _ bound: String) throws
    {
        var state = RuleState(try Rule.compile("\(text) > \(bound)"))
        var indicator = try IndicatorRequest(asked).make()
        let limit = try #require(Double(bound))
        var sides: Set<Bool> = []
        for candle in try Self.candles(900, 5) {
            indicator.push(Bar(candle))
            _ = state.onCandle(candle)
            let wanted = indicator.value(output).map { $0 > limit } ?? false
            #expect(state.isTrue == wanted)
            if indicator.value(output) != nil { sides.insert(wanted) }
        }
        #expect(sides.count == 2, "a bound that is never passed proves nothing")
    }

    @Test func everyFunctionIsCompiled() throws {
        for kind in IndicatorKind.all {
            for output in kind.outputs {
                let isLine = kind.name == "macd" && output == "line"
                let name = output.isEmpty || isLine ? kind.name : "\(kind.name)_\(output)"
                let length = kind.parameters.first?.defaultValue == nil && kind.parameters.count > 0
                let value = length ? "\(name)(5)" : name
                _ = try Rule.compile("\(value) > \(name == "roc" ? "5%" : "5")")
            }
        }
    }

    @Test func resistanceIsOfWhatWasBefore() throws {
        #expect(
            try RuleState.holds("price > resistance(2)", [3, 5, 4, 6, 6, 7])
                == [false, false, false, true, false, true])
        #expect(
            try RuleState.holds("price < support(2)", [3, 5, 2, 2, 1])
                == [false, false, true, false, true])
        #expect(try RuleState.holds("price > highest(2)", [3, 5, 4, 6]).allSatisfy { !$0 })
    }

    /// Ticks at (day, minute, price), in Seoul: the day changes at 15:00 UTC.
    static func holds(
        _ text: String, _ ticks: [(Int64, Int64, Int64)], _ hours: MarketHours = .always
    ) throws -> [Bool] {
        let zone = ZoneOffsets(fixed: .seconds(9 * 3_600))
        var state = RuleState(try Rule.compile(text), zone: zone, hours: hours)
        return ticks.map { day, minute, price in
            let second = (day * 1_440 + minute - 540) * 60
            _ = state.onTick(.sample(price, at: second))
            return state.isTrue
        }
    }

    @Test func changeOverDaysIsFromTheLastPriceOfADayBefore() throws {
        let ticks: [(Int64, Int64, Int64)] = [
            (1, 540, 200), (1, 930, 100), (2, 541, 96), (2, 600, 95), (2, 930, 80), (5, 540, 77),
            (5, 541, 76), (5, 542, 70),
        ]
        #expect(
            try Self.holds("change(1d) <= -5%", ticks)
                == [false, false, false, true, true, false, true, true])
        #expect(
            try Self.holds("change(2d) <= -25%", ticks)
                == [false, false, false, false, false, false, false, true])
    }

    /// 09:00 to 15:30, by the exchange's clock; day 3 is closed.
    static func krx() throws -> MarketHours {
        let session = try #require(
            MarketHours.Session(
                open: 9 * 3_600_000_000_000, close: 15 * 3_600_000_000_000 + 1_800_000_000_000))
        return MarketHours(session, oddDays: [MarketHours.OddDay(day: 3, session: nil)])
    }

    /// With hours a day's last price is its session's: what is printed before, after and on closed days is
    /// compared with it, and is no day's last price.
    @Test func changeOverDaysIsFromTheLastPriceInTheHours() throws {
        let ticks: [(Int64, Int64, Int64)] = [
            (1, 500, 10), (1, 540, 100), (1, 930, 200), (1, 1_000, 20), (2, 500, 190),
            (2, 540, 189), (2, 929, 100), (2, 1_100, 150), (3, 600, 96), (3, 700, 94), (4, 500, 95),
            (4, 541, 96), (4, 542, 95),
        ]
        let (yes, no) = (true, false)
        let hours = try Self.krx()
        #expect(
            try Self.holds("change(1d) <= -5%", ticks, hours)
                == [no, no, no, no, yes, yes, yes, yes, no, yes, yes, no, yes])
        #expect(
            try Self.holds("change(2d) <= -52%", ticks, hours)
                == [no, no, no, no, no, no, no, no, yes, yes, yes, yes, yes])
        // A day's candle is its session, though its midnight lies outside.
        let day = try #require(Interval("1d"))
        var state = RuleState(try Rule.compile("change(1d) > 0%"), every: .always, hours: hours)
        let spoken = (Int64(0)..<4).map { number in
            let price = Price(units: (number + 1) * fixedPointScale)
            return state.onCandle(
                Candle(
                    instrument: InstrumentID(0), interval: day,
                    openTime: Timestamp(nanoseconds: number * nanosecondsPerDay), open: price,
                    high: price, low: price, close: price, volume: Volume(units: 1)))
        }
        #expect(spoken == [false, true, true, true])
    }

    /// Against all history, with hours and without.
    @Test(arguments: seeds(0..<12))
    func changeOverDaysAgreesWithANaiveSearch(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let count = Int.random(in: 1...3, using: &random)
        let hours = seed % 3 == 0 ? .always : try Self.krx()
        var state = RuleState(try Rule.compile("change(\(count)d) > 0%"), hours: hours)
        // By day, of the events in the hours.
        var closes: [(day: Int64, price: Int64)] = []
        var minute: Int64 = 1_000
        var known = 0
        for _ in 0..<1_000 {
            minute += random.pick([1, 60, 200, 500, 3_000])
            let day = minute / 1_440
            let price = Int64.random(in: 1...9, using: &random)
            _ = state.onTick(.sample(price, at: minute * 60))
            let before = closes.filter { $0.day < day }
            let past = before.count >= count ? before[before.count - count].price : nil
            #expect(state.isTrue == past.map { price > $0 } ?? false)
            known += past == nil ? 0 : 1
            let clock = minute % 1_440
            guard hours.isAlways || (540...930).contains(clock) && day != 3 else { continue }
            if closes.last?.day == day { closes.removeLast() }
            closes.append((day, price))
        }
        #expect(known > 500)
    }

    @Test func changeOverTimeIsFromAPriceThatIsAsOld() throws {
        let ticks: [(Int64, Int64, Int64)] = [
            (1, 540, 100), (1, 541, 50), (1, 569, 200), (1, 571, 200), (1, 572, 74), (2, 540, 75),
        ]
        // 09:32 looks back past 09:01; the next morning at 09:32.
        #expect(
            try Self.holds("change(30m) > 1%", ticks)
                == [false, false, false, true, true, true])
        #expect(try Self.holds("change(30m) > 100%", ticks)[3] == false)
    }

    /// Against all history: the last price of a slice that ended so long ago.
    @Test(arguments: [Int64(1), 60, 90, 3_600])
    func changeOverTimeAgreesWithANaiveSearch(_ seconds: Int64) throws {
        var random = SeededRandom(UInt64(seconds))
        let text = seconds == 3_600 ? "1h" : "\(seconds)s"
        var state = RuleState(try Rule.compile("change(\(text)) > 0%"))
        let slice = max(1, seconds * 1_000_000_000 / 60)
        var history: [(time: Int64, price: Int64)] = []
        var time: Int64 = 1_000
        var known = 0
        for _ in 0..<3_000 {
            let step = [0, 1, slice / 2, slice, slice * 7, slice * 200].randomElement(
                using: &random)
            time += step ?? 0
            let price = Int64.random(in: 1...5, using: &random)
            history.append((time, price))
            _ = state.onTick(
                Tick(
                    instrument: InstrumentID(0), feedTime: Timestamp(nanoseconds: time),
                    price: Price(units: price), quantity: .zero))
            let bound = time / slice - 60
            let past = history.last { $0.time / slice < bound }?.price
            #expect(state.isTrue == past.map { price > $0 } ?? false)
            known += past == nil ? 0 : 1
        }
        #expect(known > 500)
    }

    @Test func timesOfTheDayAreHalfOpenAndLocal() throws {
        let ticks: [(Int64, Int64, Int64)] = [
            (1, 539, 9), (1, 540, 9), (1, 569, 9), (1, 570, 9), (2, 545, 9), (2, 1_439, 9),
            (3, 0, 9),
        ]
        #expect(
            try Self.holds("time in 09:00-09:30", ticks)
                == [false, true, true, false, true, false, false])
        #expect(
            try Self.holds("time in 23:00-00:01 and price > 5", ticks)
                == [false, false, false, false, false, true, true])
        #expect(
            try Self.holds("not time in 09:00-24:00", ticks)
                == [true, false, false, false, false, false, true])
        #expect(try Self.holds("time in 09:00-09:30 and price > sma(3)", ticks)[2] == false)
    }

    /// A candle lies where it opens: thirty of a minute lie in half an hour.
    @Test func candlesLieWhereTheyOpen() throws {
        var state = RuleState(try Rule.compile("time in 00:00-00:30"), every: .always)
        let said = try Self.candles(60, 1).filter { state.onCandle($0) }
        #expect(said.count == 30)
    }

    @Test func timeThatStepsBackNeitherTrapsNorForgets() throws {
        for text in ["change(1d) > -99%", "change(5s) > -99%", "time in 00:00-12:00"] {
            var state = RuleState(try Rule.compile(text))
            for time in [Int64.min, .max, 0, .min, .max, -1, 1] {
                _ = state.onTick(
                    Tick(
                        instrument: InstrumentID(0), feedTime: Timestamp(nanoseconds: time),
                        price: Price(units: 5), quantity: .zero))
            }
        }
    }
}
