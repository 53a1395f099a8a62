import Backtest
import Foundation
import Platform
import Ports
import Strategies
import TradingModel

/// Many backtests of one configuration, each with other parameters, on every core.
struct Sweep: Sendable {
    let grid: SweepGrid
    let configuration: HostConfiguration
    let base: String
    let identity: String
    let feed: @Sendable () throws -> any RecordedFeed
    let split: Timestamp?
    let cores: Int
    /// Told behind each: how many are through.
    let progress: @Sendable (Int) -> Void

    struct Trial: Sendable {
        let values: [String]
        /// Of the whole, or of what came before the split: what trials are compared by.
        let statistics: Statistics
        /// Of what came since the split.
        let after: Statistics?
        let ledgerHash: String
    }
    struct Result: Sendable {
        var trials: [Trial] = []
        /// Combinations that a strategy refuses, with the first one's words.
        var refused = 0
        var refusal: String?
        var isStopped = false
    }

    /// - Throws: ``RunError``: of the first that failed.
    func run(_ control: SweepControl) async throws -> Result {
        let targets = try grid.axes.map { try target(of: $0) }
        let next = Locked(0)
        let found = Locked<[Int: Trial]>([:])
        let refusals = Locked<[Int: String]>([:])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(cores, grid.count)) {
                group.addTask {
                    while true {
                        let index = next.withLock { next in
                            defer { next += 1 }
                            return next
                        }
                        guard index < grid.count, !control.isStopped else { return }
                        do throws(Refusal) {
                            let changed = try changed(grid[index], targets)
                            let trial = try await trial(changed, index, control)
                            if let trial { found.withLock { $0[index] = trial } }
                        } catch {
                            switch error {
                            case .parameters(let why): refusals.withLock { $0[index] = why }
                            case .run(let error): throw error
                            }
                        }
                        progress(found.withLock { $0.count } + refusals.withLock { $0.count })
                    }
                }
            }
            try await group.waitForAll()
        }
        var result = Result()
        // In the order of the grid, whichever was through first.
        result.trials = found.withLock { found in found.keys.sorted().compactMap { found[$0] } }
        refusals.withLock { refusals in
            result.refused = refusals.count
            result.refusal = refusals.keys.min().flatMap { refusals[$0] }
        }
        result.isStopped = control.isStopped
        return result
    }

    private enum Refusal: Error {
        case parameters(String)
        case run(any Error)
    }

    private func trial(
        _ configuration: HostConfiguration, _ index: Int, _ control: SweepControl
    ) async throws(Refusal) -> Trial? {
        do {
            var run = BacktestRun(
                configuration: configuration, base: base, identity: identity, feed: try feed(),
                observer: BacktestObserver(nil, complaints: { _ in }))
            run.split = split
            run.onSession = { control.began(index, $0) }
            defer { control.ended(index) }
            let outcome = try await run.run()
            guard outcome.summary.end == "finished", let purse = outcome.purse else { return nil }
            let part: Accounting.Part = split == nil ? .whole : .before
            guard let statistics = outcome.accounting.statistics(purse, part) else {
                throw RunError(.usage, "no row comes before the day of --split")
            }
            if split != nil, outcome.accounting.purses[purse].after == nil {
                throw RunError(.usage, "no row comes on or after the day of --split")
            }
            return Trial(
                values: grid[index], statistics: statistics,
                after: split == nil ? nil : outcome.accounting.statistics(purse, .after),
                ledgerHash: outcome.summary.ledgerHash)
        } catch {
            if control.isStopped { return nil }
            throw .run(error)
        }
    }

    // MARK: Parameters

    private struct Target: Sendable {
        let strategies: [Int]
        let parameter: String
    }

    /// Whose parameter an axis names.
    private func target(of axis: SweepGrid.Axis) throws -> Target {
        let all = configuration.strategies
        for (index, setting) in all.enumerated() where axis.name.hasPrefix(setting.name + ".") {
            let parameter = String(axis.name.dropFirst(setting.name.count + 1))
            if owns(setting, parameter) { return Target(strategies: [index], parameter: parameter) }
        }
        let owners = all.indices.filter { owns(all[$0], axis.name) }
        guard owners.count <= 1 else {
            let names = owners.map { all[$0].name + "." + axis.name }
            throw RunError(
                .usage,
                "madang backtest: --sweep: several strategies have '\(axis.name)'\n  say which: "
                    + names.joined(separator: ", "))
        }
        guard let owner = owners.first else { throw unknown(axis.name) }
        return Target(strategies: [owner], parameter: axis.name)
    }

    /// Rules are named as strategies are, and their keys read like parameters.
    private func unknown(_ name: String) -> RunError {
        let known = Set(configuration.strategies.flatMap { names(of: $0) }).sorted()
        let there = "there are: " + (known.isEmpty ? "none" : known.joined(separator: ", "))
        let rule = configuration.rules.first { name.hasPrefix($0.name + ".") }
        guard let rule else {
            let rules =
                known.isEmpty && !configuration.rules.isEmpty
                ? "\n  rules have none: write each 'when' that you compare as a rule of its own"
                : ""
            return RunError(
                .usage,
                "madang backtest: --sweep: no strategy has a parameter '\(name)'\n  \(there)\(rules)"
            )
        }
        return RunError(
            .usage,
            "madang backtest: --sweep: '\(rule.name)' is a rule, and rules have no parameters\n "
                + " --sweep tries parameters of strategies; \(there)\n  write each variant that you"
                + " compare as a rule of its own, or run each alone")
    }

    private func names(of setting: StrategySetting) -> [String] {
        switch setting.kind {
        case .builtIn(let builtIn): builtIn.parameters.map(\.name)
        case .scanner: []
        case .server: Array(setting.parameters.keys)
        }
    }
    /// A server is asked for what its configuration gives it.
    private func owns(_ setting: StrategySetting, _ parameter: String) -> Bool {
        names(of: setting).contains(parameter)
    }

    private func changed(
        _ values: [String], _ targets: [Target]
    ) throws(Refusal) -> HostConfiguration {
        var changed = configuration
        for (target, value) in zip(targets, values) {
            for index in target.strategies {
                changed.strategies[index].parameters[target.parameter] = value
            }
        }
        for setting in changed.strategies {
            guard case .builtIn(let builtIn) = setting.kind else { continue }
            do { _ = try builtIn.make(parameters: setting.parameters) } catch {
                throw .parameters("\(error)")
            }
        }
        return changed
    }
}

/// Stops every backtest of a sweep. Any thread.
final class SweepControl: Sendable {
    private struct State {
        var reason: String?
        var sessions: [Int: RunSession] = [:]
    }
    private let state = Locked(State())

    var isStopped: Bool { state.withLock { $0.reason != nil } }

    func stop(_ reason: String) {
        let sessions = state.withLock { state in
            state.reason = reason
            return Array(state.sessions.values)
        }
        for session in sessions { session.stop(reason) }
    }

    func began(_ index: Int, _ session: RunSession) {
        let reason = state.withLock { state in
            state.sessions[index] = session
            return state.reason
        }
        if let reason { session.stop(reason) }
    }
    func ended(_ index: Int) { state.withLock { $0.sessions[index] = nil } }
}
