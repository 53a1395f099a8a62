import Kernel
import Ports
import TradingModel

/// Keeps which votes stand on each desk, and tells each round as a row once what it caused is known.
///
/// Everything that closing a round causes stands in the same log record: rows are taken record by record.
struct RoundBook {
    private struct Standing {
        let key: VoteKey
        let signal: Signal
    }
    private struct Seat: Hashable {
        let source: SourceID
        let desk: DeskKey
    }
    private var plan: KernelPlan
    /// Bought by a result that names no size.
    private var quantities: [Seat: Quantity] = [:]
    private var sources: [DeskKey: [SourceID]] = [:]
    private var standing: [DeskKey: [Standing]] = [:]
    private var opened: [DeskKey: EventPosition] = [:]
    private var last: Int64 = 0
    private var closed: [RoundRow] = []
    /// Index in `closed` of the desk's last round.
    private var current: [DeskKey: Int] = [:]

    init(_ plan: KernelPlan) {
        self.plan = plan
        follow(plan)
    }

    /// Follows attachments that change.
    mutating func follow(_ plan: KernelPlan) {
        self.plan = plan
        var quantities: [Seat: Quantity] = [:]
        var sources: [DeskKey: [SourceID]] = [:]
        for attachment in plan.attachments {
            let desk = DeskKey(account: attachment.account, instrument: attachment.instrument)
            quantities[Seat(source: attachment.source, desk: desk)] = attachment.quantity
            if sources[desk]?.contains(attachment.source) != true {
                sources[desk, default: []].append(attachment.source)
            }
        }
        self.quantities = quantities
        self.sources = sources.mapValues { $0.sorted() }
    }

    /// The rounds closed since the last call.
    mutating func takeRows() -> [RoundRow] {
        guard !closed.isEmpty else { return [] }
        defer {
            closed = []
            current = [:]
        }
        return closed
    }

    // MARK: Facts

    mutating func stand(_ signal: Signal) {
        standing[signal.key.desk, default: []].append(Standing(key: signal.key, signal: signal))
    }

    mutating func end(_ key: VoteKey, _ status: SignalStatus, _ record: UInt64) {
        standing[key.desk]?.removeAll { $0.key == key }
        // Replaced or expired behind a round is no doing of the round's.
        guard status != .replaced, status != .expired, let round = round(on: key.desk, record)
        else { return }
        let source = plan.sources[Int(key.source.index)].name
        guard
            let vote = closed[round].votes.firstIndex(where: {
                $0.source == source && $0.position == key.position && $0.index == key.index
            })
        else { return }
        closed[round].votes[vote].status = status.word
    }

    mutating func open(_ desk: DeskKey, at position: EventPosition) { opened[desk] = position }

    mutating func close(
        _ desk: DeskKey, _ outcome: RoundOutcome, time: Timestamp, record: UInt64
    ) {
        last += 1
        let votes = (standing[desk] ?? []).sorted { $0.key.source < $1.key.source }
        let voters = votes.map(\.key.source)
        let silent = (sources[desk] ?? []).filter { !voters.contains($0) }
        let row = RoundRow(
            record: record, number: last, account: plan.accounts[Int(desk.account.index)].name,
            symbol: plan.instruments[Int(desk.instrument.index)].symbol,
            opened: opened.removeValue(forKey: desk) ?? outcome.position, closed: outcome.position,
            policy: plan.arbiter.policy.rawValue, threshold: plan.arbiter.threshold,
            side: outcome.side, conflict: outcome.conflict, detail: outcome.detail.text,
            silent: silent.map { plan.sources[Int($0.index)].name }, time: time,
            votes: votes.map(vote))
        current[desk] = closed.count
        closed.append(row)
    }

    mutating func take(_ decision: RiskDecision, record: UInt64) {
        guard let round = round(on: decision.desk, record) else { return }
        closed[round].approved = decision.approved
        closed[round].rule = decision.rule
        closed[round].ruleDetail = decision.detail.text
    }

    /// - Returns: The number of the round that the order came from, and why it has its size.
    mutating func take(_ decision: OrderDecision, record: UInt64) -> (Int64, sizing: String) {
        let order = decision.order
        let desk = DeskKey(account: order.account, instrument: order.instrument)
        guard let round = round(on: desk, record) else { return (0, "") }
        closed[round].order = order.number
        closed[round].leader = plan.sources[Int(decision.source.index)].name
        return (closed[round].number, sizing(of: decision, desk))
    }

    private func round(on desk: DeskKey, _ record: UInt64) -> Int? {
        guard let index = current[desk], closed[index].record == record else { return nil }
        return index
    }

    private func vote(_ standing: Standing) -> RoundVote {
        let source = plan.sources[Int(standing.key.source.index)]
        return RoundVote(
            source: source.name, position: standing.key.position, index: standing.key.index,
            action: standing.signal.result.action,
            confidence: standing.signal.result.confidence.millionths, weight: source.weight,
            priority: source.priority, status: "stands")
    }

    // MARK: Sizes

    /// What a result wanted, in words.
    func size(wantedBy signal: Signal) -> String {
        switch signal.result.size {
        case .attachment:
            let seat = Seat(source: signal.source, desk: signal.key.desk)
            return quantities[seat].map { "\($0), as configured" } ?? "as configured"
        case .quantity(let quantity): return "\(quantity), as it asked"
        case .fraction(let millionths): return "\(percent(millionths)) of what is held"
        case .targetWeight(let millionths): return "a weight of \(percent(millionths)) of equity"
        }
    }

    private func sizing(of decision: OrderDecision, _ desk: DeskKey) -> String {
        guard let vote = standing[desk]?.first(where: { $0.key.source == decision.source }) else {
            return ""
        }
        let source = plan.sources[Int(decision.source.index)].name
        let words = "\(source) wanted \(size(wantedBy: vote.signal))"
        let order = decision.order
        let wanted: Quantity? =
            switch vote.signal.result.size {
            case .attachment: quantities[Seat(source: decision.source, desk: desk)]
            case .quantity(let quantity): quantity
            case .fraction, .targetWeight: nil
            }
        let lot = plan.instruments[Int(order.instrument.index)].lot
        guard let wanted, wanted != order.quantity else { return words }
        if wanted.roundedDown(toMultipleOf: lot) == order.quantity {
            return words + "; in whole lots of \(lot): \(order.quantity)"
        }
        return words + "; no more than \(order.quantity) was free to sell"
    }

    private func percent(_ millionths: Int64) -> String {
        decimalString(Int128(millionths), scale: 4) + " %"
    }
}
