import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct FateTests {
    /// R5.2: what became of a result is stored with its reason, whatever it was.
    @Test(arguments: ArbiterPlan.Policy.allCases, seeds(0..<3, by: 10))
    func everyFateHasItsReason(_ policy: ArbiterPlan.Policy, _ seed: UInt64) throws {
        let start = Scenario.Start()
        let scenario = Scenario.random(seed, policy: policy)
        let summary = try scenario.run(start)
        let signals = try start.projections.signals()
        let results = summary.sources.reduce(0) { $0 + $1.results }
        #expect(signals.count == results && results > 30)
        for signal in signals where !["pending", "alert"].contains(signal.status) {
            #expect(!signal.detail.isEmpty, "\(signal.source) \(signal.status)")
        }
        #expect(Set(signals.map(\.status)).count > 2)
    }

    private func signal(_ validity: Validity, delay: Int64) -> Signal {
        Signal(
            source: SourceID(0), account: AccountID(0), instrument: InstrumentID(0),
            position: EventPosition(1), index: 0, result: StrategyResult(.buy, validity: validity),
            entryTime: .zero, arrivalTime: Timestamp(nanoseconds: delay * 1_000_000))
    }

    /// The same words again are hidden, but not behind a trade that came of them.
    @Test func aSignalBehindATradeIsTold() throws {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        var narrator = Narrator(plan)
        var projector = Projector(
            plan, versions: [.init()],
            ledger: Ledger(plan, hostID: "h", models: [""], digest: PlainSHA256()))
        let decision = OrderDecision(
            order: Order(
                number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(0),
                side: .buy, quantity: .shares(10), limit: nil),
            source: SourceID(0), position: EventPosition(1), confidence: .full,
            reference: .won(100), reserved: .won(1_000), detail: "")
        let fill = Fill(
            order: OrderNumber(1), id: 1, price: .won(100), quantity: .shares(10), fee: .zero,
            time: .zero)
        let booking = Booking(
            realised: .zero, positionAfter: .shares(10), costAfter: .zero, cashAfter: .zero)
        let said = Fact.signal(signal(.untilNextCandle, delay: 0), .pending)
        let facts: [Fact] = [said, said, .ordered(decision), .filled(fill, booking), said, said]
        let hidden = facts.compactMap { fact -> Bool? in
            projector.take(fact, at: .start, time: .zero, record: 1)
            let notice = narrator.notice(of: fact, time: .zero, orders: projector.orders)
            return notice?.kind == .signal ? notice?.isRepeated : nil
        }
        #expect(hidden == [false, true, false, true])
    }

    @Test func whereWarningsAloneAreReadTheyAreThoseAmongAll() {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        let desk = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
        let facts: [Fact] = [
            .signal(signal(.untilNextCandle, delay: 0), .pending),
            .signal(signal(.untilNextCandle, delay: 0), .alert),
            .cancelAsked(OrderNumber(1), reason: "by hand"),
            .roundClosed(
                desk,
                RoundOutcome(position: EventPosition(1), side: nil, conflict: true, detail: "")),
            .orderEnded(OrderNumber(1), .cancelled, reason: "as asked"),
            .cancelAsked(OrderNumber(2), reason: "the stop fired"),
            .orderEnded(OrderNumber(2), .cancelled, reason: "as asked"),
            .risk(
                RiskDecision(
                    desk: desk, position: EventPosition(1), approved: false, rule: "cash",
                    detail: "")),
            .contradiction(OrderNumber(3), "two fills of one number"),
            .killed(true, .all, reason: "by hand"), .killed(false, .all, reason: "by hand"),
            .orderEnded(OrderNumber(4), .rejected, reason: "no cash"),
        ]
        func told(_ narrator: consuming Narrator) -> [RunNotice] {
            var narrator = narrator
            return facts.compactMap { narrator.notice(of: $0, time: .zero, orders: [:]) }
        }
        let all = told(Narrator(plan))
        let warnings = all.filter { [.warning, .kill].contains($0.kind) }
        let alone = told(Narrator(plan, warnsAlone: true))
        #expect(alone.filter { $0.kind != .order }.map(\.text) == warnings.map(\.text))
        #expect((all.count, warnings.count, alone.count) == (12, 6, 8))
    }

    /// A run of which nobody reads more comes to the same rows.
    @Test func wordsThatNobodyReadsAreNotMade() throws {
        let scenario = Scenario.random(31, rows: 90)
        let (all, alone) = (Scenario.Start(), Scenario.Start())
        let summaries = [
            try scenario.run(all), try scenario.run(alone) { $0.warnsAlone = true },
        ]
        #expect(summaries[0].ledgerHash == summaries[1].ledgerHash)
        #expect(try all.projections.signals() == alone.projections.signals())
        #expect(all.observer.all.contains { $0.kind == .signal })
        #expect(!alone.observer.all.contains { [.signal, .fill, .risk].contains($0.kind) })
    }

    @Test(arguments: SignalStatus.allCases)
    func aStatusHasOneName(_ status: SignalStatus) { #expect(status.word == status.name) }

    @Test func whatWasNeverHeardSaysWhy() {
        let late = signal(.untilNextCandle, delay: 312)
        #expect(
            FateWords.unheard(late, .late, deadline: .milliseconds(200))
                == "312 ms after its event, deadline 200 ms")
        #expect(
            FateWords.unheard(
                signal(.duration(.milliseconds(50)), delay: 51), .expired, deadline: nil)
                == "valid for 50 ms, heard after 51 ms")
        #expect(
            FateWords.unheard(signal(.duration(.zero), delay: 0), .expired, deadline: nil)
                == "its time was over before its event")
        #expect(FateWords.unheard(late, .pending, deadline: nil).isEmpty)
        #expect(FateWords.ended(.used, "majority 2 to 1") == "majority 2 to 1")
        #expect(FateWords.ended(.replaced, "") == "by the next result of its source")
    }

    /// What refuses it says under which code people are told.
    @Test(arguments: [
        ("price_age", FailSafeCode.staleData), ("orders_per_minute", .orderRate),
        ("halted", .riskLimit), ("price_limit", .riskLimit),
    ])
    func aRefusalHasTheCodeOfItsRule(_ rule: String, _ code: FailSafeCode) {
        let decision = RiskDecision(
            desk: DeskKey(account: AccountID(0), instrument: InstrumentID(0)),
            position: .endOfStep(1), approved: false, rule: rule, detail: .words("why"))
        #expect(decision.code == code)
    }
}
