import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// What opens at a start waits until the books were held against what the broker has.
@Suite struct StartHoldTests {
    @Test func whatOpensWaitsForTheListAndTheStatementBehindIt() {
        var scene = StartScene()
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
        var scene = StartScene(restart: restart)
        scene.talk.answer(scene.talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
        scene.talk.say(.cancel(OrderNumber(1), reason: "it is not wanted"))
        #expect(scene.talk.cancelled == [.broker(BrokerOrderID("b1"))])
        #expect(scene.talk.order(2, .sell) != nil)
        #expect(scene.talk.order(3, of: 1) == nil)
    }

    @Test func whatDiffersIsOpenedNoMoreAndTheOthersAre() {
        var scene = StartScene()
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
        let why = StartScene.failed(scene.ends, 1) ?? ""
        #expect(why.contains("what paper does, 0 and 100 now"), "\(scene.ends)")
        #expect(why.contains("madang positions correct"))
        #expect(scene.talk.desk.holdsBack(InstrumentID(0)))
        #expect(!scene.talk.desk.holdsBack(InstrumentID(1)))
        // The next is not even tried.
        scene.talk.order(3)
        #expect(StartScene.failed(scene.ends, 3) != nil && scene.talk.place == nil)
    }

    @Test func aCorrectionOpensItAgain() {
        var scene = StartScene()
        scene.list()
        #expect(scene.settle([100, 0]).count == 1)
        scene.books[0] = 100
        scene.talk.desk.corrected(.holding(InstrumentID(0)))
        #expect(scene.talk.order(1) != nil)
    }

    @Test func aStatementThatSaysTheSameOpensItAgain() {
        var scene = StartScene()
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
        var scene = StartScene()
        scene.list()
        scene.state()
        scene.talk.wait(60)
        #expect(scene.settle([100, 0]).count == 1)
        #expect(scene.talk.order(1) != nil)
    }

    @Test(arguments: [BrokerCapabilities.ClientOrderIDs.always, .none])
    func anOpenBuyOfNobodyHereIsOpenedNothingBeside(_ ids: BrokerCapabilities.ClientOrderIDs) {
        var scene = StartScene(ids: ids)
        scene.talk.order(1)
        scene.list([StartScene.byHand])
        #expect(
            scene.talk.said.notes.contains {
                $0.text.contains("until it is over nothing opens in 'S'")
            })
        scene.state()
        #expect(
            StartScene.failed(scene.ends, 1)?.contains("none of ours, k1") == true, "\(scene.ends)")
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
        #expect(StartScene.failed(scene.ends, 2) != nil, "\(scene.ends)")
    }

    @Test func anOpenSaleOfNobodyHereHoldsNothing() {
        var scene = StartScene()
        scene.list([.of(.sample(7, .sell), "k1", isKnown: false)])
        scene.state()
        #expect(scene.talk.order(1) != nil)
    }

    @Test func whoseTimeEndsHearsWhatItWaitedFor() {
        var scene = StartScene()
        scene.talk.order(1, validUntil: .seconds(1_010))
        scene.talk.wait(10)
        guard case .expired(_, let why)? = scene.ends.first else {
            Issue.record("\(scene.ends)")
            return
        }
        #expect(why.contains("paper has not said yet what is held"))
    }

    @Test func aBrokerThatDoesNotTellIsTold() {
        var scene = StartScene()
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
        var scene = StartScene { $0.reconcileEvery = .seconds(1) }
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
        var scene = StartScene()
        scene.list([StartScene.byHand])
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
        var renumbered = StartScene.byHand
        renumbered.brokerID = BrokerOrderID("k2")
        for next in [[renumbered], [], [StartScene.byHand]] {
            var scene = StartScene()
            scene.list([StartScene.byHand])
            scene.state()
            scene.talk.wait(60)
            scene.list(next)
            _ = scene.settle([0, 0])
            if next.isEmpty {
                #expect(scene.talk.order(1) != nil)
                scene.talk.wait(60)
                scene.list([StartScene.byHand])
            }
            #expect(scene.talk.desk.holdsBack(InstrumentID(0)), "\(next)")
            scene.talk.order(2)
            #expect(StartScene.failed(scene.ends, 2) != nil, "\(next)")
        }
    }

    @Test func aChangeThatOpensIsRefusedAndOneThatLowersPasses() {
        for opens in [true, false] {
            var restart = DeskRestart()
            restart.orders = [LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))]
            var scene = StartScene(restart: restart)
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
        var desks = (here: StartScene(), there: StartScene())
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
        #expect(StartScene.failed(ends, 2)?.contains("0 and 7 now") == true, "\(ends)")
        desks.there.books = [0, 7]
        desks.there.talk.desk.corrected(.holding(InstrumentID(1)))
        Self.share(&desks)
        #expect(desks.here.talk.order(3, of: 1) != nil)
    }
    private static func share(_ desks: inout (here: StartScene, there: StartScene)) {
        var both = [desks.here.talk.desk, desks.there.talk.desk]
        _ = OrderDesk.shareHolds(&both)
        (desks.here.talk.desk, desks.there.talk.desk) = (both[0], both[1])
    }

    @Test func whoWantsItOpensAtOnce() {
        var scene = StartScene { $0.comparesAtStart = false }
        #expect(scene.talk.order(1, of: 1) != nil)
        scene.list([StartScene.byHand])
        #expect(scene.settle([100, 0]).count == 1, "it is told all the same")
        #expect(scene.talk.order(2) != nil)
    }

    @Test func aKillAndAWishTakeItBackWhileItWaits() {
        var scene = StartScene()
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
