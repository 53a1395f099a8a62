import Kernel
import TradingModel

/// The kill switch in all its parts, held against what the kernel has: what differs is turned.
extension RunState {
    /// In this order: nothing opens, then exits are held or not, then what is held is sold.
    mutating func turn(_ order: KillOrder, at now: Timestamp) -> KillAnswer {
        killOrder = order
        let before = setup.control.killHeard
        if let before, killsHeard == nil { isHeldByKill = before.on && before.holdsExits }
        killsHeard = order.number
        var answer = KillAnswer()
        // One that a start before this heard is no news: it lets go nothing that the host has stopped since.
        let isOld = before.map { order.number <= $0.number } ?? false
        answer.withdrawn = turnKill(
            order.on || isOld && engine.kernel.isKilled, order.reason, at: now)
        answer.withdrawn += turnParts(order)
        answer.refusals = strangers(order)
        holdExits(order, &answer)
        for (index, account) in setup.plan.accounts.enumerated() {
            flatten(account.name, AccountID(index), order, &answer)
        }
        return answer
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
    private mutating func holdExits(_ order: KillOrder, _ answer: inout KillAnswer) {
        let wants = order.on && order.holdsExits
        guard wants || isHeldByKill else { return }
        isHeldByKill = wants && (isHeldByKill || !engine.kernel.areExitsHeld)
        guard wants != engine.kernel.areExitsHeld else { return }
        let held = engine.take(ExitOrder(number: 0, .hold(wants), reason: order.said))
        if !held.isTaken, let why = held.words.split(separator: "\n").first {
            answer.refusals.append("\(why)")
        }
    }

    private mutating func flatten(
        _ name: String, _ account: AccountID, _ order: KillOrder, _ answer: inout KillAnswer
    ) {
        let wants = order.flattens(name)
        guard wants != engine.kernel.isFlattening(account) else { return }
        if wants, (setup.brokers?.setup.links.count { $0.account == account } ?? 0) > 1 {
            answer.refusals.append(
                "'\(name)' is at two brokers, and no sale is parted between them: sell there")
            return
        }
        let reason = wants ? order.reason(toFlatten: name) : order.said
        _ = engine.take(ExitOrder(number: 0, .flatten(account: name, wants), reason: reason))
        guard wants else { return }
        answer.sold += engine.kernel.positions().count {
            $0.key.account == account && $0.held.isPositive
        }
    }
}
