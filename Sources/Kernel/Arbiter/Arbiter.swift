public import TradingModel

/// A result that stands as its source's say on a desk.
public struct Vote: Hashable, Sendable {
    public let signal: Signal
    public let input: Attachment.Input
    public let quantity: Quantity
    public let addsToPosition: Bool
    /// By the clock of the events; `distantFuture` where a candle ends it.
    public let expires: Timestamp
    public init(
        signal: Signal, input: Attachment.Input, quantity: Quantity, addsToPosition: Bool,
        expires: Timestamp
    ) {
        self.signal = signal
        self.input = input
        self.quantity = quantity
        self.addsToPosition = addsToPosition
        self.expires = expires
    }
    var side: Side { signal.result.action == .buy ? .buy : .sell }
}

/// Decides a round from the votes that stand at its close.
public struct Arbiter: Sendable {
    public struct Verdict: Hashable, Sendable {
        /// `nil`: nothing to do.
        public let side: Side?
        /// Index into the votes of the one whose size and price are taken.
        public let leader: Int?
        public let conflict: Bool
        /// Opposed votes stopped what would have acted.
        public let vetoed: Bool
        public let detail: String
    }
    public let plan: ArbiterPlan
    public let sources: [SourcePlan]

    public init(_ plan: ArbiterPlan, sources: [SourcePlan]) {
        self.plan = plan
        self.sources = sources
    }

    /// - Parameter votes: Standing, one for each source, sorted by source.
    public func decide(_ votes: [Vote]) -> Verdict {
        let conflict = votes.contains { $0.side == .buy } && votes.contains { $0.side == .sell }
        if conflict && plan.holdsOnConflict {
            return Verdict(
                side: nil, leader: nil, conflict: true, vetoed: false,
                detail: "on_conflict holds: \(words(votes))")
        }
        guard !votes.isEmpty else {
            return Verdict(
                side: nil, leader: nil, conflict: false, vetoed: false, detail: "no votes stand")
        }
        switch plan.policy {
        case .first: return alone(votes, leader: earliest(votes), conflict, word: "first")
        case .priority: return alone(votes, leader: best(votes), conflict, word: "priority")
        case .confidenceWeighted: return weighted(votes, conflict, vetoes: false)
        case .veto: return weighted(votes, conflict, vetoes: true)
        }
    }

    private func alone(_ votes: [Vote], leader: Int, _ conflict: Bool, word: String) -> Verdict {
        Verdict(
            side: votes[leader].side, leader: leader, conflict: conflict, vetoed: false,
            detail: "\(word): \(words([votes[leader]]))" + others(votes, than: leader))
    }

    /// By (position, source): the order in which they were heard.
    private func earliest(_ votes: [Vote]) -> Int {
        votes.indices.min {
            (votes[$0].signal.position, votes[$0].signal.source)
                < (votes[$1].signal.position, votes[$1].signal.source)
        } ?? 0
    }
    private func best(_ votes: [Vote]) -> Int {
        votes.indices.min { rank(votes[$0]) < rank(votes[$1]) } ?? 0
    }
    private func rank(_ vote: Vote) -> (Int, SourceID) {
        (sources[Int(vote.signal.source.index)].priority, vote.signal.source)
    }
    private func weight(_ vote: Vote) -> Int128 {
        Int128(sources[Int(vote.signal.source.index)].weight)
    }

    /// Acts when |Σ weight x confidence x sign| >= threshold x Σ weight, in 128 bits, without division.
    private func weighted(_ votes: [Vote], _ conflict: Bool, vetoes: Bool) -> Verdict {
        var score: Int128 = 0
        var total: Int128 = 0
        for vote in votes {
            let weight = weight(vote)
            score +=
                weight * Int128(vote.signal.result.confidence.millionths) * Int128(vote.side.sign)
            total += weight
        }
        let acts =
            total > 0 && score != 0 && score.magnitude >= (Int128(plan.threshold) * total).magnitude
        let mean = total > 0 ? Int64(Int128(score.magnitude) / total) : 0
        var sum = "weighted "
        sum.reserveCapacity(63)  // written once, not grown
        write(hundredths: mean, to: &sum)
        sum += acts ? " >= " : " < "
        write(hundredths: plan.threshold, to: &sum)
        sum += ": "
        write(votes, to: &sum)
        let side: Side = score > 0 ? .buy : .sell
        guard acts else {
            return Verdict(side: nil, leader: nil, conflict: conflict, vetoed: false, detail: sum)
        }
        if vetoes, votes.contains(where: { $0.side != side }) {
            let against = votes.filter { $0.side != side }
            return Verdict(
                side: nil, leader: nil, conflict: conflict, vetoed: true,
                detail: "vetoed by \(words(against)); \(sum)")
        }
        var leader: Int?
        for index in votes.indices where votes[index].side == side {
            guard let other = leader else { leader = index; continue }
            let strength =
                weight(votes[index]) * Int128(votes[index].signal.result.confidence.millionths)
            let best =
                weight(votes[other]) * Int128(votes[other].signal.result.confidence.millionths)
            if strength > best { leader = index }
        }
        return Verdict(side: side, leader: leader, conflict: conflict, vetoed: false, detail: sum)
    }

    private func words(_ votes: [Vote]) -> String {
        var text = ""
        write(votes, to: &text)
        return text
    }
    private func write(_ votes: [Vote], to text: inout String) {
        for index in votes.indices {
            if index > 0 { text += ", " }
            text += sources[Int(votes[index].signal.source.index)].name
            text += votes[index].side == .buy ? " BUY " : " SELL "
            write(
                hundredths: Int64(votes[index].signal.result.confidence.millionths), to: &text)
        }
    }
    private func others(_ votes: [Vote], than leader: Int) -> String {
        let rest = votes.indices.filter { $0 != leader }.map { votes[$0] }
        return rest.isEmpty ? "" : " (\(words(rest)))"
    }
    private func write(hundredths millionths: Int64, to text: inout String) {
        let value = (millionths + 5_000) / 10_000
        text += "\(value / 100)"
        text += value % 100 < 10 ? ".0" : "."
        text += "\(value % 100)"
    }
}
