import Kernel
import Testing

/// R9.1: a plan is data.
@Suite struct ExitPlanTests {
    @Test func threeTiersAreRead() throws {
        let plan = try ExitPlan(reading: ["+8% rest", "-5% all", "+4% half"])
        #expect(plan.tiers.first == ExitPlan.Tier(.loss(50_000), .rest))
        #expect(Set(plan.tiers) == Set(ExitPlan.threeTier.tiers))
        #expect(ExitPlan.threeTier.description == "-5% all, +4% half, +8% rest")
    }

    @Test(arguments: [
        "-5% all", "+4% half", "+8% rest", "+0.0001% 25%", "trail 3% all",
        "trail 2.5% from +2% half", "-99.9999% 12.5%",
    ])
    func aTierReadsAsItIsWritten(_ text: String) throws {
        #expect(try ExitPlan.Tier(text).description == text)
    }

    @Test(arguments: [
        "", "5% all", "-5 all", "-5%", "-5% all now", "+4% most", "-0.00001% all", "-1e1% all",
        "trail all", "trail 3% from all", "--5% all", "-5%  everything", "+99999999999999999% all",
    ])
    func whatIsNoTierIsRefused(_ text: String) {
        #expect(throws: ExitPlanError.self) { try ExitPlan.Tier(text) }
    }

    @Test(arguments: [
        ([], "at least one"), (["-100% all"], "less than 100%"), (["-0% all"], "more than 0%"),
        (["+5% all", "+8% rest"], "sold everything before"),
        (["+5% half", "+5% rest"], "stands there already"),
        (["+5% 60%", "+6% 60%"], "more than 100%"), (["-5% 100%"], "say all or rest"),
        (["trail 3% half", "trail 4% all"], "at most one trailing"),
        (["-3% half", "-2% all"], "sold everything before"),
        ((1...17).map { "+\($0)% 1%" }, "at most 16"),
    ])
    func tiersThatContradictAreRefused(_ lines: [String], _ why: String) {
        do {
            let plan = try ExitPlan(reading: lines)
            Issue.record("\(plan) was taken")
        } catch {
            #expect(error.description.contains(why), "\(error)")
        }
    }

    @Test func presetsReadAsTheyAreWritten() throws {
        for preset in ExitPlan.presets {
            #expect(try ExitPlan(preset: preset.name) == preset.plan)
            let lines = preset.plan.tiers.map(\.description)
            #expect(try ExitPlan(reading: lines) == preset.plan)
        }
        #expect(throws: ExitPlanError.self) { try ExitPlan(preset: "four_tier") }
    }
}
