package import TradingModel

extension Accounting {
    package enum Part: Hashable, Sendable { case whole, before, after }

    /// - Returns: `nil` for a part that had no row.
    package func statistics(_ purse: Int, _ part: Part = .whole) -> Statistics? {
        let curve: EquityCurve? =
            switch part {
            case .whole: purses[purse].whole
            case .before: purses[purse].before
            case .after: purses[purse].after
            }
        guard let curve, part == .whole || curve.from != nil else { return nil }
        var statistics = Statistics(curve)
        let sums = sums(purse, part)
        statistics.traded = sums.traded
        statistics.fees = sums.fees
        statistics.tax = sums.tax
        statistics.slippage = sums.slippage
        if curve.start.units > 0 {
            statistics.turnover = Double(sums.traded.units) / Double(curve.start.units)
        }
        let accounts = purses[purse].accounts
        statistics.trades = TradeStatistics(
            trips(part).filter { accounts.contains($0.account) })
        return statistics
    }

    /// Those that ended in the part; what is open belongs to the last.
    package func trips(_ part: Part) -> [RoundTrip] {
        guard let split, part != .whole else { return trips.all }
        return trips.all.filter { trip in
            let isBefore = trip.exit.map { $0.time < split } ?? false
            return isBefore == (part == .before)
        }
    }

    /// Of the trades that a source opened, whoever closed them.
    package func trades(of source: SourceID) -> TradeStatistics {
        TradeStatistics(trips.all.filter { $0.source == source })
    }

    private func sums(_ purse: Int, _ part: Part) -> Sums {
        let whole = sums[purse]
        guard let before = sumsBefore?[purse] else { return part == .after ? Sums() : whole }
        switch part {
        case .whole: return whole
        case .before: return before
        case .after:
            return Sums(
                traded: whole.traded - before.traded, fees: whole.fees - before.fees,
                tax: whole.tax - before.tax, slippage: whole.slippage - before.slippage)
        }
    }
}
