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

    private static func minutes(_ random: inout SeededRandom) -> DeskMinutes {
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
        return minutes
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
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
        ]
        for minutes in ones {
            #expect(minutes.fits(desks: 3))
            #expect(!minutes.fits(desks: 2))
        }
    }
}
