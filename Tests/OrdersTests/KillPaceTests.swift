import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// R11.3 at a slow limit: a kill of many orders takes as long as their cancels, and no longer.
@Suite struct KillPaceTests {
    @Test func aKillOfManyTakesTheTimeOfItsCancels() {
        var paced = PacedDesk()
        for number in 1...199 as ClosedRange<UInt64> { paced.working(number) }
        paced.say(.kill(true, reason: "a person"))
        paced.run(for: 120)
        #expect(paced.ends.count == 199)
        let last = paced.ends.last?.at ?? .distantFuture
        #expect(last < .seconds(1_000 + 22), "199 cancels at 10 a second: \(last)")
        #expect(paced.notes.map(\.text) == [], "nobody was offline, and nothing was tried twice")
        #expect(paced.cancels.count == 199)
    }

    @Test func theNearestToTheMarketGoFirst() {
        var paced = PacedDesk()
        for number in 1...40 as ClosedRange<UInt64> {
            paced.working(number, limit: .won(Int64(100 + number * 7 % 41)))
        }
        paced.say(.kill(true, reason: "a person"))
        paced.run(for: 60)
        let limits = paced.cancels.map { paced.limit(of: $0) }
        #expect(limits.count == 40)
        #expect(limits == limits.sorted { $0 > $1 }, "of buys the highest limit is the nearest")
    }

    /// Behind a crash: numbers are known of some, of others the client id alone.
    @Test(arguments: [BrokerCapabilities.ClientOrderIDs.always, .whileOpen])
    func aRestartCancelsWhatIsWantedToEndBeforeItAsks(
        _ ids: BrokerCapabilities.ClientOrderIDs
    ) {
        var paced = PacedDesk(ids: ids)
        for number in 1...60 as ClosedRange<UInt64> { paced.working(number) }
        paced.restart { number, logged in
            if number % 2 == 0 { logged.broker = BrokerOrderID("b\(number)") }
            if number % 3 == 0 { logged.cancelReason = "the kill switch: a person" }
        }
        paced.run(for: 120)
        #expect(paced.cancels.count == 60 && paced.ends.count == 60)
        let asked = paced.calls.firstIndex { call in
            switch call.kind {
            case .order, .orders, .adopt: true
            default: false
            }
        }
        let cancels = paced.calls.prefix(asked ?? 0).count {
            if case .cancel = $0.kind { true } else { false }
        }
        #expect(cancels == 60, "no question of an order goes before the last cancel")
        let last = paced.ends.last?.at ?? .distantFuture
        #expect(last < .seconds(1_000 + 10), "\(last)")
    }

    /// Orders that are not in the list are asked for one by one, and none is lost between the two.
    @Test func whatAListLacksIsAskedForAlone() {
        var paced = PacedDesk()
        paced.isListShort = true
        for number in 1...40 as ClosedRange<UInt64> { paced.working(number) }
        paced.restart { _, _ in }
        paced.run(for: 60)
        #expect(paced.calls.contains { if case .orders = $0.kind { true } else { false } })
        for number in 1...40 as ClosedRange<UInt64> {
            #expect(!paced.desk.isInDoubt(OrderNumber(number)))
        }
        #expect(paced.ends.isEmpty && paced.cancels.isEmpty)
    }
}
