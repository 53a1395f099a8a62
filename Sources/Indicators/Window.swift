import TradingModel

/// The last `length` values: each push hands back the one that leaves, 0 while there is none.
struct Window: Sendable {
    private var values: [Int64]
    private var at = 0
    private(set) var isFull = false

    init(length: Int) {
        precondition(RollingSum.lengths.contains(length), "window length outside 1...512")
        values = Array(repeating: 0, count: length)
    }

    var length: Int { values.count }

    mutating func push(_ value: Int64) -> Int64 {
        let oldest = values[at]
        values[at] = value
        at += 1
        if at == values.count {
            at = 0
            isFull = true
        }
        return oldest
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(isFull)
        hasher.combine(at)
        for value in values { hasher.combine(value) }
    }
}
