import Ports
import Testing
import TradingModel

@testable import StrategyServers

/// Who a server is, and what it may do, is as the run began.
@Suite struct DescriptionChangeTests {
    private static let first = ServerDescription(
        name: "swing", version: "1.0", instanceID: "a", modelName: "m", modelVersion: "1",
        modelHash: "abc", sdk: "python", inputs: [ServerInput(.ticks, warmUp: 5)],
        readsAccount: false, independentInstruments: true, largestBatch: 256, parameterHash: "0f",
        followsInstruments: true)

    private static let changes:
        [(words: String, change: @Sendable (inout ServerDescription) -> Void)] = [
            ("it was swing 1.0 abc, now it is swing 1.1 abc", { $0.version = "1.1" }),
            ("it was swing 1.0 abc, now it is swing 1.0 def", { $0.modelHash = "def" }),
            ("it was swing 1.0 abc, now it is swung 1.0 abc", { $0.name = "swung" }),
            ("swing 1.0 abc has other parameters: 0f, now 1f", { $0.parameterHash = "1f" }),
            ("swing 1.0 abc asks for other inputs", { $0.inputs[0].warmUp = 6 }),
            ("swing 1.0 abc reads its account now", { $0.readsAccount = true }),
            (
                "swing 1.0 abc judges its instruments together now",
                { $0.independentInstruments = false }
            ),
            (
                "swing 1.0 abc follows instruments that join and leave no more",
                { $0.followsInstruments = false }
            ),
        ]

    @Test(arguments: changes.indices) func whatMustStayIsNamed(_ index: Int) {
        var now = Self.first
        Self.changes[index].change(&now)
        #expect(Self.first.change(to: now) == Self.changes[index].words)
    }

    @Test func whatMayChangeIsNoChange() {
        var now = Self.first
        (now.instanceID, now.sdk, now.largestBatch) = ("b", "python 2", 64)
        #expect(Self.first.change(to: now) == nil)
        var before = Self.first
        before.followsInstruments = false
        #expect(before.change(to: now) == nil)
        before.readsAccount = true
        #expect(before.change(to: now) == "swing 1.0 abc reads its account no more")
    }
}
