import Ports

/// Which instruments a canary's share comes to.
enum CanaryShare {
    static func inside(_ share: Int64, of strategy: String, _ symbols: [String]) -> [String] {
        symbols.filter { VersionPlan.lot(of: $0, in: strategy) < share }
    }

    /// - Returns: What to do where a canary would be heard nowhere, or everywhere; `nil` where it is well.
    static func emptiness(
        _ plan: VersionPlan, of strategy: String, _ symbols: [String]
    ) -> String? {
        guard case .canary(let share) = plan.other, !symbols.isEmpty else { return nil }
        guard inside(share, of: strategy, symbols).isEmpty else { return nil }
        let lots = symbols.map { VersionPlan.lot(of: $0, in: strategy) }
        // The smallest whole percentage with one inside.
        let least = ((lots.min() ?? 0) / 10_000 + 1) * 10_000
        return least < 1_000_000
            ? "the smallest share with one of \(symbols.joined(separator: ", ")) in it is"
                + " \(VersionPlan.percent(least))"
            : "with so few instruments none can be parted: use a shadow"
    }
}
