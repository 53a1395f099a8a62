import TradingModel

/// The mean of the last `length` floating-point values, without drift.
///
/// Nothing is ever subtracted: the window is the end of one block of `length` values and the
/// beginning of the next. The sums of all ends of a block are made when it is whole, so a push
/// costs O(1) amortised. Warm-up: first value at index `length` - 1. The order of additions is
/// fixed, so every machine gets the same bits.
struct RollingMean: Sendable {
    private var block: [Double]
    /// Of the block before: the sums from each place to its end, and 0 behind it.
    private var ends: [Double]
    private var at = 0
    private var sum: Double = 0
    private var isFull = false
    private(set) var value: Double?

    init(length: Int) {
        precondition(RollingSum.lengths.contains(length), "window length outside 1...512")
        block = Array(repeating: 0, count: length)
        ends = Array(repeating: 0, count: length + 1)
    }

    mutating func push(_ next: Double) {
        block[at] = next
        sum += next
        at += 1
        if at == block.count {
            isFull = true
            for index in block.indices.reversed() { ends[index] = ends[index + 1] + block[index] }
            value = sum / Double(block.count)
            at = 0
            sum = 0
        } else if isFull {
            value = (ends[at] + sum) / Double(block.count)
        }
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(at)
        hasher.combine(isFull)
        hasher.combine(sum)
        for value in block { hasher.combine(value) }
        for value in ends { hasher.combine(value) }
    }
}
