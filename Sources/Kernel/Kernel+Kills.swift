public import TradingModel

/// Whose opening orders a kill stops.
public enum KillScope: Hashable, Sendable {
    case all
    case account(AccountID)
    /// A strategy, a rule or a list: what it says to buy is not heard, what it says to sell is.
    case source(SourceID)
}

extension KillScope {
    /// Before a reason: what the kill switch did says so in the log.
    public static let mark = "the kill switch: "
    static func says(_ reason: String) -> Bool { reason.hasPrefix(mark) }

    /// Behind `the kill switch`.
    var words: String {
        switch self {
        case .all: ""
        case .account: "of the account "
        case .source: "of the strategy "
        }
    }

    func contains(_ account: AccountID, _ source: SourceID) -> Bool {
        switch self {
        case .all: true
        case .account(let own): own == account
        case .source(let own): own == source
        }
    }
}

/// The kill switch in all its parts: nothing opens or adds exposure where it is on, and what is held may be sold.
struct Kills {
    var isAll = false
    /// Accounts and sources, in the order in which they were stopped.
    private(set) var parts: [KillScope] = []

    mutating func turn(_ scope: KillScope, _ on: Bool) {
        guard scope != .all else { return isAll = on }
        parts.removeAll { $0 == scope }
        if on { parts.append(scope) }
    }

    func isOn(_ scope: KillScope) -> Bool { scope == .all ? isAll : parts.contains(scope) }

    /// What stops a buy of the source for the account; `nil`: nothing does.
    @inline(__always)
    func stop(_ account: AccountID, _ source: SourceID) -> KillScope? {
        if isAll { return .all }
        return parts.isEmpty ? nil : part(account, source)
    }
    @inline(never)
    private func part(_ account: AccountID, _ source: SourceID) -> KillScope? {
        parts.first { $0 == .account(account) || $0 == .source(source) }
    }
}

extension Kernel {
    public var isKilled: Bool { kills.isAll }
    public func isKilled(_ scope: KillScope) -> Bool { kills.isOn(scope) }
    /// Accounts and sources that are stopped by themselves, in the order in which they were.
    public var killedParts: [KillScope] { kills.parts }

    /// Turns the kill switch: nothing opens or adds exposure while it is on.
    ///
    /// Of an account or a source the end of its working buys is asked for, and the source's standing votes to buy
    /// end; where it is for all, who has the orders ends them.
    /// - Returns: How many buys were asked to end.
    @discardableResult
    public mutating func kill(
        _ on: Bool, _ scope: KillScope = .all, reason: String, into effects: inout Effects
    ) -> Int {
        guard kills.isOn(scope) != on else { return 0 }
        emit(.killed(on, scope, reason: reason), into: &effects)
        guard on, scope != .all else { return 0 }
        if case .source(let source) = scope { endVotesToBuy(of: source, into: &effects) }
        var count = 0
        for machine in workingOrders()
        where machine.order.side == .buy && !machine.isCancelAsked
            && scope.contains(machine.order.account, machine.source)
        {
            cancel(machine.order.number, reason: KillScope.mark + reason, into: &effects)
            count += 1
        }
        return count
    }

    private mutating func endVotesToBuy(of source: SourceID, into effects: inout Effects) {
        let name = plan.sources[Int(source.index)].name
        for desk in 0..<desks.count {
            for vote in desks[desk].votes where vote.source == source && vote.side == .buy {
                emit(
                    .voteEnded(
                        vote.key, .killed, detail: .words("the kill switch of \(name) is on")),
                    into: &effects)
            }
        }
    }

    /// Of rare calls: whether a result is not heard.
    @inline(never)
    func isSilenced(_ signal: borrowing Signal) -> Bool {
        signal.result.action == .buy && kills.isOn(.source(signal.source))
    }

    func hashKills(into hasher: inout StateHasher) {
        hasher.combine(isKilled)
        for part in kills.parts {
            switch part {
            case .all: break
            case .account(let account): hasher.combine(Int(account.index) &* 2 &+ 1)
            case .source(let source): hasher.combine(Int(source.index) &* 2 &+ 2)
            }
        }
    }
}
