import Foundation
import Testing
import TradingModel

@testable import Feeds

@Suite struct TimeTests {
    private func read(_ text: String, _ format: TimeFormat = .iso, zone: String = "UTC") -> Int64? {
        var reader = TimeReader(format, zone: .named(zone))
        return Array(text.utf8).withUnsafeBufferPointer { reader.read($0) }
    }

    @Test(
        arguments: [
            ("1970-01-01", 0), ("19700102", 86_400_000_000_000),
            ("1970-01-01 00:01", 60_000_000_000),
            ("1970-01-01T00:00:01", 1_000_000_000), ("1970-01-01 00:00:00.5", 500_000_000),
            ("1970-01-01 00:00:00.123456789", 123_456_789), ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T09:00:00+09:00", 0), ("1969-12-31T19:00:00-0500", 0),
            ("2014-01-01 22:00", 1_388_613_600_000_000_000),
            ("2021-12-31 23:01:00.000000", 1_640_991_660_000_000_000),
            ("2000-02-29", 951_782_400_000_000_000), ("1969-12-31 23:59:59", -1_000_000_000),
        ] as [(String, Int64)])
    func isoTimes(_ text: String, _ nanoseconds: Int64) { #expect(read(text) == nanoseconds) }

    @Test(arguments: [
        "", "2014", "2014-1-1", "2014-13-01", "2014-02-29", "1900-02-29", "2014-04-31",
        "2014-00-10",
        "2014-01-01 24:00", "2014-01-01 12:60", "2014-01-01 12", "2014-01-01 12:00:60",
        "2014-01-01 ",
        "2014-01-01 12:00:00.", "2014-01-01 12:00:00.1234567890", "2014-01-01T12:00:00X",
        "2014-01-01 12:00:00+", "9999-01-01", "2014/01/01", "2014-01-01x", "20140101x", "now",
    ])
    func otherTextIsNoTime(_ text: String) { #expect(read(text) == nil) }

    @Test func unixTimesMayHaveDecimals() {
        #expect(read("1723161254", .unixSeconds) == 1_723_161_254_000_000_000)
        #expect(read("1723161254.087896568", .unixSeconds) == 1_723_161_254_087_896_568)
        #expect(read("1723161254087", .unixMilliseconds) == 1_723_161_254_087_000_000)
        #expect(read("1723161254087896", .unixMicroseconds) == 1_723_161_254_087_896_000)
        #expect(read("1723161254087896568", .unixNanoseconds) == 1_723_161_254_087_896_568)
        #expect(read("1723161254087896568", .unixSeconds) == nil)
        #expect(read("1.5", .unixNanoseconds) == nil)
    }

    @Test func daysCountAsTheCalendarDoes() throws {
        let calendar = Calendar(identifier: .gregorian)
        var components = DateComponents()
        components.timeZone = TimeZone(identifier: "UTC")
        for year in stride(from: 1800, through: 2261, by: 7) {
            for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
                (components.year, components.month, components.day) = (year, month, day)
                let date = try #require(calendar.date(from: components))
                let expected = Int64((date.timeIntervalSince1970 / 86_400).rounded())
                #expect(daysSince1970(year: year, month: month, day: day) == expected)
            }
        }
    }

    /// New York, 2021: clocks go on at 02:00 on 14 March and back at 02:00 on 7 November.
    @Test(arguments: [
        ("2021-03-13 12:00", "2021-03-13 17:00"), ("2021-03-14 01:59:59", "2021-03-14 06:59:59"),
        ("2021-03-14 03:00", "2021-03-14 07:00"), ("2021-03-14 02:30", "2021-03-14 07:30"),
        ("2021-03-15 00:00", "2021-03-15 04:00"), ("2021-11-06 23:59", "2021-11-07 03:59"),
        ("2021-11-07 00:30", "2021-11-07 04:30"), ("2021-11-07 01:30", "2021-11-07 05:30"),
        ("2021-11-07 02:00", "2021-11-07 07:00"), ("2021-11-08 00:00", "2021-11-08 05:00"),
    ])
    func summerTime(_ local: String, _ universal: String) {
        #expect(read(local, zone: "America/New_York") == utc(universal).nanoseconds)
    }

    /// Every hour of two years, in zones with odd changes, against Foundation's calendar.
    @Test(arguments: [
        "America/New_York", "Asia/Seoul", "Europe/London", "Australia/Lord_Howe",
        "America/Sao_Paulo", "Pacific/Apia",
    ])
    func zonesAgreeWithFoundation(_ name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var clock = ZoneClock.named(name)
        let start: Int64 = name == "Pacific/Apia" ? 1_300_000_000 : 1_500_000_000
        for hour in stride(from: 0, to: 2 * 365 * 24, by: 1) {
            let instant = start / 3600 * 3600 + Int64(hour) * 3600
            let date = Date(timeIntervalSince1970: TimeInterval(instant))
            let offset = Int64(zone.secondsFromGMT(for: date))
            let local = instant + offset
            let day = Int64((Double(local) / 86_400).rounded(.down))
            let answer = clock.utc(day: day, nanoseconds: (local - day * 86_400) * 1_000_000_000)
            if answer == instant * 1_000_000_000 { continue }
            // An hour that occurs twice: the first one is meant.
            let earlier = Date(timeIntervalSince1970: TimeInterval(answer / 1_000_000_000))
            #expect(earlier < date)
            #expect(Int64(zone.secondsFromGMT(for: earlier)) + answer / 1_000_000_000 == local)
        }
    }
}
