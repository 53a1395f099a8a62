import Foundation
import Synchronization

/// What a benchmark found, as one line of JSON on standard output; `Tools/bench` makes the table.
///
/// A ratio is the median of the ratios of pairs that ran one after the other, ours to the ceiling's.
package struct Finding: Encodable {
    /// What has to hold of the ratio, or of the value where there is no ceiling.
    package enum Goal {
        case atMost(Double)
        case atLeast(Double)
    }
    package var name: String
    package var unit: String
    /// Medians of all rounds, and their spread.
    package var median: Double
    package var low: Double
    package var high: Double
    package var rounds: Int
    package var ceilingName: String?
    package var ceiling: Double?
    package var ratio: Double?
    package var ratioLow: Double?
    package var ratioHigh: Double?
    package var goal: String?
    package var holds: Bool?
    /// A goal that is reported and fails nothing yet.
    package var isLater = false

    /// - Parameters:
    ///   - ours: One value a round; the first rounds, if they warm up, are left out by the caller.
    ///   - ceiling: The same rounds of the other side, in the same order.
    package init(
        _ name: String, unit: String, _ ours: [Double], against ceilingName: String? = nil,
        _ ceiling: [Double] = [], goal: Goal? = nil, isLater: Bool = false
    ) {
        precondition(!ours.isEmpty && (ceiling.isEmpty || ceiling.count == ours.count))
        self.name = name
        self.unit = unit
        self.isLater = isLater
        rounds = ours.count
        median = quantile(ours, 0.5)
        low = quantile(ours, 0)
        high = quantile(ours, 1)
        self.ceilingName = ceilingName
        var judged = median
        if !ceiling.isEmpty {
            self.ceiling = quantile(ceiling, 0.5)
            let ratios = zip(ours, ceiling).map { $0 / $1 }
            ratio = quantile(ratios, 0.5)
            ratioLow = quantile(ratios, 0)
            ratioHigh = quantile(ratios, 1)
            judged = quantile(ratios, 0.5)
        }
        switch goal {
        case .atMost(let most):
            self.goal = "<= \(most)"
            holds = judged <= most
        case .atLeast(let least):
            self.goal = ">= \(least)"
            holds = judged >= least
        case nil: break
        }
    }

    package func tell() {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        guard let line = try? encoder.encode(self) else { return }
        FileHandle.standardOutput.write(line + Data([10]))
    }
}

/// The value below which a share of the values lies, by the nearest rank.
package func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    guard sorted.count > 1 else { return sorted.first ?? .nan }
    if share == 0.5, sorted.count % 2 == 0 {
        return (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }
    return sorted[Int((Double(sorted.count - 1) * share).rounded())]
}

/// Says why a benchmark cannot go on, and ends it.
package func giveUp(_ why: String) -> Never {
    FileHandle.standardError.write(Data("\(why)\n".utf8))
    exit(1)
}

/// Takes a result so that the optimizer cannot drop what made it.
package func keep(_ value: Int) { kept.wrappingAdd(value, ordering: .relaxed) }
private let kept = Atomic<Int>(0)
