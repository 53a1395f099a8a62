import TradingModel
import Testing

@testable import Backtest

@Suite struct TraceTests {
    /// Nothing is lost of what a chart may show: ends, extremes and their order.
    @Test(arguments: [0, 1, 2, 7, 8, 9, 63, 64, 1_000, 4_097])
    func keepsEndsAndExtremes(_ count: Int) {
        var random = SystemRandomNumberGenerator()
        let values = (0..<count).map { _ in Int128(Int64.random(in: -999...999, using: &random)) }
        var trace = Trace(room: 8)
        for (index, value) in values.enumerated() {
            trace.add(value, at: Timestamp(nanoseconds: Int64(index)))
        }
        #expect(trace.spans.count <= 8)
        #expect(trace.spans.first?.first == values.first)
        #expect(trace.spans.last?.last == values.last)
        var next = 0
        for span in trace.spans {
            #expect(span.firstIndex == next)
            next = span.lastIndex + 1
            let part = values[span.firstIndex...span.lastIndex]
            #expect(span.low == part.min())
            #expect(span.high == part.max())
            #expect(span.first == part.first)
            #expect(span.last == part.last)
            #expect(span.from.nanoseconds == Int64(span.firstIndex))
            #expect(span.to.nanoseconds == Int64(span.lastIndex))
        }
        #expect(next == count)
    }
}
