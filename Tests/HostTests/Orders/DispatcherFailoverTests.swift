import Kernel
import Orders
import Ports
import Testing
import TradingModel

@testable import Host

/// An intent and two brokers: the one that has its order keeps it, whatever becomes of that.
@Suite struct DispatcherFailoverTests {
    private let bench = DispatcherTests()
    private static let start = DispatcherTests.start

    /// Its answer is lost, then its broker goes down: the other broker, which takes what opens meanwhile, never gets it.
    @Test func anOrderInDoubtIsSentToNoOtherBroker() throws {
        var dispatcher = bench.dispatcher(2)
        bench.approve(&dispatcher, bench.order(1))
        let place = try #require(
            bench.calls(&dispatcher).first {
                if case .place = $0.call.kind { true } else { false }
            })
        #expect(place.desk == 0)
        dispatcher.hear(
            .answer(place.call.id, .failed(BrokerError(.outcomeUnknown, "lost"))), of: 0,
            at: Self.start)
        var (now, sent): (Timestamp, [Dispatcher.Turn]) = (Self.start, [])
        var inDoubt: Set<OrderNumber> = []
        for _ in 0..<600 {
            for case .unknown(let number, let why) in dispatcher.takeReports() {
                inDoubt.insert(number)
                dispatcher.note([.inDoubt(number, reason: why)])
            }
            dispatcher.recorded(as: 2)
            dispatcher.release(through: 2, at: now)
            let turns = bench.calls(&dispatcher, at: now)
            sent += turns
            for turn in turns {
                let isAlive = turn.desk == 1 && turn.call.kind == .heartbeat
                let answer: DeskAnswer =
                    isAlive ? .heartbeat(BrokerHeartbeat(brokerTime: nil)) : .lost
                dispatcher.hear(.answer(turn.call.id, answer), of: turn.desk, at: now)
            }
            now = now.advanced(by: .milliseconds(50))
            dispatcher.pass(to: now)
        }
        #expect(inDoubt == [OrderNumber(1)])
        #expect(dispatcher.desks[0].isDown && !dispatcher.desks[1].isDown)
        #expect(bench.placed(sent) == [])
        // Nor does one that follows go there, while the outcome of the first is unknown.
        bench.approve(&dispatcher, bench.order(2), at: now, record: 3)
        #expect(
            dispatcher.takeReports().contains {
                if case .failed(OrderNumber(2), let why) = $0 {
                    why.hasSuffix("are in doubt: no failover")
                } else {
                    false
                }
            })
    }
}
