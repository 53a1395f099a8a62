import Foundation
import TestKit
import Testing
import TradingModel

@Suite struct IdentifierTests {
    @Test func clientOrderIDIsWrittenAsUUIDsAre() throws {
        var random = SeededRandom(31)
        for _ in 0..<trials(5_000) {
            let id = ClientOrderID(high: random.next(), low: random.next())
            let uuid = try #require(UUID(uuidString: id.description))
            #expect(uuid.uuidString.lowercased() == id.description)
            let bytes = withUnsafeBytes(of: uuid.uuid) { Array($0) }
            let words = [bytes.prefix(8), bytes.suffix(8)].map { half in
                half.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            #expect(words == [id.high, id.low])
        }
    }

    @Test(
        arguments: [
            (0, 0, "00000000-0000-0000-0000-000000000000"),
            (0x0123_4567_89ab_8def, 0x8000_0000_0000_0001, "01234567-89ab-8def-8000-000000000001"),
        ] as [(UInt64, UInt64, String)])
    func clientOrderIDByHand(_ high: UInt64, _ low: UInt64, text: String) {
        #expect(ClientOrderID(high: high, low: low).description == text)
    }

    /// A log keeps the words: what they are read as is what was said.
    @Test(arguments: [0, 1, 10, UInt64.max])
    func paperOrdersAreTheirWords(_ number: UInt64) {
        let made = BrokerOrderID(paper: OrderNumber(number))
        #expect(made.text == "paper-\(number)")
        #expect(made == BrokerOrderID(made.text))
        #expect(made.hashValue == BrokerOrderID(made.text).hashValue)
    }
    @Test(
        arguments: [
            "", "paper-", "paper-01", "paper-+1", "paper--1", "paper-18446744073709551616",
            "Paper-1", "paper-1 ", "0000117057", "paper-١",
        ])
    func otherNamesOfOrdersStayAsTheyAre(_ text: String) {
        #expect(BrokerOrderID(text).text == text)
    }

    @Test func positionsOrderByStepThenIndex() {
        var random = SeededRandom(32)
        for _ in 0..<trials(10_000) {
            let a = (UInt64.random(in: 0...EventPosition.lastStep, using: &random), index(&random))
            let b = (UInt64.random(in: 0...EventPosition.lastStep, using: &random), index(&random))
            let (first, second) = (
                EventPosition(step: a.0, index: a.1), EventPosition(step: b.0, index: b.1)
            )
            #expect(first.step == a.0 && first.index == a.1)
            #expect((first < second) == (a < b))
            #expect(first <= .endOfStep(a.0))
            #expect(
                a.0 == EventPosition.lastStep
                    || .endOfStep(a.0) < EventPosition(step: a.0 + 1, index: 0))
        }
    }

    @Test func startIsBeforeEverything() {
        #expect(EventPosition.start < EventPosition(step: 1, index: 0))
        #expect(EventPosition(step: 7, index: 3).description == "7.3")
        #expect(EventPosition.endOfStep(EventPosition.lastStep).value == .max)
    }

    private func index(_ random: inout SeededRandom) -> Int {
        Int.random(in: 0...0xF_FFFF, using: &random)
    }
}
