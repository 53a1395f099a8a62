import StrategyWire
import Testing

/// What a reader must refuse, with its reason.
@Suite struct RefusalTests {
    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let bytes: [UInt8]
        let reason: WireError.Reason
        init(_ name: String, _ bytes: [UInt8], _ reason: WireError.Reason) {
            (testDescription, self.bytes, self.reason) = (name, bytes, reason)
        }
    }

    static let faults = [
        Fault("tag 0", [0], .zeroFieldNumber),
        Fault("tag 0 behind a field", [0x08, 1, 0, 0], .zeroFieldNumber),
        Fault("field number 0", [0x02, 0], .zeroFieldNumber),
        Fault("tag 0 in a message", [0x8A, 0x01, 1, 0], .zeroFieldNumber),
        Fault("tag 0 in a group", [0xBB, 0x3E, 0, 0xBC, 0x3E], .zeroFieldNumber),
        Fault("a tag that is 0 in 32 bits", [0x80, 0x80, 0x80, 0x80, 0x70], .zeroFieldNumber),
        Fault("wire type 6", [0x0E], .unknownWireType),
        Fault("wire type 7", [0x0F], .unknownWireType),
        Fault("an end without a start", [0x0C], .unmatchedEndGroup),
        Fault("an end in a message", [0x8A, 0x01, 2, 0xBC, 0x3E], .unmatchedEndGroup),
        Fault("an end of another group", [0xBB, 0x3E, 0xC4, 0x3E], .unmatchedEndGroup),
        Fault("groups that cross", [0xBB, 0x3E, 0x13, 0xBC, 0x3E, 0x14], .unmatchedEndGroup),
        Fault("an end of a map entry", [0xEA, 0x03, 1, 0x0C], .unmatchedEndGroup),
        Fault("a group without an end", [0xBB, 0x3E, 0x08, 1], .truncated),
        Fault("a group that ends outside", [0x8A, 0x01, 2, 0xBB, 0x3E, 0xBC, 0x3E], .truncated),
        Fault("half a tag", [0x88], .truncated),
        Fault("no value", [0x08], .truncated),
        Fault("half a value", [0x08, 0x80], .truncated),
        Fault("half a fixed32", [0x3D, 1, 2, 3], .truncated),
        Fault("half a fixed64", [0x41, 1, 2, 3, 4, 5, 6, 7], .truncated),
        Fault("half a text", [0x72, 2, 0x61], .truncated),
        Fault("a message past the end", [0x8A, 0x01, 3, 0x08, 1], .truncated),
        Fault("a value past its message", [0x8A, 0x01, 1, 0x08, 1], .truncated),
        Fault("a packed value past its column", [0xFA, 0x01, 1, 0x80, 0x08, 1], .truncated),
        Fault("a packed column past the end", [0xFA, 0x01, 2, 1], .truncated),
        Fault("a packed fixed column past the end", [0xAA, 0x02, 8, 1, 0, 0, 0], .truncated),
        Fault("eleven bytes of a varint", [0x08] + more(10) + [0], .malformedVarint),
        Fault("six bytes of a tag", [0x88] + more(4) + [0, 1], .malformedVarint),
        Fault("six bytes of a length", [0x72] + more(5) + [0], .malformedVarint),
        Fault("2 GiB", [0x72] + more(4) + [0x08], .lengthTooLarge),
        Fault("a third of a fixed column", [0xAA, 0x02, 3, 1, 2, 3], .unevenColumn),
        Fault(
            "a row and a half", [0xC2, 0x02, 12] + [UInt8](repeating: 1, count: 12), .unevenColumn),
        Fault("a byte alone", [0x72, 1, 0x80], .invalidUTF8),
        Fault("an overlong text", [0x72, 2, 0xC0, 0x80], .invalidUTF8),
        Fault("a surrogate", [0x72, 3, 0xED, 0xA0, 0x80], .invalidUTF8),
        Fault("past U+10FFFF", [0x72, 4, 0xF4, 0x90, 0x80, 0x80], .invalidUTF8),
        Fault("half a character", [0x72, 2, 0xE2, 0x82], .invalidUTF8),
        Fault("a key that is no text", [0xC2, 0x04, 3, 0x0A, 1, 0xFF], .invalidUTF8),
        Fault("101 messages deep", nested(101), .tooDeep),
        Fault("101 groups deep", groups(101), .tooDeep),
    ]

    @Test(arguments: faults)
    func isRefused(_ fault: Fault) throws {
        let error = #expect(throws: WireError.self) { try PBAllTypes(decoding: fault.bytes) }
        #expect(error?.reason == fault.reason)
        #expect(error?.message == "madang.test.AllTypes")
        let offset = try #require(error?.offset)
        #expect((0...fault.bytes.count).contains(offset))
    }

    @Test func libprotobufRefusesThemToo() throws {
        let pairs = Self.faults.map { ($0.bytes, [UInt8]()) }
        let verdicts = try WireOracle().compare(PBAllTypes.protoName, pairs)
        for (fault, verdict) in zip(Self.faults, verdicts) {
            #expect(verdict == .originalRefused, "\(fault.testDescription)")
        }
    }

    @Test func aHundredLevelsAreTaken() throws {
        #expect(try PBAllTypes(decoding: nested(100)).encoded() == nested(100))
        #expect(try PBAllTypes(decoding: groups(100)).encoded() == groups(100))
    }

    @Test func anErrorSaysWhere() throws {
        let error = #expect(throws: WireError.self) {
            try PBResult(decoding: [0x10, 1, 0x5A, 2, 0xC3, 0x28])
        }
        #expect(
            error?.description
                == "madang.strategy.v1.Result is malformed at byte 6: a text that is not UTF-8")
    }

    /// Each is small and merges into what came before: copying it each time would take minutes.
    @Test(.timeLimit(.minutes(1))) func manySmallMergesAreCheap() throws {
        let results = PBServerMessage(
            message: .results(PBResults(results: .init(repeating: .init(index: 1), count: 60_000))))
        let again = PBServerMessage(message: .results(PBResults(results: [PBResult(index: 2)])))
            .encoded()
        var bytes = results.encoded()
        for _ in 0..<60_000 { bytes.append(contentsOf: again) }
        let message = try PBServerMessage(decoding: bytes)
        guard case .results(let merged) = message.message else {
            Issue.record("no results")
            return
        }
        #expect(merged.results.count == 120_000)
    }
}

private func more(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x80, count: count) }

/// AllTypes in its own field `child`, so many times.
private func nested(_ depth: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<depth {
        let count = bytes.count
        let length =
            count < 0x80 ? [UInt8(count)] : [UInt8(count & 0x7F | 0x80), UInt8(count >> 7)]
        bytes = [0x92, 0x01] + length + bytes
    }
    return bytes
}

private func groups(_ depth: Int) -> [UInt8] {
    let start = [[UInt8]](repeating: [0xBB, 0x3E], count: depth)
    let end = [[UInt8]](repeating: [0xBC, 0x3E], count: depth)
    return Array((start + end).joined())
}
