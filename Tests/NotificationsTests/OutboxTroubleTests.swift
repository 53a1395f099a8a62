import Ports
import Testing

@testable import Notifications

/// One trouble of a channel at a time, and what the others, the operator and the channel itself hear of it.
@Suite struct OutboxTroubleTests {
    private static let phone = OutboxBench.plan("phone")
    private static let group = OutboxBench.plan("group")
    private static let desk = OutboxBench.plan("desk", lane: 1)

    /// It is tried with what it owes, at a pace of its own, and told once; the words of a kill wait like all others.
    @Test(
        arguments: [
            .destinationDead("TOPIC_CLOSED"), .credentialsDead("Unauthorized"),
            .transient("no connection"), .unknownOutcome("no answer"),
        ] as [Delivery])
    func aDeadChannelIsTriedNowAndThenAndComesBack(_ then: Delivery) {
        var bench = OutboxBench(Self.phone)
        bench.offer(1, .critical, to: "phone", at: 0)
        for number in 2...4 as ClosedRange<UInt64> { bench.offer(number, to: "phone", at: 0) }
        _ = bench.send(at: 0, .destinationDead("TOPIC_CLOSED"))
        let first = bench.notices()
        #expect(first == [.dead("phone", reason: "TOPIC_CLOSED")])
        #expect(bench.outbox.isIdle, "an end does not wait for it")
        var tries: [Int64] = []
        for seconds in 1..<1_800 as Range<Int64> {
            if !bench.send(at: seconds, then).isEmpty { tries.append(seconds) }
        }
        #expect(tries == [600, 1_200])
        let wakeAt = bench.outbox.next(at: OutboxBench.at(1_799)).wakeAt
        #expect(wakeAt == OutboxBench.at(1_800).monotonic)
        let more = bench.notices()
        #expect(more.isEmpty, "told once: \(more)")
        #expect(bench.outbox.waiting(at: 0) == 4)

        let kill = bench.send(at: 1_800)
        #expect(kill.count == 1 && kill[0].contains("<1>"), "\(kill)")
        let back = bench.notices()
        #expect(back == [.back("phone", waiting: 3)])
        let rest = bench.send(at: 1_801).joined()
        #expect((2...4).allSatisfy { rest.contains("<\($0)>") }, "\(rest)")
        #expect(bench.outbox.waiting(at: 0) == 0 && bench.outbox.destinations[0].trouble == nil)
    }

    /// What was urgent while nobody lived goes to the first who does.
    @Test func aTryOfADeadChannelHandsOnWhatIsUrgent() {
        var bench = OutboxBench(Self.phone, Self.desk)
        bench.offer(1, to: "phone", "desk", at: 0)
        _ = bench.send(at: 0, .credentialsDead("Unauthorized"))
        bench.offer(2, .critical, to: "phone", at: 1)
        var told: [String] = []
        for seconds in [600, 601, 1_200, 1_201] as [Int64] {
            told += bench.send(at: seconds) { index in
                index == 0 ? .credentialsDead("Unauthorized") : .delivered(pause: 0)
            }
        }
        let urgent = told.filter { $0.contains("<2>") }.map { $0.prefix { $0 != ":" } }
        #expect(urgent == ["phone", "phone", "desk"], "\(told)")
    }

    /// An hour without a word is as silent as a channel that does not answer, for all channels of the bot.
    @Test func aLongWaitIsToldAndWhatIsUrgentGoesElsewhere() {
        var bench = OutboxBench(Self.phone, Self.group, Self.desk)
        bench.offer(1, .critical, to: "phone", at: 0)
        _ = bench.send(
            at: 0, .throttled(wait: 3_600 * OutboxBench.second, holdsLane: true))
        let reason = "it takes nothing for 3600 s"
        let down = bench.notices()
        #expect(down == [.down("phone", reason: reason), .down("group", reason: reason)])
        #expect(bench.outbox.destinations.map(\.trouble) == [reason, reason, nil])
        bench.offer(2, .critical, to: "group", at: 1)
        let told = bench.send(in: 1..<3_600)
        #expect(told.allSatisfy { $0.hasPrefix("desk: ") }, "\(told)")
        for words in ["<1>", "<2>", "Channel phone does not", "Channel group does not"] {
            #expect(told.count { $0.contains(words) } == 1, "\(words) in \(told)")
        }
        let back = bench.send(at: 3_601).sorted()
        #expect(back.map { $0.prefix(6) } == ["group:", "phone:"], "\(back)")
        let notices = bench.notices()
        #expect(notices == [.back("phone", waiting: 0), .back("group", waiting: 0)])
    }

    /// Who is on the way when the bot is held has no further word either. What it carries may arrive twice, and says so.
    @Test func aLetterUnderWayDoesNotEndAWaitOfItsBot() {
        var bench = OutboxBench(Self.phone, Self.group, Self.desk)
        bench.offer(1, .critical, to: "phone", at: 0)
        bench.offer(2, .critical, to: "group", at: 0)
        let letters = bench.outbox.next(at: OutboxBench.at(0)).letters
        #expect(letters.count == 2)
        bench.outbox.answered(
            0, .throttled(wait: 600 * OutboxBench.second, holdsLane: true), at: OutboxBench.at(0))
        bench.outbox.answered(1, .delivered(pause: 0), at: OutboxBench.at(1))
        let notices = bench.notices()
        #expect(notices.count == 2, "both are down, and none is back: \(notices)")
        let told = bench.send(in: 1..<10)
        let twice = told.filter { $0.contains("<2>") }
        #expect(twice.count == 1 && twice[0].contains("(may be a repetition)"), "\(told)")
        let once = told.filter { $0.contains("<1>") }
        #expect(once.count == 1 && !once[0].contains("repetition"), "\(told)")
    }

    @Test func aShortWaitIsNothingToTell() {
        var bench = OutboxBench(Self.phone, Self.desk)
        bench.offer(1, .critical, to: "phone", at: 0)
        _ = bench.send(at: 0, .throttled(wait: 60 * OutboxBench.second, holdsLane: true))
        let notices = bench.notices()
        #expect(notices.isEmpty && bench.outbox.destinations[0].trouble == nil)
        let early = bench.send(at: 59)
        #expect(early.isEmpty)
        let sent = bench.send(at: 61)
        #expect(sent.map { $0.prefix(6) } == ["phone:"])
    }
}
