package import TradingModel

/// What comes and goes in the account without an order: somebody trades elsewhere, pays in, is paid a dividend.
extension PaperAccount {
    /// Nobody is told: it shows in holdings and cash alone.
    ///
    /// - Parameters:
    ///   - quantity: Below zero: that many go. What open sales hold never goes.
    ///   - change: Of cash; below zero: it goes.
    /// - Returns: Whether it can be; else nothing changed.
    package mutating func deal(
        _ instrument: InstrumentID?, _ quantity: Quantity, cash change: Money
    ) -> Bool {
        let (after, isOut) = cash.units.addingReportingOverflow(change.units)
        guard !isOut, after.magnitude <= Self.largestCash.units.magnitude else { return false }
        if let instrument {
            let index = Int(instrument.index)
            guard holdings.indices.contains(index),
                let held = try? holdings[index].quantity.adding(quantity), held.units != .min,
                quantity.units >= 0 || free(instrument).units >= -quantity.units
            else { return false }
            // Away they take their part of the cost; they come for what was paid.
            let before = holdings[index].quantity.units
            holdings[index].cost = holdings[index].cost.flatMap { cost in
                if quantity.units >= 0 {
                    let (sum, isOut) = cost.units.subtractingReportingOverflow(change.units)
                    return isOut || sum < 0 ? nil : Money(units: sum)
                }
                let (part, isOut) = (cost.units / Int128(max(1, before)))
                    .multipliedReportingOverflow(by: Int128(held.units))
                return isOut ? nil : Money(units: part)
            }
            holdings[index].quantity = held
        }
        cash += change
        return true
    }
}
