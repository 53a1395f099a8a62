import Ports
import Testing

@testable import Feeds

@Suite struct GzipTests {
    private static let head = Array("t,s,p,q\n".utf8)
    private static let rows = Array("1,A,1,1\n2,B,2,2\n".utf8)

    private func read(_ bytes: [UInt8]) throws(FeedError) -> ReadResult {
        try readAll(.ticks(), GzipSource(MemorySource(bytes), path: "t.gz"))
    }

    @Test func membersFollowEachOther() throws {
        let bytes = gzip(Self.head) + gzip([]) + gzip(Self.rows) + gzip(Self.rows)
        #expect(try read(bytes).ticks.map(\.feedTime.nanoseconds) == [1, 2, 1, 2])
    }

    @Test func zerosBehindTheLastMemberArePadding() throws {
        let bytes = gzip(Self.head + Self.rows) + [UInt8](repeating: 0, count: 70_000)
        #expect(try read(bytes).rows.count == 2)
    }

    @Test func damageIsNamed() {
        let bytes = gzip(Self.head + Self.rows)
        let short = #expect(throws: FeedError.self) { try read(Array(bytes.dropLast(3))) }
        #expect(short?.what.hasPrefix("the gzip file is cut short, at byte") == true)
        var wrongSum = bytes
        wrongSum[bytes.count - 6] ^= 1
        let damaged = #expect(throws: FeedError.self) { try read(wrongSum) }
        #expect(damaged?.what.contains("incorrect data check") == true)
        let trailing = #expect(throws: FeedError.self) { try read(bytes + Array("more".utf8)) }
        #expect(trailing?.what.hasPrefix("something else follows the gzip data") == true)
    }
}
