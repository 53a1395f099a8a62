import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct DeskMinutesTests {
    private static func few(_ random: inout SeededRandom) -> Range<Int> {
        0..<Int.random(in: 0...3, using: &random)
    }

    static func minutes(_ random: inout SeededRandom) -> DeskMinutes {
        var minutes = DeskMinutes()
        for _ in few(&random) {
            minutes.routes.append(
                Minute.Route(
                    order: OrderNumber(random.next()), desk: Int.random(in: 0..<9, using: &random)))
        }
        for index in few(&random) {
            minutes.lockdowns.append(
                Minute.Lockdown(desk: index, reason: random.oneIn(2) ? nil : "three in a row"))
        }
        for index in few(&random) {
            let code = random.pick(FailSafeCode.allCases)
            let note = DeskNote(
                code, severity: random.pick(FailSafeCode.Severity.allCases),
                order: random.oneIn(2) ? nil : OrderNumber(random.next() | 1), "words \(index)")
            minutes.notes.append(Minute.Note(desk: index, note))
        }
        for index in few(&random) {
            let broker = random.oneIn(2) ? nil : BrokerOrderID("b\(index)")
            let memo = OrderMemo(
                isGhost: random.oneIn(2), broker: broker, cancelTaken: random.oneIn(2))
            minutes.memos.append(
                Minute.Memo(desk: index, order: OrderNumber(random.next()), memo: memo))
        }
        return minutes
    }

    /// Logs of before there were memos are read as they are, and others are written as they were.
    @Test func withoutMemosARecordIsWhatItWas() throws {
        var minutes = DeskMinutes(routes: [Minute.Route(order: OrderNumber(5), desk: 1)])
        let plain = LogRecord.routed(2, entry: .seconds(1), facts: [], minutes, notes: []).bytes
        let entry: [UInt8] = withUnsafeBytes(of: Int64(1_000_000_000).littleEndian) { Array($0) }
        #expect(plain == [10, 2] + entry + [0] + [1, 5, 1, 0, 0] + [0])
        minutes.memos = [
            Minute.Memo(
                desk: 1, order: OrderNumber(5),
                memo: OrderMemo(isGhost: true, broker: BrokerOrderID("b5")))
        ]
        let record = LogRecord.routed(2, entry: .seconds(1), facts: [], minutes, notes: [])
        #expect(record.bytes.first == 12)
        guard case .routed(_, _, _, let read, _) = try LogRecord(record.bytes) else {
            return _ = Issue.record("another kind came back")
        }
        #expect(read == minutes)
    }

    @Test(arguments: seeds(0..<60))
    func recordsComeBackAsTheyWere(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let minutes = Self.minutes(&random)
        let facts = (0..<4).map { Fact.random(kind: $0 + 5, &random) }
        let notes = Self.few(&random).map { _ in VersionNote.random(&random) }
        let record = LogRecord.routed(
            9, entry: .seconds(3), facts: facts, minutes, notes: notes)
        guard
            case .routed(let step, let entry, let read, let told, let known) = try LogRecord(
                record.bytes)
        else {
            Issue.record("another kind came back")
            return
        }
        #expect(step == 9 && entry == .seconds(3) && read == facts && told == minutes)
        #expect(known == notes)
        // Half a record is none.
        let bytes = record.bytes
        let cut = Int.random(in: 1..<bytes.count, using: &random)
        #expect(throws: ByteError.self) { try LogRecord(Array(bytes.prefix(cut))) }
    }

    @Test func aBrokerThatIsNotThereDoesNotFit() {
        #expect(DeskMinutes().fits(desks: 0))
        let ones = [
            DeskMinutes(routes: [Minute.Route(order: OrderNumber(1), desk: 2)]),
            DeskMinutes(lockdowns: [Minute.Lockdown(desk: 2, reason: nil)]),
            DeskMinutes(notes: [Minute.Note(desk: 2, DeskNote(.drift, "words"))]),
            DeskMinutes(memos: [Minute.Memo(desk: 2, order: OrderNumber(1), memo: OrderMemo())]),
        ]
        for minutes in ones {
            #expect(minutes.fits(desks: 3))
            #expect(!minutes.fits(desks: 2))
        }
    }
}
