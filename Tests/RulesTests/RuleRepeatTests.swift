import Rules
import TestKit
import Testing
import TradingModel

/// How often a rule speaks, and what it keeps of that where another takes its place.
@Suite struct RuleRepeatTests {
    private static let seoul = ZoneOffsets(fixed: .seconds(9 * 3_600))
    private static let hour: Int64 = 3_600

    /// At which of the hours, by UTC, a rule speaks.
    private static func speaks(
        _ events: [(hour: Int64, price: Int64)], every: RuleRepeat, cooldown: Nanoseconds = .zero,
        _ zone: ZoneOffsets = seoul
    ) throws -> [Int64] {
        var state = RuleState(
            try Rule.compile("price > 5"), every: every, cooldown: cooldown, zone: zone)
        return events.filter { state.onTick(.sample($0.price, at: $0.hour * hour)) }.map(\.hour)
    }

    // MARK: Once a day

    /// The day is the exchange's: 15:00 by UTC is midnight in Seoul.
    @Test func onceInEachLocalDay() throws {
        let events: [(hour: Int64, price: Int64)] = [
            (0, 5), (1, 6), (2, 5), (3, 6), (14, 7), (15, 7), (16, 6), (38, 5), (39, 5), (60, 8),
            (61, 8),
        ]
        #expect(try Self.speaks(events, every: .day) == [1, 15, 60])
        #expect(try Self.speaks(events, every: .day, .utc) == [1, 60])
        #expect(try Self.speaks(events, every: .crossing) == [1, 3, 60])
        // With a pause as well both hold: the day of 15:00 is over when the pause is.
        #expect(
            try Self.speaks(events, every: .day, cooldown: .seconds(40 * Self.hour)) == [1, 60])
    }

    /// Monday 14:50 and Tuesday 09:10: a pause of a day loses the second, once a day has it.
    @Test func aPauseOfADayIsNotOnceADay() throws {
        let events: [(hour: Int64, price: Int64)] = [(0, 5), (6, 6), (7, 5), (25, 6), (30, 6)]
        #expect(try Self.speaks(events, every: .crossing, cooldown: .seconds(86_400)) == [6])
        #expect(try Self.speaks(events, every: .day) == [6, 25])
    }

    /// A day's candle is of the day in which it opens, and closes in the next.
    @Test func aCandleIsOfTheDayItOpensIn() throws {
        let day = try #require(Interval("1d"))
        let price = Price(units: 6 * fixedPointScale)
        var state = RuleState(try Rule.compile("price > 5"), every: .day)
        let spoken = (Int64(0)..<3).filter { number in
            state.onCandle(
                Candle(
                    instrument: InstrumentID(0), interval: day,
                    openTime: Timestamp(nanoseconds: number * nanosecondsPerDay), open: price,
                    high: price, low: price, close: price, volume: Volume(units: 1)))
        }
        #expect(spoken == [0, 1, 2])
    }

    /// Clocks step back, and late rows do: a day that is over has no second word.
    @Test func anEarlierDayIsNoNewOne() throws {
        let events: [(hour: Int64, price: Int64)] = [(30, 6), (6, 6), (31, 6), (55, 6)]
        #expect(try Self.speaks(events, every: .day, .utc) == [30, 55])
    }

    /// Against the first true event of each day, looked for afresh.
    @Test(arguments: seeds(0..<20))
    func asANaiveReference(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        var hour: Int64 = 0
        let events = (0..<400).map { _ -> (hour: Int64, price: Int64) in
            hour += Int64.random(in: 0...9, using: &random)
            return (hour, Int64.random(in: 3...7, using: &random))
        }
        var days: Set<Int64> = []
        let wanted = events.indices.filter { index in
            let day = (events[index].hour + 9) / 24
            return events[index].price > 5 && days.insert(day).inserted
        }
        var state = RuleState(try Rule.compile("price > 5"), every: .day, zone: Self.seoul)
        let spoken = events.indices.filter {
            state.onTick(.sample(events[$0].price, at: events[$0].hour * Self.hour))
        }
        #expect(spoken == wanted)
        #expect(spoken.count > 40)
    }

    @Test func theHashKnowsTheDay() throws {
        func hash(_ hours: [Int64], _ every: RuleRepeat = .day) throws -> UInt64 {
            var state = RuleState(try Rule.compile("price > 5"), every: every)
            for hour in hours { _ = state.onTick(.sample(6, at: hour * Self.hour)) }
            var hasher = StateHasher()
            state.hash(into: &hasher)
            return hasher.value
        }
        #expect(try hash([1, 2]) == hash([1, 2]))
        #expect(try hash([1]) != hash([1, 30]))
        #expect(try hash([1]) != hash([1], .always))
    }

    // MARK: Taking the place of another

    /// Whether the new rule speaks at an event at which it is true as before, behind an old one that has spoken.
    private static func speaksAgain(
        _ every: RuleRepeat, _ text: String = "price > 5", pause: Int64 = 0, to other: Int64
    ) throws -> Bool {
        var old = RuleState(
            try Rule.compile("price > 5"), every: every, cooldown: .seconds(pause))
        #expect(old.onTick(.sample(6, at: 0)) == true)
        var new = RuleState(
            try Rule.compile(text), every: every, cooldown: .seconds(other))
        new.takeOver(from: old)
        return new.onTick(.sample(6, at: 1))
    }

    /// Another pause is no other condition: what was to be said once was said.
    @Test(arguments: [RuleRepeat.once, .day], [0, 5] as [Int64])
    func anotherPauseDoesNotSayAgainWhatWasSaid(_ every: RuleRepeat, _ pause: Int64) throws {
        #expect(try !Self.speaksAgain(every, pause: pause, to: pause))
        #expect(try !Self.speaksAgain(every, pause: pause, to: pause + 60))
        #expect(try !Self.speaksAgain(every, pause: pause, to: 1))
        #expect(try Self.speaksAgain(every, "price > 4", to: 0), "a new condition has not spoken")
    }

    /// A rule that waited at its bound and one that is asked at each event have the same condition.
    @Test func fromADayToACrossingTheConditionGoesOn() throws {
        var old = RuleState(try Rule.compile("price > 5"), every: .day)
        #expect(old.onTick(.sample(6, at: 0)) == true)
        var new = RuleState(try Rule.compile("price > 5"))
        new.takeOver(from: old)
        let spoken = (1...3).map { new.onTick(.sample($0 == 2 ? 5 : 6, at: $0)) }
        #expect(spoken == [false, false, true], "it was true before")
    }
}
