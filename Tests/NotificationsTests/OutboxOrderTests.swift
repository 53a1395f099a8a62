import Ports
import Testing

@testable import Notifications

/// What comes first, what comes together, and which times stand there.
@Suite struct OutboxOrderTests {
    private static let phone = OutboxBench.plan(
        "phone", paces: [.init(1, in: OutboxBench.second)])

    /// Numbers of messages in letters, in order, possible repetitions apart.
    private func numbers(_ letters: [String], repeated: Bool = false) -> [Int] {
        letters.filter { $0.contains("(may be a repetition)") == repeated }
            .flatMap { $0.matches(of: #/<(\d+)>/#).compactMap { Int($0.1) } }
    }

    /// 25 s without the channel at the pace of one letter a second: told once as down and once as back, and
    /// what piled up comes in one letter behind the first.
    @Test func aChannelThatComesBackBringsWhatWaitedInOneLetter() {
        var bench = OutboxBench(Self.phone)
        var tries = 0
        for seconds in 0..<25 as Range<Int64> {
            bench.offer(UInt64(seconds) + 1, to: "phone", at: seconds)
            tries += bench.send(at: seconds, .transient("no connection")).count
        }
        let down = bench.notices()
        #expect(down == [.down("phone", reason: "no connection")])
        #expect(tries <= 6, "\(tries): slower and slower")
        #expect(bench.outbox.waiting(at: 0) == 25)

        let wakeAt = bench.outbox.next(at: OutboxBench.at(25)).wakeAt
        let seconds = ((wakeAt ?? 0) + OutboxBench.second - 1) / OutboxBench.second
        #expect((30...60).contains(seconds))
        let letters = bench.send(in: 25..<seconds + 3)
        let back = bench.notices()
        #expect(back == [.back("phone", waiting: 0)])
        #expect(letters.count == 1, "\(letters)")
        #expect(letters.first?.hasPrefix("phone: 25 alerts in 24 seconds:") == true, "\(letters)")
        #expect(numbers(letters) == Array(1...25))
        bench.offer(26, to: "phone", at: seconds + 3)
        let next = bench.send(at: seconds + 3)
        #expect(next == ["phone: <26>"])
    }

    /// Each message alone, so that every letter has one number: whatever becomes of a letter, none overtakes another.
    @Test func nothingOvertakesWhatFailed() {
        var bench = OutboxBench(Self.phone)
        for number in 1...4 as ClosedRange<UInt64> {
            bench.offer(number, to: "phone", at: 0, topic: .run)
        }
        // Two that are urgent come later and go first.
        var answers: [Delivery] = [
            .transient("busy"), .throttled(wait: 2 * OutboxBench.second, holdsLane: true),
            .delivered(pause: 0), .unknownOutcome("lost"), .transient("busy"),
            .delivered(pause: 0), .contentFault("markup"), .unknownOutcome("lost"),
            .moved(to: "-1"), .delivered(pause: 0), .transient("busy"), .destinationDead("closed"),
        ]
        var arrived: [String] = []
        for seconds in 0..<1_800 as Range<Int64> {
            if seconds == 1 {
                bench.offer(5, .critical, to: "phone", at: 1)
                bench.offer(6, .security, to: "phone", at: 1)
            }
            var isThere = true
            let letters = bench.send(at: seconds) { _ in
                guard !answers.isEmpty else { return .delivered(pause: 0) }
                let answer = answers.removeFirst()
                if case .delivered = answer { isThere = true } else { isThere = false }
                return answer
            }
            if isThere { arrived += letters }
        }
        #expect(answers.isEmpty)
        let told = arrived.flatMap { $0.matches(of: #/<(\d+)>/#).compactMap { Int($0.1) } }
        #expect(told == [5, 6, 1, 2, 3, 4], "\(arrived)")
        // 6 and 1 may have arrived before: those two say so.
        #expect(numbers(arrived, repeated: true) == [6, 1], "\(arrived)")
    }

    /// The time of day is enough for half a day; then a reader would take it for today's.
    @Test(
        arguments: [
            (0, "phone: <1>"), (61, "phone: <1> (10:31:06)"), (12 * 3_600, "phone: <1> (10:31:06)"),
            (12 * 3_600 + 1, "phone: <1> (2026-11-27 10:31:06)"),
            (3 * 86_400, "phone: <1> (2026-11-27 10:31:06)"),
        ] as [(Int64, String)])
    func aLateMessageSaysWhenItWas(_ late: Int64, _ text: String) {
        var bench = OutboxBench(Self.phone)
        bench.offer(1, .warning, to: "phone", at: 0, clock: "2026-11-27 10:31:06")
        let letters = bench.send(at: late)
        #expect(letters == [text])
    }

    @Test func linesOfADigestSayTheDayWhereTheyAreOld() {
        var bench = OutboxBench(Self.phone)
        for number in 1...3 as ClosedRange<UInt64> {
            bench.offer(
                number, .warning, to: "phone", at: Int64(number) * 3_600,
                clock: "2026-11-27 0\(number):00:00")
        }
        // Of a log from before: without a day there is none to tell.
        bench.offer(4, .warning, to: "phone", at: 3 * 3_600, clock: "03:00:01")
        let lines = bench.send(at: 14 * 3_600 + 1).joined().split(separator: "\n").dropFirst()
        #expect(
            Array(lines) == [
                "2026-11-27 01:00:00 <1>", "2026-11-27 02:00:00 <2>", "03:00:00 <3>",
                "03:00:01 <4>",
            ])
    }
}
