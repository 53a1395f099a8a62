import Backtest
import Testing
import TradingModel

@testable import Madang

@Suite struct TimeAxisTests {
    /// A value at each of these moments, in hours since 2026-11-18 in UTC.
    private func axis(_ hours: [Int64], zone: ZoneOffsets = .utc) -> TimeAxis {
        var trace = Trace()
        for (index, hour) in hours.enumerated() {
            trace.add(
                Int128(index),
                at: Timestamp(nanoseconds: (20_775 * 24 + hour) * 3_600_000_000_000))
        }
        return TimeAxis(trace.spans, zone: zone)
    }

    @Test func daysAreMarkedAtTheirFirstRow() {
        // Nine, twelve and fifteen o'clock of four days, the weekend between.
        let hours = [0, 1, 2, 5].flatMap { day in [9, 12, 15].map { Int64(day) * 24 + $0 } }
        let axis = axis(hours)
        #expect(axis.areBounds)
        #expect(axis.ticks.map(\.label) == ["2026-11-19", "2026-11-20", "2026-11-23"])
        #expect(axis.ticks.map(\.index) == [3, 6, 9])
    }

    @Test func dayEndsByTheClockOfTheZone() {
        let seoul = ZoneOffsets(fixed: .seconds(9 * 3_600))
        #expect(axis([10, 14, 16, 18], zone: seoul).ticks.map(\.index) == [2])
    }

    @Test(
        arguments: [
            (24 * 30, "2026-11-23"), (24 * 200, "2026-12"), (24 * 700, "2027-01"),
            (24 * 365 * 8, "2027"), (24 * 365 * 40, "2030"),
        ] as [(Int64, String)])
    func longerTimesHaveLongerUnits(_ span: Int64, _ first: String) {
        let axis = axis((0..<200).map { $0 * span / 200 })
        #expect(axis.areBounds && (1...TimeAxis.most).contains(axis.ticks.count))
        #expect(axis.ticks.first?.label == first)
    }

    @Test func oneDayTellsTimes() {
        let axis = axis([9, 10, 11, 12, 13, 14, 15])
        #expect(!axis.areBounds && axis.ticks.count == 6)
        #expect(axis.ticks.first?.label == "2026-11-18 09:00")
        #expect(axis.ticks.last?.label == "15:00")
    }

    @Test func noRowsHaveNoMarks() { #expect(axis([]).ticks.isEmpty) }
}

@Suite struct RefusalWordsTests {
    @Test func theMostFrequentComesFirst() {
        #expect(
            RefusalWords.text(["order_value": 2, "nothing held": 1_043, "already holds": 2])
                == "nothing held 1,043, already holds 2, order_value 2")
        #expect(RefusalWords.text([:]) == nil && RefusalWords.text(nil) == nil)
    }
}
