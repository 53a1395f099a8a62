import Backtest
import Foundation
import TradingModel

/// What the combinations of a sweep are compared by.
enum SweepRank: String, CaseIterable, Sendable {
    case profit
    case sharpe
    case sortino
    case profitFactor = "profit_factor"
    case drawdown

    /// More is better; `nil` comes last. Gains without any loss are beyond every ratio; who never traded has lost
    /// nothing and is no best for it.
    func figure(_ of: Statistics) -> Double? {
        switch self {
        case .profit: Double(of.profit.units) / Double(Money.scale)
        case .sharpe: of.sharpe
        case .sortino:
            of.sortino
                ?? (of.days >= Statistics.fewestReturns && of.profit > .zero ? .infinity : nil)
        case .profitFactor:
            of.trades.profitFactor ?? (of.trades.grossProfit > .zero ? .infinity : nil)
        case .drawdown: of.hasTraded ? -(of.drawdown?.share ?? 0) : nil
        }
    }

    /// As people call what it compares by.
    var words: String {
        switch self {
        case .profit: "P&L"
        case .sharpe: "Sharpe"
        case .sortino: "Sortino"
        case .profitFactor: "profit factor"
        case .drawdown: "drawdown"
        }
    }

    /// What a statistic of this kind needs, where a combination may have none.
    fileprivate var need: String {
        switch self {
        case .profit: "a row"
        case .sharpe: "\(Statistics.fewestReturns) daily returns that differ"
        case .sortino: "\(Statistics.fewestReturns) daily returns and a day of gain or loss"
        case .profitFactor: "a closed trade with a gain or a loss"
        case .drawdown: "a trade"
        }
    }

    /// What is compared by in truth: where no combination has the figure that was asked for, their profit. Those that
    /// have none beside others that do are said to stand last.
    func usable(_ trials: [Sweep.Trial]) -> (rank: SweepRank, remark: String?) {
        let without = trials.count { figure($0.statistics) == nil }
        guard without > 0 else { return (self, nil) }
        guard without < trials.count else {
            return (
                .profit, "no combination has a \(words), which needs \(need): compared by profit"
            )
        }
        return (
            self,
            "\(counted(without, "combination")) \(without == 1 ? "has" : "have") no \(words), which"
                + " needs \(need), and \(without == 1 ? "stands" : "stand") last"
        )
    }

    /// The best first; between those that lost nothing the one with more profit, and the order of the grid between
    /// equals.
    func sorted(_ trials: [Sweep.Trial]) -> [Sweep.Trial] {
        let figures = trials.map { figure($0.statistics) ?? -.infinity }
        return trials.indices.sorted {
            if figures[$0] != figures[$1] { return figures[$0] > figures[$1] }
            let (one, other) = (trials[$0].statistics.profit, trials[$1].statistics.profit)
            return figures[$0] == .infinity && one != other ? one > other : $0 < $1
        }.map { trials[$0] }
    }
}

/// How much a sweep's best may owe to luck.
struct SweepLuck {
    let trials: Int
    /// Up to here the best Sharpe ratio is expected among so many that are worth nothing, by the spread
    /// of those found; `nil` where there are none.
    let sharpe: Double?
    /// Between the places before and after the split, -1 to 1 (Spearman); `nil` without a split.
    let agreement: Double?
    /// Why there is none behind a split.
    private let apart: String?

    init(_ trials: [Sweep.Trial], by rank: SweepRank) {
        self.trials = trials.count
        let ratios = trials.compactMap(\.statistics.sharpe)
        // E[max of n] <= sigma sqrt(2 ln n), for normal values.
        if ratios.count >= 2 {
            let mean = ratios.reduce(0, +) / Double(ratios.count)
            let variance =
                ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ratios.count - 1)
            sharpe = variance.squareRoot() * (2 * log(Double(ratios.count))).squareRoot()
        } else {
            sharpe = nil
        }
        let pairs = trials.compactMap { trial -> (Double, Double)? in
            guard let before = rank.figure(trial.statistics),
                let after = trial.after.flatMap({ rank.figure($0) })
            else { return nil }
            return (before, after)
        }
        agreement = Self.spearman(pairs)
        let isSplit = trials.contains { $0.after != nil }
        apart = isSplit && agreement == nil ? Self.apart(trials, pairs, rank) : nil
    }

    /// Why places before and after a split agree to no figure.
    private static func apart(
        _ trials: [Sweep.Trial], _ pairs: [(Double, Double)], _ rank: SweepRank
    ) -> String {
        guard trials.count >= 3 else { return "there are fewer than three combinations" }
        guard pairs.count >= 3 else {
            let count = trials.count { trial in
                trial.after.flatMap { rank.figure($0) } != nil
            }
            let who =
                count == 0
                ? "none of the combinations has" : "fewer than three of the combinations have"
            let side = count < 3 ? "after it" : "on both sides"
            return "\(who) a figure \(side) (\(rank.words)), which needs \(rank.need)"
        }
        let isBefore = Set(pairs.map(\.0)).count == 1
        return "all combinations are alike \(isBefore ? "before" : "after") it in what they are"
            + " ranked by (\(rank.words))"
    }

    static func spearman(_ pairs: [(Double, Double)]) -> Double? {
        guard pairs.count >= 3 else { return nil }
        let (a, b) = (places(pairs.map(\.0)), places(pairs.map(\.1)))
        let mean = Double(pairs.count + 1) / 2
        var (both, first, second) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            both += (x - mean) * (y - mean)
            first += (x - mean) * (x - mean)
            second += (y - mean) * (y - mean)
        }
        guard first > 0, second > 0 else { return nil }
        return both / (first * second).squareRoot()
    }

    /// From 1; equals share the mean of theirs.
    private static func places(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var places = values
        var at = 0
        while at < order.count {
            var end = at
            while end + 1 < order.count, values[order[end + 1]] == values[order[at]] { end += 1 }
            for index in order[at...end] { places[index] = Double(at + end) / 2 + 1 }
            at = end + 1
        }
        return places
    }

    /// What a reader of the table must know.
    var lines: [String] {
        var lines = [
            "\(counted(trials, "combination")) tried on the same data: the best of so many looks"
                + " good by luck alone"
        ]
        if let sharpe {
            lines.append(
                "  among as many that are worth nothing, a Sharpe of up to"
                    + " \(StatisticWords.ratio(sharpe)) is expected for the best")
        }
        if let agreement {
            lines.append(
                "  places before and after the split agree to \(StatisticWords.ratio(agreement))"
                    + " (1: fully, 0: not at all): judge by what came after")
        } else if let apart {
            lines.append("  places before and after the split cannot be compared: \(apart)")
        } else {
            lines.append(
                "  keep days aside that the search does not see: --split DAY, and judge by what"
                    + " came after")
        }
        return lines
    }
}
