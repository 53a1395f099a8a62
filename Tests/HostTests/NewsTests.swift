import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Writes down what people are told, and that it was in the log by then.
final class NewsNotebook: NewsDesk {
    let mark: RunNews.Place
    private let log: MemoryLog
    private let state = Locked<(news: [RunNews], early: Int)>(([], 0))

    init(_ log: MemoryLog, mark: RunNews.Place = .init(record: 0, index: 0)) {
        self.log = log
        self.mark = mark
    }

    func tell(_ news: RunNews) {
        let isEarly = news.place.map { $0.record > log.durableNumber } ?? false
        state.withLock { state in
            state.news.append(news)
            state.early += isEarly ? 1 : 0
        }
    }

    var news: [RunNews] { state.withLock { $0.news } }
    /// Told before it was safe.
    var early: Int { state.withLock { $0.early } }
    /// In words that do not depend on where a record stands.
    var told: [String] {
        news.filter { $0.place != nil }.map { one in
            if case .finished(let summary) = one.event { return "finished \(summary.ledgerHash)" }
            return "\(one.time.nanoseconds) \(one.event)"
        }
    }
}

@Suite struct NewsTests {
    /// Whatever record a crash leaves last, and whatever the outbox had taken by then.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func aCrashAtAnyRecordLosesNoNewsAndDoublesNone(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed, rows: 50)
        var whole = Scenario.Start()
        let expected = NewsNotebook(whole.log)
        whole.news = expected
        let summary = try scenario.run(whole)
        let places = expected.news.compactMap(\.place)
        #expect(places == places.sorted() && Set(places).count == places.count)
        #expect(expected.early == 0)
        let fills = expected.news.count { if case .filled = $0.event { true } else { false } }
        #expect(fills == summary.fills && fills > 2)
        #expect(expected.told.last == "finished \(summary.ledgerHash)")

        var random = SeededRandom(seed)
        let records = whole.log.records
        for count in 0...records.count {
            let taken = expected.news.filter { ($0.place?.record ?? 0) <= UInt64(count) }
            let known = Int.random(in: 0...taken.count, using: &random)
            var start = Scenario.Start()
            start.log = MemoryLog(records.prefix(count))
            let mark = known == 0 ? nil : taken[known - 1].place
            let notebook = NewsNotebook(start.log, mark: mark ?? .init(record: 0, index: 0))
            start.news = notebook
            _ = try scenario.run(start)
            #expect(
                notebook.told == Array(expected.told.dropFirst(known)),
                "cut behind record \(count), \(known) known")
            #expect(notebook.early == 0)
        }
    }

    /// Nobody is told what a full disk has swallowed.
    @Test func whatIsNotInTheLogIsNotTold() throws {
        let scenario = Scenario.random(11, rows: 50)
        var whole = Scenario.Start()
        whole.news = NewsNotebook(whole.log)
        _ = try scenario.run(whole)
        for limit in [3, 10, whole.log.records.count - 2] {
            var start = Scenario.Start()
            start.log = MemoryLog([], failsAfter: limit)
            let notebook = NewsNotebook(start.log)
            start.news = notebook
            #expect(throws: RunFailure.self) { try scenario.run(start) }
            #expect(notebook.news.allSatisfy { ($0.place?.record ?? 0) <= UInt64(limit) })
            #expect(notebook.early == 0)
        }
    }

    /// Who listens decides nothing.
    @Test func aRunThatIsToldComesToTheSame() throws {
        let scenario = Scenario.random(14, rows: 50)
        let silent = Scenario.Start()
        var told = Scenario.Start()
        told.news = NewsNotebook(told.log)
        let (one, other) = (try scenario.run(silent), try scenario.run(told))
        #expect(one.ledgerHash == other.ledgerHash && one.stateHash == other.stateHash)
    }

    /// An order that a person took back says so; what a guard takes back of its own is nobody's to look at.
    @Test func anEndSaysWhyItWasAskedFor() {
        var writer = NewsWriter(Scenario.random(11).plan)
        func row(_ number: UInt64, _ sizing: String, filled: Int64 = 0) -> OrderRow {
            OrderRow(
                record: 1, number: OrderNumber(number), clientOrderID: "c\(number)", account: "a0",
                symbol: "A", side: .sell, quantity: .shares(10), limit: nil, state: "submitted",
                filled: .shares(filled), source: "s", reason: "", time: .zero, sizing: sizing)
        }
        let orders = [
            OrderNumber(1): row(1, "exit -5% all"), OrderNumber(2): row(2, "all", filled: 3),
        ]
        func told(_ fact: Fact) -> RunNews.Event? {
            writer.news(of: fact, at: .init(record: 1, index: 0), time: .zero, orders: orders)?
                .event
        }
        func end(_ number: UInt64, _ asked: String?, _ state: OrderMachine.State = .cancelled)
            -> String?
        {
            if let asked {
                #expect(told(.cancelAsked(OrderNumber(number), reason: asked)) == nil)
            }
            let end = told(.orderEnded(OrderNumber(number), state, reason: "as asked"))
            guard case .orderEnded(_, _, let part, let reason) = end else { return nil }
            return "\(part ?? "-") \(reason)"
        }
        #expect(end(1, "the stop fired") == nil)
        #expect(end(1, "by hand") == "- cancelled: by hand")
        #expect(end(1, "the stop fired", .rejected) == "- rejected: as asked")
        #expect(end(2, "the stop fired") == "3/10 cancelled: the stop fired")
        // What was asked for before says nothing of the next end.
        #expect(end(2, nil) == "3/10 cancelled: as asked")
    }

    @Test func theSameRefusalIsToldOnceAndSizingNever() {
        var writer = NewsWriter(Scenario.random(11).plan)
        let desk = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
        func told(_ rule: String, _ detail: String) -> Bool {
            let decision = RiskDecision(
                desk: desk, position: .start, approved: false, rule: rule, detail: .words(detail))
            return writer.news(
                of: .risk(decision), at: .init(record: 1, index: 0), time: .zero, orders: [:])
                != nil
        }
        #expect(told("order_value", "2 > 1"))
        #expect(!told("order_value", "2 > 1"))
        #expect(told("order_value", "3 > 1"))
        #expect(!told("sizing", "held"))
    }
}
