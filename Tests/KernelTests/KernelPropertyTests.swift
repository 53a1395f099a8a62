import TestKit
import Testing
import TradingModel

@testable import Kernel

@Suite struct KernelPropertyTests {
    /// Live decides; a second kernel only observes and applies: the same state behind every step.
    @Test(arguments: seeds(0..<24))
    func applyingWhatWasDecidedIsDecidingIt(_ seed: UInt64) {
        let plan = LivedDay.plan(seed)
        var second = Kernel(plan)
        var fills = 0
        for (index, step) in LivedDay.live(plan, seed: seed).enumerated() {
            for event in step.events { second.observe(event) }
            for fact in step.facts {
                second.apply(fact)
                if case .filled = fact { fills += 1 }
            }
            #expect(second.stateHash() == step.stateHash, "step \(index)")
            if second.stateHash() != step.stateHash { return }
        }
        #expect(fills > 5)
    }

    /// What stands for several facts changes what they change, one by one.
    @Test func theWholeIsItsParts() {
        var wholes = (opened: 0, acted: 0)
        for seed in seeds(0..<24) {
            let plan = LivedDay.plan(seed)
            var second = Kernel(plan)
            for (index, step) in LivedDay.live(plan, seed: seed).enumerated() {
                for event in step.events { second.observe(event) }
                for fact in step.facts {
                    let parts = [fact].parts
                    switch fact {
                    case .opened: wholes.opened += 1
                    case .acted: wholes.acted += 1
                    default: #expect(parts == [fact])
                    }
                    #expect(parts.parts == parts)
                    for part in parts { second.apply(part) }
                }
                #expect(second.stateHash() == step.stateHash, "seed \(seed), step \(index)")
                if second.stateHash() != step.stateHash { return }
            }
        }
        #expect(wholes.opened > 500 && wholes.acted > 100, "\(wholes)")
    }

    /// A kernel that took over in the middle decides the rest as the first one did.
    @Test(arguments: seeds(0..<8))
    func theSameDayIsLivedTwiceAlike(_ seed: UInt64) {
        let plan = LivedDay.plan(seed)
        let first = LivedDay.live(plan, seed: seed, count: 200)
        let second = LivedDay.live(plan, seed: seed, count: 200)
        #expect(first.map(\.facts) == second.map(\.facts))
        #expect(first.map(\.stateHash) == second.map(\.stateHash))
    }

    @Test(arguments: seeds(0..<24))
    func theBooksAreTheSumsOfTheirFills(_ seed: UInt64) {
        let plan = LivedDay.plan(seed, risk: RiskLimits(symbolValue: .won(5_000)))
        var kernel = Kernel(plan)
        var books = NaiveBooks(plan)
        for step in LivedDay.live(plan, seed: seed) {
            for event in step.events { kernel.observe(event) }
            for fact in step.facts.parts {
                kernel.apply(fact)
                books.take(fact)
            }
            for account in 0..<2 {
                let id = AccountID(account)
                #expect(kernel.cash(of: id).units == books.cash[id])
                #expect(kernel.cash(of: id) >= .zero)
                #expect(kernel.accounts[account].reserved.units == books.reserved(id))
            }
            for index in 0..<kernel.desks.count {
                let key = kernel.desks[index].key
                let line = books.lines[key] ?? NaiveBooks.Line()
                #expect(kernel.desks[index].position.units == line.held)
                #expect(kernel.desks[index].cost.units == line.cost)
                #expect(kernel.desks[index].realised.units == line.realised)
                #expect(kernel.desks[index].workingBuys.units == books.working(key, .buy))
                #expect(kernel.desks[index].workingSells.units == books.working(key, .sell))
                #expect(line.held >= 0 && books.working(key, .sell) <= line.held, "oversold")
            }
        }
    }

    /// No order without approval, one number for each, nothing bought after a kill.
    @Test(arguments: seeds(0..<24))
    func everyOrderIsApprovedAndNumberedOnce(_ seed: UInt64) {
        let plan = LivedDay.plan(seed)
        var approved = 0
        var last: UInt64 = 0
        var killed = false
        var opened: Set<DeskKey> = []
        for step in LivedDay.live(plan, seed: seed) {
            for fact in step.facts.parts {
                switch fact {
                case .risk(let decision): approved += decision.approved ? 1 : 0
                case .ordered(let decision):
                    last += 1
                    #expect(decision.order.number == OrderNumber(last))
                    #expect(approved == Int(last))
                    #expect(!killed || decision.order.side == .sell)
                case .killed(let on, _, _): killed = on
                case .roundOpened(let desk, _, _): #expect(opened.insert(desk).inserted)
                case .roundClosed(let desk, _): #expect(opened.remove(desk) != nil)
                default: break
                }
            }
        }
        #expect(last > 5)
        #expect(opened.isEmpty)
    }
}
