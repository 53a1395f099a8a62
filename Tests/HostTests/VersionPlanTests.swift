import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R4.7: who of two versions is heard is a value.
@Suite struct VersionPlanTests {
    static let plans: [VersionPlan] = VersionSlot.allCases.flatMap { live in
        [.none, .shadow, .canary(share: 1), .canary(share: 125_000), .canary(share: 999_999)].map {
            VersionPlan(live: live, other: $0)
        }
    }

    @Test(arguments: plans) func itIsReadAsItIsWritten(_ plan: VersionPlan) {
        #expect(VersionPlan(plan.text) == plan)
    }

    @Test func textsReadAsPeopleWriteThem() {
        let plan = VersionPlan(live: .candidate, other: .canary(share: 125_000))
        #expect(plan.text == "candidate live, main canary 12.5%")
        #expect(plan.role(of: .candidate) == "live")
        #expect(VersionPlan(live: .main, other: .none).role(of: .candidate) == "off")
    }

    @Test(arguments: [
        "", "main", "main live", "main live, main shadow", "main live, candidate canary",
        "main live, candidate canary 0%", "main live, candidate canary 100%", "x live, y shadow",
        "main live, candidate shadow more",
    ]) func nonsenseIsNoPlan(_ text: String) { #expect(VersionPlan(text) == nil) }

    @Test(arguments: ["0%", "100%", "10", "-1%", "1.%", "1.23456%", "%", ".5%", "1e1%", "１%"])
    func noShareIsThis(_ text: String) { #expect(VersionPlan.share(text) == nil) }

    @Test func sharesAreExact() {
        #expect(VersionPlan.share("10%") == 100_000)
        #expect(VersionPlan.share("0.0001%") == 1)
        #expect(VersionPlan.share("99.9999%") == 999_999)
    }

    /// The lots are part of what a log means: these must not change.
    @Test func lotsAreTheSameOnEveryMachine() {
        let lots = ["KR0001", "KR0002", "005930", ""].map { VersionPlan.lot(of: $0, in: "model") }
        #expect(lots == Self.known)
    }
    static let known: [Int64] = [690_842, 927_568, 44_507, 539_793]

    @Test(arguments: [1_000, 100_000, 500_000] as [Int64])
    func aShareIsThatShareOfManyInstruments(_ share: Int64) {
        let count = 20_000
        let inside = (0..<count).count { number in
            VersionPlan.lot(of: "S\(number)", in: "model") < share
        }
        let expected = Double(count) * Double(share) / 1e6
        #expect(abs(Double(inside) - expected) < 5 * (expected + 1).squareRoot())
    }

    @Test func anotherStrategyHasOtherInstruments() {
        let both = (0..<10_000).count { number in
            VersionPlan.lot(of: "S\(number)", in: "a") < 100_000
                && VersionPlan.lot(of: "S\(number)", in: "b") < 100_000
        }
        #expect((50...160).contains(both), "a tenth of a tenth")
    }

    @Test(arguments: plans) func exactlyOneIsHeardOnEachInstrument(_ plan: VersionPlan) {
        for lot in [0, 1, 124_999, 125_000, 999_998, 999_999] as [Int64] {
            #expect(plan.hears(.main, lot: lot) != plan.hears(.candidate, lot: lot))
            for slot in VersionSlot.allCases where plan.hears(slot, lot: lot) {
                #expect(plan.isActive(slot))
            }
        }
    }

    /// Against a list of steps, each with its plan.
    @Test(arguments: seeds(0..<50)) func theBookFollowsItsOrders(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let scenario = Scenario.random(1)
        let source = SourceID(1)
        var book = VersionBook(scenario.plan, [source: Self.plans[0]])
        var expected = [VersionPlan](repeating: Self.plans[0], count: 40)
        var from: UInt64 = 0
        for order in 1...5 {
            from += UInt64.random(in: 0...9, using: &random)
            let plan = Self.plans.randomElement(using: &random) ?? Self.plans[0]
            book.change(source, to: plan, from: from, order: order)
            for step in Int(from)..<40 { expected[step] = plan }
        }
        for step in 0..<40 {
            #expect(book.plan(of: source, at: UInt64(step)) == expected[step])
            for instrument in scenario.plan.instruments {
                let heard = VersionSlot.allCases.filter {
                    book.hears($0, of: source, on: instrument.id, at: UInt64(step))
                }
                #expect(heard.count == 1)
                let lot = VersionPlan.lot(of: instrument.symbol, in: "alpha")
                #expect(expected[step].hears(heard[0], lot: lot))
            }
        }
        #expect(book.order(of: source) == 5)
        #expect(book.heard(of: SourceID(2), on: InstrumentID(0), at: 7) == .main)
    }

    @Test(arguments: seeds(0..<100)) func notesAreReadAsTheyWereWritten(_ seed: UInt64)
        throws
    {
        var random = SeededRandom(seed)
        let notes = (0..<8).map { _ in VersionNote.random(&random) }
        let facts = (0..<3).map { Fact.random(kind: $0, &random) }
        var pen = ByteWriter()
        let bytes = LogRecord.noted(9, entry: .zero, facts: facts, notes: notes).encoded(with: &pen)
        guard case .noted(9, _, let readFacts, let readNotes) = try LogRecord(bytes) else {
            Issue.record("another record")
            return
        }
        #expect(readNotes == notes)
        #expect(readFacts == facts)
        for count in 0..<bytes.count {
            #expect(throws: ByteError.self) { try LogRecord(Array(bytes[..<count])) }
        }
    }
}

extension VersionNote {
    static func random(_ random: inout SeededRandom) -> VersionNote {
        let slot = VersionSlot.allCases.randomElement(using: &random) ?? .main
        let source = SourceID(Int.random(in: 0...3, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            return .shadow(
                slot,
                ServerResult(
                    source: source, position: EventPosition(random.next()),
                    instrument: InstrumentID(2), index: Int.random(in: 0...9, using: &random),
                    result: .random(near: .won(70), &random), entryTime: .wild(&random),
                    arrivalTime: .wild(&random)))
        case 1:
            return .changed(
                source,
                VersionPlanTests.plans.randomElement(using: &random) ?? VersionPlanTests.plans[0],
                from: random.next(), order: Int.random(in: 0...9, using: &random), reason: "왜")
        case 3:
            return .seated(
                source, shard: Int.random(in: 0...300, using: &random),
                random.oneIn(2) ? .main : .standby, behind: EventPosition(random.next()),
                reason: "왜")
        case 2:
            return .described(source, slot, .init(version: "2", model: "m@1", parameterHash: ""))
        default: return .covered(source, slot, EventPosition(random.next()))
        }
    }
}
