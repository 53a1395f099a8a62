import Kernel
import TestKit
import Testing
import TradingModel

/// An instant of a day, by the local clock of an offset that holds that day.
private func at(_ day: Int64, _ hour: Int64, _ minute: Int64, _ second: Int64 = 0, zone: Int64)
    -> Timestamp
{
    .seconds(day * 86_400 + (hour - zone) * 3_600 + minute * 60 + second)
}

private func session(_ open: (Int64, Int64), _ close: (Int64, Int64)) -> MarketHours.Session? {
    MarketHours.Session(
        open: (open.0 * 60 + open.1) * 60_000_000_000,
        close: (close.0 * 60 + close.1) * 60_000_000_000)
}

private func tick(_ time: Timestamp, _ price: Int64) -> MarketInput {
    .tick(
        Tick(
            instrument: InstrumentID(0), feedTime: time, price: .won(price), quantity: .shares(1)))
}

@Suite struct MarketHoursTests {
    /// 2026-11-18, a Wednesday; the day after is the university entrance exam, an hour late.
    private static let day: Int64 = 20_775
    private static let krx = MarketHours(
        session((9, 0), (15, 30)),
        oddDays: [
            .init(day: day + 1, session: session((10, 0), (16, 30))),
            .init(day: day + 2, session: nil),
            .init(day: day + 5, session: session((9, 0), (12, 0))),
        ])

    private func run(
        _ intervals: [Interval], _ hours: MarketHours, _ zone: ZoneOffsets,
        _ ticks: [MarketInput]
    ) -> (candles: [Candle], outside: Int, late: Int) {
        var stage = MarketStage(
            MarketPlan(zones: [zone], intervals: intervals, hours: [hours]))
        var events = drive(&stage, ticks)
        stage.takeTimer(.distantFuture, into: &events)
        return (events.candles, stage.outside, stage.late)
    }

    @Test func tradesOutsideOfTheSessionAreInNoCandle() {
        let day = Self.day
        let told = run(
            [.minute, .day], Self.krx, .seoul,
            [
                tick(at(day, 8, 59, 59, zone: 9), 1), tick(at(day, 9, 0, zone: 9), 10),
                tick(at(day, 15, 29, 59, zone: 9), 20), tick(at(day, 15, 30, 0, zone: 9), 30),
                tick(at(day, 15, 30, 29, zone: 9), 31), tick(at(day, 15, 31, 0, zone: 9), 99),
                tick(at(day, 16, 0, zone: 9), 99), tick(at(day + 2, 10, 0, zone: 9), 99),
            ])
        #expect(told.outside == 4 && told.late == 0)
        let minutes = told.candles.filter { $0.interval == .minute }
        #expect(
            minutes.map(\.openTime) == [at(day, 9, 0, zone: 9), at(day, 15, 29, zone: 9)])
        #expect(minutes.map(\.close) == [.won(10), .won(31)], "the closing auction's price")
        let days = told.candles.filter { $0.interval == .day }
        #expect(days.map(\.openTime) == [at(day, 0, 0, zone: 9)])
        #expect(days.map(\.open) == [.won(10)] && days.map(\.close) == [.won(31)])
    }

    /// The opening hour moves on the day of the exam, and a half day ends at noon.
    @Test func oddDaysHaveTheirOwnHours() {
        let day = Self.day
        let times: [Timestamp] = [
            at(day + 1, 9, 30, zone: 9), at(day + 1, 10, 0, zone: 9),
            at(day + 1, 16, 30, 5, zone: 9),
            at(day + 5, 9, 5, zone: 9), at(day + 5, 12, 0, 10, zone: 9),
            at(day + 5, 12, 1, zone: 9),
            at(day + 6, 15, 0, zone: 9),
        ]
        let told = run([.hour], Self.krx, .seoul, times.map { tick($0, 5) })
        #expect(told.outside == 2)
        #expect(
            told.candles.map(\.openTime) == [
                at(day + 1, 10, 0, zone: 9), at(day + 1, 16, 0, zone: 9),
                at(day + 5, 9, 0, zone: 9),
                at(day + 5, 11, 0, zone: 9), at(day + 6, 15, 0, zone: 9),
            ])
    }

    /// A minute behind the close, for the auction's print; on a day without a session from its midnight on.
    @Test func aDayIsOverBehindItsLastSession() {
        let day = Self.day
        for (time, isOver) in [
            (at(day, 8, 40, zone: 9), false), (at(day, 15, 30, 59, zone: 9), false),
            (at(day, 15, 31, zone: 9), true), (at(day + 1, 15, 31, zone: 9), false),
            (at(day + 2, 10, 0, zone: 9), true), (at(day + 5, 12, 1, zone: 9), true),
        ] {
            #expect(Self.krx.isOver(time, .seoul) == isOver, "\(time)")
            #expect(!MarketHours.always.isOver(time, .seoul))
        }
    }

    /// New York opens at 09:30 by its own clock, an hour earlier by UTC in summer.
    @Test func hoursFollowTheClocksOfTheExchange() {
        let us = MarketHours(session((9, 30), (16, 0)))
        let march: Int64 = 19_789  // Thursday 2024-03-07; clocks go on in the night to Sunday
        let times: [Timestamp] = [
            at(march, 9, 29, zone: -5), at(march, 9, 30, zone: -5), at(march, 10, 30, zone: -5),
            at(march + 4, 9, 29, zone: -4), at(march + 4, 9, 30, zone: -4),
            at(march + 4, 15, 45, zone: -4), at(march + 4, 16, 0, 30, zone: -4),
        ]
        let told = run([.hour, .day], us, .newYork, times.map { tick($0, 5) })
        #expect(told.outside == 2)
        #expect(
            told.candles.filter { $0.interval == .hour }.map(\.openTime) == [
                at(march, 9, 30, zone: -5), at(march, 10, 30, zone: -5),
                at(march + 4, 9, 30, zone: -4), at(march + 4, 15, 30, zone: -4),
            ])
        #expect(
            told.candles.filter { $0.interval == .day }.map(\.openTime) == [
                at(march, 0, 0, zone: -5), at(march + 4, 0, 0, zone: -4),
            ])
    }

    /// Every trade is in the candle that a plain reading of the clock puts it in, at every interval.
    @Test(arguments: seeds(0..<8))
    func candlesAreTheGroupsOfTheirSession(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let intervals: [Interval] = [.minute, .seconds(300), .seconds(2_400), .hour, .day]
        var time = at(Self.day - 1, 7, 0, zone: 9).nanoseconds
        var ticks: [Tick] = []
        for _ in 0..<4_000 {
            time += Int64.random(in: 0...200_000_000_000, using: &random)
            ticks.append(
                Tick(
                    instrument: InstrumentID(0), feedTime: Timestamp(nanoseconds: time),
                    price: .won(Int64.random(in: 1...90, using: &random)),
                    quantity: .shares(Int64.random(in: 1...9, using: &random))))
        }
        var wanted: [Interval: [[Tick]]] = [:]
        var outside = 0
        for tick in ticks {
            guard let place = Self.place(tick.feedTime) else {
                outside += 1
                continue
            }
            for interval in intervals {
                let seconds = interval.nanoseconds / 1_000_000_000
                let last = (place.length - 1) / seconds
                let key = { (place: Place) in [place.day, min(last, place.second / seconds)] }
                var groups = wanted[interval] ?? []
                let before = groups.last?.last.flatMap { Self.place($0.feedTime) }
                if let before, key(before) == key(place) {
                    groups[groups.count - 1].append(tick)
                } else {
                    groups.append([tick])
                }
                wanted[interval] = groups
            }
        }
        let told = run(intervals, Self.krx, .seoul, ticks.map { .tick($0) })
        #expect(told.outside == outside && outside > 500 && told.late == 0)
        for interval in intervals {
            let candles = told.candles.filter { $0.interval == interval }
            let groups = wanted[interval] ?? []
            #expect(candles.count == groups.count && groups.count > 3)
            #expect(candles.map(\.close) == groups.compactMap { $0.last?.price })
            #expect(candles.map(\.high) == groups.compactMap { $0.map(\.price).max() })
            #expect(
                candles.map(\.volume.units)
                    == groups.map { $0.reduce(0) { $0 + Int128($1.quantity.units) } })
        }
    }

    private struct Place {
        /// Since 1970; since the opening; of the session, in seconds.
        var day, second, length: Int64
    }

    /// By the wall clock in Seoul, in seconds.
    private static func place(_ time: Timestamp) -> Place? {
        let local = floorDivide(time.nanoseconds, 1_000_000_000) + 9 * 3_600
        let (today, second) = (floorDivide(local, 86_400), local % 86_400)
        let (open, close): (Int64, Int64)
        switch today - day {
        case 1: (open, close) = (36_000, 59_400)
        case 2: return nil
        case 5: (open, close) = (32_400, 43_200)
        default: (open, close) = (32_400, 55_800)
        }
        guard second >= open, second < close + 60 else { return nil }
        return Place(day: today, second: second - open, length: close - open)
    }

    /// A day's candle closes in the afternoon: the account's day does not begin with it, wherever the account is.
    @Test(arguments: [(9, 9), (-5, 0), (-5, 1), (-5, 9)] as [(Int64, Int64)])
    func theDaysCandleBeginsNoNewDay(_ exchange: Int64, _ home: Int64) {
        let source = [SourcePlan(name: "daily", kind: .builtIn)]
        var plan = KernelPlan.sample(
            sources: source,
            attachments: [.sample(0, input: .candles(.day), strategy: TableStrategy([:]))])
        plan.hours = [MarketHours(session((9, 30), (16, 0)))]
        plan.zones = plan.zones.map { _ in ZoneOffsets(fixed: .seconds(exchange * 3_600)) }
        for index in plan.accounts.indices {
            plan.accounts[index].zone = ZoneOffsets(fixed: .seconds(home * 3_600))
        }
        var kernel = Kernel(plan)
        var effects = Effects()
        let candle = Candle(
            instrument: InstrumentID(0), interval: .day,
            openTime: at(Self.day, 0, 0, zone: exchange),
            open: .won(1), high: .won(1), low: .won(1), close: .won(1), volume: .zero)
        kernel.handle(
            MarketEvent(position: EventPosition(step: 1, index: 0), kind: .candle(candle)),
            entry: .zero, into: &effects)
        let days = effects.facts.compactMap { fact -> Int64? in
            if case .dayStarted(_, let day, _) = fact { return day }
            return nil
        }
        // It is known a minute after 16:00 there.
        let known = at(Self.day, 16, 1, zone: exchange).nanoseconds / 1_000_000_000
        #expect(days == [(known + home * 3_600) / 86_400])
    }
}
