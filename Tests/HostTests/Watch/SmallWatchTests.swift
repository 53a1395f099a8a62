import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R11.4: no results, no fills, a slow broker, a clock that jumps: each value against a simple model.
@Suite struct SmallWatchTests {
    // MARK: Results

    /// A server is told of once in each silence, with the first event behind its span, and a feed that is silent
    /// makes no server silent.
    @Test(arguments: 0..<trials(60) as Range<UInt64>)
    func aSilentServerIsToldOnce(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let key = SessionKey(source: SourceID(1), slot: .main)
        let span = Nanoseconds.seconds(Int64.random(in: 10...60, using: &random))
        let quiet = Int.random(in: 5...80, using: &random)
        var watch = ResultWatch()
        var (time, since, isTold): (Int64, Int64?, Bool) = (0, nil, false)
        // Half of what passes is closed; open time stands apart from the clock.
        var (open, openSince, passed): (Int64, Int64, Int64) = (0, 0, 0)
        for _ in 0..<800 {
            let step = Int64.random(in: 0...9, using: &random)
            time += step
            if random.oneIn(2) {
                open += step
                passed += step
            }
            let now = Timestamp.seconds(time)
            if random.oneIn(quiet) {
                let over = watch.heard(key, at: now)
                #expect((over != nil) == isTold)
                #expect(over.map(\.since) == (isTold ? since.map { .seconds($0) } : nil))
                (since, isTold) = (nil, false)
            } else if random.oneIn(200), !isTold {
                watch.lost(key)
                since = nil
            } else if random.oneIn(200) {
                watch.forget(key)
                (since, isTold) = (nil, false)
            } else {
                let told = watch.gave(
                    1, to: key, at: now, within: span, passed: .seconds(passed))
                passed = 0
                if since == nil { (since, openSince) = (time, open) }
                let isDue = !isTold && .seconds(open - openSince) >= span
                #expect((told != nil) == isDue, "seed \(seed) at \(time)")
                #expect(told.map { $0.length == .seconds(open - openSince) } != false)
                if isDue { isTold = true }
            }
        }
    }

    // MARK: Fills

    @Test(arguments: 0..<trials(60) as Range<UInt64>)
    func anOrderThatShouldFillIsToldOnceInItsLife(_ seed: UInt64) {
        struct Model {
            var filled: Int64 = 0
            var should = true
            var since: Int64?
            var isTold = false
        }
        var random = SeededRandom(seed)
        let span: Int64 = 1_000
        var watch = FillWatch(Nanoseconds(span))
        var orders: [Int: Model] = [:]
        // As they were seen last.
        var changed: [Int: Int64] = [:]
        var (now, next): (Int64, Int) = (5, 1)
        for _ in 0..<500 {
            now += Int64.random(in: 1...400, using: &random)
            if random.oneIn(3) {
                orders[next] = Model()
                next += 1
            }
            for number in orders.keys.sorted() {
                if random.oneIn(30) { orders[number]?.filled += 1 }
                if random.oneIn(20) { orders[number]?.should.toggle() }
                if random.oneIn(60) { orders[number] = nil }
            }
            var due: [UInt64] = []
            for number in orders.keys.sorted() {
                guard var model = orders[number] else { continue }
                let (was, filled) = (model.since, model.filled)
                model.since =
                    !model.should ? nil : was == nil || changed[number] != filled ? now : was
                changed[number] = filled
                if !model.isTold, let since = model.since, now - since >= span {
                    model.isTold = true
                    due.append(UInt64(number))
                }
                orders[number] = model
            }
            let told = watch.look(
                at: now,
                orders.keys.sorted().compactMap { number in
                    orders[number].map {
                        FillWatch.Working(
                            number: OrderNumber(UInt64(number)),
                            filled: .shares($0.filled), shouldFill: $0.should)
                    }
                })
            #expect(told.map(\.number.value) == due, "seed \(seed) at \(now)")
            #expect(told.allSatisfy { $0.waited.count >= span })
        }
        #expect(next > 50)
    }

    // MARK: Answers

    /// Told when most of the last five were slow, and again when none of them was.
    @Test(arguments: 0..<trials(40) as Range<UInt64>)
    func aSlowBrokerIsToldOnce(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let span = Nanoseconds.milliseconds(100)
        var watch = AnswerWatch(span)
        var (times, isSlow, told): ([Int64], Bool, Int) = ([], false, 0)
        var slowness = 2
        for _ in 0..<600 {
            if random.oneIn(30) { slowness = Int.random(in: 1...12, using: &random) }
            let most: Int64 = random.oneIn(slowness) ? 300_000_000 : 99_000_000
            let took = Int64.random(in: 0...most, using: &random)
            times.append(took)
            let last = times.suffix(5)
            let slow = last.count { $0 > span.count }
            switch watch.took(Nanoseconds(took)) {
            case .slow(let median, let longest)?:
                #expect(!isSlow && slow >= 3)
                #expect(median > span && longest.count == last.max())
                (isSlow, told) = (true, told + 1)
            case .well(let longest)?:
                #expect(isSlow && slow == 0 && longest.count == last.max())
                isSlow = false
            case nil:
                let isFull = times.count >= 5
                #expect(!isFull || (isSlow ? slow > 0 : slow < 3), "seed \(seed)")
            }
            #expect(watch.isSlow == isSlow)
        }
        #expect(told > 0)
    }

    // MARK: Clock

    /// Told when it is further than the span, once; never for a clock that is drawn into step, nor for a thread
    /// that was held up.
    @Test(arguments: 0..<trials(40) as Range<UInt64>)
    func aJumpIsToldOnce(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let span = Nanoseconds.seconds(2)
        var watch = ClockWatch(span)
        var (monotonic, wall): (Int64, Int64) = (1_000, 1_700_000_000_000_000_000)
        var jumps = 0
        for look in 0..<600 {
            let passed = Int64.random(in: 1_000_000...3_000_000_000, using: &random)
            monotonic += passed
            // A thousandth is as fast as clocks are drawn into step.
            wall += passed + Int64.random(in: -passed / 1_000...passed / 1_000, using: &random)
            var isDue = false
            if random.oneIn(10) {
                let size = Int64.random(in: 2_100_000_000...90_000_000_000_000, using: &random)
                wall += random.oneIn(2) ? size : -size
                isDue = look > 0
            } else if random.oneIn(5) {
                wall += Int64.random(in: -1_900_000_000...1_900_000_000, using: &random)
            }
            let isHeldUp = random.oneIn(12)
            let spread: Int64 =
                isHeldUp ? .random(in: 2_000_000_000...9_000_000_000, using: &random) : 300
            if isHeldUp {
                #expect(
                    watch.look(.init(wall: wall, before: monotonic, after: monotonic + spread))
                        == nil)
                monotonic += spread
                wall += spread
            }
            let jump = watch.look(.init(wall: wall, before: monotonic, after: monotonic + 300))
            #expect((jump != nil) == isDue, "seed \(seed), look \(look)")
            jumps += jump == nil ? 0 : 1
        }
        #expect(jumps > 20)
    }

    // MARK: The market's time

    /// Between two rows it runs at the pace, never past the next row, and is asked for at the right moment.
    @Test(arguments: [0.5, 1, 60, 300, 1e15])
    func theMarketsTimeRunsAtThePace(_ speed: Double) {
        var random = SeededRandom(UInt64(speed))
        var pacer = Pacer(speed: speed, longestPause: 2_000_000_000, now: 7_000)
        var row: Int64 = 1_000_000_000
        var latest = Timestamp(nanoseconds: .min)
        pacer.next(Timestamp(nanoseconds: row))
        for _ in 0..<300 {
            let from = pacer.due
            row +=
                random.oneIn(9)
                ? 40_000_000_000_000 : .random(in: 0...9_000_000_000, using: &random)
            let before = pacer.time(at: from)
            pacer.next(Timestamp(nanoseconds: row))
            #expect(pacer.time(at: from) == before || pacer.due == from)
            #expect(pacer.time(at: pacer.due) == Timestamp(nanoseconds: row))
            let moments = (0..<8).map { _ in Int64.random(in: from...pacer.due, using: &random) }
            for moment in moments.sorted() {
                guard let time = pacer.time(at: moment) else { return #expect(Bool(false)) }
                #expect(time >= latest && time.nanoseconds <= row)
                latest = time
                let wanted = time.advanced(
                    by: Nanoseconds(.random(in: 0...9_000_000_000, using: &random)))
                let wake = pacer.moment(of: wanted)
                #expect(wake <= pacer.due)
                // Not woken too early, again and again.
                let reached = pacer.time(at: wake)
                #expect(reached.map { $0 >= min(wanted, Timestamp(nanoseconds: row)) } == true)
            }
        }
    }

    // MARK: The log

    @Test func notesComeBackFromTheLog() throws {
        var random = SeededRandom(4)
        let notes = (0..<200).map { _ in WatchNote.random(&random) }
        guard case .watched(let read) = try LogRecord(LogRecord.watched(notes).bytes) else {
            return #expect(Bool(false))
        }
        #expect(read == notes)
        #expect(notes[0].fits(instruments: 10, accounts: 10))
        #expect(!notes.allSatisfy { $0.fits(instruments: 1, accounts: 10) })
        #expect(!notes.allSatisfy { $0.fits(instruments: 10, accounts: 1) })
        let portrait = try RecordPortrait(3, LogRecord.watched(notes).bytes, RecordNames())
        #expect(portrait.kind == .watched && portrait.lines.count == notes.count)
        #expect(portrait.lines.allSatisfy { RecordPortrait.lineKinds.contains($0.kind) })
    }

    @Test func spansAreSpoken() {
        let second: Int64 = 1_000_000_000
        let spans: [(Int64, String)] = [
            (250_000_000, "250ms"), (2_450_000_000, "2.4s"), (7 * second, "7s"),
            (930 * second, "15m 30s"), (900 * second, "15m"), (63_900 * second, "17h 45m"),
            (90_000 * second, "1d 1h"), (-4, "0ms"),
            (90 * second - 4_000, "1m 30s"), (3_600 * second - 9, "1h"),
        ]
        for (count, words) in spans { #expect(spoken(Nanoseconds(count)) == words) }
    }
}

extension WatchNote {
    static func random(_ random: inout SeededRandom) -> WatchNote {
        var note = WatchNote(
            random.pick(WatchNote.Kind.allCases), random.pick(FailSafeCode.allCases),
            random.pick(FailSafeCode.Severity.allCases),
            at: Timestamp(nanoseconds: random.anyInt64()), "n\(random.next() % 200) é")
        if random.oneIn(2) {
            note.instrument = InstrumentID(Int.random(in: 0...9, using: &random))
        }
        if random.oneIn(2) { note.account = AccountID(Int.random(in: 0...9, using: &random)) }
        if random.oneIn(2) { note.order = OrderNumber(random.next() | 1) }
        if random.oneIn(2) { note.source = "s\(random.next() % 200)" }
        return note
    }
}
