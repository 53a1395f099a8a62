import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Drift at a broker outside: told, corrected by a ledger's row, and the same behind a restart (R8.7).
@Suite struct CorrectionRunTests {
    private static let account = AccountID(0)

    /// Somebody else sold some of what was bought, and paid in.
    private static func statement(of desk: Int, _ shares: Int64, cash: Int128?) -> BrokerStatement {
        BrokerStatement(
            desk: desk,
            holdings: [
                BrokerPosition(
                    instrument: InstrumentID(0), symbol: "S0", quantity: .shares(shares),
                    available: .shares(shares), averagePrice: nil)
            ],
            cash: cash.map {
                [BrokerBalance(currency: "KRW", cash: .won($0), available: .won($0))]
            })
    }
    private static func dispatcher(
        _ brokers: Int = 1, facts: [Fact] = [], corrects: Bool = false
    ) -> Dispatcher {
        var desk = DeskSettings()
        (desk.polls, desk.pollsOver) = (1, .zero)
        let links = (0..<brokers).map { index in
            var link = BrokerLink(
                name: "b\(index)", account: account, broker: StubBroker(StubVenue()),
                callsPerSecond: 1_000_000, desk: desk)
            (link.correctsPositions, link.correctsCash) = (corrects, corrects)
            return link
        }
        let setup = BrokerSetup(links: links, routes: [Router.Settings(primary: 0)])
        var memory = OrderMemory(setup, instruments: 2)
        memory.take(facts, DeskMinutes(), at: .seconds(1)) { _ in ClientOrderID(high: 1, low: 1) }
        return Dispatcher(
            setup, .sample(instruments: 2), clock: DeskClock(), counter: KillCounter(),
            memory: memory, at: .seconds(1))
    }
    private static func compare(_ dispatcher: inout Dispatcher) -> [CorrectionOrder] {
        dispatcher.compare(cash: { _ in .won(1_000) }, currency: { _ in "KRW" })
    }
    static func corrected(
        _ books: Int64, _ stated: Int64, at broker: Int = 0,
        by author: CorrectionOrder.Author = .person
    ) -> Correction {
        Correction(
            CorrectionOrder(
                account: account, broker: broker, named: "b\(broker)",
                .holding(InstrumentID(0), books: .shares(books), stated: .shares(stated)),
                by: author, reason: "by phone", at: .seconds(9)),
            positionBefore: .shares(books), positionAfter: .shares(stated),
            costBefore: .won(Int128(books) * 100), costAfter: .won(Int128(stated) * 100),
            cashBefore: .won(1_000),
            cashAfter: .won(1_000), worth: .won(Int128(stated - books) * 100))
    }

    @Test func bothSidesAreToldOnceWithWhatToDo() {
        var dispatcher = Self.dispatcher(facts: [.corrected(Self.corrected(0, 10))])
        for _ in 0..<2 {
            dispatcher.statements = [Self.statement(of: 0, 7, cash: 900)]
            #expect(Self.compare(&dispatcher).isEmpty, "nothing is corrected unasked")
        }
        #expect(
            dispatcher.takeMinutes().notes.map(\.note) == [
                DeskNote(
                    .drift,
                    "S0: the books hold 10, b0 says 7; madang positions correct S0"),
                DeskNote(
                    .drift, severity: .warning,
                    "cash: the books have 1000, b0 says 900; madang positions correct --cash"),
            ])
        guard
            case .success(let order) = dispatcher.difference(
                of: .holding(InstrumentID(0)), account: Self.account, at: nil, reason: "x")
        else {
            Issue.record("it is not known")
            return
        }
        #expect(order.difference == Self.corrected(10, 7).order.difference)
        #expect(order.author == .person && order.brokerName == "b0")
    }

    @Test func whatTheConfigurationAllowsIsCorrectedUnasked() {
        var dispatcher = Self.dispatcher(corrects: true)
        dispatcher.statements = [Self.statement(of: 0, 7, cash: 900)]
        let wishes = Self.compare(&dispatcher)
        #expect(wishes.map(\.author) == [.configuration, .configuration])
        dispatcher.note([.corrected(Self.corrected(0, 7))])
        #expect(dispatcher.ledger.held(InstrumentID(0), at: 0) == .shares(7))
        for wish in wishes { dispatcher.corrected(wish) }
        dispatcher.statements = [Self.statement(of: 0, 7, cash: nil)]
        #expect(Self.compare(&dispatcher).isEmpty)
    }

    /// A split that a person told moved the books, and the statement that comes next is of cash alone.
    @Test func aDifferenceOfOtherBooksIsNotCorrected() {
        var dispatcher = Self.dispatcher(facts: [.corrected(Self.corrected(0, 10))], corrects: true)
        dispatcher.statements = [Self.statement(of: 0, 20, cash: nil)]
        #expect(Self.compare(&dispatcher).count == 1, "and it could not be done yet")
        dispatcher.note([.exit(.split(InstrumentID(0), new: 2, old: 1))])
        #expect(dispatcher.ledger.held(InstrumentID(0), at: 0) == .shares(20))
        var cash = Self.statement(of: 0, 0, cash: 1_000)
        cash.holdings = nil
        dispatcher.statements = [cash]
        #expect(Self.compare(&dispatcher).isEmpty)
    }

    /// It is corrected when that is written, and nobody is told to do it.
    @Test func whatWaitsForTheLogLetsACorrectionWait() {
        var dispatcher = Self.dispatcher(corrects: true)
        dispatcher.approve(
            Order(
                number: OrderNumber(1), account: Self.account, instrument: InstrumentID(1),
                side: .buy, quantity: .shares(1), limit: .won(1)),
            as: ClientOrderID(high: 1, low: 2), at: .seconds(1))
        dispatcher.statements = [Self.statement(of: 0, 7, cash: nil)]
        #expect(Self.compare(&dispatcher).isEmpty)
        let told = dispatcher.takeMinutes().notes.map(\.note.text)
        #expect(told.first?.contains("it is to be corrected") == true, "\(told)")
        #expect(dispatcher.desks[0].wake == .seconds(1), "it asks again")
        dispatcher.recorded(as: 1)
        dispatcher.release(through: 1, at: .seconds(1))
        dispatcher.statements = [Self.statement(of: 0, 7, cash: nil)]
        #expect(Self.compare(&dispatcher).count == 1)
    }

    /// Each broker's own holding is compared; the account's cash stands with neither.
    @Test func twoBrokersAreComparedOneByOne() {
        var dispatcher = Self.dispatcher(2, facts: [.corrected(Self.corrected(0, 4, at: 1))])
        dispatcher.statements = [
            Self.statement(of: 0, 0, cash: 5), Self.statement(of: 1, 3, cash: 5),
        ]
        _ = Self.compare(&dispatcher)
        let notes = dispatcher.takeMinutes().notes
        #expect(notes.map(\.desk) == [1])
        guard
            case .failure(let refusal) = dispatcher.difference(
                of: .holding(InstrumentID(0)), account: Self.account, at: "b0", reason: "")
        else {
            Issue.record("b0 has no difference")
            return
        }
        #expect(refusal.why.contains("say the same"))
    }

    // MARK: The ledger

    /// The chain's text has a second version for corrections; fills keep theirs.
    @Test func aCorrectionIsChainedByTheSecondVersionOfTheText() {
        var ledger = LedgerTests.ledger()
        let fill = ledger.book(
            LedgerTests.fill(101), LedgerTests.booking, of: LedgerTests.decision(), record: 7)
        let row = ledger.book(Self.corrected(10, 7), record: 8)
        let text =
            "v2 correction 2 main S0 SELL 3 100 KRW 7 700 1000 1000 person"
            + " the\\sbooks\\sheld\\s10,\\sb0\\ssays\\s7;\\sperson:\\sby\\sphone 9000000000"
        #expect(row.hash == hex(PlainSHA256().sha256(Array((fill.hash + text).utf8))))
        #expect(row.kind == .correction && row.order == OrderNumber(0) && row.realised == .zero)
        #expect(ledger.hash == row.hash)
        let rows = [fill, row]
        #expect(LedgerComparison(rows, rows, digest: PlainSHA256()).brokenAt == nil)
        for change in [
            { (row: inout LedgerRow) in row.note = "nobody" },
            { (row: inout LedgerRow) in row.kind = .fill },
            { (row: inout LedgerRow) in row.costAfter = .won(1) },
            { (row: inout LedgerRow) in row.cashBefore = .won(1) },
        ] {
            var changed = row
            change(&changed)
            let found = LedgerComparison([fill, changed], rows, digest: PlainSHA256())
            #expect(found.brokenAt == 2 && found.difference?.line == 2)
        }
    }
}
