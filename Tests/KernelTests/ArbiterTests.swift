import Rules
import Strategies
import TestKit
import Testing
import TradingModel

@testable import Kernel

/// `+1:0.7` as a vote: side by the sign, weight and confidence in millionths.
private func vote(
    _ source: Int, _ side: Side, confidence: Int64 = 1_000_000, position: UInt64 = 1
) -> Vote {
    let result = StrategyResult(side == .buy ? .buy : .sell, confidence: .of(confidence))
    let signal = Signal(
        source: SourceID(source), account: AccountID(0), instrument: InstrumentID(0),
        position: EventPosition(position), index: 0, result: result, entryTime: .zero,
        arrivalTime: .zero)
    return Vote(
        signal: signal, input: .ticks, quantity: .shares(1), addsToPosition: false,
        expires: .distantFuture)
}

private func arbiter(
    _ policy: ArbiterPlan.Policy, threshold: Int64 = 0, holds: Bool = false,
    weights: [Int64] = [1_000_000, 1_000_000, 1_000_000], priorities: [Int] = [100, 100, 100],
    quorum: ArbiterPlan.Quorum = .votes(1)
) -> Arbiter {
    Arbiter(
        ArbiterPlan(
            policy: policy, threshold: threshold, holdsOnConflict: holds, quorum: quorum),
        sources: zip(weights, priorities).enumerated().map { index, pair in
            SourcePlan(name: "s\(index)", kind: .builtIn, weight: pair.0, priority: pair.1)
        })
}

@Suite struct ArbiterTests {
    /// A round of one vote is decided by itself: as a list of one is, whatever the plan.
    @Test(arguments: ArbiterPlan.Policy.allCases, seeds(0..<100))
    func oneVoteIsAListOfOne(_ policy: ArbiterPlan.Policy, _ seed: UInt64) {
        var random = SeededRandom(seed)
        let amounts: [Int64] = [0, 1, 300_000, 600_000, 999_999, 1_000_000]
        let quorum = random.pick([
            ArbiterPlan.Quorum.votes(0), .votes(1), .votes(2), .all,
        ])
        let arbiter = arbiter(
            policy, threshold: random.pick(amounts), holds: random.oneIn(2),
            weights: (0..<3).map { _ in random.pick(amounts + [-1_000_000]) }, quorum: quorum)
        let vote = vote(
            Int.random(in: 0..<3, using: &random), random.oneIn(2) ? .buy : .sell,
            confidence: random.pick(amounts))
        let voters = Int.random(in: 1...3, using: &random)
        let verdict = arbiter.decide([vote], of: voters)
        #expect(arbiter.decide(vote, of: voters) == verdict)
        #expect(arbiter.detail(of: verdict, vote) == arbiter.detail(of: verdict, [vote]))
    }

    @Test(arguments: ArbiterPlan.Policy.allCases)
    func noVotesDoNothing(_ policy: ArbiterPlan.Policy) {
        let verdict = arbiter(policy).decide([])
        #expect(verdict.side == nil && !verdict.conflict && !verdict.vetoed)
    }

    @Test(arguments: ArbiterPlan.Policy.allCases)
    func opposedVotesAreAlwaysAConflictAndMayHold(_ policy: ArbiterPlan.Policy) {
        let votes = [vote(0, .buy), vote(1, .sell, confidence: 100_000)]
        #expect(arbiter(policy).decide(votes).conflict)
        let held = arbiter(policy, holds: true).decide(votes)
        #expect(held.conflict && held.side == nil && !held.vetoed)
        let agreed = arbiter(policy, holds: true).decide([vote(0, .sell), vote(1, .sell)])
        #expect(!agreed.conflict && agreed.side == .sell)
    }

    @Test func firstIsTheEarliestEventThenTheFirstSource() {
        let verdict = arbiter(.first).decide([
            vote(0, .buy, position: 9), vote(1, .sell, position: 3),
        ])
        #expect(verdict.side == .sell && verdict.leader == 1)
        #expect(arbiter(.first).decide([vote(0, .buy), vote(1, .sell)]).side == .buy)
    }

    @Test func priorityIsTheLowestNumberThenTheFirstSource() {
        let ranked = arbiter(.priority, priorities: [3, 1, 2])
        #expect(ranked.decide([vote(0, .buy), vote(1, .sell), vote(2, .buy)]).leader == 1)
        #expect(ranked.decide([vote(0, .buy), vote(2, .sell)]).side == .sell)
        #expect(arbiter(.priority).decide([vote(1, .sell), vote(2, .buy)]).side == .sell)
    }

    @Test func theWeightierSideActsAndItsStrongestVoteLeads() {
        let verdict = arbiter(.confidenceWeighted, weights: [1_000_000, 3_000_000, 1_000_000])
            .decide([vote(0, .sell), vote(1, .buy, confidence: 500_000), vote(2, .buy)])
        #expect(verdict.side == .buy)
        #expect(verdict.leader == 1)
        let equal = arbiter(.confidenceWeighted).decide([vote(0, .buy), vote(2, .buy)])
        #expect(equal.leader == 0)
    }

    @Test func aTieAndAZeroWeightDoNothing() {
        #expect(arbiter(.confidenceWeighted).decide([vote(0, .buy), vote(1, .sell)]).side == nil)
        let weightless = arbiter(.confidenceWeighted, weights: [0, 0, 0])
        #expect(weightless.decide([vote(0, .buy), vote(1, .buy)]).side == nil)
        #expect(arbiter(.confidenceWeighted).decide([vote(0, .buy, confidence: 0)]).side == nil)
    }

    /// |Σ| = threshold x Σ weight acts; one millionth of one unit less does not, at any size of weight.
    @Test(arguments: [1 as Int64, 1_000_000, 999_999_999_999, .max])
    func theThresholdIsExact(_ weight: Int64) {
        let weights = [weight, weight, weight]
        let at = arbiter(.confidenceWeighted, threshold: 700_000, weights: weights)
        #expect(at.decide([vote(0, .buy, confidence: 700_000)]).side == .buy)
        #expect(at.decide([vote(0, .buy, confidence: 699_999)]).side == nil)
        #expect(
            at.decide([vote(0, .sell, confidence: 600_000), vote(1, .sell, confidence: 800_000)])
                .side == .sell)
        #expect(
            at.decide([vote(0, .sell, confidence: 600_000), vote(1, .sell, confidence: 799_999)])
                .side == nil)
    }

    @Test func aVetoStopsWhatWouldHaveActed() {
        let policy = arbiter(.veto, threshold: 100_000, weights: [5_000_000, 1_000_000, 1_000_000])
        let stopped = policy.decide([vote(0, .buy), vote(1, .sell)])
        #expect(stopped.side == nil && stopped.vetoed && stopped.conflict)
        #expect(policy.decide([vote(0, .buy), vote(2, .buy)]).side == .buy)
        let weak = policy.decide([vote(1, .buy), vote(2, .sell)])
        #expect(weak.side == nil && !weak.vetoed, "nothing would have acted")
    }

    @Test(arguments: seeds(0..<200))
    func weightedAgreesWithRationalArithmetic(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let weights = (0..<3).map { _ in
            random.oneIn(5) ? 0 : Int64.random(in: 0...8_000_000, using: &random)
        }
        let threshold = Int64.random(in: 0...1_000_000, using: &random)
        let votes = (0..<3).map {
            vote(
                $0, random.oneIn(2) ? .buy : .sell,
                confidence: Int64.random(in: 0...1_000_000, using: &random))
        }
        var sum = 0.0
        var total = 0.0
        for (index, vote) in votes.enumerated() {
            let sign: Double = vote.side == .buy ? 1 : -1
            sum += Double(weights[index]) * Double(vote.confidence.millionths) * sign
            total += Double(weights[index])
        }
        // Below 2⁵³ throughout: the doubles are exact.
        let acts = total > 0 && sum != 0 && abs(sum) >= Double(threshold) * total
        let verdict = arbiter(.confidenceWeighted, threshold: threshold, weights: weights).decide(
            votes)
        #expect(verdict.side == (acts ? (sum > 0 ? .buy : .sell) : nil))
        if let leader = verdict.leader { #expect(votes[leader].side == verdict.side) }
    }
}

@Suite struct CountingPolicyTests {
    @Test func aMajorityCountsHeadsAndNotWeights() {
        let policy = arbiter(.majority, weights: [9_000_000, 1_000_000, 0])
        let verdict = policy.decide([
            vote(0, .sell), vote(1, .buy, confidence: 100_000), vote(2, .buy, confidence: 0),
        ])
        #expect(verdict.side == .buy && verdict.leader == 1 && verdict.conflict)
        let tie = policy.decide([vote(0, .buy), vote(1, .sell)])
        #expect(tie.side == nil && tie.conflict && !tie.vetoed)
        #expect(policy.decide([vote(2, .sell)]).side == .sell, "the silent are not counted")
    }

    @Test func oneAgainstStopsTheUnanimous() {
        let policy = arbiter(.unanimous)
        let agreed = policy.decide([
            vote(0, .sell, confidence: 300_000), vote(1, .sell, confidence: 900_000),
        ])
        #expect(agreed.side == .sell && agreed.leader == 1)
        let split = policy.decide([vote(0, .buy), vote(1, .buy), vote(2, .sell, confidence: 0)])
        #expect(split.side == nil && split.conflict && !split.vetoed)
    }

    @Test(arguments: [.confidenceWeighted, .veto, .majority, .unanimous] as [ArbiterPlan.Policy])
    func aQuorumIsAskedOfTheVotesThatStand(_ policy: ArbiterPlan.Policy) {
        let two = arbiter(policy, quorum: .votes(2))
        #expect(two.decide([vote(0, .buy)]).side == nil)
        #expect(two.decide([vote(0, .buy), vote(2, .buy)]).side == .buy)
        let all = arbiter(policy, quorum: .all)
        #expect(all.decide([vote(0, .buy), vote(2, .buy)], of: 3).side == nil)
        #expect(all.decide([vote(0, .buy), vote(1, .buy), vote(2, .buy)], of: 3).side == .buy)
    }

    @Test(arguments: [.first, .priority] as [ArbiterPlan.Policy])
    func whoListensToOneVoteAsksForNoQuorum(_ policy: ArbiterPlan.Policy) {
        #expect(arbiter(policy, quorum: .votes(3)).decide([vote(1, .sell)]).side == .sell)
    }

    @Test func aVetoWithoutAQuorumStopsNothing() {
        let verdict = arbiter(.veto, quorum: .all).decide(
            [
                vote(0, .buy), vote(1, .sell, confidence: 1),
            ], of: 3)
        #expect(verdict.side == nil && !verdict.vetoed && verdict.conflict)
    }

    @Test(
        arguments: [
            (
                .majority, [.buy, .buy, .sell],
                "majority 2 to 1: s0 BUY 1.00, s1 BUY 1.00, s2 SELL 1.00"
            ),
            (.majority, [.buy, .sell], "no majority, 1 to 1: s0 BUY 1.00, s1 SELL 1.00"),
            (.unanimous, [.sell, .sell], "unanimous 2 to 0: s0 SELL 1.00, s1 SELL 1.00"),
            (
                .unanimous, [.sell, .sell, .buy],
                "not unanimous, 2 to 1: s0 SELL 1.00, s1 SELL 1.00, s2 BUY 1.00"
            ),
            (.unanimous, [.buy], "no quorum, 1 of 2 votes: s0 BUY 1.00"),
        ] as [(ArbiterPlan.Policy, [Side], String)])
    func theNumbersAreTold(_ policy: ArbiterPlan.Policy, _ sides: [Side], _ words: String) {
        let arbiter = arbiter(policy, quorum: .votes(2))
        let votes = sides.enumerated().map { vote($0.offset, $0.element) }
        #expect(arbiter.detail(of: arbiter.decide(votes), votes).text == words)
    }

    /// An alert is no vote: nobody waits for it in a quorum of all.
    @Test func whatAlertsAloneIsNoVoter() throws {
        func rule(_ action: Action) throws -> RuleStrategy {
            RuleStrategy(
                try Rule.compile("price > 1"), action: action, confidence: .full, every: .crossing,
                coolDown: .zero)
        }
        func scanner(_ own: Action?) -> CandidateScanner {
            let found = Candidate(
                time: .zero, instrument: InstrumentID(0), score: 9_000_000, action: own, reasons: []
            )
            return CandidateScanner([found], CandidateScanner.Terms(action: .alert))
        }
        let plan = KernelPlan.sample(
            instruments: 2,
            sources: (0..<5).map { SourcePlan(name: "s\($0)", kind: .rule) },
            attachments: [
                .sample(0, strategy: try rule(.buy)), .sample(1, strategy: try rule(.alert)),
                .sample(3, strategy: scanner(nil)), .sample(4, strategy: scanner(.buy)),
                .sample(2), .sample(1, instrument: 1, strategy: try rule(.alert)),
            ])
        #expect(plan.attachments.filter { $0.instrument == InstrumentID(0) }.voters == 3)
        #expect(plan.attachments.filter { $0.instrument == InstrumentID(1) }.voters == 0)
    }
}
