package import TradingModel

/// A line drawn from any number of values in bounded room: what a chart needs of millions.
///
/// Keeps first, lowest, highest and last of equal runs of values; when `room` runs are full, each two become one.
package struct Trace: Hashable, Sendable {
    package struct Span: Hashable, Sendable {
        package var from: Timestamp
        package var to: Timestamp
        package var first: Int128
        package var low: Int128
        package var high: Int128
        package var last: Int128
        /// Rows of the first and the last value.
        package var firstIndex: Int
        package var lastIndex: Int
    }
    package private(set) var spans: [Span] = []
    private let room: Int
    private var length = 1
    private var filled = 0
    private var index = 0

    /// - Parameter room: Even, at least 2.
    package init(room: Int = 1_024) { self.room = room }

    package mutating func add(_ value: Int128, at time: Timestamp) {
        defer { index += 1 }
        if filled > 0, filled < length {
            filled += 1
            spans[spans.count - 1].take(value, time, index)
            return
        }
        if spans.count == room { halve() }
        spans.append(
            Span(
                from: time, to: time, first: value, low: value, high: value, last: value,
                firstIndex: index, lastIndex: index))
        filled = 1
    }

    private mutating func halve() {
        var halved: [Span] = []
        halved.reserveCapacity(room)
        for at in stride(from: 0, to: spans.count - 1, by: 2) {
            var span = spans[at]
            span.join(spans[at + 1])
            halved.append(span)
        }
        spans = halved
        length *= 2
        filled = length
    }
}

extension Trace.Span {
    mutating func take(_ value: Int128, _ time: Timestamp, _ index: Int) {
        to = time
        low = min(low, value)
        high = max(high, value)
        last = value
        lastIndex = index
    }
    mutating func join(_ next: Trace.Span) {
        to = next.to
        low = min(low, next.low)
        high = max(high, next.high)
        last = next.last
        lastIndex = next.lastIndex
    }
}
