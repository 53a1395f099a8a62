import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct ProjectorTests {
    private static let number = OrderNumber(1)

    /// What is booked behind the end of its order is a row of the ledger; the order stays ended. So thousands of orders later.
    @Test(arguments: [0, 20_000] as [UInt64])
    func aFillBehindTheEndIsInTheLedger(_ later: UInt64) throws {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        var kernel = Kernel(plan)
        var projector = Projector(
            plan, versions: [.init()],
            ledger: Ledger(plan, hostID: "h", models: [""], digest: PlainSHA256()))
        projector.old = OldOrders()
        func decision(_ number: OrderNumber) -> OrderDecision {
            OrderDecision(
                order: Order(
                    number: number, account: AccountID(0), instrument: InstrumentID(0),
                    side: .buy, quantity: .shares(10), limit: nil),
                source: SourceID(0), position: EventPosition(step: 1, index: 0),
                confidence: .full, reference: .won(100), reserved: .won(1_000), detail: "")
        }
        let first = decision(Self.number)
        kernel.apply(.ordered(first))
        var effects = Effects()
        kernel.handle(.cancelled(Self.number, reason: "asked"), into: &effects)
        for fact in [.ordered(first)] + effects.facts {
            projector.take(fact, at: .start, time: .zero, record: 1)
        }
        effects.facts.removeAll()
        for number in 0..<later {
            let other = OrderNumber(number + 2)
            for fact in [
                .ordered(decision(other)), .orderEnded(other, .cancelled, reason: ""),
            ] as [Fact] {
                kernel.apply(fact)
                projector.take(fact, at: .start, time: .zero, record: 1)
            }
        }
        #expect((projector.orders[Self.number] == nil) == (later > 0))
        _ = projector.takeRows()
        let fill = Fill(
            order: Self.number, id: 1, price: .won(100), quantity: .shares(4), fee: .zero,
            time: .zero)
        kernel.handle(.filled(fill), into: &effects)
        #expect(projector.decision(of: Self.number) == first)
        for fact in effects.facts {
            projector.take(fact, at: .start, time: .zero, record: 1)
        }
        let rows = projector.takeRows()
        let ledger = rows.compactMap { if case .ledger(let row) = $0 { row } else { nil } }
        let orders = rows.compactMap { if case .order(let row) = $0 { row } else { nil } }
        let risks = rows.compactMap { if case .risk(let row) = $0 { row } else { nil } }
        #expect(ledger.map(\.quantity) == [.shares(4)])
        #expect(ledger.map(\.positionAfter) == [.shares(4)])
        #expect(orders.last?.state == "cancelled" && orders.last?.filled == .shares(4))
        #expect(risks.map(\.code) == ["FS041"])
    }

    /// As in the kernel: what fails while an account is locked down takes no place of what was at a broker.
    @Test func ordersThatFailedBeforeTakeNoPlaceOfOneThatWasAtABroker() {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        var projector = Projector(
            plan, versions: [.init()],
            ledger: Ledger(plan, hostID: "h", models: [""], digest: PlainSHA256()))
        projector.old = OldOrders()
        func take(_ number: UInt64, _ end: OrderMachine.State) {
            let decision = OrderDecision(
                order: Order(
                    number: OrderNumber(number), account: AccountID(0),
                    instrument: InstrumentID(0), side: .buy, quantity: .shares(10), limit: nil),
                source: SourceID(0), position: .start, confidence: .full, reference: .won(100),
                reserved: .won(1_000), detail: "")
            projector.take(.ordered(decision), at: .start, time: .zero, record: 1)
            projector.take(
                .orderEnded(OrderNumber(number), end, reason: ""), at: .start, time: .zero,
                record: 1)
            _ = projector.takeRows()
        }
        take(1, .cancelled)
        for number in 2...80_000 as ClosedRange<UInt64> { take(number, .failed) }
        #expect(projector.orders[Self.number] == nil)
        #expect(projector.decision(of: Self.number) != nil)
        #expect(projector.decision(of: OrderNumber(50_000)) != nil)
    }

    /// A doubt that is over is no reason of an order; who asked for an end is.
    @Test func theReasonOfAnOrderIsNotThatOfADoubt() throws {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        var projector = Projector(
            plan, versions: [.init()],
            ledger: Ledger(plan, hostID: "h", models: [""], digest: PlainSHA256()))
        func decision(_ number: OrderNumber) -> Fact {
            .ordered(
                OrderDecision(
                    order: Order(
                        number: number, account: AccountID(0), instrument: InstrumentID(0),
                        side: .buy, quantity: .shares(10), limit: nil),
                    source: SourceID(0), position: EventPosition(step: 1, index: 0),
                    confidence: .full, reference: .won(100), reserved: .won(1_000),
                    detail: "exit +4% half: bought"))
        }
        let fill = Fill(
            order: Self.number, id: 1, price: .won(100), quantity: .shares(10), fee: .zero,
            time: .zero)
        let two = OrderNumber(2)
        let facts: [Fact] = [
            decision(Self.number), .inDoubt(Self.number, reason: "no clear answer: HTTP 500"),
            .filled(
                fill,
                Booking(
                    realised: .zero, positionAfter: .shares(10), costAfter: .zero, cashAfter: .zero)
            ),
            decision(two),
            .inDoubt(two, reason: "no clear answer: HTTP 500"), .submitted(two, BrokerOrderID("b")),
            .cancelAsked(two, reason: "asked for by hand"),
            .orderEnded(two, .cancelled, reason: "cancelled on request"),
        ]
        for fact in facts { projector.take(fact, at: .start, time: .zero, record: 1) }
        let rows = projector.takeRows()
        let told = rows.compactMap { row -> String? in
            guard case .order(let order) = row else { return nil }
            return "\(order.state): \(order.reason)"
        }
        let made = "exit +4% half: bought"
        #expect(
            told == [
                "pending: \(made)", "unknown: no clear answer: HTTP 500", "filled: \(made)",
                "pending: \(made)", "unknown: no clear answer: HTTP 500", "submitted: \(made)",
                "cancelPending: asked for by hand",
                "cancelled: cancelled on request: asked for by hand",
            ])
        #expect(projector.isOfExit(two) && !projector.isOfExit(OrderNumber(3)))
    }

    /// As in the order machine: whoever wants its end is named behind a doubt, a part of a fill and a restart.
    @Test func anOrderThatIsBeingCancelledSaysSoBehindADoubt() {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        var projector = Projector(
            plan, versions: [.init()],
            ledger: Ledger(plan, hostID: "h", models: [""], digest: PlainSHA256()))
        var kernel = Kernel(plan)
        let decision = OrderDecision(
            order: Order(
                number: Self.number, account: AccountID(0), instrument: InstrumentID(0), side: .buy,
                quantity: .shares(10), limit: .won(100)),
            source: SourceID(0), position: EventPosition(step: 1, index: 0), confidence: .full,
            reference: .won(100), reserved: .won(1_000), detail: "voted")
        let kill = "the kill switch: news"
        let restart = "the host started again"
        var effects = Effects()
        kernel.apply(.ordered(decision))
        projector.take(.ordered(decision), at: .start, time: .zero, record: 1)
        var said: [String] = []
        func hear(_ report: BrokerReport) {
            kernel.handle(report, into: &effects)
            for fact in effects.facts {
                projector.take(fact, at: .start, time: .zero, record: 1)
            }
            effects.facts.removeAll()
            let row = projector.orders[Self.number]
            said.append("\(row?.state ?? ""): \(row?.reason ?? "")")
            // The table says what the machine says.
            #expect(row?.state == kernel.order(Self.number).map { "\($0.state)" })
        }
        hear(.accepted(Self.number, BrokerOrderID("b")))
        hear(.cancelAsked(Self.number, reason: kill))
        hear(.unknown(Self.number, reason: restart))
        hear(.accepted(Self.number, BrokerOrderID("b")))
        hear(.unknown(Self.number, reason: restart))
        hear(
            .filled(
                Fill(
                    order: Self.number, id: 1, price: .won(100), quantity: .shares(4), fee: .zero,
                    time: .zero)))
        hear(.cancelled(Self.number, reason: "cancelled on request"))
        #expect(
            said == [
                "submitted: voted", "cancelPending: \(kill)",
                "unknown: \(restart); its end is asked for: \(kill)", "cancelPending: \(kill)",
                "unknown: \(restart); its end is asked for: \(kill)", "cancelPending: \(kill)",
                "cancelled: cancelled on request: \(kill)",
            ])
    }

    /// All of the old terms are filled while the order grows: until the answer it is open, and behind it too where the
    /// broker took the change. `madang order list` shows what has not ended.
    @Test(arguments: [true, false])
    func anOrderThatGrowsIsOpenUntilItsAnswer(_ isTaken: Bool) {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        var projector = Projector(
            plan, versions: [.init()],
            ledger: Ledger(plan, hostID: "h", models: [""], digest: PlainSHA256()))
        func terms(_ shares: Int64) -> OrderChange {
            OrderChange(limit: .won(100), quantity: .shares(shares))
        }
        func filled(_ shares: Int64, id: UInt32) -> Fact {
            .filled(
                Fill(
                    order: Self.number, id: id, price: .won(100), quantity: .shares(shares),
                    fee: .zero, time: .zero),
                Booking(
                    realised: .zero, positionAfter: .shares(10), costAfter: .zero, cashAfter: .zero)
            )
        }
        let order = Order(
            number: Self.number, account: AccountID(0), instrument: InstrumentID(0), side: .buy,
            quantity: .shares(10), limit: .won(100))
        let decision = OrderDecision(
            order: order, source: SourceID(0), position: EventPosition(step: 1, index: 0),
            confidence: .full, reference: .won(100), reserved: .won(1_000), detail: "")
        let change = ChangeDecision(
            number: Self.number, before: terms(10), after: terms(12), opens: true,
            reserved: .won(1_200), position: .start, rule: "all", detail: "")
        var facts: [Fact] = [
            .ordered(decision), .submitted(Self.number, BrokerOrderID("b")),
            .change(.asked(change)), filled(10, id: 1),
        ]
        facts +=
            isTaken
            ? [
                .change(.taken(Self.number, terms(12), BrokerOrderID("b"))), filled(2, id: 2),
            ]
            : [
                .change(.refused(Self.number, terms(12), reason: "late")),
                .orderEnded(Self.number, .filled, reason: "full"),
            ]
        for fact in facts { projector.take(fact, at: .start, time: .zero, record: 1) }
        let told = projector.takeRows().compactMap { row -> String? in
            guard case .order(let order) = row else { return nil }
            return "\(order.state) \(order.filled) of \(order.quantity) for \(order.reserved)"
        }
        // While it is on its way the order holds the greater of both terms.
        #expect(
            told == [
                "pending 0 of 10 for 1000", "submitted 0 of 10 for 1000",
                "changePending 0 of 10 for 1200", "changePending 10 of 10 for 1200",
            ]
                + (isTaken
                    ? ["partlyFilled 10 of 12 for 1200", "filled 12 of 12 for 1200"]
                    : ["partlyFilled 10 of 10 for 1000", "filled 10 of 10 for 1000"]))
    }

    @Test func digitsAreReadAsTheyAreShown() {
        for (text, plain) in [
            ("68,200", "68200"), ("1,234,567.50", "1234567.50"), ("68200", "68200"),
            ("-1,234", "-1,234"), ("6,82,00", "6,82,00"), ("68,20", "68,20"), (",", ","), ("", ""),
        ] { #expect(ungrouped(text) == plain) }
    }

    @Test(arguments: [
        ("0", "0"), ("999", "999"), ("1000", "1,000"), ("-999", "-999"), ("-1000", "-1,000"),
        ("123456", "123,456"), ("-1234567.00012345", "-1,234,567.00012345"), ("0.12345", "0.12345"),
        ("999.9999", "999.9999"), ("1000.5", "1,000.5"),
    ])
    func wholeDigitsAreGrouped(_ plain: String, _ shown: String) {
        #expect(grouped(plain) == shown)
        #expect(ungrouped(shown) == (plain.hasPrefix("-") ? shown : plain))
    }

    /// What is left of a plan follows from the rows alone, and begins anew with the next position.
    @Test func whatIsLeftOfAPlanIsReadFromItsRows() {
        func row(_ rule: String, _ detail: String, _ symbol: String = "A") -> RiskRow {
            RiskRow(
                record: 1, position: .start, code: "EXIT", account: "demo", symbol: symbol,
                rule: rule, detail: detail, time: .zero)
        }
        let armed = row("armed", "guarded from 70,000: -5% all, +4% half, trail 3% from +2% all")
        var rows = [armed, row("fired", "exit +4% half fired at 72,800")]
        var plan = ExitStanding(rows).plan("demo", "A")
        #expect(plan?.left == ["-5% all", "trail 3% from +2% all"] && plan?.fired == ["+4% half"])
        #expect(ExitStanding(rows).plan("demo", "B") == nil)
        // The stop sells all: what is left of the plan never comes.
        let stopped = rows + [row("fired", "exit -5% all fired at 66,500")]
        plan = ExitStanding(stopped).plan("demo", "A")
        #expect(plan?.left == [] && plan?.fired == ["+4% half", "-5% all"])
        rows += [armed, row("held", "exits are held: nothing fires: news", "")]
        plan = ExitStanding(rows).plan("demo", "A")
        #expect(plan?.left.count == 3 && plan?.fired == [])
        #expect(ExitStanding(rows).isHeld)
        rows.append(row("released", "exits are free again: by command", ""))
        #expect(!ExitStanding(rows).isHeld)
    }

    /// A paced run's log has the host's own clock; each start says what it means from there on.
    @Test func entriesOfAPacedRunAreInstants() throws {
        var out = ByteWriter()
        func portrait(_ record: LogRecord) throws -> RecordPortrait {
            try RecordPortrait(1, record.encoded(with: &out), RecordNames())
        }
        var clock = EntryClock()
        let second = 1_000_000_000 as Int64
        let step = try portrait(.step(1, entry: Timestamp(nanoseconds: 12 * second), facts: []))
        _ = clock.instant(of: try portrait(.start(utc: 1_000 * second, monotonic: 10 * second)))
        #expect(clock.instant(of: step) == .seconds(1_002))
        _ = clock.instant(of: try portrait(.start(utc: 5_000 * second, monotonic: 11 * second)))
        #expect(clock.instant(of: step) == .seconds(5_001))
        #expect(clock.instant(of: try portrait(.quiet(first: 1, last: 2))) == nil)
    }
}
