import Ports
import Storage
import TradingModel

/// One decision with everything that led to it and followed from it.
struct Explanation {
    /// A result that the round heard, or did not.
    struct Heard {
        var signal: SignalRow
        var event: EventRow?
        /// How it counted in the round; `nil` for one that did not stand at its close.
        var vote: RoundVote?
        /// Which of its strategy's servers said it, where there are several.
        var shard: Int?
    }
    var run: String
    /// How many runs the store holds, and whether this is the last.
    var runs: Int
    var isLastRun: Bool
    var order: OrderRow?
    /// `nil` for an order of a run that an older program wrote.
    var round: RoundRow?
    var event: EventRow?
    /// Standing votes by source, then what was late, expired or replaced since the round before.
    var heard: [Heard] = []
    var fills: [LedgerRow] = []
    /// What was asked, decided and answered of changes of the order, in order.
    var changes: [RiskRow] = []
    /// What people were told of it: that it was in doubt, who or what resolved it and as what, and whatever differs.
    var told: [RiskRow] = []
    /// Behind the order's last fill; without an order, at the round.
    var holding: Holding?
    /// Of the account, at the round or behind the fills.
    var currency: String?
    /// What was asked for, when it was a time.
    var asked: Timestamp?

    /// - Parameter shards: As the run keeps them.
    mutating func name(_ shards: RunFolder.Shards) {
        for index in heard.indices {
            let signal = heard[index].signal
            heard[index].shard = shards[signal.source]?[signal.symbol]
        }
    }
}

/// Reads one decision from the tables.
struct Explainer {
    let store: any DecisionStore
    let runs: [String]

    /// An order's.
    func explain(_ order: OrderRow) throws(StoreError) -> Explanation {
        var told = order.round == 0 ? start() : try explain(try store.round(order.round))
        told.order = order
        told.fills = try store.ledger(of: order.number)
        let changeCodes = ["approved", FailSafeCode.riskLimit.rawValue, "MODIFY"]
        let events = try store.riskEvents().filter { $0.rule == "order \(order.number)" }
        told.changes = events.filter { changeCodes.contains($0.code) }
        told.told = toldOf(events)
        let last = told.fills.last?.line ?? 0
        told.holding = try holding(order.account, order.symbol) { $0.line <= last }
        told.currency = told.fills.first?.currency
        return told
    }

    /// - Parameter events: Of the order.
    private func toldOf(_ events: [RiskRow]) -> [RiskRow] {
        let told = events.filter { $0.code.hasPrefix("FS") }
        // A doubt stands there twice: as the books have it, and as people are told, with what is done about it.
        return told.filter { row in
            !row.detail.hasPrefix("its outcome is unknown: ")
                || !told.contains {
                    $0.record == row.record && $0.detail.hasPrefix("\(row.rule) is in doubt: ")
                }
        }
    }

    /// A round's, with its order if it came to one.
    func explain(_ round: RoundRow, asked: Timestamp) throws(StoreError) -> Explanation {
        var told = start()
        if let number = round.order, let order = try orders().first(where: { $0.number == number })
        {
            told = try explain(order)
        } else {
            told = try explain(round)
            told.holding = try holding(round.account, round.symbol) { $0.record <= round.record }
        }
        told.asked = asked
        return told
    }

    func orders() throws(StoreError) -> [OrderRow] { try store.orders() }

    private func start() -> Explanation {
        Explanation(run: store.runID, runs: runs.count, isLastRun: runs.last == store.runID)
    }

    private func explain(_ round: RoundRow?) throws(StoreError) -> Explanation {
        var told = start()
        guard let round else { return told }
        told.round = round
        told.event = try store.event(at: round.opened)
        told.heard = try heard(by: round)
        return told
    }

    private func heard(by round: RoundRow) throws(StoreError) -> [Explanation.Heard] {
        let before = try store.round(before: round)
        let lowest = min(
            round.votes.map(\.position).min() ?? round.opened, before?.closed ?? .start)
        let through = EventPosition.endOfStep(max(round.closed, round.opened).step)
        let signals = try store.signals(
            account: round.account, symbol: round.symbol, positions: lowest...through)
        var heard: [Explanation.Heard] = []
        for vote in round.votes {
            let signal = signals.first {
                $0.source == vote.source && $0.position == vote.position && $0.index == vote.index
            }
            guard let signal else { continue }
            heard.append(.init(signal: signal, event: try event(of: signal), vote: vote))
        }
        for signal in signals where isUnheard(signal, by: round, before) {
            heard.append(.init(signal: signal, event: try event(of: signal)))
        }
        return heard
    }

    /// Late: its event lies behind the round before. Expired or replaced: it ended since then.
    private func isUnheard(_ signal: SignalRow, by round: RoundRow, _ before: RoundRow?) -> Bool {
        guard
            !round.votes.contains(where: {
                $0.source == signal.source && $0.position == signal.position
                    && $0.index == signal.index
            })
        else { return false }
        switch signal.status {
        case "late": return signal.position > (before?.closed ?? .start)
        case "expired", "replaced":
            return signal.record > (before?.record ?? 0) && signal.record <= round.record
        default: return false
        }
    }

    private func event(of signal: SignalRow) throws(StoreError) -> EventRow? {
        try store.event(at: signal.position)
    }

    private func holding(
        _ account: String, _ symbol: String, where isIn: (LedgerRow) -> Bool
    ) throws(StoreError) -> Holding? {
        let rows = try store.ledger().filter {
            $0.account == account && $0.symbol == symbol && isIn($0)
        }
        return Holding.all(in: rows).first
    }
}
