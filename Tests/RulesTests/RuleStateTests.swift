import Rules
import Testing
import TradingModel

@Suite struct RuleStateTests {
    @Test(arguments: [
        (RuleRepeat.once, [1]), (.crossing, [1, 5]), (.always, [1, 2, 5, 6]),
    ])
    func modesOfSpeaking(_ every: RuleRepeat, _ wanted: [Int]) throws {
        let prices: [Int64] = [5, 6, 7, 5, 5, 6, 8, 5]
        #expect(try RuleState.speaks("price > 5", prices, every: every) == wanted)
    }

    @Test func beingTrueAtTheFirstOutcomeCounts() throws {
        #expect(try RuleState.speaks("price > 5", [6, 6, 5, 6]) == [0, 3])
        #expect(try RuleState.speaks("price > sma(2)", [1, 2, 3, 3, 4]) == [1, 4])
    }

    @Test func crossingsNeedAnEarlierSide() throws {
        #expect(try RuleState.speaks("cross_above(price, 5)", [6, 6, 5, 6, 4, 7]) == [3, 5])
        #expect(try RuleState.speaks("cross_below(price, 5)", [4, 5, 4, 6, 5, 4]) == [2, 5])
        #expect(
            try RuleState.holds("cross_above(price, 5)", [5, 6, 7, 5]) == [
                false, true, false, false,
            ])
        // `not` of what is not yet known is not true.
        #expect(
            try RuleState.holds("not cross_above(price, 5)", [4, 4, 6, 6]) == [
                false, true, false, true,
            ])
    }

    @Test func nothingIsTrueWhileWarmingUp() throws {
        let rules = ["price > sma(4)", "not (price > sma(4))", "price < 100 and price > sma(4)"]
        for rule in rules {
            let holds = try RuleState.holds(rule, [5, 5, 5, 5])
            #expect(holds.prefix(3).allSatisfy { !$0 })
        }
        #expect(try RuleState.holds("price < 100 and not price > sma(4)", [5, 5, 5, 5])[3])
    }

    /// Kleene: what is not known silences nothing that is known without it.
    @Test func whatIsNotKnownDecidesNothing() throws {
        let prices: [Int64] = [5, 3, 5, 3, 3]
        let (yes, no) = (true, false)
        let cases: [(String, [Bool])] = [
            ("price <= 3 or price > sma(4)", [no, yes, no, yes, yes]),
            ("price > sma(4) or price <= 3", [no, yes, no, yes, yes]),
            ("price <= 3 and price > sma(4)", [no, no, no, no, no]),
            ("not (price <= 3 and price > sma(4))", [yes, no, yes, yes, yes]),
            ("not (price <= 3 or price > sma(4))", [no, no, no, no, no]),
            ("not (not price <= 3 and not price > sma(4))", [no, yes, no, yes, yes]),
            ("price <= 3 or change(4) < 0%", [no, yes, no, yes, yes]),
            ("price == 3 or cross_above(price, 4)", [no, yes, yes, yes, yes]),
            ("not cross_above(price, 4) and price == 5", [no, no, no, no, no]),
            ("time in 00:00-01:00 or rsi(14) > 50", [yes, yes, yes, yes, yes]),
            ("time in 00:00-01:00 and rsi(14) > 50", [no, no, no, no, no]),
        ]
        for (text, wanted) in cases {
            #expect(try RuleState.holds(text, prices) == wanted, "\(text)")
        }
    }

    /// The whole of `price <= 65000 or change(1d) <= -5%`: the first day has its bound, the second both.
    @Test func aBoundSpeaksOnTheFirstDayToo() throws {
        let hours: [(hour: Int64, price: Int64)] = [
            (1, 70), (2, 65), (3, 70), (25, 69), (26, 66), (27, 70), (28, 64),
        ]
        func speaks(_ every: RuleRepeat) throws -> [Int64] {
            var state = RuleState(
                try Rule.compile("price <= 65 or change(1d) <= -5%"), every: every)
            return hours.filter { state.onTick(.sample($0.price, at: $0.hour * 3_600)) }
                .map(\.hour)
        }
        #expect(try speaks(.crossing) == [2, 26, 28])
        #expect(try speaks(.once) == [2])
        #expect(try speaks(.day) == [2, 26])
    }

    /// What comes true as it becomes known speaks, as it always did; what was true before does not again.
    @Test func becomingKnownIsBecomingTrueAndNoMore() throws {
        #expect(try RuleState.speaks("price > 3 and price >= sma(3)", [5, 5, 5, 5]) == [2])
        #expect(try RuleState.speaks("price > 3 or price >= sma(3)", [5, 5, 5, 5]) == [0])
        #expect(try RuleState.speaks("price > 9 or price >= sma(3)", [5, 5, 5, 5]) == [2])
        // A change from zero has no value: at the fourth event it is not known, behind that it is true.
        #expect(try RuleState.speaks("change(1) > -50%", [0, 5, 0, 5, 5]) == [4])
        #expect(
            try RuleState.speaks("price > 3 or change(1) > -50%", [0, 5, 0, 5, 5]) == [1, 3])
    }

    /// From where a condition may be true: its own windows, and not those beside an `or`.
    @Test(arguments: [
        ("price > 5", 0, 0), ("price > sma(20)", 19, 19), ("price > 5 or price > sma(20)", 19, 0),
        ("price > 5 and price > sma(20)", 19, 19), ("not (price > 5 and price > sma(20))", 19, 0),
        ("not (price > 5 or price > sma(20))", 19, 19), ("cross_above(price, 5)", 1, 1),
        ("cross_above(price, 5) or rsi(14) < 30", 14, 1),
        ("cross_above(price, sma(20)) and rsi(14) < 30", 20, 20),
        ("time in 09:00-10:00 and (price > sma(5) or change(1d) > 1%)", 4, 1),
    ])
    func whereAConditionMayHoldFrom(_ text: String, _ warmUp: Int, _ from: Int) throws {
        let rule = try Rule.compile(text)
        #expect(rule.warmUp == warmUp)
        #expect(rule.mayHoldFrom == from)
    }

    /// One tick a second; silence of 3 s from what was said, edges in it are dropped.
    @Test func cooldownSilences() throws {
        let prices: [Int64] = [6, 5, 6, 5, 6, 6]
        let three = Nanoseconds.seconds(3)
        #expect(try RuleState.speaks("price > 5", prices, cooldown: three) == [0, 4])
        #expect(
            try RuleState.speaks("price > 5", prices, every: .always, cooldown: three) == [0, 4])
        let two = Nanoseconds.seconds(2)
        #expect(
            try RuleState.speaks("price > 5", prices, every: .always, cooldown: two) == [0, 2, 4])
    }

    @Test func cooldownEndsWithTheEventTimeEvenAtTheEndsOfTime() throws {
        var state = RuleState(
            try Rule.compile("price > 5"), every: .always, cooldown: Nanoseconds(.max))
        for time in [Int64.min, .max, .min, 0] {
            let tick = Tick(
                instrument: InstrumentID(0), feedTime: Timestamp(nanoseconds: time),
                price: Price(units: .max), quantity: .zero)
            _ = state.onTick(tick)
        }
        #expect(state.isTrue)
    }

    @Test func meansTieExactly() throws {
        // 1/3 + 1/3 + 1/3 in any rounding would miss: 10, 10, 11 has the mean 31/3.
        #expect(try RuleState.holds("sma(3) * 3 == 31", [10, 10, 11])[2])
        #expect(try RuleState.holds("sma(3) == sma(6)", [10, 11, 12, 10, 11, 12])[5])
        #expect(try RuleState.holds("price == open * 110% * 2", [0])[0])
    }

    @Test func changesCompareExactly() throws {
        #expect(try RuleState.holds("change(1) <= -5%", [100, 95])[1])
        #expect(try RuleState.holds("change(1) < -5%", [100, 95])[1] == false)
        #expect(try RuleState.holds("change(2) == 10%", [70, 5, 77])[2])
        #expect(try RuleState.holds("change(2) * 2 >= 20%", [70, 5, 77])[2])
        #expect(try RuleState.holds("change(1) == 0%", [3, 3])[1])
    }

    @Test func changeFromNothingHasNoValue() throws {
        #expect(try RuleState.holds("change(1) > -100%", [0, 5, 6]) == [false, false, true])
        #expect(try RuleState.holds("not (change(1) > 5%)", [-3, 5, 5]) == [false, false, true])
        #expect(try RuleState.holds("change(1) - change(2) < 5%", [0, 5, 6, 6])[2] == false)
    }

    @Test func volumesCompareExactly() throws {
        var state = RuleState(try Rule.compile("volume > sma(volume, 2) * 1.5"))
        // 10 warms up; 30 is not above 1.5 x 20; 91 is above 1.5 x 60.5.
        #expect(
            [10, 30, 91].map { state.onTick(.sample(1, quantity: $0)) } == [false, false, true])
    }

    @Test func candlesShowAllTheirPrices() throws {
        let prices = "open == 2 and high == 4 and low == 1 and close == 3 and price == 3"
        let rule = try Rule.compile(prices + " and volume == 12233283807500")
        var state = RuleState(rule)
        let units = [2, 4, 1, 3].map { Price(units: $0 * fixedPointScale) }
        let volume = try #require(Volume("12233283807500"))
        let candle = try Candle.sample(
            open: units[0], high: units[1], low: units[2], close: units[3], volume: volume)
        let speaks = state.onCandle(candle)
        #expect(speaks)
    }

    @Test func conditionsOfFiveParts() throws {
        let rule = "price > 3 and not (price > 6 or price == 5) and (price < 9 or price == 10)"
        #expect(
            try RuleState.holds(rule, [3, 4, 5, 6, 7])
                == [false, true, false, true, false])
    }

    @Test(
        arguments: [
            ("price > 70000", PriceThreshold.atOrAbove(Price(units: 7_000_000_000_001))),
            ("price >= 70000", .atOrAbove(Price(units: 7_000_000_000_000))),
            ("price < 70000", .atOrBelow(Price(units: 6_999_999_999_999))),
            ("70000 >= price", .atOrBelow(Price(units: 7_000_000_000_000))),
            ("not price > 70000", .atOrBelow(Price(units: 7_000_000_000_000))),
            ("not not price > 70000", .atOrAbove(Price(units: 7_000_000_000_001))),
            ("price * 3 > 1", .atOrAbove(Price(units: 33_333_334))),
            ("price * 3 >= 1", .atOrAbove(Price(units: 33_333_334))),
            ("price * 3 < 1", .atOrBelow(Price(units: 33_333_333))),
            ("price * 3 <= 1", .atOrBelow(Price(units: 33_333_333))),
            ("price * -3 > 1", .atOrBelow(Price(units: -33_333_334))),
            ("price * -3 <= 1", .atOrAbove(Price(units: -33_333_333))),
            ("price - 5 > 5", .atOrAbove(Price(units: 1_000_000_001))),
            ("price == 5", nil), ("not price == 5", nil), ("cross_above(price, 5)", nil),
            ("open > 5", nil),
            ("price > sma(5)", nil), ("price > 5 and price > 6", nil), ("volume > 5", nil),
            ("price > 92233720369", nil), ("change(5) > -100%", nil), ("rsi(14) > 5", nil),
        ] as [(String, PriceThreshold?)])
    func boundsOnThePriceAreExposed(_ text: String, _ wanted: PriceThreshold?) throws {
        #expect(try Rule.compile(text).threshold == wanted)
    }

    /// The bound tells the same as the evaluation on both sides of it, and where the outcome
    /// changes.
    @Test(arguments: [
        "price > 1.5", "price <= 3", "price * 7 >= 2", "not (price * -7 < 2)", "price < 0",
    ])
    func boundsAgreeWithTheEvaluation(_ text: String) throws {
        let rule = try Rule.compile(text)
        let threshold = try #require(rule.threshold)
        let bound: Int64 =
            switch threshold {
            case .atOrAbove(let price), .atOrBelow(let price): price.units
            }
        for units in [bound - 1, bound, bound + 1, .min, .max] {
            var state = RuleState(rule)
            let price = Price(units: units)
            _ = state.onTick(
                Tick(instrument: InstrumentID(0), feedTime: .zero, price: price, quantity: .zero))
            #expect(state.isTrue == threshold.holds(at: price))
            let next = try #require(threshold.next(isTrue: state.isTrue))
            #expect(next.holds(at: price) == false || state.isTrue == false)
        }
        #expect(threshold.next(isTrue: false) == threshold)
        let back = try #require(threshold.next(isTrue: true))
        for units in [bound - 1, bound, bound + 1] {
            #expect(back.holds(at: Price(units: units)) != threshold.holds(at: Price(units: units)))
        }
    }

    /// The deepest mixture that may be written keeps its whole stack.
    @Test(arguments: [(Int64(6), true), (4, false)])
    func deepestNestingIsEvaluated(_ price: Int64, _ wanted: Bool) throws {
        let depth = 24
        let rule =
            String(repeating: "price < 0 or price > 0 and (", count: depth) + "price > 5"
            + String(repeating: ")", count: depth)
        #expect(try RuleState.holds(rule, [price]) == [wanted])
    }

    @Test func stateHashFollowsTheState() throws {
        func hash(_ text: String, _ prices: [Int64], _ every: RuleRepeat = .crossing) throws
            -> UInt64
        {
            var state = RuleState(try Rule.compile(text), every: every)
            for price in prices { _ = state.onTick(.sample(price)) }
            var hasher = StateHasher()
            state.hash(into: &hasher)
            return hasher.value
        }
        let rules = [
            "price > sma(3)", "price > ema(3)", "rsi(3) > 50", "change(3) > 1%",
            "volume > sma(volume, 3)", "cross_above(price, 2)",
        ]
        for rule in rules {
            #expect(try hash(rule, [1, 2, 3]) == hash(rule, [1, 2, 3]))
            #expect(try hash(rule, [1, 2, 3]) != hash(rule, [1, 2]))
            #expect(try hash(rule, [1, 2, 3]) != hash(rule, [1, 2, 3], .once))
        }
        #expect(try hash("price > 2", [3]) != hash("price > 2", [1]))
    }
}
