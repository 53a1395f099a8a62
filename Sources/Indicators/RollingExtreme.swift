public import TradingModel

/// The highest or lowest of the last `length` prices.
///
/// Warm-up: full from index `length` - 1 on. A queue holds only those that can still become the
/// extreme, each better than the next: a push costs O(1) amortised, whatever the length.
public struct RollingExtreme: Sendable {
    public enum Side: Sendable { case highest, lowest }

    private struct Entry: Sendable {
        var value: Int64
        var index: Int64
    }
    private let flip: Int64
    /// A ring: `count` entries from `head` on.
    private var entries: [Entry]
    private var head = 0
    private var count = 0
    private var pushed: Int64 = 0

    /// - Parameter length: In ``RollingSum/lengths``; what users wrote is checked before.
    public init(_ side: Side, length: Int) {
        precondition(RollingSum.lengths.contains(length), "window length outside 1...512")
        // All bits turned over reverse the order of integers, at both ends too.
        flip = side == .highest ? 0 : -1
        entries = Array(repeating: Entry(value: 0, index: 0), count: length)
    }

    public var length: Int { entries.count }
    public var isFull: Bool { pushed >= entries.count }
    /// The extreme of what is in the window, in units; 0 before the first.
    public var units: Int64 { count == 0 ? 0 : entries[head].value ^ flip }
    /// `nil` while warming up.
    public var price: Price? { isFull ? Price(units: units) : nil }

    public mutating func push(_ price: Price) {
        let value = price.units ^ flip
        if count > 0, entries[head].index <= pushed - Int64(entries.count) {
            head = next(head)
            count -= 1
        }
        while count > 0, entries[place(count - 1)].value <= value { count -= 1 }
        entries[place(count)] = Entry(value: value, index: pushed)
        count += 1
        pushed += 1
    }

    private func next(_ place: Int) -> Int { place + 1 == entries.count ? 0 : place + 1 }
    private func place(_ offset: Int) -> Int {
        let place = head + offset
        return place < entries.count ? place : place - entries.count
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine(flip)
        hasher.combine(entries.count)
        hasher.combine(min(pushed, Int64(entries.count)))
        for offset in 0..<count {
            let entry = entries[place(offset)]
            hasher.combine(entry.value)
            hasher.combine(pushed - entry.index)
        }
    }
}
