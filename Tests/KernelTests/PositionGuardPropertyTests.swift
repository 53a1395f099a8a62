import Kernel
import TestKit
import Testing
import TradingModel

/// Random lives of a position beside what a plain reading of the plan says.
@Suite struct PositionGuardPropertyTests {
    /// R9.2: whatever happens, in whatever order.
    @Test func itNeverOversellsAndAlwaysGuards() throws {
        for seed in 0..<trials(2_000 as UInt64) {
            var random = SeededRandom(seed)
            var life = Life(plan(&random), &random)
            for _ in 0..<120 { try life.step(&random, seed) }
        }
    }

    /// R9.4: the same life in other units: the same deeds, scaled.
    @Test func aSplitChangesNothingButScale() {
        var compared = 0
        for seed in 0..<trials(500 as UInt64) {
            var random = SeededRandom(seed)
            let plan = plan(&random)
            var plain = GuardedDesk(plan, shares: 8, at: 10_000)
            (plain.lot, plain.ladder) = (Quantity(units: 1), .fixed(.zero))
            var price: Int64 = 10_000
            for _ in 0..<10 {
                price += Int64.random(in: -100...100, using: &random)
                plain.see(price)
            }
            guard plain.working.isEmpty else { continue }
            compared += 1
            var copy = plain
            let isSplit = copy.position.split(2, for: 1, last: copy.last)
            #expect(isSplit)
            copy.held = Quantity(units: copy.held.units * 2)
            copy.last = Price(units: copy.last.units / 2)
            let before = copy.actions.count
            for _ in 0..<40 {
                price = max(4_000, price + Int64.random(in: -300...300, using: &random))
                plain.see(Price.won(price))
                copy.see(Price(units: Price.won(price).units / 2))
            }
            #expect(
                plain.actions.dropFirst(before).map(Self.shape)
                    == copy.actions.dropFirst(before).map(Self.shape), "seed \(seed)")
        }
        #expect(compared > 50)
    }

    private func plan(_ random: inout SeededRandom) -> ExitPlan {
        random.pick(Self.plans)
    }
    private static let plans: [ExitPlan] =
        ExitPlan.presets.map(\.plan)
        + [
            ["-3% half", "-5% all", "+2% 25%", "+4% 25%", "+6% rest"],
            ["trail 2% from +1% half", "-4% all"], ["-1% 30%", "+1% 30%"],
        ].compactMap { try? ExitPlan(reading: $0) }

    /// A deed without its scale.
    private static func shape(_ action: PositionGuard.Action) -> String {
        switch action {
        case .place(let tier, _, _): "place \(tier)"
        case .fire(let tier): "fire \(tier)"
        case .doubt: "doubt"
        case .believe: "believe"
        case .cancel(let number, _): "cancel \(number)"
        }
    }
}

/// One position under a market, an exchange, a strategy and people who all do as they like.
private struct Life {
    var desk: GuardedDesk
    private var price: Int64 = 10_000
    private var seen = 0
    private var lives = 1
    private var firedBefore: [Bool]

    init(_ plan: ExitPlan, _ random: inout SeededRandom) {
        desk = GuardedDesk(plan, shares: .random(in: 1...20, using: &random), at: price)
        firedBefore = plan.tiers.map { _ in false }
    }

    mutating func step(_ random: inout SeededRandom, _ seed: UInt64) throws {
        switch Int.random(in: 0..<16, using: &random) {
        case 0..<7:
            price = max(2_000, price + Int64.random(in: -250...250, using: &random))
            desk.see(price)
        case 7..<10:
            if let at = anyWorking(&random) {
                let shares = desk.working[at].open.units / fixedPointScale
                desk.fill(at, .random(in: 1...shares, using: &random))
            }
        case 10:
            if let at = anyWorking(&random) {
                desk.end(at, random.pick([.refused, .uncovered, .other]))
            }
        case 11: desk.isHalted.toggle()
        case 12: desk.isHeld = random.oneIn(4)
        case 13:
            // A strategy buys more, or some of it waits.
            if random.oneIn(3) {
                desk.work(.buy, .shares(.random(in: 1...5, using: &random)), .won(price))
            }
        case 14:
            let shares = desk.free.units / fixedPointScale
            if shares > 0, random.oneIn(4) { desk.work(.sell, .shares(1), .won(price + 500)) }
        default: desk.tend()
        }
        if random.oneIn(8), let at = desk.working.firstIndex(where: \.isCancelAsked) {
            desk.end(at)
        }
        check(seed)
    }

    private func anyWorking(_ random: inout SeededRandom) -> Int? {
        desk.working.isEmpty ? nil : Int.random(in: desk.working.indices, using: &random)
    }

    private mutating func check(_ seed: UInt64) {
        #expect(desk.free.units >= 0, "seed \(seed): more is being sold than is held")
        var fired: [Int: Int] = [:]
        for action in desk.actions.dropFirst(seen) {
            if case .fire(let tier) = action { fired[tier, default: 0] += 1 }
        }
        seen = desk.actions.count
        // A position that began anew has its tiers before it.
        if desk.lives != lives { firedBefore = firedBefore.map { _ in false } }
        lives = desk.lives
        for (tier, times) in fired {
            #expect(times == 1 && !firedBefore[tier], "seed \(seed): tier \(tier) fired again")
        }
        firedBefore = desk.position.isFired
        checkGuard(seed)
    }

    /// Where the price is at a stop that is free to act, everything it is to sell is being sold or waits for an
    /// end that was asked for.
    private func checkGuard(_ seed: UInt64) {
        let position = desk.position
        guard desk.held.isPositive, !desk.isHalted, !desk.isHeld, position.doubtedSince == nil,
            position.tries.allSatisfy({ $0.failures == 0 && $0.most == nil }), lastLookedNow
        else { return }
        for (tier, terms) in position.plan.tiers.enumerated() where terms.share == .rest {
            guard terms.trigger.isStop else { continue }
            guard case .loss(let part) = terms.trigger else { continue }
            let isReached =
                Int128(desk.last.units) * 1_000_000
                <= Int128(position.average.units) * Int128(1_000_000 - part)
            guard isReached || position.isFired[tier] else { continue }
            #expect(position.isFired[tier], "seed \(seed): the stop did not fire")
            let stops = position.exits.filter { position.plan.tiers[$0.tier].trigger.isStop }
                .map(\.number)
            let going = desk.sells.filter { $0.isCancelAsked || stops.contains($0.order.number) }
            #expect(
                going.reduce(0) { $0 + $1.open.units } == desk.held.units,
                "seed \(seed): held \(desk.held), going \(going)")
        }
    }
    /// Whether the guard was asked since people let it act.
    private var lastLookedNow: Bool {
        desk.position.next(desk.surroundings(nil, nil, nil)) == nil
    }
}
