import Ports
import TestKit
import Testing

@testable import Notifications

/// Records of an outbox that are damaged and whose sums are right again: read or refused, and an outbox that took
/// them goes on sending.
@Suite struct OutboxFuzzTests {
    private static let names = ["phone", "desk"]
    private static let utc: Int64 = 1_764_000_000_000_000_000

    private static func message(_ record: UInt64, _ severity: Severity, _ topic: Topic) -> Message {
        Message(
            id: MessageID(source: "r-1", record: record, index: 1), severity: severity,
            topic: topic, clock: "2026-11-30 10:31:06")
    }
    private static let records: [OutboxRecord] = {
        let routes = names.map { Route(to: $0, text: "매수 체결 005930 10주 @ 70,100\n(cross 0.70)") }
        let urgent = OutboxEntry(
            message: message(9, .critical, .kill), utc: utc, text: "[CRITICAL] Kill switch on",
            isAlone: true)
        return [
            .queued(message(7, .info, .fill), utc: utc, routes),
            .queued(message(8, .warning, .order), utc: utc + 1, routes),
            .queued(message(9, .security, .server), utc: utc + 2, [routes[0]]),
            .folded(MessageID(source: "host", record: UInt64(utc), index: 0), []),
            .folded(
                MessageID(source: "r-1", record: 10, index: .max),
                [FoldedRoute(destination: "phone", count: 12)]),
            .sending("phone", LetterContent(kind: .digest, count: 2, tally: 3)),
            .sending("desk", LetterContent(kind: .urgent, count: 1, part: 1, parts: 3)),
            .sending("desk", LetterContent(kind: .counts, count: 0, tally: 7)),
            .delivered("phone"), .notSent("desk", isPlain: true), .unknown("phone"),
            .givenUp("desk", reason: "refused"), .dropped("phone", count: 3, isUrgent: false),
            .expired("desk", count: 2, isUrgent: true),
            .moved("phone", address: "-1001234567890", of: 77),
            .moved("phone", address: "-1001234567890", of: nil), .kept("desk", urgent),
        ]
    }()
    private static let mutator = Mutator(
        records.map(\.bytes),
        words: ["\u{0}", "\u{1}", "\u{7f}", "phone", "desk", "\u{7f}\u{7f}\u{7f}\u{7f}"])
    private static let answers: [Delivery] = [
        .delivered(pause: 0), .delivered(pause: .max), .throttled(wait: .max, holdsLane: true),
        .throttled(wait: -1, holdsLane: false), .transient("down"), .contentFault("no"),
        .destinationDead("gone"), .credentialsDead("gone"), .moved(to: "-1"),
        .unknownOutcome("lost"),
    ]

    @Test(arguments: 0..<trials(8 as UInt64)) func aRecordIsReadOrRefusedAndTheOutboxGoesOn(
        _ seed: UInt64
    ) {
        var random = SeededRandom(seed)
        var read = 0
        for _ in 0..<triesOfASeed {
            var outbox = Self.outbox(seed)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let bytes =
                    random.oneIn(3) ? random.pick(Self.records).bytes : Self.mutator.next(&random)
                guard let record = try? OutboxRecord(bytes: bytes) else { continue }
                read += 1
                #expect((try? OutboxRecord(bytes: record.bytes)) == record)
                outbox.apply(record)
            }
            goOn(&outbox, &random)
            // What it would write into a new log is read again.
            var again = Self.outbox(seed)
            for record in outbox.snapshot {
                let back = try? OutboxRecord(bytes: record.bytes)
                #expect(back == record)
                if let back { again.apply(back) }
            }
            for index in Self.names.indices {
                #expect(again.waiting(at: index) <= outbox.waiting(at: index))
                _ = again.oldest(at: index)
            }
        }
        #expect(read > 0, "some damage leaves a record")
    }

    private func goOn(_ outbox: inout Outbox, _ random: inout SeededRandom) {
        func now(_ second: Int64) -> Outbox.Moment {
            .init(
                monotonic: second * 1_000_000_000, utc: Self.utc + second * 1_000_000_000)
        }
        outbox.recovered(at: now(0))
        for second in 1...4 as ClosedRange<Int64> {
            outbox.offer(
                Self.message(20 + UInt64(second), random.pick(Severity.allCases), .alert),
                to: [Route(to: random.pick(Self.names), text: "more")], at: now(second))
            for outgoing in outbox.next(at: now(second * 100)).letters {
                #expect(Self.names.indices.contains(outgoing.destination))
                outbox.answered(
                    outgoing.destination, random.pick(Self.answers), at: now(second * 100))
            }
            _ = outbox.takeRecords()
        }
    }

    private static func outbox(_ seed: UInt64) -> Outbox {
        Outbox(
            names.map {
                OutboxDestination(
                    name: $0, lane: 0,
                    limits: ChannelLimits(length: 400, paces: [.init(1, in: 1_000_000_000)]),
                    texts: Texts($0 == "phone" ? .ko : .en), origin: 77)
            }, seed: seed)
    }
}
