import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// A difference counts when it is the same in so many statements over so long, with nothing at work there.
@Suite struct DriftTests {
    private static let instrument = InstrumentID(0)

    private struct Scene {
        var talk = Conversation {
            $0.reconcileEvery = .seconds(60)
            $0.comparesAtStart = false
            $0.cashTolerance = .won(5)
        }
        var books: Int64 = 10
        var cash: Int128 = 1_000

        /// The broker is asked for all it has, and states this.
        mutating func state(_ shares: Int64, cash stated: Int128 = 1_000) -> [Difference] {
            if talk.call({ $0 == .positions }) == nil { talk.gap() }
            let (positions, balances) = (
                talk.call { $0 == .positions }, talk.call { $0 == .balances }
            )
            let held = BrokerPosition(
                instrument: DriftTests.instrument, symbol: "S", quantity: .shares(shares),
                available: .shares(shares), averagePrice: nil)
            talk.answer(positions, .positions([held]))
            var news = compare()
            talk.answer(
                balances,
                .balances([
                    BrokerBalance(
                        currency: "KRW", cash: .won(stated), available: .won(stated))
                ]))
            news += compare()
            return news
        }
        private mutating func compare() -> [Difference] {
            talk.desk.compare(
                DeskBooks(
                    holdings: [(DriftTests.instrument, .shares(books))], cash: .won(cash)),
                holdings: talk.said.holdings, cash: talk.said.cash, currency: "KRW")
        }
    }
    private static func shares(_ books: Int64, _ stated: Int64) -> Difference {
        .holding(instrument, books: .shares(books), stated: .shares(stated))
    }

    @Test func threeTimesOverTenSecondsIsTold() {
        var scene = Scene()
        #expect(scene.state(7) == [])
        scene.talk.wait(5)
        #expect(scene.state(7) == [])
        #expect(scene.talk.desk.differences.isEmpty)
        scene.talk.wait(5)
        #expect(scene.state(7) == [Self.shares(10, 7)])
        #expect(scene.talk.desk.differences == [Self.shares(10, 7)])
        scene.talk.wait(5)
        #expect(scene.state(7) == [], "told once")
        #expect(scene.talk.desk.differences == [Self.shares(10, 7)])
    }

    @Test func anotherNumberBeginsAnew() {
        var scene = Scene()
        #expect(scene.state(7) == [])
        scene.talk.wait(6)
        #expect(scene.state(8) == [])
        scene.talk.wait(6)
        #expect(scene.state(8) == [])
        scene.talk.wait(6)
        #expect(scene.state(8) == [Self.shares(10, 8)])
        scene.talk.wait(6)
        #expect(scene.state(10) == [])
        #expect(scene.talk.desk.differences.isEmpty, "both say the same")
    }

    /// Its own answer may be what differs.
    @Test func anOrderThatIsOpenBeginsAnew() {
        var scene = Scene()
        #expect(scene.state(7) == [])
        scene.talk.wait(6)
        scene.talk.working(1)
        #expect(scene.state(7) == [])
        scene.talk.wait(6)
        #expect(scene.state(7) == [])
        #expect(scene.talk.desk.differences.isEmpty)
        #expect(scene.talk.desk.words(for: .holding(Self.instrument)).contains("order 1"))
        scene.talk.report(.filled(.of(1, 1, 10)))
        scene.books = 20
        for _ in 0..<3 {
            #expect(scene.talk.desk.differences.isEmpty)
            _ = scene.state(17)
            scene.talk.wait(6)
        }
        #expect(scene.talk.desk.differences == [Self.shares(20, 17)])
    }

    /// A fill behind the end moves what is held: what was stated before it counts for nothing.
    @Test func aLateFillBeginsAnew() {
        var scene = Scene()
        scene.talk.working(1)
        scene.talk.report(.filled(.of(1, 1, 10)))
        for _ in 0..<3 {
            _ = scene.state(17)
            scene.talk.wait(6)
        }
        #expect(scene.talk.desk.differences == [Self.shares(10, 17)])
        scene.talk.report(.filled(.of(1, 2, 7)))
        #expect(scene.talk.desk.differences.isEmpty)
    }

    /// Exits that are tried again and again make a difference count anew each time: once somebody wants it put
    /// right it is asked for until it counts, and he is told what is in the way.
    @Test func whatCountedAndWasTouchedIsAskedForAnew() {
        var scene = Scene()
        for _ in 0..<3 {
            _ = scene.state(7)
            scene.talk.wait(5)
        }
        #expect(scene.talk.desk.differences == [Self.shares(10, 7)])
        scene.talk.working(1, .sell)
        scene.talk.report(.rejected(OrderNumber(1), reason: "nothing to sell"))
        #expect(scene.talk.desk.differences.isEmpty)
        let words = scene.talk.desk.words(for: .holding(Self.instrument))
        #expect(words.contains("asked anew") && words.contains("madang exits hold"))
        scene.talk.say(.reconcile(reason: "a correction is wanted"))
        _ = scene.state(7)
        var asked = 1
        for _ in 0..<40 where scene.talk.desk.differences.isEmpty {
            scene.talk.wait(1)
            guard scene.talk.call({ $0 == .positions }) != nil else { continue }
            asked += 1
            _ = scene.state(7)
        }
        #expect(scene.talk.desk.differences == [Self.shares(10, 7)], "asked \(asked) times")
    }

    @Test func cashHasATolerance() {
        var scene = Scene()
        for _ in 0..<4 {
            #expect(scene.state(10, cash: 1_005) == [])
            scene.talk.wait(6)
        }
        var told: [Difference] = []
        for _ in 0..<4 {
            told += scene.state(10, cash: 994)
            scene.talk.wait(6)
        }
        #expect(told == [.cash(books: .won(1_000), stated: .won(994))])
    }

    /// Asked at the start, then by the clock; sooner while a difference is not sure.
    @Test func statementsAreAskedForByTheClock() {
        var scene = Scene()
        #expect(scene.talk.call { $0 == .positions } != nil, "at the start")
        _ = scene.state(10)
        scene.talk.wait(59)
        #expect(scene.talk.call { $0 == .positions } == nil)
        scene.talk.wait(1)
        #expect(scene.talk.call { $0 == .positions } != nil)
        _ = scene.state(9)
        scene.talk.wait(5)
        #expect(scene.talk.call { $0 == .positions } != nil)
    }

    @Test func whatWasCorrectedIsTold() {
        var scene = Scene()
        for _ in 0..<3 {
            _ = scene.state(7)
            scene.talk.wait(6)
        }
        scene.talk.desk.corrected(.holding(Self.instrument))
        scene.books = 7
        #expect(scene.talk.desk.differences.isEmpty)
        #expect(scene.state(7) == [] && scene.talk.desk.differences.isEmpty)
    }
}
