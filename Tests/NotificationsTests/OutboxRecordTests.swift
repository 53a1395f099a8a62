import Platform
import Ports
import Testing

@testable import Notifications

/// Records that damage makes with a good sum, and what a fuzzer found in them.
@Suite struct OutboxRecordTests {
    private func record(record number: UInt64 = 1, utc: Int64 = 0) -> OutboxRecord {
        .queued(
            Message(
                id: MessageID(source: "host", record: number, index: 0), severity: .info,
                topic: .fill, clock: ""), utc: utc, [Route(to: "phone", text: "x")])
    }

    /// An age that no number holds.
    @Test(arguments: [Int64.min, -1]) func nothingWasQueuedBefore1970(_ utc: Int64) throws {
        #expect(throws: ByteError.self) { try OutboxRecord(bytes: record(utc: utc).bytes) }
        #expect(try OutboxRecord(bytes: record(utc: .max).bytes) == record(utc: .max))
    }

    /// A damaged time is told as a long one, and no more.
    @Test func aSpanOfAllTimeThereIsHasWords() {
        var bench = OutboxBench(OutboxBench.plan("phone"))
        let start = OutboxBench.start
        for (number, utc) in zip([1, 2, 3] as [UInt64], [start, start, Int64.max]) {
            bench.outbox.apply(record(record: number, utc: utc))
        }
        let told = bench.send(at: 0)
        #expect(told.count == 1 && told.first?.hasPrefix("phone: 3 fills in ") == true, "\(told)")
    }

    /// Behind it there is no further one for what the host tells of itself.
    @Test(arguments: [UInt64.max, 1 << 63]) func noSourceHasSoManyMessages(_ number: UInt64) throws
    {
        #expect(throws: ByteError.self) { try OutboxRecord(bytes: record(record: number).bytes) }
        let last = record(record: 1 << 63 - 1)
        #expect(try OutboxRecord(bytes: last.bytes) == last)
    }
}
