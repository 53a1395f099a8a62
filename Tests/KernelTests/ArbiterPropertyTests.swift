import TestKit
import Testing
import TradingModel

@testable import Kernel

/// One desk with four servers, and the same desk on paper: told the same, asked the same.
private struct Pair: ~Copyable {
    static let sources = 4
    var kernel: Kernel
    var effects = Effects()
    var naive: NaiveDesk
    var step: UInt64 = 0
    var now: Int64 = 0
    var random: SeededRandom

    init(_ policy: ArbiterPlan.Policy, _ seed: UInt64) {
        var random = SeededRandom(seed)
        let weights = (0..<Self.sources).map { _ in Int64.random(in: 0...3, using: &random) }
        let priorities = (0..<Self.sources).map { _ in Int.random(in: 1...3, using: &random) }
        let quorum: ArbiterPlan.Quorum =
            random.oneIn(5) ? .all : .votes(Int.random(in: 1...3, using: &random))
        let plan = ArbiterPlan(
            policy: policy, threshold: Int64.random(in: 0...9, using: &random) * 100_000,
            holdsOnConflict: random.oneIn(6), quorum: quorum)
        kernel = Kernel(
            .sample(
                cash: .won(1_000_000_000),
                sources: (0..<Self.sources).map {
                    SourcePlan(
                        name: "s\($0)", kind: .server, weight: weights[$0],
                        priority: priorities[$0])
                }, attachments: (0..<Self.sources).map { .sample($0, adds: true) }, arbiter: plan))
        naive = NaiveDesk(plan, weights: weights, priorities: priorities)
        for source in 0..<Self.sources {
            kernel.setLive(true, SourceID(source), at: .start, now: .zero, into: &effects)
        }
        self.random = random
    }

    private func at(_ milliseconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: milliseconds * 1_000_000)
    }
    private var end: EventPosition { .endOfStep(step) }

    mutating func act() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...1:
            step += 1
            let tick = Tick(
                instrument: InstrumentID(0), feedTime: at(now), price: .won(100),
                quantity: .shares(1))
            kernel.handle(
                MarketEvent(position: EventPosition(step: step, index: 0), kind: .tick(tick)),
                entry: at(now), into: &effects)
        case 2...5: say()
        case 6...7:
            let one = Int.random(in: 0..<Self.sources, using: &random)
            for source in random.oneIn(2) ? one...one : 0...Self.sources - 1 {
                kernel.cover(SourceID(source), through: end, now: at(now), into: &effects)
                naive.answer(source, through: step, now: now)
            }
        case 8:
            now += Int64.random(in: 0...120, using: &random)
            kernel.advance(to: at(now), at: end, into: &effects)
            naive.pass(to: now)
        default:
            let source = Int.random(in: 0..<Self.sources, using: &random)
            if naive.live[source], random.oneIn(3) {
                kernel.setLive(false, SourceID(source), at: end, now: at(now), into: &effects)
                naive.leave(source, now: now)
            } else {
                kernel.setLive(true, SourceID(source), at: end, now: at(now), into: &effects)
                naive.live[source] = true
            }
        }
    }

    private mutating func say() {
        let source = Int.random(in: 0..<Self.sources, using: &random)
        let confidence = Int64.random(in: 0...4, using: &random) * 250_000
        let span: Int64? = random.oneIn(2) ? nil : Int64.random(in: 1...250, using: &random)
        let entry = now - Int64.random(in: 0...30, using: &random)
        let buys = random.oneIn(2)
        let result = StrategyResult(
            buys ? .buy : .sell, confidence: .of(confidence),
            validity: .duration(.milliseconds(span ?? 1_000_000_000)))
        kernel.handle(
            ServerResult(
                source: SourceID(source), position: EventPosition(step: step, index: 0),
                instrument: InstrumentID(0), index: 0, result: result, entryTime: at(entry),
                arrivalTime: at(now)), now: at(now), into: &effects)
        naive.hear(
            NaiveDesk.Say(
                source: source, buys: buys, confidence: confidence, at: step,
                until: span.map { entry + $0 }), now: now)
    }

    var fates: [String] {
        effects.facts.parts.compactMap { fact in
            guard case .voteEnded(let key, let status, _) = fact else { return nil }
            let won = status == .used || status == .notApproved
            return "\(key.source.index) \(won ? "won" : status.name)"
        }
    }
    var rounds: [String] {
        effects.facts.parts.compactMap { fact in
            guard case .roundClosed(_, let outcome) = fact else { return nil }
            let side = outcome.side.map { $0 == .buy ? "buy" : "sell" } ?? "nothing"
            return side + (outcome.conflict ? " GR030" : "")
        }
    }
}

@Suite struct ArbiterPropertyTests {
    /// Votes that come, are replaced, expire and are late to be covered; sources that go and come back.
    @Test(arguments: ArbiterPlan.Policy.allCases, seeds(0..<80))
    func roundsEndAsOnPaper(_ policy: ArbiterPlan.Policy, _ seed: UInt64) {
        var pair = Pair(policy, seed)
        for action in 0..<150 {
            pair.act()
            let standing = pair.kernel.desks[0].votes.map { Int($0.source.index) }
            let isAlike =
                pair.rounds == pair.naive.rounds && pair.fates == pair.naive.fates
                && standing == pair.naive.standing.map(\.source)
            guard !isAlike else { continue }
            #expect(pair.rounds == pair.naive.rounds, "after action \(action)")
            #expect(pair.fates == pair.naive.fates, "after action \(action)")
            #expect(standing == pair.naive.standing.map(\.source), "after action \(action)")
            return
        }
        #expect(pair.rounds.count > 4)
    }

    /// No result is lost: each was refused at once, stands, or ended with a fate of its own.
    @Test(arguments: ArbiterPlan.Policy.allCases, seeds(0..<20))
    func everyVoteHasOneFate(_ policy: ArbiterPlan.Policy, _ seed: UInt64) {
        var pair = Pair(policy, seed ^ 0x5eed)
        for _ in 0..<200 { pair.act() }
        var open: [VoteKey: Int] = [:]
        for fact in pair.effects.facts.parts {
            if case .signal(let signal, .pending) = fact { open[signal.key, default: 0] += 1 }
            if case .voteEnded(let key, let status, let detail) = fact {
                open[key, default: 0] -= 1
                #expect(open[key, default: -1] >= 0, "ended without having stood")
                let tellsWhy = status == .expired || status == .replaced || !detail.text.isEmpty
                #expect(tellsWhy, "\(status) without a reason")
            }
        }
        let standing = open.filter { $0.value > 0 }
        #expect(standing.count == pair.kernel.desks[0].votes.count)
        #expect(pair.effects.facts.parts.count > 150)
    }
}
