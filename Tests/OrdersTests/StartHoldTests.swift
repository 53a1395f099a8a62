import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// What opens at a start waits until the books were held against what the broker has.
@Suite struct StartHoldTests {
    private struct Scene {
        var talk: Conversation
        var books: [Int64] = [0, 0]

        init(
            ids: BrokerCapabilities.ClientOrderIDs = .always, restart: DeskRestart = DeskRestart(),
            _ change: (inout DeskSettings) -> Void = { _ in }
        ) {
            talk = Conversation(ids: ids, restart: restart) {
                $0.reconcileEvery = .seconds(60)
                change(&$0)
            }
        }

        var adoptionCall: CallID? {
            talk.openCall { if case .adopt = $0 { true } else { false } }
        }
        var listCall: CallID? { talk.openCall { $0 == .openOrders } }
        var positionsCall: CallID? { talk.openCall { $0 == .positions } }
        mutating func list(_ orders: [BrokerOrder] = []) { talk.answer(listCall, .orders(orders)) }
        /// - Returns: What people are told of it.
        @discardableResult mutating func state(_ shares: [Int64] = [0, 0]) -> [Difference] {
            let held = shares.enumerated().filter { $0.element != 0 }.map { index, shares in
                BrokerPosition(
                    instrument: InstrumentID(index), symbol: "S\(index)",
                    quantity: .shares(shares), available: .shares(shares), averagePrice: nil)
            }
            talk.answer(positionsCall, .positions(held))
            let news = talk.desk.compare(
                DeskBooks(
                    holdings: books.enumerated().map {
                        (InstrumentID($0.offset), .shares($0.element))
                    },
                    cash: nil), holdings: talk.said.holdings, cash: nil, currency: "KRW")
            // As its host does: at the time that it wants to be asked again.
            if let wake = talk.desk.wake, wake <= talk.now { talk.say(.wake) }
            return news
        }
        /// Three times over ten seconds.
        mutating func settle(_ shares: [Int64]) -> [Difference] {
            var news = state(shares)
            for _ in 0..<2 {
                talk.wait(5)
                news += state(shares)
            }
            return news
        }
        var ends: [BrokerReport] { talk.said.reports }
    }
    private static let byHand = BrokerOrder.of(.sample(7, shares: 4), "k1", isKnown: false)
    private static func failed(_ reports: [BrokerReport], _ number: UInt64) -> String? {
        for case .failed(OrderNumber(number), let why) in reports { return why }
        return nil
    }

    @Test func whatOpensWaitsForTheListAndTheStatementBehindIt() {
        var scene = Scene()
        #expect(scene.talk.order(1) == nil)
        #expect(
            scene.positionsCall == nil, "one that is asked for before the list counts for nothing")
        scene.list()
        #expect(scene.talk.place == nil && scene.positionsCall != nil)
        scene.state()
        #expect(scene.talk.place != nil, "both sides say the same")
        #expect(scene.talk.said.reports == [])
    }

    @Test func salesAndCancelsDoNotWait() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))]
        var scene = Scene(restart: restart)
        scene.talk.answer(scene.talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
        scene.talk.say(.cancel(OrderNumber(1), reason: "it is not wanted"))
        #expect(scene.talk.cancelled == [.broker(BrokerOrderID("b1"))])
        #expect(scene.talk.order(2, .sell) != nil)
        #expect(scene.talk.order(3, of: 1) == nil)
    }

    @Test func whatDiffersIsOpenedNoMoreAndTheOthersAre() {
        var scene = Scene()
        scene.talk.order(1)
        scene.talk.order(2, of: 1)
        scene.list()
        scene.state([100, 0])
        #expect(scene.talk.place != nil, "of the other both sides say the same")
        #expect(scene.ends == [], "it may be a list that lags")
        scene.talk.wait(5)
        scene.state([100, 0])
        scene.talk.wait(5)
        let told = scene.state([100, 0])
        #expect(
            told == [.holding(InstrumentID(0), books: .zero, stated: .shares(100))])
        let why = Self.failed(scene.ends, 1) ?? ""
        #expect(why.contains("what paper does, 0 and 100 now"), "\(scene.ends)")
        #expect(why.contains("madang positions correct"))
        #expect(scene.talk.desk.holdsBack(InstrumentID(0)))
        #expect(!scene.talk.desk.holdsBack(InstrumentID(1)))
        // The next is not even tried.
        scene.talk.order(3)
        #expect(Self.failed(scene.ends, 3) != nil && scene.talk.place == nil)
    }

    @Test func aCorrectionOpensItAgain() {
        var scene = Scene()
        scene.list()
        #expect(scene.settle([100, 0]).count == 1)
        scene.books[0] = 100
        scene.talk.desk.corrected(.holding(InstrumentID(0)))
        #expect(scene.talk.order(1) != nil)
    }

    @Test func aStatementThatSaysTheSameOpensItAgain() {
        var scene = Scene()
        scene.list()
        scene.state([100, 0])
        scene.talk.order(1)
        #expect(scene.talk.place == nil)
        scene.talk.wait(5)
        scene.state([0, 0])
        #expect(scene.talk.place != nil, "the first was late")
    }

    /// What somebody buys later is told, and closes nothing: people trade beside their strategies.
    @Test func aDifferenceThatComesLaterHoldsNothing() {
        var scene = Scene()
        scene.list()
        scene.state()
        scene.talk.wait(60)
        #expect(scene.settle([100, 0]).count == 1)
        #expect(scene.talk.order(1) != nil)
    }

    @Test(arguments: [BrokerCapabilities.ClientOrderIDs.always, .none])
    func anOpenBuyOfNobodyHereIsOpenedNothingBeside(_ ids: BrokerCapabilities.ClientOrderIDs) {
        var scene = Scene(ids: ids)
        scene.talk.order(1)
        scene.list([Self.byHand])
        #expect(
            scene.talk.said.notes.contains {
                $0.text.contains("until it is over nothing opens in 'S'")
            })
        scene.state()
        #expect(Self.failed(scene.ends, 1)?.contains("none of ours, k1") == true, "\(scene.ends)")
        // It is gone, by a fill or by a cancel: what is held tells.
        scene.talk.wait(60)
        scene.list()
        scene.talk.order(2)
        #expect(scene.ends == [] && scene.talk.place == nil && scene.positionsCall != nil)
        scene.state([4, 0])
        #expect(scene.ends == [] && scene.talk.place == nil)
        scene.talk.wait(5)
        scene.state([4, 0])
        scene.talk.wait(5)
        scene.state([4, 0])
        #expect(Self.failed(scene.ends, 2) != nil, "\(scene.ends)")
    }

    @Test func anOpenSaleOfNobodyHereHoldsNothing() {
        var scene = Scene()
        scene.list([.of(.sample(7, .sell), "k1", isKnown: false)])
        scene.state()
        #expect(scene.talk.order(1) != nil)
    }

    /// Ours is not taken for somebody's, where the broker has no ids of ours.
    @Test func oneOfOursInDoubtHoldsItsOwnSymbolAlone() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1))]
        var scene = Scene(ids: .none, restart: restart)
        scene.list([.of(.sample(1), "b1", isKnown: false)])
        scene.state()
        #expect(scene.talk.desk.holdsBack(InstrumentID(0)), "it may have filled meanwhile")
        #expect(scene.talk.order(2, of: 1) != nil)
    }

    /// A start kept it back, and it was never sent; the next one does not know that, and compares all the same.
    @Test func anOrderThatWasNeverSentHidesNothing() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1))]
        var scene = Scene(restart: restart)
        scene.list()
        scene.state([100, 0])
        scene.talk.order(2)
        var ends: [BrokerReport] = []
        for _ in 0..<12 {
            scene.talk.answer(scene.talk.openQuestion, .order(.none))
            ends += scene.ends
            scene.state([100, 0])
            ends += scene.ends
            #expect(scene.talk.place == nil)
            scene.talk.wait(5)
            ends += scene.ends
        }
        #expect(Self.failed(ends, 1) != nil, "\(ends)")
        #expect(Self.failed(ends, 2)?.contains("0 and 100 now") == true, "\(ends)")
    }

    /// Its statement may be older than its fill: one that says the same is chance, and three over ten seconds are not.
    @Test func whereAnOrderOfOursRestsSeveralStatementsHaveToAgree() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))]
        var scene = Scene(restart: restart)
        scene.talk.answer(scene.talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
        scene.list([.of(.sample(1), "b1")])
        scene.state()
        scene.talk.order(2)
        #expect(scene.talk.place == nil)
        scene.talk.wait(5)
        scene.state()
        #expect(scene.talk.place == nil)
        scene.talk.wait(5)
        scene.state()
        #expect(scene.talk.place != nil && !scene.talk.desk.holdsBack(InstrumentID(0)))
    }

    @Test func whatDiffersBesideAnOrderOfOursSaysItsNumbers() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))]
        var scene = Scene(restart: restart)
        scene.list([.of(.sample(1), "b1")])
        scene.state([6, 0])
        scene.talk.order(2, validUntil: .seconds(1_010))
        scene.talk.wait(10)
        let words = scene.ends.map { "\($0)" }.joined()
        #expect(words.contains("6 and 0"), "\(words)")
    }

    @Test func whoseTimeEndsHearsWhatItWaitedFor() {
        var scene = Scene()
        scene.talk.order(1, validUntil: .seconds(1_010))
        scene.talk.wait(10)
        guard case .expired(_, let why)? = scene.ends.first else {
            Issue.record("\(scene.ends)")
            return
        }
        #expect(why.contains("paper has not said yet what is held"))
    }

    @Test func aBrokerThatDoesNotTellIsTold() {
        var scene = Scene()
        var told: [DeskNote] = []
        for _ in 0..<5 {
            scene.talk.fail(scene.listCall, .outcomeUnknown)
            told += scene.talk.said.notes
            scene.talk.wait(4)
            told += scene.talk.said.notes
        }
        let silent = told.filter { $0.text.contains("nothing opens until it does") }
        #expect(silent.count == 1, "\(told)")
        #expect(silent.first?.code == .brokerDown && silent.first?.severity == .critical)
        scene.talk.wait(30)
        scene.list()
        scene.state()
        let over = scene.talk.said.notes.filter { $0.code == .brokerDown && $0.severity == .info }
        #expect(over.count == 1)
        #expect(scene.talk.order(1) != nil)
    }

    /// Cash that differs, or the clock, asks for holdings too; a buy of somebody may fill between that and the list.
    @Test func aStatementBeforeTheListCountsForNothing() {
        var scene = Scene { $0.reconcileEvery = .seconds(1) }
        scene.talk.order(1)
        scene.talk.fail(scene.listCall, .outcomeUnknown)
        scene.talk.answer(scene.talk.openCall { $0 == .balances }, .balances([]))
        scene.talk.wait(1)
        scene.state()
        #expect(scene.talk.place == nil)
        scene.talk.wait(1)
        scene.list()
        #expect(scene.talk.place == nil && scene.positionsCall != nil)
        scene.state([4, 0])
        #expect(scene.talk.place == nil)
        #expect(scene.talk.desk.holdsBack(InstrumentID(0)))
    }

    /// One that was asked for before the list that lacks the buy may be older than its fill.
    @Test func aStatementFromBeforeAListFreesNothingOfIt() {
        var scene = Scene()
        scene.list([Self.byHand])
        scene.state()
        scene.talk.wait(60)
        let (list, positions) = (scene.listCall, scene.positionsCall)
        scene.talk.answer(positions, .positions([]))
        let holdings = scene.talk.said.holdings
        scene.talk.answer(list, .orders([]))
        _ = scene.talk.desk.compare(
            DeskBooks(holdings: [(InstrumentID(0), .zero)], cash: nil), holdings: holdings,
            cash: nil, currency: "KRW")
        #expect(scene.talk.desk.holdsBack(InstrumentID(0)))
        scene.state()
        #expect(scene.talk.desk.holdsBack(InstrumentID(0)), "it may lag behind the fill")
        for _ in 0..<2 {
            scene.talk.wait(5)
            scene.state()
        }
        #expect(!scene.talk.desk.holdsBack(InstrumentID(0)))
    }

    @Test func aBuyUnderAnotherNumberAndOneThatComesBackAreTheSame() {
        var renumbered = Self.byHand
        renumbered.brokerID = BrokerOrderID("k2")
        for next in [[renumbered], [], [Self.byHand]] {
            var scene = Scene()
            scene.list([Self.byHand])
            scene.state()
            scene.talk.wait(60)
            scene.list(next)
            _ = scene.settle([0, 0])
            if next.isEmpty {
                #expect(scene.talk.order(1) != nil)
                scene.talk.wait(60)
                scene.list([Self.byHand])
            }
            #expect(scene.talk.desk.holdsBack(InstrumentID(0)), "\(next)")
            scene.talk.order(2)
            #expect(Self.failed(scene.ends, 2) != nil, "\(next)")
        }
    }

    /// An exit goes out before the broker has told: its symbol is compared when that is over, and waits until then.
    @Test func whatMovesBeforeTheStatementWaitsForTheNext() {
        var scene = Scene()
        scene.books = [10, 0]
        let sale = scene.talk.order(1, .sell)
        scene.talk.answer(sale, .placed(BrokerOrderID("b1")))
        scene.list([.of(.sample(1, .sell), "b1")])
        scene.state([110, 0])
        scene.talk.report(.filled(.of(1, 1, 10)))
        scene.books = [0, 0]
        scene.talk.order(2)
        #expect(scene.talk.place == nil && scene.ends == [])
        scene.talk.wait(5)
        scene.state([100, 0])
        #expect(scene.talk.place == nil)
        #expect(scene.settle([100, 0]).count == 1)
        #expect(Self.failed(scene.ends, 2) != nil, "\(scene.ends)")
    }

    @Test func aChangeThatOpensIsRefusedAndOneThatLowersPasses() {
        for opens in [true, false] {
            var restart = DeskRestart()
            restart.orders = [LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))]
            var scene = Scene(restart: restart)
            scene.talk.answer(scene.talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
            scene.talk.answer(scene.adoptionCall, .done)
            scene.talk.say(
                .change(
                    ApprovedChange(
                        OrderNumber(1),
                        to: OrderChange(limit: .won(100), quantity: .shares(opens ? 20 : 5)),
                        opens: opens, approvedAt: scene.talk.now)))
            func isChange(_ call: DeskCall) -> Bool {
                if case .modify = call.kind { true } else { false }
            }
            #expect(scene.talk.open.contains(where: isChange) == !opens)
            let refused = scene.ends.contains {
                if case .changeRefused(_, _, let why) = $0 {
                    why.contains("has not said yet")
                } else {
                    false
                }
            }
            #expect(refused == opens, "\(scene.ends)")
        }
    }

    /// What lies at one broker of an account is not bought at another.
    @Test func whatOneDeskHoldsBackAnotherOfItsAccountDoes() {
        var desks = (here: Scene(), there: Scene())
        Self.share(&desks)
        desks.here.list()
        desks.here.state()
        desks.here.talk.order(1)
        #expect(desks.here.talk.place == nil, "the other has not told yet")
        desks.there.list()
        desks.there.state([0, 7])
        Self.share(&desks)
        desks.here.talk.say(.wake)
        #expect(desks.here.talk.place != nil)
        desks.here.talk.order(2, of: 1)
        #expect(desks.here.talk.place == nil)
        #expect(desks.there.settle([0, 7]).count == 1)
        Self.share(&desks)
        desks.here.talk.say(.wake)
        let ends = desks.here.ends
        #expect(Self.failed(ends, 2)?.contains("0 and 7 now") == true, "\(ends)")
        desks.there.books = [0, 7]
        desks.there.talk.desk.corrected(.holding(InstrumentID(1)))
        Self.share(&desks)
        #expect(desks.here.talk.order(3, of: 1) != nil)
    }
    private static func share(_ desks: inout (here: Scene, there: Scene)) {
        var both = [desks.here.talk.desk, desks.there.talk.desk]
        _ = OrderDesk.shareHolds(&both)
        (desks.here.talk.desk, desks.there.talk.desk) = (both[0], both[1])
    }

    @Test func whoWantsItOpensAtOnce() {
        var scene = Scene { $0.comparesAtStart = false }
        #expect(scene.talk.order(1, of: 1) != nil)
        scene.list([Self.byHand])
        #expect(scene.settle([100, 0]).count == 1, "it is told all the same")
        #expect(scene.talk.order(2) != nil)
    }

    @Test func aKillAndAWishTakeItBackWhileItWaits() {
        var scene = Scene()
        scene.talk.order(1)
        scene.talk.order(2, of: 1)
        scene.talk.say(.cancel(OrderNumber(1), reason: "it is not wanted"))
        #expect(scene.ends.count == 1)
        scene.talk.say(.kill(true, reason: "all"))
        #expect(scene.ends.count == 1)
        scene.list()
        scene.state()
        #expect(scene.talk.place == nil)
    }
}
