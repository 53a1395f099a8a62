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
        /// All that may be there, in order: certain or not.
        var sent: [String] = []
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

    /// Numbers of messages, and as the how many-th each was told first.
    private static func places(in letters: [String]) -> [Int: Int] {
        let numbers = letters.flatMap { letter in
            letter.matches(of: #/<\w+ m(\d+)>/#).compactMap { Int($0.1) }
        }
        return Dictionary(
            zip(numbers, numbers.indices), uniquingKeysWith: { first, _ in first })
    }

    @Test(arguments: seeds(0..<60))
    func nothingIsLostAndWhatMayBeDoubledSaysSo(_ seed: UInt64) {
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
                readers[index].sent.append(letter.text)
                outbox.answered(index, .unknownOutcome("gone"), at: now)
            default:
                readers[index].arrived.append(letter.text)
                readers[index].sent.append(letter.text)
                readers[index].times.append(now.monotonic)
                outbox.answered(index, .delivered(pause: 0), at: now)
            }
        }

        func turn(certain: Bool) {
            let (letters, _) = outbox.next(at: now)
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
                    readers[index].sent.append(letter.text)
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
            for (number, severity) in offered {
                let certain = Self.count(number, severity, in: arrived)
                #expect(certain == 1, "\(severity) \(number) to \(names[index])")
                let copies = readers[index].sent.filter {
                    $0.contains(Self.text(number, severity))
                }
                let isTold = copies.dropFirst().allSatisfy { $0.contains("(may be a repetition)") }
                #expect(isTold, "\(severity) \(number) to \(names[index]): \(copies)")
                #expect(copies.first?.contains("repetition") == false)
            }
            // Order of what certainly arrived, first arrivals, urgent and others apart, whatever failed.
            let places = Self.places(in: arrived)
            for isUrgent in [true, false] {
                let firsts = offered.filter { $0.severity.isUrgent == isUrgent }.compactMap {
                    places[$0.number]
                }
                #expect(firsts == firsts.sorted(), "\(arrived)")
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

    /// More than can be kept or named: every message is named or counted, and warnings are named.
    @Test(arguments: seeds(0..<20))
    func whatIsTooMuchIsCountedAndWarningsAreNamed(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var settings = Outbox.Settings()
        settings.capacity = 60
        var outbox = Outbox(
            [
                OutboxDestination(
                    name: "phone", lane: 0,
                    limits: ChannelLimits(length: 600, paces: [.init(1, in: Self.second)]),
                    texts: Texts(.en))
            ], seed: seed, settings: settings)
        var now = Outbox.Moment(monotonic: 0, utc: 0)
        var offered: [Severity] = []
        var letters: [String] = []
        func send() {
            now = Outbox.Moment(
                monotonic: now.monotonic + Self.second, utc: now.utc + Self.second)
            for outgoing in outbox.next(at: now).letters {
                let fails = random.oneIn(3)
                if !fails { letters.append(outgoing.letter.text) }
                outbox.answered(0, fails ? .transient("busy") : .delivered(pause: 0), at: now)
            }
            if random.oneIn(5) {
                let records = outbox.snapshot
                outbox = Outbox(
                    [
                        OutboxDestination(
                            name: "phone", lane: 0,
                            limits: ChannelLimits(length: 600, paces: [.init(1, in: Self.second)]),
                            texts: Texts(.en))
                    ], seed: seed, settings: settings)
                for record in records {
                    outbox.apply((try? OutboxRecord(bytes: record.bytes)) ?? record)
                }
                outbox.recovered(at: now)
            }
        }
        for _ in 0..<40 {
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                let isWarning = random.oneIn(20) && offered.count { $0 == .warning } < 50
                offered.append(isWarning ? .warning : .info)
                outbox.offer(
                    Message(
                        id: MessageID(source: "r", record: UInt64(offered.count), index: 0),
                        severity: isWarning ? .warning : .info,
                        topic: isWarning ? .order : .alert, clock: "10:00:00"),
                    to: [
                        Route(
                            to: "phone",
                            text: Self.text(offered.count, isWarning ? .warning : .info))
                    ], at: now)
            }
            send()
        }
        var rounds = 0
        while !outbox.isIdle, rounds < 2_000 {
            rounds += 1
            send()
        }
        #expect(outbox.isIdle)
        var named = 0
        for (index, severity) in offered.enumerated() {
            let count = Self.count(index + 1, severity, in: letters)
            #expect(count <= 1)
            if severity == .warning { #expect(count == 1, "warning \(index + 1)") }
            named += count
        }
        let counted = letters.reduce(0) { sum, text in
            let more = text.firstMatch(of: /and ([\d,]+) more/)?.1
            let kept = text.firstMatch(of: /^([\d,]+) messages could not be kept/)?.1
            return sum + (Int((more ?? kept ?? "0").filter(\.isNumber)) ?? 0)
        }
        #expect(named + counted == offered.count, "\(named) named, \(counted) counted")
        #expect(letters.allSatisfy { $0.utf16.count <= 600 })
    }

    /// 400 to everything: told once, slowed down, and the counts come with the first letter that is taken.
    @Test func aChannelThatRefusesEveryWordIsToldOnceAndCountsWhatItLost() {
        var outbox = Self.outbox(["phone"], seed: 3)
        var tried = 0
        var notices: [Outbox.Notice] = []
        var letters: [String] = []
        for second in 1...400 as ClosedRange<Int64> {
            let now = Outbox.Moment(monotonic: second * Self.second, utc: second * Self.second)
            if second <= 100 {
                outbox.offer(
                    Message(
                        id: MessageID(source: "r", record: UInt64(second), index: 0),
                        severity: .info, topic: .alert, clock: ""),
                    to: [Route(to: "phone", text: "<\(second)>")], at: now)
            }
            for outgoing in outbox.next(at: now).letters {
                if second <= 100 { tried += 1 } else { letters.append(outgoing.letter.text) }
                outbox.answered(
                    0, second <= 100 ? .contentFault("no") : .delivered(pause: 0), at: now)
            }
            notices += outbox.takeNotices()
        }
        #expect(tried <= 20, "\(tried) tries")
        #expect(notices.count == 3, "\(notices)")
        #expect(notices.first == .givenUp("phone", reason: "no"))
        #expect(notices.contains(.down("phone", reason: "no")))
        let named = (1...100).count { number in letters.contains { $0.contains("<\(number)>") } }
        // When the lost ones began is not known: no span is claimed for them.
        for letter in letters where letter.contains(" more") {
            #expect(letter.firstMatch(of: /^[\d,]+ (alerts|messages):/) != nil, "\(letter)")
        }
        let text = letters.joined(separator: "\n")
        let counted = text.matches(of: /([\d,]+) more|([\d,]+) messages could not/).reduce(0) {
            $0 + (Int(($1.1 ?? $1.2 ?? "0").filter(\.isNumber)) ?? 0)
        }
        #expect(named + counted == 100, "\(named) named, \(counted) counted\n\(text)")
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
