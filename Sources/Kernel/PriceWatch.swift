import Rules
import TradingModel

/// The bounds at which an instrument's price rules change their outcome next, in order.
///
/// Two heaps: bounds above the price, the lowest first, and bounds below it, the highest first. A
/// tick between both firsts can change nothing; one that reaches some costs O(log n) for each. Each
/// rule stands in one of them, for it is either true or not.
struct PriceWatch {
    private struct Bound {
        let units: Int64
        /// Among the watched rules of the instrument.
        let rule: Int32
    }
    private let thresholds: [PriceThreshold]
    private var rising: [Bound] = []
    private var falling: [Bound] = []
    /// Those that the last tick reached, in their order.
    private(set) var reached: [Int32] = []

    init(_ thresholds: [PriceThreshold]) { self.init(thresholds.map { ($0, isTrue: false) }) }

    /// - Parameter rules: Each with whether it holds at the last price it was asked about.
    init(_ rules: [(threshold: PriceThreshold, isTrue: Bool)]) {
        thresholds = rules.map(\.threshold)
        rising.reserveCapacity(rules.count)
        falling.reserveCapacity(rules.count)
        for (index, rule) in rules.enumerated() {
            if let next = rule.threshold.next(isTrue: rule.isTrue) { arm(Int32(index), next) }
        }
    }

    /// A price at or above it reaches something; past every price where there is nothing.
    var upper: Int64 { rising.first?.units ?? .max }
    /// A price at or below it reaches something.
    var lower: Int64 { falling.first?.units ?? .min }

    /// Takes out what the price reaches, into ``reached``, and puts it where it changes back.
    mutating func take(_ price: Price) {
        reached.removeAll(keepingCapacity: true)
        while let first = rising.first, price.units >= first.units {
            reached.append(first.rule)
            Self.removeFirst(&rising) { $0.units < $1.units }
        }
        while let first = falling.first, price.units <= first.units {
            reached.append(first.rule)
            Self.removeFirst(&falling) { $0.units > $1.units }
        }
        reached.sort()
        for rule in reached {
            let threshold = thresholds[Int(rule)]
            if let next = threshold.next(isTrue: threshold.holds(at: price)) { arm(rule, next) }
        }
    }

    private mutating func arm(_ rule: Int32, _ threshold: PriceThreshold) {
        switch threshold {
        case .atOrAbove(let bound):
            Self.insert(Bound(units: bound.units, rule: rule), into: &rising) {
                $0.units < $1.units
            }
        case .atOrBelow(let bound):
            Self.insert(Bound(units: bound.units, rule: rule), into: &falling) {
                $0.units > $1.units
            }
        }
    }

    private static func insert(
        _ bound: Bound, into heap: inout [Bound], before: (Bound, Bound) -> Bool
    ) {
        heap.append(bound)
        var at = heap.count - 1
        while at > 0, before(heap[at], heap[(at - 1) / 2]) {
            heap.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    private static func removeFirst(
        _ heap: inout [Bound], before: (Bound, Bound) -> Bool
    ) {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var at = 0
        while true {
            var best = at
            let (left, right) = (2 * at + 1, 2 * at + 2)
            if left < heap.count, before(heap[left], heap[best]) { best = left }
            if right < heap.count, before(heap[right], heap[best]) { best = right }
            guard best != at else { return }
            heap.swapAt(at, best)
            at = best
        }
    }
}
