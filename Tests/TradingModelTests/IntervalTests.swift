import TestKit
import Testing
import TradingModel

@Suite struct IntervalTests {
    @Test(
        arguments: [
            ("1s", 1, "1s"), ("60s", 60, "1m"), ("90s", 90, "90s"), ("1m", 60, "1m"),
            ("5m", 300, "5m"), ("60m", 3_600, "1h"), ("4h", 14_400, "4h"), ("24h", 86_400, "1d"),
            ("1d", 86_400, "1d"), ("7d", 604_800, "1w"), ("1w", 604_800, "1w"),
            ("366d", 31_622_400, "366d"),
        ] as [(String, Int64, String)])
    func reads(_ text: String, seconds: Int64, shortest: String) throws {
        let interval = try #require(Interval(text))
        #expect(interval.nanoseconds == seconds * 1_000_000_000)
        #expect(interval.description == shortest)
        #expect(Interval(seconds: seconds) == interval)
    }

    @Test(
        arguments: [
            "", "m", "1", "0m", "-1m", "1.5m", "1 m", "1M", "1y", "367d", "53w", "99999w",
            "100000s",
            "9223372036854775807s", "m1", "1mm",
        ])
    func refuses(_ text: String) { #expect(Interval(text) == nil) }

    @Test(arguments: [0, -1, 366 * 86_400 + 1, Int64.max, .min])
    func refusesSeconds(_ seconds: Int64) { #expect(Interval(seconds: seconds) == nil) }

    @Test func textComesBackAsTheSameInterval() {
        var random = SeededRandom(41)
        for _ in 0..<trials(5_000) {
            let seconds = Int64.random(in: 1...366 * 86_400, using: &random)
            guard let interval = Interval(seconds: seconds) else {
                Issue.record("\(seconds) s is refused")
                return
            }
            // Five digits at most are read: longer odd numbers of seconds are written, not read.
            let digits = interval.description.count - 1
            #expect(Interval(interval.description) == (digits <= 5 ? interval : nil))
        }
    }

    @Test func ordersByLength() throws {
        let words = ["1s", "59s", "1m", "61s", "1h", "25h", "2d", "1w"]
        let intervals = words.compactMap { Interval($0) }
        #expect(intervals.count == words.count && intervals == intervals.sorted())
    }

    @Test func timesSaturateAtTheEndsOfTheRange() {
        var random = SeededRandom(42)
        for _ in 0..<trials(10_000) {
            let (time, span) = (random.anyInt64(), random.anyInt64())
            let sum = Int128(time) + Int128(span)
            let moved = Timestamp(nanoseconds: time).advanced(by: Nanoseconds(span))
            #expect(moved.nanoseconds == Int64(clamping: sum))
            let since = Timestamp(nanoseconds: time).since(Timestamp(nanoseconds: span))
            #expect(since.count == Int64(clamping: Int128(time) - Int128(span)))
        }
    }
}
