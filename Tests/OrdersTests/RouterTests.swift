import Orders
import TestKit
import Testing
import TradingModel

/// R10.7: one intent, one broker; failover for what opens, and never while an outcome is unknown.
@Suite struct RouterTests {
    private func order(_ number: UInt64, of instrument: Int = 0) -> Order {
        Order(
            number: OrderNumber(number), account: AccountID(0),
            instrument: InstrumentID(instrument), side: .buy, quantity: .shares(1), limit: nil)
    }
    private var settings: Router.Settings {
        var settings = Router.Settings(primary: 0)
        settings.secondary = [InstrumentID(7): 1]
        return settings
    }
    private let well = [Router.Health(), Router.Health()]
    private let down = [Router.Health(isDown: true), Router.Health()]

    @Test func theSecondaryTakesItsSymbolsAlone() {
        var router = Router(settings)
        #expect(router.route(order(1), opens: true, holder: nil, health: well) == .broker(0))
        #expect(router.route(order(2, of: 7), opens: true, holder: nil, health: well) == .broker(1))
    }

    @Test func failoverIsOffUnlessEnabled() {
        var router = Router(settings)
        guard
            case .refused(let why) = router.route(order(1), opens: true, holder: nil, health: down)
        else { return #expect(Bool(false), "it was routed") }
        #expect(why == "broker 0 is down, and failover is off")
    }

    @Test func failoverTakesWhatOpensAndNothingElse() {
        var enabled = settings
        enabled.failover = 1
        var router = Router(enabled)
        #expect(router.route(order(1), opens: true, holder: nil, health: down) == .broker(1))
        #expect(router.route(order(2), opens: false, holder: 0, health: down) == .broker(0))
    }

    @Test(arguments: [0, 1])
    func neverWhileAnOutcomeIsUnknown(_ doubtful: Int) {
        var enabled = settings
        enabled.failover = 1
        var router = Router(enabled)
        var health = down
        health[doubtful].inDoubt = 1
        guard
            case .refused(let why) = router.route(
                order(1), opens: true, holder: nil, health: health)
        else { return #expect(Bool(false), "it was routed") }
        #expect(why.contains("in doubt"))
    }

    @Test func anIntentKeepsItsBrokerWhateverHappens() {
        var enabled = settings
        enabled.failover = 1
        var router = Router(enabled)
        #expect(router.route(order(1), opens: true, holder: nil, health: well) == .broker(0))
        #expect(router.route(order(1), opens: true, holder: nil, health: down) == .broker(0))
        var again = Router(enabled, chosen: [OrderNumber(1): 0])
        #expect(again.route(order(1), opens: true, holder: nil, health: down) == .broker(0))
        again.forget(OrderNumber(1))
        #expect(again.broker(of: OrderNumber(1)) == nil)
    }
}
