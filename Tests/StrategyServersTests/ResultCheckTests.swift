import Foundation
import Ports
import StrategyWire
import TestKit
import Testing
import TradingModel

@testable import StrategyServers

@Suite struct ResultCheckTests {
    private let last = EventPosition(step: 9, index: 0)
    private let watermark = EventPosition(step: 4, index: 0)

    /// Whole steps.
    private func isSent(_ position: EventPosition) -> Bool { position.index == 0 }

    private func check(limit: Int = SessionLimits().resultsPerEvent) -> ResultCheck {
        var limits = SessionLimits()
        limits.resultsPerEvent = limit
        return ResultCheck(instruments: InstrumentTimeline(Bench.instruments), limits: limits)
    }

    private func result(
        _ step: UInt64, _ change: (inout PBResult) -> Void = { _ in }
    ) -> PBResult {
        var result = PBResult()
        result.position = EventPosition(step: step, index: 0).value
        result.action = .buy
        change(&result)
        return result
    }

    private func refusal(_ wire: PBResult) -> String? {
        var check = check()
        switch check.check(wire, last: last, watermark: watermark, isSent: isSent) {
        case .success: return nil
        case .failure(let refusal): return refusal.reason
        }
    }

    @Test func aGoodResultIsTakenInTheHousesTerms() throws {
        var check = check()
        let wire = result(5) { result in
            result.instrument = 1
            result.index = 2
            result.action = .sell
            result.size = .fraction(500_000)
            result.confidence = 700_000
        }
        let taken = try check.check(wire, last: last, watermark: watermark, isSent: isSent).get()
        #expect(taken.position == EventPosition(step: 5, index: 0))
        #expect((taken.instrument, taken.index) == (Bench.instruments[1].id, 2))
        #expect(taken.result.action == .sell)
        #expect(taken.result.size == .fraction(millionths: 500_000))
        #expect(taken.result.confidence.millionths == 700_000)
    }

    /// Each breach of the contract with the words in which it is refused.
    static let breaches: [(words: String, change: @Sendable (inout PBResult) -> Void)] = [
        ("position 10.0 is beyond 9.0, the last event sent", { $0.position = 10 << 20 }),
        ("position 4.0 is closed by the server's own watermark 4.0", { $0.position = 4 << 20 }),
        ("position 0 is no event's", { $0.position = 0 }),
        ("position 5.1 is no event's that was sent", { $0.position += 1 }),
        ("instrument number 2; the session has 2", { $0.instrument = 2 }),
        ("instrument number 4294967295; the session has 2", { $0.instrument = .max }),
        ("action is missing; set it to BUY, SELL or ALERT", { $0.action = .unspecified }),
        ("action is 9, which this revision does not know", { $0.action = .unrecognized(9) }),
        ("quantity is 0; it must be positive", { $0.size = .quantity(0) }),
        ("quantity is -1; it must be positive", { $0.size = .quantity(-1) }),
        (
            "target_weight is 10000001; it must be -10000000 to 10000000",
            { $0.size = .targetWeight(10_000_001) }
        ),
        ("fraction is 0; it must be 1 to 1000000", { $0.size = .fraction(0) }),
        ("fraction is for sales only", { $0.size = .fraction(1) }),
        ("limit_price is -5; it must be positive", { $0.limitPrice = -5 }),
        ("confidence is 1000001; it must be 0 to 1000000", { $0.confidence = 1_000_001 }),
        ("valid_for_ns is 0; it must be positive", { $0.validForNs = 0 }),
        ("message has 1025 bytes; at most 1024 are taken", { $0.message = longText }),
        ("reasons has 1025 bytes; at most 1024 are taken", { $0.reasons = ["ok", longText] }),
        (
            "tags has 17 entries; at most 16 are taken",
            { result in for tag in 0..<17 { result.tags["\(tag)"] = "" } }
        ),
    ]

    private static let longText = String(repeating: "x", count: 1_025)

    /// The author of a server finds the words that he reads in the page.
    @Test func thePageHasTheWordsOfTheHost() throws {
        let page = try String(
            contentsOf: Python.root.appendingPathComponent("docs/PROTOCOL.md"), encoding: .utf8)
        let named = [
            "position 10.0 is beyond", "position 4.0 is closed", "position 0 is", "position 5.1 is",
            "number 2;",
            "action is missing", "action is 9", "quantity is 0", "target_weight", "fraction is 0",
            "fraction is for", "confidence", "message has", "tags has",
        ]
        for words in Self.breaches.map(\.words) where named.contains(where: words.contains) {
            #expect(page.contains("`\(words)`"), "\(words)")
        }
        #expect(page.contains("`position 5.0 after a result for 6.0: results must rise`"))
        #expect(
            page.contains("`more than \(SessionLimits().resultsPerEvent) results for one event`"))
    }

    @Test(arguments: breaches.indices)
    func everyBreachIsRefusedByName(_ index: Int) {
        let breach = Self.breaches[index]
        #expect(refusal(result(5)) == nil)
        #expect(refusal(result(5, breach.change)) == breach.words)
    }

    @Test func resultsRise() throws {
        var check = check()
        _ = try check.check(result(6), last: last, watermark: watermark, isSent: isSent).get()
        _ = try check.check(result(6), last: last, watermark: watermark, isSent: isSent).get()
        let back = check.check(result(5), last: last, watermark: watermark, isSent: isSent)
        #expect(
            throws: ResultCheck.Refusal("position 5.0 after a result for 6.0: results must rise")
        ) {
            try back.get()
        }
    }

    @Test func resultsOfOneEventAreCountedOverMessages() throws {
        var check = check(limit: 2)
        for _ in 0..<2 {
            _ = try check.check(result(6), last: last, watermark: watermark, isSent: isSent).get()
        }
        let third = check.check(result(6), last: last, watermark: watermark, isSent: isSent)
        #expect(throws: ResultCheck.Refusal("more than 2 results for one event")) {
            try third.get()
        }
        _ = try check.check(result(7), last: last, watermark: watermark, isSent: isSent).get()
    }
}

@Suite struct RefusalTallyTests {
    @Test func aNewReasonIsToldAtOnceAndWhatFollowsOnceASecond() {
        var tally = RefusalTally()
        #expect(tally.due(at: 0) == [])
        for _ in 0..<100_000 { tally.add("a") }
        #expect(tally.due(at: 5) == [.refusedResults(count: 100_000, reason: "a")])
        tally.add("a")
        tally.add("b")
        #expect(tally.due(at: 6) == [.refusedResults(count: 1, reason: "b")])
        #expect(tally.due(at: 1_000_000_005) == [.refusedResults(count: 1, reason: "a")])
        tally.add("b")
        #expect(tally.rest() == [.refusedResults(count: 1, reason: "b")])
        #expect(tally.rest() == [])
        #expect(tally.total == 100_003)
    }

    @Test func manyReasonsAreFolded() {
        var tally = RefusalTally()
        for reason in 0..<20 { tally.add("\(reason)") }
        let reports = tally.due(at: 0)
        #expect(reports.count == 9)
        #expect(reports.last == .refusedResults(count: 12, reason: "other reasons"))
    }
}
