import Backtest
import Foundation
import Platform
import TradingModel

/// `madang backtest --sweep`.
enum SweepCommand {
    static func run(
        _ text: String, _ command: CommandInvocation, _ loader: ConfigurationLoader,
        _ configuration: HostConfiguration, _ stopper: Stopper
    ) async throws -> ExitCode {
        try refuseOthers(command)
        let grid: SweepGrid
        do { grid = try SweepGrid(text) } catch {
            throw RunError(.usage, "madang backtest: --sweep: \(error)")
        }
        let rank = SweepRank(rawValue: command.value(of: CommandLineShape.by) ?? "") ?? .profit
        guard let top = Int(command.value(of: CommandLineShape.top) ?? "10"), top > 0 else {
            throw RunError(.usage, "madang backtest: --top: a number from 1")
        }
        guard Set(configuration.accounts.map(\.currency)).count == 1 else {
            throw RunError(
                .usage,
                "madang backtest: --sweep: the accounts have several currencies, whose"
                    + " amounts do not add up")
        }
        let identity = try RunCommand.identity(
            loader, configuration, RunCommand.feed(configuration))
        let bar = BacktestCommand.progressBar("sweep", command)
        let clock = HostClock()
        let begun = clock.monotonic()
        let sweep = Sweep(
            grid: grid, configuration: configuration, base: loader.base, identity: identity,
            feed: { RunCommand.feed(configuration) },
            split: try BacktestCommand.split(
                command, configuration, RunCommand.feed(configuration)),
            cores: ProcessInfo.processInfo.activeProcessorCount
        ) { done in
            bar?.show(Double(done) / Double(grid.count), done: Double(done), unit: "runs")
        }
        let control = SweepControl()
        stopper.onStop { control.stop($0) }
        let result = try await sweep.run(control)
        bar?.clear()
        if result.trials.isEmpty, !result.isStopped {
            throw RunError(
                .usage,
                "no combination could be tried\n  " + (result.refusal ?? "none ended")
                    + (grid.looksLikeARange.map { "\n  a range is written \($0)" } ?? ""))
        }
        let table = SweepTable(
            axes: grid.axes.map(\.name), result: result, rank: rank, top: top,
            isSplit: sweep.split != nil, seconds: Double(clock.monotonic() - begun) / 1e9)
        if let path = command.value(of: CommandLineShape.combinations) {
            try BacktestCommand.write(table.csv, to: path, "the table")
        }
        if command.has(CommandLineShape.json) {
            StandardOutput.write(line: table.json)
        } else {
            table.lines.forEach { StandardOutput.write(line: $0) }
        }
        return result.isStopped ? .stopped : .good
    }

    private static func refuseOthers(_ command: CommandInvocation) throws {
        for option in [CommandLineShape.report, CommandLineShape.trades, CommandLineShape.keep]
        where command.has(option) {
            throw RunError(
                .usage,
                "madang backtest: --\(option.name) is of one run, --sweep makes many\n  give"
                    + " the configuration the parameters that you chose, and run it alone")
        }
    }
}

/// A sweep's outcome: for people, for programs, for a spreadsheet.
struct SweepTable {
    let axes: [String]
    let result: Sweep.Result
    /// What is compared by: not always what was asked for.
    let rank: SweepRank
    let top: Int
    let isSplit: Bool
    let seconds: Double
    /// Why it is not compared by what was asked for, or who has none of it.
    let remark: String?

    init(
        axes: [String], result: Sweep.Result, rank: SweepRank, top: Int, isSplit: Bool,
        seconds: Double
    ) {
        self.axes = axes
        self.result = result
        self.top = top
        self.isSplit = isSplit
        self.seconds = seconds
        (self.rank, remark) = rank.usable(result.trials)
    }

    private var best: ArraySlice<Sweep.Trial> { rank.sorted(result.trials).prefix(top) }

    var lines: [String] {
        var table = TextTable(
            axes.map { TextTable.Column.right($0) }
                + ["P&L", "return", "Sharpe", "drawdown", "trades", "won", "profit factor"].map {
                    .right($0)
                } + (isSplit ? [.right("P&L after"), .right("Sharpe after")] : []))
        for trial in best {
            let of = trial.statistics
            table.add(
                trial.values + [
                    StatisticWords.signed(of.profit),
                    StatisticWords.percent(of.totalReturn, signs: true),
                    of.sharpe.map { StatisticWords.ratio($0) } ?? "-",
                    StatisticWords.percent(-(of.drawdown?.share ?? 0)), "\(of.trades.closed)",
                    of.trades.winRate.map(StatisticWords.percent) ?? "-",
                    of.trades.profitFactor.map { StatisticWords.ratio($0) } ?? "-",
                ]
                    + (isSplit
                        ? [
                            trial.after.map { StatisticWords.signed($0.profit) } ?? "-",
                            trial.after?.sharpe.map { StatisticWords.ratio($0) } ?? "-",
                        ] : []))
        }
        let count = result.trials.count
        var lines = [
            "\(result.isStopped ? "stopped  " : "")\(counted(count, "run")) in"
                + " \(Figures.span(Int64(seconds * 1e9))), the best by \(rank.rawValue)"
                + (isSplit ? " before the split" : ""), "",
        ]
        lines += table.lines + [""]
        if let remark { lines.append(remark) }
        if let refusal = result.refusal {
            lines.append("\(counted(result.refused, "combination")) left out: \(refusal)")
        }
        return lines + SweepLuck(result.trials, by: rank).lines
    }

    private static let columns = [
        "profit", "total_return", "sharpe", "sortino", "max_drawdown", "closed_trades", "win_rate",
        "profit_factor", "fees",
    ]

    private static func cells(_ of: Statistics?) -> [String] {
        guard let of else { return columns.map { _ in "" } }
        func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        return [
            BacktestAnswer.amount(of.profit), text(of.totalReturn), text(of.sharpe),
            text(of.sortino), text(of.drawdown?.share ?? 0), "\(of.trades.closed)",
            text(of.trades.winRate), text(of.trades.profitFactor), BacktestAnswer.amount(of.fees),
        ]
    }

    /// Every combination, in the order of the grid.
    var csv: String {
        var rows = [
            axes + Self.columns + (isSplit ? Self.columns.map { $0 + "_after" } : [])
        ]
        for trial in result.trials {
            rows.append(
                trial.values + Self.cells(trial.statistics)
                    + (isSplit ? Self.cells(trial.after) : []))
        }
        return rows.map { $0.map(TradesFile.field).joined(separator: ",") + "\n" }.joined()
    }

    private struct Answer: Encodable {
        struct Trial: Encodable {
            var parameters: [String: String]
            var figures: BacktestAnswer.Figures
            var after: BacktestAnswer.Figures?
            var ledgerHash: String
        }
        var trials: Int
        var refused: Int
        var isStopped: Bool
        /// What the trials stand by.
        var by: String
        /// Why that is not what was asked for, or who has none of it.
        var remark: String?
        var seconds: Double
        var luckySharpe: Double?
        var agreement: Double?
        var best: [Trial]
    }

    var json: String {
        let luck = SweepLuck(result.trials, by: rank)
        let answer = Answer(
            trials: result.trials.count, refused: result.refused, isStopped: result.isStopped,
            by: rank.rawValue, remark: remark, seconds: seconds, luckySharpe: luck.sharpe,
            agreement: luck.agreement,
            best: best.map { trial in
                Answer.Trial(
                    parameters: Dictionary(
                        zip(axes, trial.values), uniquingKeysWith: { first, _ in first }),
                    figures: BacktestAnswer.figures(trial.statistics),
                    after: trial.after.map(BacktestAnswer.figures), ledgerHash: trial.ledgerHash)
            })
        let encoder = JSONEncoder.stable
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(answer) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
