/// Finds less that breaks the same promise: kinds of faults, single faults and steps are left out while it does.
package struct Shrinker {
    /// Runs that it may take.
    private var budget: Int
    private let rule: Violation.Rule
    package private(set) var best: Simulation.Case
    package private(set) var outcome: Simulation.Outcome

    /// - Parameter outcome: Of `start`; it has a violation.
    package init(_ start: Simulation.Case, _ outcome: Simulation.Outcome, budget: Int = 400) {
        best = start
        self.outcome = outcome
        self.budget = budget
        rule = outcome.violations.first?.rule ?? .rest
    }

    package mutating func shrink() {
        dropKinds()
        cutSteps()
        dropFaults()
        dropKinds()
    }

    private mutating func tryOut(_ candidate: Simulation.Case) -> Bool {
        guard budget > 0 else { return false }
        budget -= 1
        let found = Simulation.run(candidate)
        guard found.violations.contains(where: { $0.rule == rule }) else { return false }
        best = candidate
        outcome = found
        return true
    }

    private mutating func dropKinds() {
        for kind in struckKinds() {
            var candidate = best
            candidate.omissions.kinds.insert(kind)
            _ = tryOut(candidate)
        }
    }

    private func struckKinds() -> [Fault] {
        var kinds: Set<Fault> = []
        for entry in outcome.history.entries {
            if case .struck(let fault, _) = entry.what { kinds.insert(fault) }
        }
        return Fault.allCases.filter(kinds.contains)
    }

    /// By halves: strategies fall silent earlier.
    private mutating func cutSteps() {
        var (least, most) = (UInt64(0), min(best.until, outcome.steps))
        while least + 1 < most, budget > 0 {
            let middle = (least + most) / 2
            var candidate = best
            candidate.until = middle
            if tryOut(candidate) { most = middle } else { least = middle }
        }
    }

    /// In runs that get shorter: first half of all faults, in the end one by one.
    private mutating func dropFaults() {
        var length = max(1, outcome.faults / 2)
        while budget > 0 {
            var first: UInt64 = 1
            while first <= outcome.faults, budget > 0 {
                var candidate = best
                candidate.omissions.numbers.formUnion(first...(first + length - 1))
                if candidate != best { _ = tryOut(candidate) }
                first += length
            }
            guard length > 1 else { return }
            length /= 2
        }
    }
}
