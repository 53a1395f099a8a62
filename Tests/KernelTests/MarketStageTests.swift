import Kernel
import TestKit
import Testing
import TradingModel

@Suite struct MarketStageTests {
    static let plan = MarketPlan(zones: [.utc, .utc], intervals: [.seconds(120), .minute])

    @Test func candlesCloseByATimerBeforeTheFirstRowAtOrBeyondTheClose() {
        let events = drive(Self.plan, [.tick(.at(1, 10)), .tick(.at(59, 11)), .tick(.at(60, 12))])
        #expect(events.letters == "ttct")
        #expect(events.map(\.position.step) == [1, 2, 3, 4])
        #expect(events.candles.map(\.close) == [.won(11)])
    }

    @Test func closingCandlesStandByCloseTimeIntervalAndInstrument() {
        let events = drive(
            Self.plan,
            [.tick(.at(61, 1, of: 1)), .tick(.at(62, 2, of: 0)), .tick(.at(500, 3, of: 0))])
        let closing = events.candles.map {
            [Int64($0.instrument.index), $0.interval.nanoseconds / 1_000_000_000]
        }
        #expect(closing == [[0, 60], [1, 60], [0, 120], [1, 120]])
        #expect(
            events.map(\.position) == [
                EventPosition(step: 1, index: 0), EventPosition(step: 2, index: 0),
                EventPosition(step: 3, index: 0), EventPosition(step: 3, index: 1),
                EventPosition(step: 3, index: 2), EventPosition(step: 3, index: 3),
                EventPosition(step: 4, index: 0),
            ])
    }

    @Test func aLateTickIsCountedOnceAndRevisesNothing() {
        var stage = MarketStage(Self.plan)
        var events = drive(&stage, [.tick(.at(10, 10)), .tick(.at(130, 11)), .tick(.at(20, 99))])
        #expect(stage.late == 1)
        events = drive(&stage, [.tick(.at(300, 12))])
        #expect(events.candles.allSatisfy { $0.high == .won(11) })
    }

    /// Behind the trade that changed it, and its close as ever.
    @Test func runningCandlesStandBehindTheTradesThatChangeThem() {
        let plan = MarketPlan(
            zones: [.utc, .utc], intervals: [.seconds(120), .minute], unfinished: [.minute])
        var stage = MarketStage(plan)
        let events = drive(
            &stage,
            [
                .tick(.at(1, 10)), .tick(.at(59, 12)), .tick(.at(30, 11, of: 1)),
                .tick(.at(60, 9)), .tick(.at(20, 99)),
            ])
        #expect(events.letters == "tctctccctct")
        let running = events.candles.filter { !$0.isFinal }
        #expect(running.map(\.interval) == [.minute, .minute, .minute, .minute])
        #expect(running.map(\.close) == [.won(10), .won(12), .won(11), .won(9)])
        #expect(running.map(\.high) == [.won(10), .won(12), .won(11), .won(9)])
        #expect(running.map(\.instrument.index) == [0, 0, 1, 0])
        #expect(
            events.prefix(4).map(\.position) == [
                EventPosition(step: 1, index: 0), EventPosition(step: 1, index: 1),
                EventPosition(step: 2, index: 0), EventPosition(step: 2, index: 1),
            ])
        #expect(stage.late == 1, "and what is late changes none")
        var none: [MarketEvent] = []
        #expect(stage.extend(.at(61, 9)) == nil)
        #expect(stage.take(.tick(.at(61, 9)), into: &none) == 0, "the input, not its candle")
        #expect(none.letters == "tc")
    }

    @Test func shorterCandlesMakeTheLongerOneGrow() {
        let plan = MarketPlan(
            zones: [.utc], intervals: [.seconds(180), .minute],
            unfinished: [.seconds(180), .minute])
        let events = drive(
            plan, [.candle(.at(0, 1)), .candle(.at(60, 5)), .candle(.at(120, 3))])
        #expect(events.candles.map(\.isFinal) == [true, false, true, false, true, true])
        let running = events.candles.filter { !$0.isFinal }
        #expect(running.map(\.interval) == [.seconds(180), .seconds(180)])
        #expect(running.map(\.close) == [.won(1), .won(5)])
    }

    /// Whoever asks for candles that grow changes nothing for those who do not.
    @Test(arguments: seeds(0..<20))
    func runningCandlesAreTheOnlyDifference(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var time: Int64 = 0
        let inputs = (0..<400).map { _ in
            time += Int64.random(in: -3...40, using: &random)
            return MarketInput.tick(
                .at(
                    max(0, time), Int64.random(in: 1...99, using: &random),
                    of: Int.random(in: 0...1, using: &random)))
        }
        var growing = Self.plan
        growing.unfinished = [.minute, .seconds(120)]
        let plain = drive(Self.plan, inputs)
        let all = drive(growing, inputs)
        let finals = all.filter { event in
            if case .candle(let candle) = event.kind { return candle.isFinal }
            return true
        }
        #expect(finals.map(\.kind) == plain.map(\.kind))
        #expect(finals.map(\.position) == plain.map(\.position))
        #expect(all.count > plain.count + 400)
    }

    @Test func withoutTimersTheClosingCandleStillPrecedesTheTradeOfTheNextPeriod() {
        var stage = MarketStage(Self.plan)
        var events: [MarketEvent] = []
        stage.take(.tick(.at(0, 1)), into: &events)
        stage.take(.tick(.at(200, 2)), into: &events)
        #expect(events.letters == "tcct")
        #expect(events.map(\.position.step) == [1, 2, 2, 2])
    }

    @Test func theLastPartClosesTheLongerCandleAndLeavesNoEmptyTimerBehind() {
        let events = drive(
            Self.plan, [.candle(.at(0, 1)), .candle(.at(60, 2)), .candle(.at(120, 3))])
        #expect(events.candles.map(\.interval) == [.minute, .minute, .seconds(120), .minute])
        #expect(
            events.map(\.position) == [
                EventPosition(step: 1, index: 0), EventPosition(step: 2, index: 0),
                EventPosition(step: 2, index: 1), EventPosition(step: 3, index: 0),
            ])
    }

    @Test func aGapInTheCandlesIsClosedByATimer() {
        let events = drive(Self.plan, [.candle(.at(0, 1)), .candle(.at(240, 3))])
        #expect(events.candles.map(\.openTime) == [.zero, .zero, .seconds(240)])
        #expect(events.map(\.position.step) == [1, 2, 3])
    }

    @Test func aRunningCandleIsPassedOnAndBuildsNothing() {
        var candle = Candle.at(0, 1)
        candle.isFinal = false
        let events = drive(Self.plan, [.candle(candle), .tick(.at(600, 1))])
        #expect(events.letters == "ct")
    }

    @Test func missedTimersFireOnceAsTheLatestOfThem() {
        let plan = MarketPlan(zones: [.utc], timers: [.minute, .seconds(300)])
        var stage = MarketStage(plan)
        var events: [MarketEvent] = []
        stage.take(.tick(.at(30, 1)), into: &events)
        #expect(stage.timerDue(before: .seconds(59)) == nil)
        #expect(stage.timerDue(before: .seconds(60)) == .seconds(60))
        stage.takeTimer(.seconds(1_000), into: &events)
        #expect(events.timers == [.seconds(960), .seconds(900)])
        #expect(stage.timerDue(before: .seconds(5_000)) == .seconds(1_020))
    }

    @Test func aRecordingGetsEveryTimerOfAGap() {
        let plan = MarketPlan(zones: [.utc], timers: [.minute])
        let events = drive(plan, [.tick(.at(30, 1)), .tick(.at(240, 2))])
        #expect(events.letters == "tiiiit")
        #expect(events.timers == [60, 120, 180, 240].map { .seconds($0) })
    }

    @Test func theEndOfTimeEndsTheTimers() {
        let far = Tick(
            instrument: InstrumentID(0), feedTime: .distantFuture, price: .won(1),
            quantity: .shares(1))
        let events = drive(Self.plan, [.tick(.at(1, 1)), .tick(far), .tick(far)])
        #expect(events.letters.filter { $0 == "t" }.count == 3)
    }

    /// 20 days of an index: volume and turnover far beyond `Int64` at 10⁻⁸.
    @Test func volumesBeyondInt64AreSummedExactly() throws {
        let daily = try #require(Volume("1400000000"))  // shares of a KOSPI day
        let turnover = try #require(Volume("20000000000000"))  // won of a KOSPI day
        let plan = MarketPlan(zones: [.seoul, .seoul], intervals: [.seconds(86_400 * 20)])
        var rows: [MarketInput] = []
        // Counted from Monday, 1970-01-05.
        let start = Int64(86_400 * (20 * 900 + 4)) - 9 * 3_600
        for day in 0..<20 {
            for (index, volume) in [daily, turnover].enumerated() {
                var candle = Candle.at(
                    start + Int64(day) * 86_400, 2_500, interval: .day, of: index)
                candle.volume = volume
                rows.append(.candle(candle))
            }
        }
        let sums = drive(plan, rows).candles.filter { $0.interval != .day }.map(\.volume)
        #expect(sums == [Volume("28000000000"), Volume("400000000000000")])
        #expect(sums.allSatisfy { $0.units > Int128(Int64.max) || $0 == Volume("28000000000") })
        #expect(turnover.units * 20 > Int128(Int64.max))
    }
}
