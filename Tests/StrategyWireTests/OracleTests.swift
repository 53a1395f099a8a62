import StrategyWire
import Testing

/// libprotobuf and this runtime take the same bytes for the same messages, and refuse the same.
@Suite struct OracleTests {
    /// A message type, how many random messages of it are tried, and how many damaged ones.
    struct Subject: CustomTestStringConvertible {
        let type: any WireMessage.Type
        let random: Int
        let damaged: Int
        var testDescription: String { type.protoName }
    }

    static let subjects = [
        Subject(type: PBAllTypes.self, random: 5_000, damaged: 50_000),
        Subject(type: PBHostMessage.self, random: 3_000, damaged: 25_000),
        Subject(type: PBServerMessage.self, random: 3_000, damaged: 25_000),
        Subject(type: PBDescribeResponse.self, random: 1_000, damaged: 5_000),
    ]
    static let batch = 500

    @Test func triesWhatIsPromised() {
        #expect(Self.subjects.map(\.random).reduce(0, +) >= 10_000)
        #expect(Self.subjects.map(\.damaged).reduce(0, +) >= 100_000)
    }

    @Test(arguments: subjects)
    func randomMessagesSurviveARoundTripByteForByte(_ subject: Subject) throws {
        try roundTrip(subject.type, count: subject.random)
    }

    @Test(arguments: subjects)
    func damagedMessagesAreJudgedAlike(_ subject: Subject) throws {
        try judgeDamaged(subject.type, count: subject.damaged)
    }

    private func roundTrip<M: WireMessage>(_: M.Type, count: Int) throws {
        let oracle = try WireOracle()
        for first in stride(from: 0, to: count, by: Self.batch) {
            let originals = try oracle.random(M.protoName, seed: UInt64(first), count: Self.batch)
            for (index, bytes) in originals.enumerated() {
                let copy = try M(decoding: bytes).encoded()
                // Unknown fields are kept as they came: with libprotobuf's own bytes, the same.
                try #require(copy == bytes, "\(M.protoName), seed \(first + index)")
            }
        }
    }

    private func judgeDamaged<M: WireMessage>(_: M.Type, count: Int) throws {
        let oracle = try WireOracle()
        var accepted = 0
        for first in stride(from: 0, to: count, by: Self.batch) {
            let seed = UInt64(1_000_000 + first)
            var pairs: [(original: [UInt8], copy: [UInt8])] = []
            for damaged in try oracle.damaged(M.protoName, seed: seed, count: Self.batch) {
                let message = try? M(decoding: damaged.bytes)
                try #require(
                    (message != nil) == damaged.isAccepted,
                    "libprotobuf accepts: \(damaged.isAccepted); \(hex(damaged.bytes))")
                if let message { pairs.append((damaged.bytes, message.encoded())) }
            }
            for (pair, verdict) in zip(pairs, try oracle.compare(M.protoName, pairs)) {
                try #require(
                    verdict == .sameBytes || verdict == .sameValue,
                    "\(verdict); from \(hex(pair.original)) came \(hex(pair.copy))")
            }
            accepted += pairs.count
        }
        // Neither all forgiven nor all refused, or the comparison proves nothing.
        #expect(accepted > count / 5 && accepted < count * 4 / 5, "\(accepted) of \(count)")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
