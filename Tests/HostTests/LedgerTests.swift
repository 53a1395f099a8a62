import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct LedgerTests {
    static func plan(account: String = "main") -> KernelPlan {
        var plan = KernelPlan.sample(sources: [SourcePlan(name: "ma cross", kind: .builtIn)])
        plan.accounts[0].name = account
        return plan
    }
    static func ledger(host: String = "h1", account: String = "main") -> Ledger {
        Ledger(plan(account: account), hostID: host, models: ["m@1"], digest: PlainSHA256())
    }
    static func decision(_ number: UInt64 = 1, side: Side = .buy, reference: Int64 = 100)
        -> OrderDecision
    {
        OrderDecision(
            order: Order(
                number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
                side: side,
                quantity: .shares(10), limit: nil),
            source: SourceID(0), position: .start, confidence: .of(700_000),
            reference: .won(reference),
            reserved: .zero, detail: "")
    }
    static func fill(_ price: Int64) -> Fill {
        Fill(
            order: OrderNumber(1), id: 1, price: .won(price), quantity: .shares(10), fee: .won(1),
            time: .seconds(5))
    }
    static let booking = Booking(
        realised: .won(3), positionAfter: .shares(10), costAfter: .won(1_001),
        cashAfter: .won(98_999))

    @Test func theDigestIsSHA256() {
        #expect(hex(PlainSHA256().sha256([])).hasPrefix("e3b0c44298fc1c149afbf4c8996fb924"))
        #expect(
            hex(PlainSHA256().sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    /// What a split leaves is in the chain: without it the positions of the rows around it do not add up.
    @Test func aSplitIsARowOfItsOwn() {
        var ledger = Self.ledger()
        #expect(ledger.bookSplit(of: InstrumentID(0), new: 2, for: 1, at: .zero, record: 6) == [])
        let fill = ledger.book(Self.fill(101), Self.booking, of: Self.decision(), record: 7)
        let rows = ledger.bookSplit(
            of: InstrumentID(0), new: 2, for: 1, at: .seconds(9), record: 8)
        let text =
            "v2 split 2 main S0 BUY 10 0 KRW 20 1001 98999 98999 person 2\\sfor\\s1"
        #expect(rows.map(\.hash) == [hex(PlainSHA256().sha256(Array((fill.hash + text).utf8)))])
        #expect(rows.map(\.positionAfter) == [.shares(20)] && rows[0].kind == .split)
        let back = ledger.bookSplit(
            of: InstrumentID(0), new: 1, for: 4, at: .seconds(10), record: 9)
        #expect(back.map(\.positionAfter) == [.shares(5)] && back[0].side == .sell)
        #expect(back.map(\.quantity) == [.shares(15)] && back[0].costAfter == .won(1_001))
        let all = [fill] + rows + back
        #expect(LedgerComparison(all, all, digest: PlainSHA256()).brokenAt == nil)
    }

    /// The canonical text of docs: fields in order, one space between; the hash covers the row before.
    @Test func eachRowIsChainedToTheOneBefore() {
        var ledger = Self.ledger()
        let zeros = String(repeating: "0", count: 64)
        #expect(ledger.hash == zeros)
        let first = ledger.book(Self.fill(101), Self.booking, of: Self.decision(), record: 7)
        let text = "1 main S0 BUY 10 101 1 KRW 1 1 3 10 98999 ma\\scross m@1 700000 5000000000"
        #expect(first.hash == hex(PlainSHA256().sha256(Array((zeros + text).utf8))))
        #expect(first.line == 1 && first.record == 7 && first.slippage == .won(1))
        let second = ledger.book(Self.fill(101), Self.booking, of: Self.decision(), record: 8)
        let next = "2" + text.dropFirst()
        #expect(second.hash == hex(PlainSHA256().sha256(Array((first.hash + next).utf8))))
        #expect(ledger.hash == second.hash)
    }

    /// A tax that was told is a word more behind the text of before; changed, or taken out, it breaks the chain.
    @Test func aTaxThatWasToldIsInTheChain() {
        var ledger = Self.ledger()
        let plain = ledger.book(Self.fill(101), Self.booking, of: Self.decision(), record: 7)
        let told = ledger.book(
            Self.fill(101).taxed(.won(1)), Self.booking, of: Self.decision(), record: 8)
        let text = "2 main S0 BUY 10 101 1 KRW 1 1 3 10 98999 ma\\scross m@1 700000 5000000000 1"
        #expect(told.hash == hex(PlainSHA256().sha256(Array((plain.hash + text).utf8))))
        #expect(plain.tax == nil && told.tax == .won(1) && told.fee == .won(1))
        #expect(
            LedgerComparison([plain, told], [plain, told], digest: PlainSHA256()).brokenAt == nil)
        for tax in [nil, .zero, .won(2)] as [Money?] {
            var changed = told
            changed.tax = tax
            let found = LedgerComparison(
                [plain, changed], [plain, told], digest: PlainSHA256())
            #expect(found.brokenAt == 2 && found.difference?.column == "tax")
            #expect(found.difference?.here == tax.map { "\($0)" } ?? "")
            #expect(found.difference?.there == "1")
        }
        var added = plain
        added.tax = .zero
        #expect(LedgerComparison([added], [plain], digest: PlainSHA256()).brokenAt == 1)
    }

    @Test func theHashLeavesOutHostAndRecord() {
        var one = Self.ledger(host: "h1")
        var two = Self.ledger(host: "h2")
        let first = one.book(Self.fill(101), Self.booking, of: Self.decision(), record: 7)
        let second = two.book(Self.fill(101), Self.booking, of: Self.decision(), record: 9)
        #expect(first.hash == second.hash)
        #expect(first.clientOrderID != second.clientOrderID)
        _ = two.book(Self.fill(102), Self.booking, of: Self.decision(), record: 9)
        _ = one.book(Self.fill(103), Self.booking, of: Self.decision(), record: 9)
        #expect(one.hash != two.hash)
    }

    @Test func slippageIsPositiveAgainstUs() {
        var ledger = Self.ledger()
        func slippage(_ side: Side, _ price: Int64) -> Price {
            ledger.book(Self.fill(price), Self.booking, of: Self.decision(side: side), record: 1)
                .slippage
        }
        #expect(slippage(.buy, 102) == .won(2) && slippage(.buy, 99) == .won(-1))
        #expect(slippage(.sell, 98) == .won(2) && slippage(.sell, 103) == .won(-3))
    }

    @Test func clientOrderIDsAreUniqueUUIDsAndTheSameInAReplay() {
        var seen: Set<ClientOrderID> = []
        for host in ["h1", "h2"] {
            for account in ["main", "other"] {
                let ledger = Self.ledger(host: host, account: account)
                for number in 1...500 as ClosedRange<UInt64> {
                    let id = ledger.clientOrderID(of: Self.decision(number).order)
                    #expect(
                        id
                            == Self.ledger(host: host, account: account).clientOrderID(
                                of: Self.decision(number).order))
                    #expect(seen.insert(id).inserted)
                    let text = Array("\(id)")
                    #expect(text.count == 36 && text[14] == "8" && "89ab".contains(text[19]))
                }
            }
        }
        #expect(seen.count == 2_000)
    }
}
