import TradingModel

@testable import Kernel

/// A desk as one would write it down on paper: votes in a list, policies in fractions of whole numbers.
struct NaiveDesk {
    struct Say: Equatable {
        var source: Int
        var buys: Bool
        var confidence: Int64
        var at: UInt64
        /// ms; `nil`: longer than the test.
        var until: Int64?
    }
    let plan: ArbiterPlan
    let weights: [Int64]
    let priorities: [Int]
    var standing: [Say] = []
    /// Where the open round began, and until when it waits, ms.
    var round: (at: UInt64, until: Int64)?
    var answered: [UInt64]
    var live: [Bool]
    /// `2 used`, in the order in which votes ended.
    var fates: [String] = []
    /// How rounds ended: `buy`, `sell`, `nothing`, with a mark where votes were opposed.
    var rounds: [String] = []

    init(_ plan: ArbiterPlan, weights: [Int64], priorities: [Int]) {
        self.plan = plan
        self.weights = weights
        self.priorities = priorities
        answered = weights.map { _ in 0 }
        live = weights.map { _ in true }
    }

    mutating func hear(_ say: Say, now: Int64) {
        if let until = say.until, until <= now { return }
        if standing.contains(where: { $0.source == say.source }) {
            standing.removeAll { $0.source == say.source }
            fates.append("\(say.source) replaced")
        }
        standing.append(say)
        standing.sort { $0.source < $1.source }
        if round == nil { round = (say.at, now + 200) }
        if plan.policy == .first { close(now: now) }
    }

    mutating func answer(_ source: Int, through step: UInt64, now: Int64) {
        answered[source] = max(answered[source], step)
        closeIfAnswered(now)
    }
    mutating func leave(_ source: Int, now: Int64) {
        live[source] = false
        closeIfAnswered(now)
    }
    mutating func pass(to now: Int64) {
        if let round, round.until <= now { close(now: now) }
    }

    private mutating func closeIfAnswered(_ now: Int64) {
        guard let round else { return }
        let best = standing.filter { $0.until.map { $0 > now } ?? true }
            .map { priorities[$0.source] }.min()
        for source in weights.indices where live[source] && answered[source] < round.at {
            if plan.policy == .priority, let best, priorities[source] >= best { continue }
            return
        }
        close(now: now)
    }

    private mutating func close(now: Int64) {
        for say in standing where say.until.map({ $0 <= now }) ?? false {
            fates.append("\(say.source) expired")
        }
        standing.removeAll { $0.until.map { $0 <= now } ?? false }
        round = nil
        let opposed = Set(standing.map(\.buys)).count == 2
        let (side, isVetoed) = plan.holdsOnConflict && opposed ? (nil, false) : decide()
        rounds.append((side.map { $0 ? "buy" : "sell" } ?? "nothing") + (opposed ? " GR030" : ""))
        if isVetoed {
            fates += standing.map { "\($0.source) vetoed" }
            standing = []
        } else if let side {
            fates += standing.map { "\($0.source) \($0.buys == side ? "won" : "outvoted")" }
            standing = []
        }
    }

    /// Who is bought or sold for, and whether an opposed vote stopped it.
    private func decide() -> (Bool?, vetoed: Bool) {
        guard !standing.isEmpty else { return (nil, false) }
        let needed =
            switch plan.quorum {
            case .votes(let count): count
            case .all: weights.count
            }
        let buys = standing.filter(\.buys)
        let sells = standing.filter { !$0.buys }
        switch plan.policy {
        case .first:
            return (standing.min { ($0.at, $0.source) < ($1.at, $1.source) }?.buys, false)
        case .priority:
            return (
                standing.min {
                    (priorities[$0.source], $0.source) < (priorities[$1.source], $1.source)
                }?.buys, false
            )
        case _ where standing.count < needed: return (nil, false)
        case .majority:
            return (buys.count == sells.count ? nil : buys.count > sells.count, false)
        case .unanimous: return (sells.isEmpty ? true : buys.isEmpty ? false : nil, false)
        case .confidenceWeighted, .veto:
            let force = weight(buys) - weight(sells)
            let total = standing.reduce(0) { $0 + weights[$1.source] }
            guard force != 0, abs(force) >= plan.threshold * total else { return (nil, false) }
            let isOpposed = !(force > 0 ? sells : buys).isEmpty
            return plan.policy == .veto && isOpposed ? (nil, true) : (force > 0, false)
        }
    }
    private func weight(_ says: [Say]) -> Int64 {
        says.reduce(0) { $0 + weights[$1.source] * $1.confidence }
    }
}
