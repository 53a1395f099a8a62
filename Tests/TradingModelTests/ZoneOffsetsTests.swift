import Testing
import TradingModel

@Suite struct ZoneOffsetsTests {
    /// New York in 2024, and Sao Paulo in 2018, where midnight itself was skipped.
    static let newYork = ZoneOffsets(changes: [
        .init(from: Timestamp(nanoseconds: .min), offset: .seconds(-5 * 3_600)),
        .init(from: at(1_710_054_000), offset: .seconds(-4 * 3_600)),
        .init(from: at(1_730_613_600), offset: .seconds(-5 * 3_600)),
    ])
    static let saoPaulo = ZoneOffsets(changes: [
        .init(from: Timestamp(nanoseconds: .min), offset: .seconds(-3 * 3_600)),
        .init(from: at(1_541_300_400), offset: .seconds(-2 * 3_600)),
        .init(from: at(1_550_368_800), offset: .seconds(-3 * 3_600)),
    ])
    static func at(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: seconds * 1_000_000_000)
    }

    /// A day of 23 hours, one of 25, one that begins at 01:00, one that has 23:00 twice.
    @Test(arguments: [
        (newYork, 1_710_046_800 as Int64, 1_710_129_600 as Int64),
        (newYork, 1_730_606_400, 1_730_696_400),
        (saoPaulo, 1_541_300_400, 1_541_383_200),
        (saoPaulo, 1_550_282_400, 1_550_372_400),
    ])
    func daysOfAChangeHaveTheirOwnLength(_ zone: ZoneOffsets, _ begin: Int64, _ end: Int64) throws {
        let day = try #require(Interval("1d"))
        for second in stride(from: begin, to: end, by: 600) {
            #expect(zone.endOfDay(of: Self.at(second)) == Self.at(end))
            #expect(zone.start(of: day, holding: Self.at(second)) == Self.at(begin))
            #expect(zone.day(of: Self.at(second)) == zone.day(of: Self.at(begin)))
        }
        #expect(zone.end(of: day, from: Self.at(begin)) == Self.at(end))
        #expect(zone.day(of: Self.at(end)) == zone.day(of: Self.at(begin)) + 1)
    }

    /// However long: intervals that divide an hour are never cut, and none overlaps another.
    @Test(
        arguments: [newYork, saoPaulo], ["1m", "15m", "30m", "1h", "4h", "12h", "1d", "3d", "1w"])
    func intervalsTileTime(_ zone: ZoneOffsets, _ text: String) throws {
        let interval = try #require(Interval(text))
        for change in zone.changes.dropFirst() {
            let first = change.from.advanced(by: .seconds(-3 * 86_400))
            var start = zone.start(of: interval, holding: first)
            while start < change.from.advanced(by: .seconds(3 * 86_400)) {
                let end = zone.end(of: interval, from: start)
                #expect(end > start)
                if interval.nanoseconds <= 3_600_000_000_000 {
                    #expect(end.since(start).count == interval.nanoseconds)
                }
                #expect(zone.start(of: interval, holding: start) == start)
                #expect(
                    zone.start(of: interval, holding: end.advanced(by: Nanoseconds(-1))) == start)
                #expect(zone.start(of: interval, holding: end) == end)
                start = end
            }
        }
    }

    /// Monday, by the zone's own clock, in a week of a change too: 2024-03-04 and 2024-10-28 in New York. What
    /// divides nothing counts from a Monday as well, so that shorter ones lie whole in longer ones.
    @Test func weeksBeginOnMondays() throws {
        let week = try #require(Interval("1w"))
        for begin in [1_709_528_400, 1_730_088_000] as [Int64] {
            for second in stride(from: begin, to: begin + 7 * 86_400 - 3_600, by: 7_200) {
                #expect(Self.newYork.start(of: week, holding: Self.at(second)) == Self.at(begin))
            }
        }
        #expect(
            Self.newYork.end(of: week, from: Self.at(1_709_528_400)) == Self.at(1_710_129_600))
        #expect(
            Self.newYork.end(of: week, from: Self.at(1_730_088_000)) == Self.at(1_730_696_400))
        let seoul = ZoneOffsets(fixed: .seconds(9 * 3_600))
        // Monday, 2026-11-30, 00:00 in Seoul.
        let monday = Self.at(1_795_964_400)
        #expect(seoul.start(of: week, holding: monday) == monday)
        #expect(
            seoul.start(of: week, holding: monday.advanced(by: Nanoseconds(-1)))
                == Self.at(1_795_964_400 - 7 * 86_400))
        for text in ["7m", "7h", "5d", "2w", "3w"] {
            let interval = try #require(Interval(text))
            // Monday, 1970-01-05.
            let first = Self.at(4 * 86_400)
            #expect(ZoneOffsets.utc.start(of: interval, holding: first) == first)
            #expect(
                ZoneOffsets.utc.start(of: interval, holding: .zero) > Self.at(-21 * 86_400))
        }
    }

    @Test(arguments: [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max])
    func theEndsOfTimeDoNotTrap(_ nanoseconds: Int64) throws {
        let time = Timestamp(nanoseconds: nanoseconds)
        for zone in [Self.newYork, Self.saoPaulo, .utc] {
            for text in ["1s", "7m", "1d", "1w"] {
                let interval = try #require(Interval(text))
                #expect(zone.start(of: interval, holding: time) <= time)
                #expect(zone.end(of: interval, from: time) >= time)
            }
            #expect(zone.endOfDay(of: time) >= time)
        }
    }
}
