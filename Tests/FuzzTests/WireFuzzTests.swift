import StrategyWire
import TestKit
import Testing

/// Bytes from a server are a message or refused; what is read is the same when it is written and read again.
@Suite struct WireFuzzTests {
    private static let mutator: Mutator = {
        var ready = PBServerMessage(message: .ready(PBReady()))
        var results = PBResults()
        var result = PBResult()
        result.position = 1 << 21
        result.confidence = 700_000
        result.message = "fast over slow"
        result.reasons = ["cross"]
        result.tags = ["a": "b", "c": ""]
        results.results = [result, result]
        let messages: [PBServerMessage] = [
            ready, PBServerMessage(message: .results(results)), PBServerMessage(),
        ]
        ready = PBServerMessage()
        return Mutator(
            messages.map { $0.encoded() }, words: ["\u{8}\u{1}", "\u{12}\u{7f}", "\u{7f}"])
    }()

    @Test(arguments: 0..<trials(8 as UInt64)) func aMessageIsReadOrRefused(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        for _ in 0..<triesOfASeed * 4 {
            let bytes = Self.mutator.next(&random)
            guard let message = try? PBServerMessage(decoding: bytes) else { continue }
            let again = message.encoded()
            #expect(try PBServerMessage(decoding: again).encoded() == again)
        }
    }
}
