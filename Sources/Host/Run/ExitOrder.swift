import Kernel
import Platform
import TradingModel

/// What somebody wants of the exits of a run in hand.
package struct ExitOrder: Hashable, Sendable {
    package enum Wish: Hashable, Sendable, Codable {
        /// Nothing fires until they are let go.
        case hold(Bool)
        /// The instrument does not trade, or does again.
        case halt(symbol: String, Bool)
        /// Between which prices its orders are taken today, at 10⁻⁸; `nil`: nobody knows any more.
        case limits(symbol: String, lower: Int64?, upper: Int64?)
        case split(symbol: String, new: Int64, old: Int64)
        /// The price that its exits doubt is the market's.
        case believe(symbol: String)
        /// Whatever the account holds or comes to hold is sold, or no more.
        case flatten(account: String, Bool)
    }
    /// Rises with each order of a folder: an answer names it.
    package let number: Int
    package let wish: Wish
    package let reason: String
    /// What stands for a reason where nobody gave one.
    package static let noReason = "by command"
    package init(number: Int, _ wish: Wish, reason: String) {
        self.number = number
        self.wish = wish
        self.reason = reason
    }
}

extension ExitOrder {
    /// Whether the log keeps its reason beside its facts: those that have one in them have it already.
    fileprivate var hasWords: Bool {
        switch wish {
        case .hold, .flatten: false
        case .halt, .limits, .split, .believe: !words.isEmpty && reason != Self.noReason
        }
    }
    fileprivate var words: String { String(oneLine(reason).prefix(300)) }
}

/// What became of it.
package struct ExitAnswer: Hashable, Sendable {
    /// In words; why not, if it was refused.
    package let words: String
    package let isTaken: Bool
}

extension Engine {
    /// Counts from the next event on; refused where it would change nothing.
    mutating func take(_ order: ExitOrder) -> ExitAnswer {
        func refused(_ words: String) -> ExitAnswer { ExitAnswer(words: words, isTaken: false) }
        func instrument(_ symbol: String) -> InstrumentID? {
            kernel.plan.instruments.first { $0.symbol == symbol }?.id
        }
        func stranger(_ symbol: String) -> ExitAnswer {
            let names = kernel.plan.instruments.map(\.symbol)
            let near = nearestName(to: symbol, in: names).map { "   did you mean '\($0)'?" } ?? ""
            return refused("the run has no symbol '\(symbol)'\(near)")
        }
        let before = effects.facts.count
        var isTaken: Bool { effects.facts.count > before }
        switch order.wish {
        // Who has no plan buys nothing of it either.
        case .flatten, .halt, .limits: break
        case .hold, .split, .believe:
            guard kernel.hasExits else {
                return refused(
                    "the run has no exits, and no position is guarded\n  see 'exits' of the configuration"
                )
            }
        }
        switch order.wish {
        case .hold(let on):
            guard on != kernel.areExitsHeld else {
                return refused(
                    on && kernel.areExitsHeldByKill
                        ? "the kill switch holds the exits already, and lets them go with"
                            + " 'madang kill --off': hold them behind that"
                        : "exits are \(on ? "held" : "free") already")
            }
            kernel.holdExits(on, reason: order.reason, into: &effects)
            return ExitAnswer(
                words: on
                    ? "exits are held: nothing fires until 'madang exits release'"
                    : "exits are free again: what was reached meanwhile fires at the next price",
                isTaken: true)
        case .halt(let symbol, let on):
            guard let id = instrument(symbol) else { return stranger(symbol) }
            kernel.halt(id, on, into: &effects)
            guard isTaken else {
                return refused("\(symbol) is \(on ? "halted" : "not halted") already")
            }
            return ExitAnswer(
                words: "\(symbol) "
                    + (on
                        ? "is halted: its exits wait, and nothing new is bought"
                        : "trades again: exits go on"),
                isTaken: true)
        case .limits(let symbol, let lower, let upper):
            guard let id = instrument(symbol) else { return stranger(symbol) }
            return limit(id, symbol, lower, upper)
        case .split(let symbol, let new, let old):
            guard let id = instrument(symbol) else { return stranger(symbol) }
            guard new > 0, old > 0 else { return refused("\(new):\(old) is no split") }
            guard kernel.canSplit(id, new: new, old: old) else {
                return refused(
                    "\(new):\(old) leaves no price or quantity of \(symbol) that can be written down"
                )
            }
            endOrders(of: id)
            kernel.split(id, new: new, old: old, into: &effects)
            return ExitAnswer(
                words: "\(symbol): \(new) for \(old); "
                    + (isAnyDoubted(id)
                        ? "the last price does not fit that, and its exits go on waiting\n"
                            + "  madang exits split \(symbol) \(old):\(new) takes it back; madang exits"
                            + " believe \(symbol) says that the price is right"
                        : "positions and exits are rescaled, and nothing fires by it"),
                isTaken: true)
        case .believe(let symbol):
            guard let id = instrument(symbol) else { return stranger(symbol) }
            for account in kernel.plan.accounts.indices {
                kernel.believe(
                    DeskKey(account: AccountID(account), instrument: id), into: &effects)
            }
            guard isTaken else { return refused("no exit of \(symbol) doubts its price") }
            return ExitAnswer(
                words: "\(symbol): the price is taken as the market's; what it reached fires at the"
                    + " next price",
                isTaken: true)
        // Needs no plan.
        case .flatten(let name, let on): return flatten(name, on, order.reason)
        }
    }

    private mutating func limit(
        _ id: InstrumentID, _ symbol: String, _ lower: Int64?, _ upper: Int64?
    ) -> ExitAnswer {
        func refused(_ words: String) -> ExitAnswer { ExitAnswer(words: words, isTaken: false) }
        var limits: DayLimits?
        if let lower, let upper {
            guard let day = kernel.marketDay(of: id) else {
                return refused("nothing has come from the market yet, so nobody knows its day")
            }
            guard !kernel.isDayOver(of: id) else {
                return refused(
                    "the session of \(ExitWords.date(day)) is over for \(symbol), and nothing of the"
                        + " next has come\n  say it again behind its first price")
            }
            limits = DayLimits(lower: Price(units: lower), upper: Price(units: upper), day: day)
            guard let limits else {
                return refused(
                    "prices from \(Price(units: lower)) to \(Price(units: upper)) are none")
            }
            if let last = kernel.lastPrice(of: id), last < limits.lower || last > limits.upper {
                return refused(
                    "the last price of \(symbol), \(grouped("\(last)")), is outside of them\n"
                        + "  a day's limits hold every price of the day")
            }
        }
        let before = effects.facts.count
        kernel.limitDay(of: id, to: limits, into: &effects)
        guard effects.facts.count > before else {
            return refused(
                limits == nil ? "no price limits of \(symbol) are known" : "that is known already")
        }
        return ExitAnswer(
            words: "\(symbol) \(ExitWords.words(of: limits))"
                + (limits == nil
                    ? ""
                    : ": no buy with a limit outside is sent, and no stop is offered below; behind"
                        + " that day they are forgotten"),
            isTaken: true)
    }

    private mutating func flatten(_ name: String, _ on: Bool, _ reason: String) -> ExitAnswer {
        guard let index = kernel.plan.accounts.firstIndex(where: { $0.name == name }) else {
            return ExitAnswer(words: "the run has no account '\(name)'", isTaken: false)
        }
        let account = AccountID(index)
        guard kernel.isFlattening(account) != on else {
            return ExitAnswer(
                words: "'\(name)' \(on ? "sells everything already" : "is not being sold out")",
                isTaken: false)
        }
        let count = kernel.flatten(account, on, reason: reason, into: &effects)
        let positions = "\(count) position\(count == 1 ? "" : "s") of '\(name)'"
        return ExitAnswer(
            words: on
                ? "\(positions) \(count == 1 ? "is" : "are") being sold"
                : "'\(name)' is not sold out any more; exits guard what is left",
            isTaken: true)
    }
}

extension Engine {
    /// Orders in the old scale end with it, as at an exchange: the next print would fill them for what is not held.
    private mutating func endOrders(of instrument: InstrumentID) {
        for machine in kernel.workingOrders() where machine.order.instrument == instrument {
            kernel.cancel(machine.order.number, reason: "a split", into: &effects)
        }
        cancelOrders()
    }
    private func isAnyDoubted(_ instrument: InstrumentID) -> Bool {
        kernel.plan.accounts.indices.contains { account in
            let key = DeskKey(account: AccountID(account), instrument: instrument)
            return kernel.positionGuard(of: key)?.doubtedSince != nil
        }
    }
}

extension RunState {
    /// Between two steps: in force, and answered when the log is durable.
    mutating func hearExits(_ control: RunControl, entry: Timestamp) throws(RunFailure) {
        for order in control.takeExits() {
            // Else the log would say that the switch did it, and it would be let go with that.
            let answer =
                order.reason.hasPrefix(KillScope.mark)
                ? ExitAnswer(
                    words: "a reason does not begin with '\(KillScope.mark)'", isTaken: false)
                : engine.take(order)
            if answer.isTaken, order.hasWords { notes.append(.asked(reason: order.words)) }
            try recordBetween(entry: entry, at: .endOfStep(lastStep))
            do { try setup.log.flush() } catch { throw .store(error) }
            control.heard(order, answer)
        }
    }
}
