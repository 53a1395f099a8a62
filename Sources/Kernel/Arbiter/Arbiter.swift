public import TradingModel

/// A result that stands as its source's say on a desk: what rounds and sizing ask of it.
public struct Vote: Hashable, Sendable {
    public let key: VoteKey
    public let side: Side
    public let size: Size
    public let limit: Price?
    public let confidence: Confidence
    public let input: Attachment.Input
    public let quantity: Quantity
    public let addsToPosition: Bool
    /// By the clock of the events; `distantFuture` where a candle ends it.
    public let expires: Timestamp
    public init(
        signal: Signal, input: Attachment.Input, quantity: Quantity, addsToPosition: Bool,
        expires: Timestamp
    ) {
        key = signal.key
        side = signal.result.action == .buy ? .buy : .sell
        size = signal.result.size
        limit = signal.result.limit
        confidence = signal.result.confidence
        self.input = input
        self.quantity = quantity
        self.addsToPosition = addsToPosition
        self.expires = expires
    }
    public var source: SourceID { key.source }
    public var position: EventPosition { key.position }
}

/// Decides a round from the votes that stand at its close.
public struct Arbiter: Sendable {
    public struct Verdict: Equatable, Sendable {
        /// `nil`: nothing to do.
        public let side: Side?
        /// Index into the votes of the one whose size and price are taken.
        public let leader: Int?
        public let conflict: Bool
        /// Opposed votes stopped what would have acted.
        public let vetoed: Bool
        /// What decided, for the sentence that tells of it.
        let rule: RoundDetail.Rule
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
                rule: .held)
        }
        guard !votes.isEmpty else {
            return Verdict(
                side: nil, leader: nil, conflict: false, vetoed: false,
                rule: .noVotes)
        }
        switch plan.policy {
        case .first: return alone(votes, leader: earliest(votes), conflict)
        case .priority: return alone(votes, leader: best(votes), conflict)
        case .confidenceWeighted: return weighted(votes, conflict, vetoes: false)
        case .veto: return weighted(votes, conflict, vetoes: true)
        }
    }

    private func alone(_ votes: [Vote], leader: Int, _ conflict: Bool) -> Verdict {
        Verdict(
            side: votes[leader].side, leader: leader, conflict: conflict, vetoed: false,
            rule: .alone(leader: Int32(leader)))
    }
    /// How the round was decided, in words once it is read.
    public func detail(of verdict: Verdict, _ votes: [Vote]) -> Detail {
        .round(RoundDetail(verdict.rule, votes, of: self))
    }

    /// By (position, source): the order in which they were heard.
    private func earliest(_ votes: [Vote]) -> Int {
        votes.indices.min {
            (votes[$0].position, votes[$0].source)
                < (votes[$1].position, votes[$1].source)
        } ?? 0
    }
    private func best(_ votes: [Vote]) -> Int {
        votes.indices.min { rank(votes[$0]) < rank(votes[$1]) } ?? 0
    }
    private func rank(_ vote: Vote) -> (Int, SourceID) {
        (sources[Int(vote.source.index)].priority, vote.source)
    }
    private func weight(_ vote: Vote) -> Int128 {
        Int128(sources[Int(vote.source.index)].weight)
    }

    /// Acts when |Σ weight x confidence x sign| >= threshold x Σ weight, in 128 bits, without division.
    private func weighted(_ votes: [Vote], _ conflict: Bool, vetoes: Bool) -> Verdict {
        var score: Int128 = 0
        var total: Int128 = 0
        for vote in votes {
            let weight = weight(vote)
            score +=
                weight * Int128(vote.confidence.millionths) * Int128(vote.side.sign)
            total += weight
        }
        let acts =
            total > 0 && score != 0 && score.magnitude >= (Int128(plan.threshold) * total).magnitude
        let mean = total > 0 ? Int64(Int128(score.magnitude) / total) : 0
        let side: Side = score > 0 ? .buy : .sell
        guard acts else {
            return Verdict(
                side: nil, leader: nil, conflict: conflict, vetoed: false,
                rule: .weighed(mean: mean, threshold: plan.threshold, acts: false))
        }
        if vetoes, votes.contains(where: { $0.side != side }) {
            return Verdict(
                side: nil, leader: nil, conflict: conflict, vetoed: true,
                rule: .vetoed(mean: mean, threshold: plan.threshold, side: side))
        }
        var leader: Int?
        for index in votes.indices where votes[index].side == side {
            guard let other = leader else { leader = index; continue }
            let strength =
                weight(votes[index]) * Int128(votes[index].confidence.millionths)
            let best =
                weight(votes[other]) * Int128(votes[other].confidence.millionths)
            if strength > best { leader = index }
        }
        return Verdict(
            side: side, leader: leader, conflict: conflict, vetoed: false,
            rule: .weighed(mean: mean, threshold: plan.threshold, acts: true))
    }
}
