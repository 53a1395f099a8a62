import Foundation
import Glibc
import Host
import Platform
import TradingModel

/// What `madang kill` was asked for.
struct KillWish {
    let on: Bool
    let account: String?
    let strategy: String?
    let flattens: Bool
    let holdsExits: Bool
    let reason: String
    private let isConfirmed: Bool

    init(_ command: CommandInvocation) throws(RunError) {
        on = !command.has(CommandLineShape.off)
        account = command.value(of: CommandLineShape.killAccount)
        strategy = command.value(of: CommandLineShape.killStrategy)
        flattens = command.has(CommandLineShape.flatten)
        holdsExits = command.has(CommandLineShape.holdExits)
        reason = command.value(of: CommandLineShape.reason) ?? "by command"
        isConfirmed = command.has(CommandLineShape.yes)
        func usage(_ text: String) -> RunError { RunError(.usage, text) }
        if account != nil, strategy != nil {
            throw usage("--account and --strategy are two orders: give one after the other")
        }
        if !on, flattens || holdsExits {
            throw usage(
                "--off ends selling and holding with the rest: leave out"
                    + " --\(flattens ? "flatten" : "hold-exits")")
        }
        if flattens, holdsExits {
            throw usage("--flatten sells, --hold-exits keeps exits from selling: choose one")
        }
        if flattens, strategy != nil {
            throw usage(
                "a position is an account's and not a strategy's: --flatten goes with --account, or"
                    + " with neither")
        }
        if holdsExits, account != nil || strategy != nil {
            throw usage(
                "exits are held for all: --hold-exits goes without --account and --strategy")
        }
    }

    var isOfAll: Bool { account == nil && strategy == nil }

    /// `for account demo`, behind `on`; empty for all.
    var words: String {
        account.map { " for account \($0)" } ?? strategy.map { " for strategy \($0)" } ?? ""
    }

    /// A name that nobody has would stop nobody.
    func check(against configuration: HostConfiguration) throws(RunError) {
        func check(_ name: String?, _ what: String, _ known: [String]) throws(RunError) {
            guard on, let name, !known.contains(name) else { return }
            let near = nearestName(to: name, in: known).map { "   did you mean '\($0)'?" } ?? ""
            throw RunError(
                .refused,
                "the configuration has no \(what) '\(name)'\(near)\n  to be safe at once, stop all:"
                    + " madang kill")
        }
        try check(account, "account", configuration.accounts.map(\.name))
        try check(
            strategy, "strategy",
            configuration.strategies.map(\.name) + configuration.rules.map(\.name))
    }

    /// Selling everything is asked twice.
    func confirm() throws(RunError) {
        guard flattens, !isConfirmed else { return }
        let what =
            account.map { "everything that account \($0) holds" } ?? "everything that is held"
        guard isatty(STDIN_FILENO) == 1 else {
            throw RunError(
                .usage, "--flatten sells \(what), at any price\n  say --yes if that is meant")
        }
        FileHandle.standardError.write(
            Data("\(what) is sold at once, at any price. Type yes: ".utf8))
        guard readLine()?.lowercased() == "yes" else {
            throw RunError(.refused, "nothing was changed")
        }
    }

    func turn(_ order: inout KillOrder) throws(RunError) {
        if let account {
            guard on || order.accounts[account] != nil else { throw notOn() }
            if on {
                order.stop(account: account, flattens: flattens)
            } else {
                order.accounts[account] = nil
            }
        } else if let strategy {
            guard on || order.strategies[strategy] != nil else { throw notOn() }
            order.strategies[strategy] =
                on ? KillOrder.Part(reason: String(order.said.prefix(300))) : nil
        } else {
            order.turn(on)
            if flattens { order.flattens = true }
            if holdsExits { order.holdsExits = true }
        }
    }
    private func notOn() -> RunError {
        RunError(.refused, "the kill switch is not on\(words)")
    }

    /// Whether a host that answered, a later order perhaps, goes by this one too.
    func stands(in order: KillOrder) -> Bool {
        if let account {
            let part = order.accounts[account]
            return (part != nil) == on && (!flattens || part?.flattens == true)
        }
        if let strategy { return (order.strategies[strategy] != nil) == on }
        return order.on == on && (!flattens || order.flattens) && (!holdsExits || order.holdsExits)
    }

    /// Whether its part is stopped, as a host has it: what it stopped by itself, one that only asks lets not go.
    func isOn(_ answer: KillSwitch.Answer?) -> Bool {
        guard account == nil, strategy == nil else { return on }
        return answer?.did.stopsAll ?? on
    }

    /// Whether what its part holds is sold, whoever said so.
    func sells(in order: KillOrder) -> Bool {
        if order.on, order.flattens { return strategy == nil }
        if let account { return order.accounts[account]?.flattens == true }
        return strategy == nil && order.accounts.values.contains(where: \.flattens)
    }
}
