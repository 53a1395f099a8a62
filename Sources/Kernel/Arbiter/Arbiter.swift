public import TradingModel

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
    /// Whether one vote may be too few.
    private let asksForMore: Bool

    public init(_ plan: ArbiterPlan, sources: [SourcePlan]) {
        self.plan = plan
        self.sources = sources
        asksForMore =
            plan.quorum != .votes(1) && plan.policy != .first && plan.policy != .priority
    }

    /// - Parameters:
    ///   - votes: Standing, one for each source, sorted by source.
    ///   - voters: How many sources may vote on the desk: what a quorum of all asks for.
    public func decide(_ votes: [Vote], of voters: Int = 1) -> Verdict {
        let conflict = votes.contains { $0.side == .buy } && votes.contains { $0.side == .sell }
        if conflict && plan.holdsOnConflict { return nothing(.held, conflict) }
        guard !votes.isEmpty else { return nothing(.noVotes, false) }
        if asksForMore, case let quorum = quorum(of: voters), votes.count < quorum {
            return nothing(.noQuorum(needed: Int32(clamping: quorum)), conflict)
        }
        switch plan.policy {
        case .first: return alone(votes, leader: earliest(votes), conflict)
        case .priority: return alone(votes, leader: best(votes), conflict)
        case .confidenceWeighted: return weighted(votes, conflict, vetoes: false)
        case .veto: return weighted(votes, conflict, vetoes: true)
        case .majority, .unanimous: return counted(votes, conflict)
        }
    }

    private func quorum(of voters: Int) -> Int {
        switch plan.quorum {
        case .votes(let count): count
        case .all: voters
        }
    }

    private func nothing(_ rule: RoundDetail.Rule, _ conflict: Bool, vetoed: Bool = false)
        -> Verdict
    {
        Verdict(side: nil, leader: nil, conflict: conflict, vetoed: vetoed, rule: rule)
    }

    /// What the policies come to where one vote stands: its weight is on both sides of the scale.
    // Inlined, for a call would be handed a copy of the arbiter.
    @inline(__always)
    func decide(_ vote: borrowing Vote, of voters: Int) -> Verdict {
        if asksForMore, case let quorum = quorum(of: voters), quorum > 1 {
            return nothing(.noQuorum(needed: Int32(clamping: quorum)), false)
        }
        let rule: RoundDetail.Rule
        switch plan.policy {
        case .first, .priority: rule = .alone(leader: 0)
        case .majority, .unanimous: rule = .counted(most: 1, acts: true)
        case .confidenceWeighted, .veto:
            let isHeard = sources[Int(vote.source.index)].weight > 0
            let mean = isHeard ? Int64(vote.confidence.millionths) : 0
            let acts = mean > 0 && mean.magnitude >= plan.threshold.magnitude
            rule = .weighed(mean: mean, threshold: plan.threshold, acts: acts)
            guard acts else { return nothing(rule, false) }
        }
        return Verdict(side: vote.side, leader: 0, conflict: false, vetoed: false, rule: rule)
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
    func detail(of verdict: Verdict, _ vote: borrowing Vote) -> Detail {
        .round(RoundDetail(verdict.rule, vote, of: self))
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
            return nothing(
                .weighed(mean: mean, threshold: plan.threshold, acts: false), conflict)
        }
        if vetoes, votes.contains(where: { $0.side != side }) {
            return nothing(
                .vetoed(mean: mean, threshold: plan.threshold, side: side), conflict,
                vetoed: true)
        }
        return Verdict(
            side: side, leader: strongest(votes, on: side), conflict: conflict, vetoed: false,
            rule: .weighed(mean: mean, threshold: plan.threshold, acts: true))
    }

    /// Each vote counts once, whatever its weight and confidence.
    private func counted(_ votes: [Vote], _ conflict: Bool) -> Verdict {
        let buys = votes.count { $0.side == .buy }
        let sells = votes.count - buys
        let most = max(buys, sells)
        let acts = plan.policy == .unanimous ? most == votes.count : buys != sells
        let rule = RoundDetail.Rule.counted(most: Int32(clamping: most), acts: acts)
        guard acts else { return nothing(rule, conflict) }
        let side: Side = buys > sells ? .buy : .sell
        return Verdict(
            side: side, leader: strongest(votes, on: side), conflict: conflict, vetoed: false,
            rule: rule)
    }

    /// The vote of a side with the most weight x confidence, the first source's among equals.
    private func strongest(_ votes: [Vote], on side: Side) -> Int? {
        if votes.count == 1 { return 0 }
        var leader: Int?
        var most: Int128 = -1
        for index in votes.indices where votes[index].side == side {
            let strength = weight(votes[index]) * Int128(votes[index].confidence.millionths)
            if strength > most { (leader, most) = (index, strength) }
        }
        return leader
    }
}

extension [Attachment] {
    /// How many sources of a desk may vote: those attached there, but for what alerts alone.
    var voters: Int {
        Set(filter { $0.strategy?.isVoter != false }.map(\.source)).count
    }
}
