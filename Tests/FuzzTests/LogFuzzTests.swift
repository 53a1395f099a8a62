import Kernel
import Orders
import PaperExchange
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Records that are damaged and whose sums are right again: read or refused, and what names nothing that is
/// not there is applied without a trap.
@Suite struct LogFuzzTests {
    private static let desk = DeskKey(account: AccountID(0), instrument: InstrumentID(1))

    private static func facts() -> [Fact] {
        let at = EventPosition(step: 3, index: 1)
        let result = StrategyResult(
            .buy, size: .targetWeight(millionths: 250_000), limit: .won(11), message: "up",
            reasons: ["cross"], tags: ["a"])
        let signal = Signal(
            source: SourceID(0), account: desk.account, instrument: desk.instrument, position: at,
            index: 0, result: result, entryTime: .zero, arrivalTime: .zero)
        let order = Order(
            number: OrderNumber(1), account: desk.account, instrument: desk.instrument, side: .buy,
            quantity: .shares(5), limit: .won(11))
        let fill = Fill(
            order: order.number, id: 1, price: .won(11), quantity: .shares(2), fee: .won(1),
            time: .zero)
        let decision = OrderDecision(
            order: order, source: SourceID(0), position: at, confidence: .full,
            reference: .won(11), reserved: .won(60), detail: "one")
        return [
            .dayStarted(desk.account, day: 19_000, equity: .won(1_000)), .signal(signal, .pending),
            .roundOpened(desk, at: at, deadline: .distantFuture),
            .roundClosed(
                desk, RoundOutcome(position: at, side: .buy, conflict: false, detail: "one")),
            .risk(
                RiskDecision(desk: desk, position: at, approved: true, rule: "all", detail: "ok")),
            .ordered(decision), .opened(signal, deadline: .zero),
            .acted(RoundAction(decision, position: at, index: 0, freeCash: .won(900))),
            .voteEnded(signal.key, .used, detail: "one"),
            .submitted(order.number, BrokerOrderID("p-1")),
            .filled(
                fill,
                Booking(
                    realised: .zero, positionAfter: .shares(2), costAfter: .won(23),
                    cashAfter: .won(977))),
            .filled(
                fill.taxed(.won(1)),
                Booking(
                    realised: .zero, positionAfter: .shares(4), costAfter: .won(46),
                    cashAfter: .won(954))),
            .orderEnded(order.number, .cancelled, reason: "by hand"),
            .contradiction(order.number, "odd"), .killed(true, .all, reason: "a person"),
            .corrected(
                Correction(
                    CorrectionOrder(
                        account: desk.account, broker: 0, named: "b",
                        .holding(desk.instrument, books: .shares(2), stated: .shares(1)),
                        by: .person, reason: "why", at: .zero),
                    positionBefore: .shares(2), positionAfter: .shares(1), costBefore: .won(23),
                    costAfter: .won(12), cashBefore: .won(977), cashAfter: .won(977),
                    worth: .won(-11))),
            .limitPassed(
                LimitPassed(
                    account: desk.account, instrument: desk.instrument, limit: .symbolWeight,
                    detail: "too much")),
        ]
    }

    private static let mutator: Mutator = {
        let facts = Self.facts()
        let head = RunHead(
            run: "r-1", identity: "abc", market: "1m", servers: ["a 1"], host: "h")
        let minutes = DeskMinutes(
            routes: [Minute.Route(order: OrderNumber(1), desk: 0)],
            lockdowns: [Minute.Lockdown(desk: 0, reason: "three in a row")],
            notes: [Minute.Note(desk: 0, DeskNote(.drift, order: OrderNumber(1), "words"))])
        let records: [LogRecord] =
            facts.indices.map { .step(3, entry: .zero, facts: Array(facts[...$0])) }
            + [
                .head(head), .start(utc: 1, monotonic: 2), .quiet(first: 1, last: 9),
                .finished(state: 7, ledger: "ab"),
                .routed(
                    2, entry: .zero, facts: Array(facts.prefix(6)), minutes, notes: []),
                .changed(
                    3, entry: .zero, facts: Array(facts.prefix(2)),
                    PlanChange(number: 2, text: "rules: []", hash: "ab", words: ["a", "b"])),
            ]
        var pen = ByteWriter()
        return Mutator(records.map { $0.encoded(with: &pen) }, words: ["\u{0}", "\u{7f}", "\u{1}"])
    }()

    @Test(arguments: 0..<trials(8 as UInt64)) func aRecordIsReadOrRefusedAndAppliedWithoutATrap(
        _ seed: UInt64
    ) {
        var random = SeededRandom(seed)
        let plan = KernelPlan.sample(
            instruments: 2, sources: [SourcePlan(name: "x", kind: .builtIn)],
            attachments: [
                .sample(0, instrument: 1, strategy: MoodyStrategy(seed: 1, onceIn: 3))
            ])
        var read = 0
        for _ in 0..<triesOfASeed {
            var engine = Engine(plan, PaperExchange.Settings(feeMicroBasisPoints: 0))
            let bytes = Self.mutator.next(&random)
            guard let record = try? LogRecord(bytes) else { continue }
            read += 1
            var pen = ByteWriter()
            let again = record.encoded(with: &pen)
            #expect((try? LogRecord(again))?.encoded(with: &pen) == again)
            let facts: [Fact]
            switch record {
            case .step(_, _, let some), .routed(_, _, let some, _, _): facts = some
            default: continue
            }
            for fact in facts where fact.fits(plan) { engine.apply(fact) }
            _ = engine.stateHash()
            _ = engine.kernel.equity(of: AccountID(0))
        }
        #expect(read > 0, "some damage leaves a record")
    }
}
