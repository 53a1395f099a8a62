import Platform
import Ports
import TestKit
import Testing

@testable import Notifications

/// The outbox against what a reader of the phone may expect, whatever channels answer and whenever it crashes.
@Suite struct OutboxTests {
    /// One destination, as the other side sees it.
    private struct Reader {
        /// Arrived, in order: the texts of letters.
        var arrived: [String] = []
        /// May have arrived.
        var maybe: [String] = []
        /// Of unknown outcome, arrived or not.
        var doubted: [String] = []
        var times: [Int64] = []
    }

    private static let second: Int64 = 1_000_000_000

    private static func outbox(_ names: [String], seed: UInt64) -> Outbox {
        Outbox(
            names.enumerated().map { index, name in
                OutboxDestination(
                    name: name, lane: index,
                    limits: ChannelLimits(length: 4_096, paces: [.init(1, in: second)]),
                    texts: Texts(.en))
            }, seed: seed)
    }

    private static func text(_ number: Int, _ severity: Severity) -> String {
        "<\(severity) m\(number)>"
    }

    /// How often a message's mark stands in letters.
    private static func count(_ number: Int, _ severity: Severity, in letters: [String]) -> Int {
        letters.count { $0.contains(text(number, severity)) }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func nothingIsLostAndInformationIsNotDoubled(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let names = ["phone", "desk"]
        var outbox = Self.outbox(names, seed: seed)
        var durable: [OutboxRecord] = []
        var readers = [Reader(), Reader()]
        var now = Outbox.Moment(monotonic: 5, utc: 1_700_000_000 * Self.second)
        var offered: [(number: Int, severity: Severity)] = []
        var underWay: [(Int, Letter)] = []
        let faulty = random.oneIn(4) ? 0 : 3

        func answer(_ index: Int, _ letter: Letter, certain: Bool) {
            let draw = certain ? 9 : Int.random(in: 0..<(faulty == 0 ? 1 : 10), using: &random)
            switch draw {
            case 0 where faulty > 0:
                outbox.answered(index, .transient("busy"), at: now)
            case 1:
                outbox.answered(
                    index, .throttled(wait: 3 * Self.second, holdsLane: random.oneIn(2)), at: now)
            case 2:
                if random.oneIn(2) { readers[index].maybe.append(letter.text) }
                readers[index].doubted.append(letter.text)
                outbox.answered(index, .unknownOutcome("gone"), at: now)
            default:
                readers[index].arrived.append(letter.text)
                readers[index].times.append(now.monotonic)
                outbox.answered(index, .delivered(pause: 0), at: now)
            }
        }

        func turn(certain: Bool) {
            let (letters, _) = outbox.next(at: now, isClosing: certain)
            durable += outbox.takeRecords()  // before any letter leaves
            for outgoing in letters { underWay.append((outgoing.destination, outgoing.letter)) }
            _ = outbox.takeNotices()
            underWay.shuffle(using: &random)
            while let (index, letter) = underWay.popLast() {
                if !certain, random.oneIn(4) {
                    underWay.append((index, letter))
                    break
                }
                answer(index, letter, certain: certain)
            }
            durable += outbox.takeRecords()
        }

        for step in 0..<120 {
            let moved = Int64.random(in: 0...Self.second, using: &random)
            now = Outbox.Moment(monotonic: now.monotonic + moved, utc: now.utc + moved)
            if step < 80, random.oneIn(2) {
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let number = offered.count + 1
                    let severity: Severity =
                        random.oneIn(6) ? .critical : random.oneIn(4) ? .warning : .info
                    offered.append((number, severity))
                    let message = Message(
                        id: MessageID(source: "run", record: UInt64(number), index: 0),
                        severity: severity, topic: severity == .critical ? .kill : .fill,
                        clock: "10:00:00")
                    let routes = names.map { Route(to: $0, text: Self.text(number, severity)) }
                    outbox.offer(message, to: routes, at: now)
                    // Offered again, as after a crash of the run: nothing happens.
                    if random.oneIn(5) {
                        let isNew = outbox.offer(message, to: routes, at: now)
                        #expect(!isNew)
                    }
                }
                durable += outbox.takeRecords()
            }
            turn(certain: false)
            if random.oneIn(25) {
                // Killed: what was under way may have arrived, what was decided is in the log.
                for (index, letter) in underWay {
                    if random.oneIn(2) { readers[index].maybe.append(letter.text) }
                    readers[index].doubted.append(letter.text)
                }
                underWay.removeAll()
                let useSnapshot = random.oneIn(3)
                let records = useSnapshot ? outbox.snapshot : durable
                outbox = Self.outbox(names, seed: seed + UInt64(step))
                for record in records {
                    outbox.apply((try? OutboxRecord(bytes: record.bytes)) ?? record)
                }
                outbox.recovered(at: now)
                durable = records + outbox.takeRecords()
            }
        }
        var rounds = 0
        while !outbox.isIdle, rounds < 5_000 {
            rounds += 1
            now = Outbox.Moment(
                monotonic: now.monotonic + Self.second, utc: now.utc + Self.second)
            turn(certain: true)
        }
        #expect(outbox.isIdle, "everything is told in the end")

        for index in names.indices {
            let arrived = readers[index].arrived
            let all = arrived + readers[index].maybe
            for (number, severity) in offered {
                let certain = Self.count(number, severity, in: arrived)
                // Of many doubts the first twenty are named again, the others counted.
                let isDoubted =
                    severity == .info
                    && Self.count(number, severity, in: readers[index].doubted) > 0
                #expect(certain >= 1 || isDoubted, "\(severity) \(number) to \(names[index])")
                guard severity == .info else { continue }
                // Once as itself; told again only as what may not have arrived.
                let doubled = all.count {
                    $0.contains(Self.text(number, severity)) && !$0.contains("may not have arrived")
                }
                #expect(doubled <= 1, "info \(number) came \(doubled) times to \(names[index])")
            }
            // Order of what certainly arrived, first arrivals, urgent and others apart.
            for isUrgent in [true, false] {
                let firsts = offered.filter { $0.severity.isUrgent == isUrgent }.compactMap { one in
                    arrived.firstIndex { $0.contains(Self.text(one.number, one.severity)) }
                }
                if faulty == 0 { #expect(firsts == firsts.sorted()) }
            }
            // Never faster than the other side allows.
            for (before, after) in zip(readers[index].times, readers[index].times.dropFirst()) {
                #expect(after - before >= Self.second)
            }
        }
    }

    /// Twenty a second to a chat that takes one: folded, nothing left behind, within five seconds.
    @Test func aBurstIsFoldedAndArrivesInTime() {
        var outbox = Self.outbox(["phone"], seed: 1)
        var now = Outbox.Moment(monotonic: 0, utc: 0)
        var letters = 0
        var waited: [Int: Int64] = [:]
        var queued: [Int: Int64] = [:]
        for tick in 0..<400 {
            now = Outbox.Moment(monotonic: Int64(tick) * 50_000_000, utc: Int64(tick) * 50_000_000)
            queued[tick] = now.monotonic
            outbox.offer(
                Message(
                    id: MessageID(source: "r", record: UInt64(tick + 1), index: 0), severity: .info,
                    topic: .fill, clock: "10:00:00"),
                to: [Route(to: "phone", text: "[\(tick)]")], at: now)
            let (out, _) = outbox.next(at: now)
            for outgoing in out {
                letters += 1
                #expect(outgoing.letter.text.utf16.count <= 4_096)
                for (number, time) in queued where outgoing.letter.text.contains("[\(number)]") {
                    waited[number] = now.monotonic - time
                }
                outbox.answered(outgoing.destination, .delivered(pause: 0), at: now)
            }
        }
        #expect(letters <= 21)
        #expect(waited.count >= 360, "named in digests: \(waited.count)")
        #expect(waited.values.allSatisfy { $0 <= 5 * Self.second })
    }

    @Test func aDeadChannelIsToldOnceAndUrgentWordsGoElsewhere() {
        var outbox = Self.outbox(["phone", "desk"], seed: 2)
        let now = Outbox.Moment(monotonic: 0, utc: 0)
        let kill = Message(
            id: MessageID(source: "r", record: 1, index: 0), severity: .critical, topic: .kill,
            clock: "")
        outbox.offer(kill, to: [Route(to: "phone", text: "kill")], at: now)
        for outgoing in outbox.next(at: now).letters {
            outbox.answered(outgoing.destination, .credentialsDead("Unauthorized"), at: now)
        }
        let notices = outbox.takeNotices()
        #expect(notices == [.dead("phone", reason: "Unauthorized")])
        var told: [String] = []
        for second in 1...20 as ClosedRange<Int64> {
            let now = Outbox.Moment(monotonic: second * Self.second, utc: second * Self.second)
            for outgoing in outbox.next(at: now).letters {
                #expect(outgoing.destination == 1)
                told.append(outgoing.letter.text)
                outbox.answered(outgoing.destination, .delivered(pause: 0), at: now)
            }
        }
        #expect(told.count { $0.contains("kill") } == 1)
        #expect(told.count { $0.contains("phone") } == 1, "\(told)")
        let more = outbox.takeNotices()
        #expect(more.isEmpty)
    }
}
