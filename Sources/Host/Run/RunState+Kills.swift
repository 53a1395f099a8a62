import Kernel
import Platform
import Ports
import TradingModel

/// The kill switch in all its parts, held against what the kernel has: what differs is turned.
extension RunState {
    /// In this order: nothing opens, then exits are held or not, then what is held is sold.
    mutating func turn(_ order: KillOrder, at now: Timestamp) -> KillAnswer {
        let heard = setup.control.killHeard
        let former = killOrder ?? heard
        killOrder = order
        // Again: what was approved since somebody asked, and before this is heard, does not leave either.
        setup.control.partKills.raise(order)
        var answer = KillAnswer()
        let (wasStopped, parts) = (engine.kernel.isKilled, Set(engine.kernel.killedParts))
        // What the host has stopped by itself is let go by a new order for all, and by no other: not by one of a part,
        // nor by one that a start before this heard.
        let known = max(allHeard ?? 0, heard?.numberOfAll ?? 0)
        // Where the answer of before cannot be read nobody knows whether what lay there at the start is one, and an
        // order of a part that came since says of all what that said.
        let isDoubtful =
            allHeard == nil && heard == nil && engine.kernel.isKilled
            && order.numberOfAll <= setup.control.killAtStart?.numberOfAll ?? .min
        let isNew = order.numberOfAll > known && !isDoubtful
        allHeard = max(known, order.numberOfAll)
        // What this process knows of its approvals is not to be trusted any more, whoever has looked: the next start
        // reads them anew.
        answer.withdrawn = turnKill(
            order.on || isHalted || !isNew && engine.kernel.isKilled, order.reason, at: now)
        answer.withdrawn += turnParts(order)
        answer.refusals = strangers(order)
        if let haltedFor, !order.on {
            answer.refusals.append(
                "all stays stopped: \(haltedFor) (FS049), and this"
                    + " process opens nothing any more; start it anew, and say it again then")
        } else if isDoubtful, !order.on {
            answer.refusals.append(
                "all stays stopped: nobody knows whether this was said before that; say it again")
        }
        holdExits(order, &answer, wasHeld: former.map { $0.on && $0.holdsExits } ?? false)
        for (index, account) in setup.plan.accounts.enumerated() {
            flatten(account.name, AccountID(index), order, &answer)
        }
        answer.ended =
            wasStopped && !engine.kernel.isKilled
            || !parts.isSubset(of: engine.kernel.killedParts)
        answer.stopsAll = engine.kernel.isKilled
        answer.holdsExits = engine.kernel.areExitsHeld
        return answer
    }

    /// What starts before this one left stopped, and what was heard at this one's beginning has not let go: no fact tells it,
    /// and somebody should know, whether an order lies in the folder or the host stopped by itself. Once.
    mutating func tellStops() {
        guard let before = stopsBefore.take() else { return }
        for stop in projector.stops.all where before.all.contains(stop) {
            let text = stop.line(remark: ", before this start") {
                timeText(utc: $0.nanoseconds, digits: 0)
            }
            setup.observer.notice(
                RunNotice(stop.isKill ? .kill : .warning, time: time, text: text))
        }
    }

    /// - Returns: How many buys are withdrawn by it.
    private mutating func turnParts(_ order: KillOrder) -> Int {
        var withdrawn = 0
        let plan = engine.kernel.plan
        for (index, account) in plan.accounts.enumerated() {
            let part = order.accounts[account.name]
            withdrawn += engine.kill(
                part != nil, .account(AccountID(index)), reason: part?.reason ?? order.said)
        }
        for (index, source) in plan.sources.enumerated() {
            let part = order.strategies[source.name]
            withdrawn += engine.kill(
                part != nil, .source(SourceID(index)), reason: part?.reason ?? order.said)
        }
        return withdrawn
    }

    /// Who came into the run is stopped where somebody said so before.
    ///
    /// - Returns: Whether anybody was.
    mutating func stopNewcomers() -> Bool {
        guard let order = killOrder, !order.strategies.isEmpty else { return false }
        _ = turnParts(order)
        return !engine.facts.isEmpty
    }

    private func strangers(_ order: KillOrder) -> [String] {
        let accounts = engine.kernel.plan.accounts.map(\.name)
        let sources = engine.kernel.plan.sources.map(\.name)
        return order.accounts.keys.filter { !accounts.contains($0) }.sorted().map {
            "the run has no account '\($0)'"
        }
            + order.strategies.keys.filter { !sources.contains($0) }.sorted().map {
                "the run has no strategy '\($0)': it is stopped should it come"
            }
    }

    /// What a person held by 'madang exits hold' stays held.
    private mutating func holdExits(
        _ order: KillOrder, _ answer: inout KillAnswer, wasHeld: Bool
    ) {
        let wants = order.on && order.holdsExits
        guard wants ? !engine.kernel.areExitsHeld : engine.kernel.areExitsHeldByKill else {
            if !wants, wasHeld, engine.kernel.areExitsHeld {
                answer.refusals.append(
                    "exits stay held: somebody held them; madang exits release lets them go")
            }
            return
        }
        let held = engine.take(
            ExitOrder(number: 0, .hold(wants), reason: KillScope.mark + order.said))
        if !held.isTaken, let why = held.words.split(separator: "\n").first {
            answer.refusals.append("\(why)")
        }
    }

    private mutating func flatten(
        _ name: String, _ account: AccountID, _ order: KillOrder, _ answer: inout KillAnswer
    ) {
        let wants = order.flattens(name)
        if wants != engine.kernel.isFlattening(account) {
            let brokers = setup.brokers?.setup.links.count { $0.account == account } ?? 0
            guard !wants || brokers < 2 else {
                answer.refusals.append(
                    "'\(name)' is at two brokers, and no sale is parted between them: sell there")
                return
            }
            let reason = wants ? order.reason(toFlatten: name) : order.said
            _ = engine.take(ExitOrder(number: 0, .flatten(account: name, wants), reason: reason))
        }
        guard wants else { return }
        if isThrough {
            answer.refusals.append(
                "the recording is through: no price comes any more, and what '\(name)' holds is not"
                    + " sold; sell it at the broker")
        } else {
            let held = engine.kernel.positions().filter {
                $0.key.account == account && $0.held.isPositive
            }
            let halted = held.count { engine.kernel.isHalted($0.key.instrument) }
            answer.sold += held.count - halted
            answer.soldOf = (answer.soldOf ?? [:]).merging([name: held.count - halted]) { $1 }
            answer.halted = (answer.halted ?? 0) + halted
            answer.haltedOf = (answer.haltedOf ?? [:]).merging([name: halted]) { $1 }
        }
    }
}
