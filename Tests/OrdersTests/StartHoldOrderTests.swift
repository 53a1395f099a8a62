import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// What a start holds back beside orders of ours that are open, in doubt, or over while it compares.
@Suite struct StartHoldOrderTests {
    /// Ours is not taken for somebody's, where the broker has no ids of ours.
    @Test func oneOfOursInDoubtHoldsItsOwnSymbolAlone() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1))]
        var scene = StartScene(ids: .none, restart: restart)
        scene.list([.of(.sample(1), "b1", isKnown: false)])
        scene.state()
        #expect(scene.talk.desk.holdsBack(InstrumentID(0)), "it may have filled meanwhile")
        #expect(scene.talk.order(2, of: 1) != nil)
    }

    /// A start kept it back, and it was never sent; the next one does not know that, and compares all the same.
    @Test func anOrderThatWasNeverSentHidesNothing() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1))]
        var scene = StartScene(restart: restart)
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
        #expect(StartScene.failed(ends, 1) != nil, "\(ends)")
        #expect(StartScene.failed(ends, 2)?.contains("0 and 100 now") == true, "\(ends)")
    }

    /// Its statement may be older than its fill: one that says the same is chance, and three over ten seconds are not.
    @Test func whereAnOrderOfOursRestsSeveralStatementsHaveToAgree() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))]
        var scene = StartScene(restart: restart)
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
        var scene = StartScene(restart: restart)
        scene.list([.of(.sample(1), "b1")])
        scene.state([6, 0])
        scene.talk.order(2, validUntil: .seconds(1_010))
        scene.talk.wait(10)
        let words = scene.ends.map { "\($0)" }.joined()
        #expect(words.contains("6 and 0"), "\(words)")
    }

    /// Where the broker keeps no ids of ours nobody can say yet whose it is: nothing opens beside it, and nothing is refused,
    /// until the one in doubt is known.
    @Test(arguments: [true, false]) func aBuyThatMayBeOursIsWaitedFor(_ isOurs: Bool) {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1))]
        var scene = StartScene(ids: .none, restart: restart)
        let open = BrokerOrder.of(.sample(1), "s1", isKnown: false)
        var (ends, places): ([BrokerReport], [CallID]) = ([], [])
        // Everything is answered but the question for the one in doubt.
        func look() {
            scene.list([open])
            ends += scene.ends
            scene.state()
            ends += scene.ends
            places += [scene.talk.place].compactMap(\.self)
        }
        look()
        scene.talk.order(2)
        for _ in 0..<3 {
            scene.talk.wait(5)
            look()
        }
        #expect(
            scene.talk.desk.holdsBack(InstrumentID(0)), "both sides have said the same for 10 s")
        #expect(ends == [] && places == [])
        for _ in 0..<8 where !isOurs && StartScene.failed(ends, 1) == nil {
            scene.talk.answer(scene.talk.openQuestion, .order(.none))
            ends += scene.ends
            scene.talk.wait(5)
            ends += scene.ends
            look()
        }
        if isOurs { scene.talk.answer(scene.talk.openQuestion, .order(.found(open))) }
        #expect((StartScene.failed(ends, 1) == nil) == isOurs, "\(ends)")
        // What is known of it says whose the other is.
        for _ in 0..<4 {
            look()
            scene.talk.wait(5)
            ends += scene.ends
        }
        let why = StartScene.failed(ends, 2)
        #expect(isOurs ? why == nil : why?.contains("none of ours, s1") == true, "\(ends)")
        #expect(places.isEmpty != isOurs && scene.talk.desk.holdsBack(InstrumentID(0)) != isOurs)
    }

    /// Its statement came before its fill was booked: what is held is asked for again when it is, and not with the next
    /// minute.
    @Test func aFillThatIsBookedBehindTheStatementAsksAgain() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))]
        var scene = StartScene(restart: restart)
        scene.talk.answer(scene.talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
        scene.list([.of(.sample(1), "b1")])
        scene.state([6, 0])
        scene.talk.report(.filled(.of(1, 1, 6)))
        scene.books = [6, 0]
        for _ in 0..<3 {
            scene.talk.wait(5)
            #expect(scene.positionsCall != nil)
            scene.state([6, 0])
        }
        #expect(!scene.talk.desk.holdsBack(InstrumentID(0)))
    }

    @Test func aStatementThatBreaksARowIsFollowedByAnother() {
        var restart = DeskRestart()
        restart.orders = [LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))]
        var scene = StartScene(restart: restart)
        scene.talk.answer(scene.talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
        scene.list([.of(.sample(1), "b1")])
        for shares in [0, 6, 0, 0, 0] as [Int64] {
            #expect(scene.positionsCall != nil)
            scene.state([shares, 0])
            scene.talk.wait(5)
        }
        #expect(!scene.talk.desk.holdsBack(InstrumentID(0)))
    }

    /// An exit goes out before the broker has told: its symbol is compared when that is over, and waits until then.
    @Test func whatMovesBeforeTheStatementWaitsForTheNext() {
        var scene = StartScene()
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
        #expect(StartScene.failed(scene.ends, 2) != nil, "\(scene.ends)")
    }
}
