import Foundation
import TestKit
import Testing
import TradingModel

/// Days by the table, against Foundation's calendar.
@Suite struct ZoneOffsetsCalendarTests {
    /// Among them a change of half an hour, an offset of 5:45, and midnights that do not exist.
    static let zones = [
        "Asia/Seoul", "America/New_York", "Europe/London", "America/Sao_Paulo",
        "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
    ]

    @Test(arguments: zones)
    func daysBeginAndEndWhereTheCalendarSays(_ name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let table = Self.table(of: zone)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var random = SeededRandom(51)
        for _ in 0..<trials(400) {
            let second = Int64.random(in: Self.first..<Self.last, using: &random)
            let time = Timestamp(nanoseconds: second * 1_000_000_000)
            let date = Date(timeIntervalSince1970: TimeInterval(second))
            let begin = calendar.startOfDay(for: date)
            let end = try #require(calendar.dateInterval(of: .day, for: date)?.end)
            #expect(table.offset(at: time).count / 1_000_000_000 == zone.secondsFromGMT(for: date))
            #expect(table.endOfDay(of: time).nanoseconds == nanoseconds(end), "\(name) \(date)")
            let day = try #require(Interval("1d"))
            #expect(table.start(of: day, holding: time).nanoseconds == nanoseconds(begin))
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            var utc = Calendar(identifier: .gregorian)
            utc.timeZone = .gmt
            let midnight = try #require(utc.date(from: parts))
            #expect(table.day(of: time) == Int64(midnight.timeIntervalSince1970) / 86_400)
        }
    }

    private func nanoseconds(_ date: Date) -> Int64 {
        Int64(date.timeIntervalSince1970) * 1_000_000_000
    }

    /// 2000 to 2030.
    private static let first: Int64 = 946_684_800
    private static let last: Int64 = 1_893_456_000

    private static func table(of zone: TimeZone) -> ZoneOffsets {
        var date = Date(timeIntervalSince1970: TimeInterval(first - 400 * 86_400))
        var changes = [change(zone, at: date)]
        while let next = zone.nextDaylightSavingTimeTransition(after: date),
            next.timeIntervalSince1970 < TimeInterval(last + 400 * 86_400)
        {
            date = next
            changes.append(change(zone, at: date))
        }
        return ZoneOffsets(changes: changes)
    }

    private static func change(_ zone: TimeZone, at date: Date) -> ZoneOffsets.Change {
        ZoneOffsets.Change(
            from: Timestamp(nanoseconds: Int64(date.timeIntervalSince1970) * 1_000_000_000),
            offset: .seconds(Int64(zone.secondsFromGMT(for: date.addingTimeInterval(1)))))
    }
}
