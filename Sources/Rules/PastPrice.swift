import TradingModel

/// The price `length` events ago. Warm-up: first value at index `length`; 0 before.
struct PastPrice {
    private var window: [Int64]
    private var at = 0
    /// In units.
    private(set) var value: Int64 = 0

    init(length: Int) { window = Array(repeating: 0, count: length) }

    mutating func push(_ price: Int64) {
        value = window[at]
        window[at] = price
        at += 1
        if at == window.count { at = 0 }
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(at)
        hasher.combine(value)
        for price in window { hasher.combine(price) }
    }
}
