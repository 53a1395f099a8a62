import Ports
import TestKit
import Testing

@testable import Host

@Suite struct LatencyHistogramTests {
    @Test func nothingRecordedIsNothingTold() { #expect(LatencyHistogram().latency == nil) }

    @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 1_000_000, Int64.max] as [Int64])
    func oneValueIsEachFigure(_ value: Int64) {
        var histogram = LatencyHistogram()
        histogram.record(value)
        #expect(
            histogram.latency == Latency(count: 1, p50: value, p90: value, p99: value, max: value))
    }

    @Test func manyOfOneTimeCountAsMany() {
        var histogram = LatencyHistogram()
        histogram.record(7, times: 99)
        histogram.record(20, times: 1)
        let told = Latency(count: 100, p50: 7, p90: 7, p99: 7, max: 20)
        #expect(histogram.latency == told)
        histogram.record(20)
        #expect(histogram.latency?.p99 == 20)
    }

    @Test func aClockThatWentBackCountsAsNoTime() {
        var histogram = LatencyHistogram()
        histogram.record(-5)
        #expect(histogram.latency == Latency(count: 1, p50: 0, p90: 0, p99: 0, max: 0))
    }

    /// Against the sorted values: never below, at most a fifteenth above.
    @Test(arguments: seeds(0..<20))
    func figuresAreCloseToTheTrueOnes(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        var histogram = LatencyHistogram()
        var values: [Int64] = []
        for _ in 0..<Int.random(in: 1...3_000, using: &random) {
            let value = Int64.random(
                in: 0...(1 << Int64.random(in: 1...40, using: &random)), using: &random)
            values.append(value)
            histogram.record(value)
        }
        values.sort()
        let told = try #require(histogram.latency)
        #expect(told.count == values.count && told.max == values.last)
        for (percent, figure) in [(50, told.p50), (90, told.p90), (99, told.p99)] {
            let true_ = values[(values.count * percent + 99) / 100 - 1]
            #expect(figure >= true_)
            #expect(Double(figure) <= Double(true_) * 1.0667 + 1)
        }
    }
}
