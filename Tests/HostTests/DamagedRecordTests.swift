import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// A damaged record is refused or is another one that a host could have written: what is read leniently would be
/// written again as something else.
@Suite struct DamagedRecordTests {
    /// One of each kind but a plain step, which has its own test.
    private static func record(_ kind: Int, _ random: inout SeededRandom) -> LogRecord {
        let facts = [Fact.random(kind: 17, &random), Fact.random(kind: 5, &random)]
        let notes = (0..<3).map { _ in VersionNote.random(&random) }
        switch kind {
        case 0:
            return .head(
                RunHead(run: "r", identity: "i", market: "1m", servers: ["a 1", "b"], host: "h"))
        case 1: return .start(utc: .wild(&random), monotonic: .wild(&random))
        case 2: return .quiet(first: random.next() >> 1, last: .max)
        case 3: return .noted(random.next(), entry: .wild(&random), facts: facts, notes: notes)
        case 4:
            return .routed(
                random.next(), entry: .wild(&random), facts: facts,
                DeskMinutesTests.minutes(&random), notes: notes)
        case 5: return .finished(state: random.next(), ledger: "ab")
        case 6:
            let key = SessionKey(
                source: SourceID(3), slot: random.pick(VersionSlot.allCases),
                shard: random.pick([0, 7]), seat: random.pick([.main, .standby]))
            let runs = [PositionRun(EventPosition(7), EventPosition(.max))]
            return .skipped(key, runs, reason: "왜")
        case 7:
            return .watched((0..<3).map { _ in .random(&random) })
        case 8:
            return .answered(answered(&random))
        default:
            return .changed(
                random.next(), entry: .wild(&random), facts: facts,
                PlanChange(number: .max, text: "rules: []", hash: "ab", words: ["a", "b"]))
        }
    }

    private static func answered(
        _ random: inout SeededRandom
    ) -> [SessionKey: EventPosition] {
        var positions: [SessionKey: EventPosition] = [:]
        for source in 0..<Int.random(in: 0...3, using: &random) {
            for slot in VersionSlot.allCases {
                for shard in 0..<Int.random(in: 0...3, using: &random) {
                    let key = SessionKey(source: SourceID(source), slot: slot, shard: shard)
                    positions[key] = EventPosition(UInt64.random(in: 0...3, using: &random))
                }
            }
        }
        return positions
    }

    @Test(arguments: 0..<10)
    func eachKindIsReadAsItCouldBeWrittenOrRefused(_ kind: Int) throws {
        for seed in seeds(0..<20) {
            var random = SeededRandom(seed)
            let bytes = Self.record(kind, &random).bytes
            #expect(try LogRecord(bytes).bytes == bytes)
            for _ in 0..<300 {
                var damaged = bytes
                for _ in 0...Int.random(in: 0...2, using: &random) {
                    let at = Int.random(in: 0..<damaged.count, using: &random)
                    // Small differences reach lengths, flags and counts.
                    damaged[at] =
                        random.oneIn(2)
                        ? UInt8(truncatingIfNeeded: random.next()) : damaged[at] ^ 1
                }
                guard let record = try? LogRecord(damaged) else { continue }
                #expect(record.bytes == damaged)
            }
        }
    }

    // MARK: One by one

    /// `nil` where it is read.
    private static func refusal(_ bytes: [UInt8]) -> String? {
        do throws(ByteError) {
            _ = try LogRecord(bytes)
            return nil
        } catch {
            guard case .malformed(_, let what) = error else { return "\(error)" }
            return what
        }
    }

    @Test func aLimitOfNoInstrumentIsMinusOneAlone() {
        func bytes(_ low: UInt8) -> [UInt8] {
            let passed = LimitPassed(
                account: AccountID(0), instrument: nil, limit: .dayLoss, detail: "")
            var bytes = LogRecord.step(1, entry: .zero, facts: [.limitPassed(passed)]).bytes
            // Kind, number, entry, count, kind of the fact, account.
            bytes[1 + 1 + 8 + 1 + 1 + 4] = low
            return bytes
        }
        #expect(Self.refusal(bytes(255)) == nil)
        #expect(Self.refusal(bytes(239)) == "instrument -17")
    }

    @Test func theNumberOfAChangeIsNotCutToWhatFits() {
        func bytes(_ number: UInt64) -> [UInt8] {
            var pen = ByteWriter()
            pen.write(9 as UInt8)
            pen.write(varint: 1)
            pen.write(0 as Int64)
            pen.write(varint: 0)
            pen.write(varint: number)
            for _ in 0..<2 { pen.write("") }
            pen.write(varint: 0)
            return pen.bytes
        }
        #expect(Self.refusal(bytes(UInt64(Int.max))) == nil)
        #expect(Self.refusal(bytes(UInt64(Int.max) + 1)) == "number of a change")
    }

    /// As a person may write it in an order, and no log does.
    @Test(arguments: [
        "main live,candidate shadow", "main  live, candidate shadow",
        "main live, candidate canary 07%", "main live, candidate canary 7.50%",
    ])
    func aPlanOfVersionsIsReadAsItIsWritten(_ text: String) throws {
        let plan = try #require(VersionPlan(text))
        func bytes(_ text: String) -> [UInt8] {
            var pen = ByteWriter()
            pen.write(5 as UInt8)
            pen.write(varint: 1)
            pen.write(0 as Int64)
            pen.write(varint: 0)
            pen.write(varint: 1)
            pen.write(2 as UInt8)
            pen.write(0 as Int32)
            pen.write(text)
            pen.write(varint: 0)
            pen.write(zigzag: 0)
            pen.write("")
            return pen.bytes
        }
        #expect(Self.refusal(bytes(plan.text)) == nil)
        #expect(Self.refusal(bytes(text)) == "plan of versions '\(text)'")
    }

    @Test func aRecordWithMemosHasSome() {
        let none = LogRecord.routed(1, entry: .zero, facts: [], DeskMinutes(), notes: []).bytes
        var bytes = none
        bytes[0] = 12
        bytes.insert(0, at: bytes.count - 1)
        #expect(Self.refusal(none) == nil)
        #expect(Self.refusal(bytes) == "no memos")
    }

    /// Groups as (position, sources): in order, each with somebody, nobody twice.
    @Test func sessionsThatAnsweredStandInTheirOrder() {
        func refusal(_ groups: [(UInt64, [UInt64])]) -> String? {
            var pen = ByteWriter()
            pen.write(13 as UInt8)
            pen.write(varint: UInt64(groups.count))
            for (position, sources) in groups {
                pen.write(position)
                pen.write(varint: UInt64(sources.count))
                for source in sources {
                    pen.write(varint: source)
                    pen.write(0 as UInt8)
                    pen.write(varint: 0)
                }
            }
            return Self.refusal(pen.bytes)
        }
        #expect(refusal([]) == nil)
        #expect(refusal([(5, [1, 2]), (6, [0])]) == nil)
        for wrong in [
            [(6, [0]), (5, [1])], [(5, [2, 1])], [(5, [1, 1])], [(5, [1]), (6, [1])], [(5, [])],
            [(5, [1]), (5, [2])],
        ] as [[(UInt64, [UInt64])]] {
            #expect(refusal(wrong) == "order of sessions that answered")
        }
    }
}
