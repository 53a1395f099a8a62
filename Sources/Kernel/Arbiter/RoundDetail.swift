import TradingModel

/// How a round was decided: the rule that decided it, and the votes as they stood.
public struct RoundDetail: Sendable {
    enum Rule: Hashable, Sendable {
        case noVotes
        case held
        /// `first` or `priority`: the vote at this index acted alone.
        case alone(leader: Int32)
        /// Fewer votes stood than have to.
        case noQuorum(needed: Int32)
        /// `majority` or `unanimous`: how many votes the side with most had.
        case counted(most: Int32, acts: Bool)
        /// The mean and the threshold at 10⁻⁶.
        case weighed(mean: Int64, threshold: Int64, acts: Bool)
        /// As weighed, but votes against this side stopped it.
        case vetoed(mean: Int64, threshold: Int64, side: Side)
    }
    /// What a vote says in a sentence.
    private struct Say: Sendable {
        let source: SourceID
        let side: Side
        let confidence: Confidence
        init(_ vote: borrowing Vote) {
            source = vote.key.source
            side = vote.side
            confidence = vote.confidence
        }
    }
    private let rule: Rule
    // Most rounds have one vote: it needs no array.
    private let first: Say?
    private let others: [Say]?
    private let policy: ArbiterPlan.Policy
    private let sources: [SourcePlan]

    init(_ rule: Rule, _ votes: [Vote], of arbiter: Arbiter) {
        self.rule = rule
        first = votes.first.map { Say($0) }
        others = votes.count > 1 ? votes.dropFirst().map { Say($0) } : nil
        policy = arbiter.plan.policy
        sources = arbiter.sources
    }

    /// Of one vote.
    init(_ rule: Rule, _ vote: borrowing Vote, of arbiter: borrowing Arbiter) {
        self.rule = rule
        first = Say(vote)
        others = nil
        policy = arbiter.plan.policy
        sources = arbiter.sources
    }

    /// `weighted 0.70 >= 0.60: cross BUY 0.70`, `majority 2 to 1: …`, `no quorum, 1 of 2 votes: …`.
    public var text: String {
        let says = (first.map { [$0] } ?? []) + (others ?? [])
        switch rule {
        case .noVotes: return "no votes stand"
        case .held: return "on_conflict holds: \(words(says))"
        case .alone(let leader):
            let leader = Int(leader)
            let rest = says.indices.filter { $0 != leader }.map { says[$0] }
            return "\(policy.rawValue): \(words([says[leader]]))"
                + (rest.isEmpty ? "" : " (\(words(rest)))")
        case .noQuorum(let needed):
            return "no quorum, \(says.count) of \(needed) votes: \(words(says))"
        case .counted(let most, let acts): return counted(Int(most), acts, says)
        case .weighed(let mean, let threshold, let acts):
            return weighed(mean, acts ? ">=" : "<", threshold, says)
        case .vetoed(let mean, let threshold, let side):
            return "vetoed by \(words(says.filter { $0.side != side })); "
                + weighed(mean, ">=", threshold, says)
        }
    }

    private func counted(_ most: Int, _ acts: Bool, _ says: [Say]) -> String {
        let failed = policy == .unanimous ? "not unanimous," : "no majority,"
        return "\(acts ? policy.rawValue : failed) \(most) to \(says.count - most): \(words(says))"
    }
    private func weighed(_ mean: Int64, _ sign: String, _ threshold: Int64, _ says: [Say]) -> String
    {
        "weighted \(hundredths(mean)) \(sign) \(hundredths(threshold)): \(words(says))"
    }
    private func words(_ says: [Say]) -> String {
        says.map { say in
            let name = sources[Int(say.source.index)].name
            let side = say.side == .buy ? "BUY" : "SELL"
            return "\(name) \(side) \(hundredths(Int64(say.confidence.millionths)))"
        }.joined(separator: ", ")
    }
    private func hundredths(_ millionths: Int64) -> String {
        let value = (millionths + 5_000) / 10_000
        return "\(value / 100)\(value % 100 < 10 ? ".0" : ".")\(value % 100)"
    }
}
