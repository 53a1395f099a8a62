import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension LogRecord {
    var bytes: [UInt8] {
        var pen = ByteWriter()
        return encoded(with: &pen)
    }
}

@Suite struct LogRecordTests {
    static func record(_ seed: UInt64) -> (record: LogRecord, facts: [Fact]) {
        var random = SeededRandom(seed)
        let facts = (0..<Int.random(in: 0...18, using: &random)).map {
            Fact.random(kind: $0 % 20, &random)
        }
        return (.step(random.next(), entry: .wild(&random), facts: facts), facts)
    }

    @Test(arguments: 0..<19)
    func everyFactComesBackAsItWas(_ kind: Int) throws {
        for seed in seeds(0..<200) {
            var random = SeededRandom(seed &* 16 &+ UInt64(kind))
            let fact = Fact.random(kind: kind, &random)
            var pen = ByteWriter()
            FactCodec.write(fact, to: &pen)
            var reader = ByteReader(pen.bytes)
            #expect(try FactCodec.read(&reader) == fact)
            #expect(reader.isAtEnd)
        }
    }

    /// A fill whose tax nobody told is written as it was before there was one, and reads as it did; one that was told
    /// has it behind the same bytes.
    @Test func aFillIsWrittenAsItWasUnlessItsTaxIsTold() throws {
        let fill = Fill(
            order: OrderNumber(1), id: 2, price: Price(units: 3), quantity: Quantity(units: 4),
            fee: Money(units: 5), time: Timestamp(nanoseconds: 6))
        let booking = Booking(
            realised: Money(units: 7), positionAfter: Quantity(units: 8),
            costAfter: Money(units: 9), cashAfter: Money(units: 10))
        func little(_ value: UInt8, _ size: Int) -> [UInt8] {
            [value] + Array(repeating: 0, count: size - 1)
        }
        let old =
            little(1, 8) + little(2, 4) + little(3, 8) + little(4, 8) + little(5, 16)
            + little(6, 8) + little(7, 16) + little(8, 8) + little(9, 16) + little(10, 16)
        func bytes(_ fact: Fact) -> [UInt8] {
            var pen = ByteWriter()
            FactCodec.write(fact, to: &pen)
            return pen.bytes
        }
        #expect(bytes(.filled(fill, booking)) == [9] + old)
        var reader = ByteReader([9] + old)
        #expect(try FactCodec.read(&reader) == .filled(fill, booking))
        for tax in [0, 5] as [UInt8] {
            let told = Fact.filled(fill.taxed(Money(units: Int128(tax))), booking)
            #expect(bytes(told) == [23] + old + little(tax, 16))
            var reader = ByteReader([23] + old + little(tax, 16))
            #expect(try FactCodec.read(&reader) == told && reader.isAtEnd)
        }
    }

    /// It decides nothing, so it makes no log one that no start can read.
    @Test func aTaxThatIsNoPartOfTheFeeIsRead() {
        let plan = LedgerTests.plan()
        for tax in [nil, .zero, .won(2), .won(-1)] as [Money?] {
            #expect(
                Fact.filled(LedgerTests.fill(101).taxed(tax), LedgerTests.booking).fits(plan))
        }
    }

    @Test(arguments: seeds(0..<40))
    func stepsComeBackWithAllTheirFacts(_ seed: UInt64) throws {
        let (record, facts) = Self.record(seed)
        guard case .step(let number, let entry, _) = record,
            case .step(let read, let readEntry, let readFacts) = try LogRecord(record.bytes)
        else {
            Issue.record("another kind came back")
            return
        }
        #expect(read == number && readEntry == entry && readFacts == facts)
    }

    @Test(arguments: seeds(0..<40))
    func changesComeBackWithTheirTextAndFacts(_ seed: UInt64) throws {
        let (record, facts) = Self.record(seed)
        guard case .step(let number, let entry, _) = record else { return }
        let change = PlanChange(
            number: Int(seed) &* 7, text: "strategies: [마당 \(seed)]", hash: "\(seed)",
            words: (0..<seed % 4).map { "line \($0)" })
        let written = LogRecord.changed(number, entry: entry, facts: facts, change)
        guard
            case .changed(let read, let readEntry, let readFacts, let readChange) = try LogRecord(
                written.bytes)
        else {
            Issue.record("another kind came back")
            return
        }
        #expect(read == number && readEntry == entry && readFacts == facts)
        #expect(readChange == change)
    }

    @Test func aResultAboutWhatHasLeftComesBack() throws {
        let result = ServerResult(
            source: SourceID(2), position: EventPosition(step: 9, index: 3),
            instrument: InstrumentID(4), index: 1, result: StrategyResult(.sell),
            entryTime: Timestamp(nanoseconds: 5), arrivalTime: Timestamp(nanoseconds: 7))
        let notes = [VersionNote.removed(.main, result), .shadow(.candidate, result)]
        let written = LogRecord.noted(9, entry: .zero, facts: [], notes: notes)
        guard case .noted(9, .zero, let facts, let read) = try LogRecord(written.bytes) else {
            Issue.record("another kind came back")
            return
        }
        #expect(facts.isEmpty && read == notes)
    }

    @Test func theOtherRecordsComeBack() throws {
        let head = RunHead(
            run: "r", identity: "i", market: "m", servers: ["a 1", "b 2"], host: "h")
        if case .head(let read) = try LogRecord(LogRecord.head(head).bytes) {
            #expect(read == head)
        } else {
            Issue.record("head")
        }
        if case .start(let utc, let monotonic) = try LogRecord(
            LogRecord.start(utc: .max, monotonic: .min).bytes)
        {
            #expect(utc == .max && monotonic == .min)
        } else {
            Issue.record("start")
        }
        if case .quiet(let first, let last) = try LogRecord(
            LogRecord.quiet(first: 3, last: .max).bytes)
        {
            #expect(first == 3 && last == .max)
        } else {
            Issue.record("quiet")
        }
        if case .finished(let state, let ledger) = try LogRecord(
            LogRecord.finished(state: .max, ledger: "é").bytes)
        {
            #expect(state == .max && ledger == "é")
        } else {
            Issue.record("finished")
        }
        let runs = [
            PositionRun(EventPosition(5), EventPosition(5)),
            PositionRun(EventPosition(7), EventPosition(.max)),
        ]
        let shards = [
            SessionKey(source: SourceID(3), slot: .main, shard: 300),
            SessionKey(source: SourceID(3), slot: .main, seat: .standby),
            SessionKey(source: SourceID(3), slot: .main, shard: 7, seat: .standby),
        ]
        for session in VersionSlot.allCases.map({ SessionKey(source: SourceID(3), slot: $0) })
            + shards
        {
            if case .skipped(let whose, let read, let reason) = try LogRecord(
                LogRecord.skipped(session, runs, reason: "é").bytes)
            {
                #expect(whose == session && read == runs && reason == "é")
            } else {
                Issue.record("skipped")
            }
        }
    }

    @Test(arguments: seeds(0..<12))
    func aCutRecordIsRefusedWhereverItIsCut(_ seed: UInt64) {
        let bytes = Self.record(seed).record.bytes
        for length in 0..<bytes.count {
            #expect(throws: ByteError.self) { try LogRecord(Array(bytes.prefix(length))) }
        }
        #expect(throws: ByteError.self) { try LogRecord(bytes + [0]) }
    }

    /// Any bytes: read or refused, never a trap; what is read is written as it was read.
    @Test(arguments: seeds(0..<20))
    func damagedRecordsAreReadOrRefused(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let bytes = Self.record(seed).record.bytes
        var refused = 0
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let at = Int.random(in: 0..<damaged.count, using: &random)
                damaged[at] = UInt8(truncatingIfNeeded: random.next())
            }
            do {
                let record = try LogRecord(damaged)
                #expect(record.bytes == damaged)
            } catch { refused += 1 }
        }
        #expect(refused > 10)
    }

    @Test func anotherVersionIsNamed() {
        var bytes = LogRecord.head(
            RunHead(run: "", identity: "", market: "", servers: [], host: "")
        ).bytes
        let ours = LogRecord.version
        bytes[1] = UInt8(ours) + 1
        let what = "records of version \(ours + 1), this host reads \(ours)"
        #expect(throws: ByteError.malformed(at: 1, what: what)) { try LogRecord(bytes) }
    }

    /// What a file names must be in the plan, or applying it could leave the tables.
    @Test func strangersDoNotFitThePlan() {
        let plan = KernelPlan.sample(
            instruments: 2, accounts: 2, sources: [SourcePlan(name: "x", kind: .builtIn)])
        func key(_ account: Int, _ instrument: Int, _ source: Int) -> Fact {
            let desk = DeskKey(account: AccountID(account), instrument: InstrumentID(instrument))
            return .voteEnded(
                VoteKey(desk: desk, source: SourceID(source), position: .start, index: 0), .used,
                detail: "")
        }
        #expect(key(1, 1, 0).fits(plan))
        for stranger in [
            key(2, 0, 0), key(0, 2, 0), key(0, 0, 1), key(-1, 0, 0), key(0, -1, 0), key(0, 0, -1),
        ] {
            #expect(!stranger.fits(plan))
        }
        var guarded = plan
        guarded.exits.plans = [.threeTier]
        let desk = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
        func fired(_ index: Int, _ tier: Int) -> Fact {
            .exit(.fired(desk, plan: index, tier: tier, price: .won(1)))
        }
        #expect(fired(0, 2).fits(guarded))
        for stranger in [fired(0, 3), fired(1, 0)] { #expect(!stranger.fits(guarded)) }
        #expect(!fired(0, 0).fits(plan))
        #expect(!Fact.dayStarted(AccountID(-1), day: 1, equity: .zero).fits(plan))
    }
}
