import PaperExchange
import TestKit
import Testing
import TradingModel

@testable import Kernel

/// R9: exits in a kernel that lives whole days, and in its recovery.
@Suite struct KernelExitTests {
    static let lines = [
        ["-5% all", "+4% half", "+8% rest"], ["-2% half", "-4% all", "trail 3% from +2% half"],
        ["trail 2% all"], ["-1% all", "+1% 30%", "+2% rest"],
    ]

    static func plan(_ seed: UInt64) throws -> KernelPlan {
        var plan = LivedDay.plan(seed)
        plan.exits.plans = try lines.map { try ExitPlan(reading: $0) }
        plan.exits.general = .plan(Int(seed % UInt64(lines.count)))
        plan.exits.instruments[InstrumentID(1)] = seed % 3 == 0 ? .off : .plan(0)
        plan.exits.sources[SourceID(2)] = .plan(2)
        return plan
    }

    /// R9.2: what guards know comes back from the log, to the last number.
    @Test(arguments: 0..<32 as Range<UInt64>)
    func recoveryBringsGuardsBack(_ seed: UInt64) throws {
        let plan = try Self.plan(seed)
        var second = Kernel(plan)
        var (armed, fired, guarded) = (0, 0, 0)
        for (index, step) in LivedDay.live(plan, seed: seed).enumerated() {
            for event in step.events { second.observe(event) }
            for fact in step.facts {
                second.apply(fact)
                if case .exit(.armed) = fact { armed += 1 }
                if case .exit(.fired) = fact { fired += 1 }
            }
            #expect(second.stateHash() == step.stateHash, "step \(index)")
            if second.stateHash() != step.stateHash { return }
            for desk in 0..<second.desks.count where second.desks[desk].position.isPositive {
                let key = second.desks[desk].key
                let isOff = key.instrument == InstrumentID(1) && seed % 3 == 0
                #expect((second.positionGuard(of: key) == nil) == isOff, "step \(index)")
                guarded += 1
            }
        }
        #expect(armed > 3 && fired > 3 && guarded > 50, "\(armed) \(fired) \(guarded)")
    }

    /// R9.2: beside strategies that sell too.
    @Test(arguments: 0..<32 as Range<UInt64>)
    func nothingIsSoldThatIsNotHeld(_ seed: UInt64) throws {
        let plan = try Self.plan(seed)
        var kernel = Kernel(plan)
        var exits = 0
        for step in LivedDay.live(plan, seed: seed) {
            for event in step.events { kernel.observe(event) }
            for fact in step.facts.parts {
                if case .exit(.assigned) = fact { exits += 1 }
                kernel.apply(fact)
                for desk in 0..<kernel.desks.count {
                    let (held, selling) = (
                        kernel.desks[desk].position, kernel.desks[desk].workingSells
                    )
                    #expect(selling.units <= max(0, held.units), "seed \(seed)")
                }
            }
        }
        #expect(exits > 3)
    }

    /// No plan, no fact: what was decided before there were exits is decided still.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func withoutAPlanNothingIsTold(_ seed: UInt64) {
        let plan = LivedDay.plan(seed)
        for step in LivedDay.live(plan, seed: seed) {
            for case .exit(let fact) in step.facts { Issue.record("\(fact)") }
        }
    }
}
