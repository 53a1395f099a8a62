public import TradingModel

/// A rule that is no more than a bound on the price, so that a table can hold it by its bound.
///
/// The bound is exact: the condition is true exactly at or beyond it, in ``Price/units``. While the
/// price stays on one side, the rule's outcome cannot change and its state need not be asked.
public enum PriceThreshold: Hashable, Sendable {
    /// True at this price and above.
    case atOrAbove(Price)
    /// True at this price and below.
    case atOrBelow(Price)

    public func holds(at price: Price) -> Bool {
        switch self {
        case .atOrAbove(let bound): price >= bound
        case .atOrBelow(let bound): price <= bound
        }
    }

    /// Where the outcome changes next: the bound itself while the condition is false, the nearest
    /// price on its other side while it is true.
    ///
    /// - Returns: `nil` when no price can change it.
    public func next(isTrue: Bool) -> PriceThreshold? {
        guard isTrue else { return self }
        switch self {
        case .atOrAbove(let bound):
            return bound.units == .min ? nil : .atOrBelow(Price(units: bound.units - 1))
        case .atOrBelow(let bound):
            return bound.units == .max ? nil : .atOrAbove(Price(units: bound.units + 1))
        }
    }

    /// - Returns: `nil` when the rule looks at more than the price, or at none a price can have.
    init?(_ layout: RuleLayout) {
        guard layout.comparisons.count == 1, layout.windows.isEmpty,
            let comparison = layout.comparisons.first,
            comparison.isExact, comparison.guarded == nil, comparison.end - comparison.first == 1,
            let part = layout.exactParts.first, part.source == .close
        else { return nil }
        var relation = comparison.relation
        for operation in layout.program where operation == .not {
            guard let opposite = relation.opposite else { return nil }
            relation = opposite
        }
        // weight x price + constant against 0 is price against -constant / weight.
        let flipped = part.weight < 0
        let weight = abs(part.weight)
        let limit = flipped ? comparison.exactConstant : -comparison.exactConstant
        let down = limit >= 0 || limit % weight == 0 ? limit / weight : limit / weight - 1
        let up = limit % weight == 0 ? down : down + 1
        switch flipped ? relation.mirrored : relation {
        case .above: self.init(above: down + 1)
        case .atLeast: self.init(above: up)
        case .below: self.init(below: up - 1)
        case .atMost: self.init(below: down)
        case .equal, .crossAbove, .crossBelow: return nil
        }
    }

    private init?(above units: Int128) {
        guard let units = Int64(exactly: units) else { return nil }
        self = .atOrAbove(Price(units: units))
    }

    private init?(below units: Int128) {
        guard let units = Int64(exactly: units) else { return nil }
        self = .atOrBelow(Price(units: units))
    }
}
