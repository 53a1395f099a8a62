import StrategyWire
import TestKit
import Testing

@testable import Ports
@testable import StrategyServers

/// What a server says of itself is taken or refused in words, whatever it is.
@Suite struct DescribeFuzzTests {
    private static let mutator: Mutator = {
        var good = PBDescribeResponse()
        good.name = "momentum"
        good.version = "1.2"
        good.instanceID = "a"
        good.revisions = PBRevisionRange(lowest: 1, highest: 1)
        good.inputs = [
            PBInput(kind: .ticks), PBInput(kind: .candles, intervalNs: 60_000_000_000, warmUp: 50),
        ]
        good.parameters = [
            PBParameter(name: "fast", type: .integer, defaultValue: "20", minimum: "1"),
            PBParameter(name: "calm", type: .boolean, defaultValue: "true"),
        ]
        return Mutator(
            [good.encoded(), PBDescribeResponse().encoded()],
            words: ["\u{8}\u{1}", "\u{12}\u{7f}", "\u{7f}", "\u{0}"])
    }()

    @Test(arguments: 0..<trials(8 as UInt64)) func aDescriptionIsTakenOrRefusedInWords(
        _ seed: UInt64
    ) throws {
        var random = SeededRandom(seed)
        for _ in 0..<triesOfASeed * 2 {
            let bytes = Self.mutator.next(&random)
            guard let wire = try? PBDescribeResponse(decoding: bytes) else { continue }
            let again = wire.encoded()
            #expect(try PBDescribeResponse(decoding: again).encoded() == again)
            do throws(ServerRefusal) {
                _ = try Revision.common(with: wire.revisions)
                _ = try ParameterCheck.inForce(["fast": "7"], wire.parameters)
                let description = try ServerDescription(wire, parameterHash: "0")
                #expect(!description.inputs.isEmpty && description.largestBatch > 0)
            } catch {
                #expect(!error.what.isEmpty)
            }
        }
    }
}
