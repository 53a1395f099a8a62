import TestKit
import Testing
import TradingModel

@testable import Kernel

/// `order_age`: no order of a strategy works for longer.
@Suite struct OrderAgeTests {
    private struct Account: ~Copyable {
        var kernel: Kernel
        var step: UInt64 = 0

        init(_ age: Nanoseconds?, exits: ExitPlan? = nil) {
            var plan = KernelPlan.sample(
                zone: .utc, sources: [SourcePlan(name: "x", kind: .server)],
                attachments: [.sample(0)])
            plan.risk.orderAge = age
            if let exits {
                plan.exits.plans = [exits]
                plan.exits.general = .plan(0)
            }
            kernel = Kernel(plan)
            kernel.note(.zero)
        }

        /// An order at the time that was noted last.
        mutating func order(_ number: UInt64, _ side: Side = .buy, limit: Price? = .won(50)) {
            let order = Order(
                number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
                side: side, quantity: .shares(5), limit: limit)
            kernel.apply(
                .ordered(
                    OrderDecision(
                        order: order, source: SourceID(0), position: .start, confidence: .full,
                        reference: .won(100), reserved: .zero, detail: "")))
        }

        mutating func hear(_ report: BrokerReport) {
            var effects = Effects()
            kernel.handle(report, into: &effects)
        }

        /// A tick whose market's time is that of the clock, or another.
        mutating func see(
            _ seconds: Int64, feed: Int64? = nil, at price: Int64 = 100
        ) -> [OrderNumber] {
            step += 1
            kernel.note(Timestamp.zero.advanced(by: .seconds(seconds)))
            var effects = Effects()
            kernel.handle(
                MarketEvent(
                    position: EventPosition(step: step, index: 0),
                    kind: .tick(.at(feed ?? seconds, price))),
                entry: .zero, into: &effects)
            kernel.tendExits(at: .endOfStep(step), now: kernel.clock, into: &effects)
            return effects.cancels
        }

        mutating func laidOut(_ age: Nanoseconds?) {
            var next = kernel.plan
            next.risk.orderAge = age
            kernel.layOut(Entrants(next, instead: kernel.plan))
        }
    }
    private static let one = OrderNumber(1)

    @Test func anOrderIsCancelledAtItsAgeAndOnce() {
        var account = Account(.seconds(60))
        account.order(1)
        account.order(2, .sell)
        #expect(account.see(59).isEmpty)
        #expect(account.see(60) == [Self.one, OrderNumber(2)])
        let machine = account.kernel.order(Self.one)
        #expect(machine?.isCancelAsked == true)
        #expect(account.see(65).isEmpty)
    }

    @Test func whatHasEndedOrHasNoLimitIsLeftAlone() {
        var ended = Account(.seconds(60))
        ended.order(1)
        ended.hear(.accepted(Self.one, BrokerOrderID("B1")))
        ended.hear(.cancelled(Self.one, reason: "by hand"))
        #expect(ended.see(600).isEmpty)
        var free = Account(nil)
        free.order(1)
        #expect(free.see(100_000_000).isEmpty)
    }

    /// On candles of a day that is the day behind a week-end.
    @Test func anOrderAtTheMarketWaitsForItsPrice() {
        var account = Account(.seconds(60))
        account.order(1, limit: nil)
        #expect(account.see(300_000).isEmpty)
    }

    /// Nothing is known of it that could be cancelled. Once there is, it is.
    @Test func anOrderInDoubtIsAskedForBehindItsDoubt() {
        var account = Account(.seconds(60))
        account.order(1)
        account.hear(.unknown(Self.one, reason: "no answer"))
        #expect(account.see(60).isEmpty)
        #expect(account.see(65).isEmpty)
        account.hear(.accepted(Self.one, BrokerOrderID("B1")))
        #expect(account.see(70) == [Self.one])
    }

    /// At a pace the clock is the wall's: a recording of another hour changes nothing.
    @Test func ageGoesByTheClockAndNotByTheFeed() {
        var account = Account(.seconds(60))
        account.order(1)
        #expect(account.see(30, feed: 50_000).isEmpty)
        #expect(account.see(61, feed: 50_005) == [Self.one])
    }

    @Test func aShorterAgeHoldsForOrdersThatAreThere() {
        var account = Account(.seconds(600))
        account.order(1)
        #expect(account.see(100).isEmpty)
        account.laidOut(.seconds(90))
        #expect(account.see(105) == [Self.one])
    }

    /// What leaves a position is moved by its guard.
    @Test func anExitHasNoAge() throws {
        var account = Account(.seconds(60), exits: try ExitPlan(reading: ["-5% all"]))
        #expect(account.see(0).isEmpty)
        account.order(1)
        account.hear(
            .filled(
                Fill(
                    order: Self.one, id: 1, price: .won(100), quantity: .shares(5), fee: .zero,
                    time: .zero)))
        #expect(account.see(5, at: 94).isEmpty)
        let exit = try #require(account.kernel.workingOrders().first?.order)
        #expect(exit.side == .sell && exit.quantity == .shares(5))
        account.order(exit.number.value + 1)
        #expect(account.see(600, at: 94) == [OrderNumber(exit.number.value + 1)])
    }

    @Test func reasonsAreKnownAgain() {
        #expect(OrderAge.reason(.seconds(90)) == "it is older than order_age 90s")
        #expect(OrderAge.reason(.seconds(86_400)) == "it is older than order_age 1d")
        #expect(OrderAge.says(OrderAge.reason(.seconds(1))))
        #expect(!OrderAge.says("cancelled by hand"))
    }

    /// Against a list: orders come at any time, end, are in doubt; looks are five seconds apart.
    @Test(arguments: seeds(1..<61))
    func itIsAsAListSays(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let age = Int64.random(in: 5...40, using: &random)
        var account = Account(.seconds(age))
        var open: [UInt64: (since: Int64, doubt: Bool)] = [:]
        var last: UInt64 = 0
        var now: Int64 = 0
        for _ in 0..<200 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                last += 1
                account.order(last)
                open[last] = (now, false)
            case 1:
                guard let number = open.keys.sorted().randomElement(using: &random) else {
                    continue
                }
                account.hear(.accepted(OrderNumber(number), BrokerOrderID("B\(number)")))
                account.hear(.cancelled(OrderNumber(number), reason: "by hand"))
                open[number] = nil
            case 2:
                guard let number = open.keys.sorted().randomElement(using: &random) else {
                    continue
                }
                let isDoubtful = open[number]?.doubt ?? false
                account.hear(
                    isDoubtful
                        ? .accepted(OrderNumber(number), BrokerOrderID("B\(number)"))
                        : .unknown(OrderNumber(number), reason: "no answer"))
                open[number]?.doubt.toggle()
            default:
                now += 5
                let due = open.filter { !$0.value.doubt && now - $0.value.since >= age }.keys
                #expect(account.see(now).map(\.value) == due.sorted(), "seed \(seed) at \(now)")
                for number in due { open[number] = nil }
            }
        }
    }
}
