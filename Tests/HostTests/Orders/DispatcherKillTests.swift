import Kernel
import Orders
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension DispatcherTests {
    @Test func aKillTakesBackWhatWaitsForItsTurn() {
        var dispatcher = dispatcher(callsPerSecond: 1)
        for number in 1...3 as ClosedRange<UInt64> {
            approve(&dispatcher, order(number), record: number)
        }
        #expect(placed(calls(&dispatcher)) == [OrderNumber(1)])
        counter.raise()
        dispatcher.kill(true, reason: "test", at: Self.start)
        let withdrawn = dispatcher.takeReports().compactMap {
            if case .cancelled(let number, _) = $0 { number } else { nil }
        }
        #expect(withdrawn == [OrderNumber(2), OrderNumber(3)])
    }

    @Test func anOrderOfBeforeAKillHasNoPermit() {
        var dispatcher = dispatcher()
        approve(&dispatcher, order(1))
        counter.raise()
        let turns = calls(&dispatcher).compactMap(\.permit)
        #expect(turns.map { $0.withdrawal(at: 0) } == [.killed])
        approve(&dispatcher, order(2), record: 2)
        #expect(calls(&dispatcher).compactMap(\.permit).map { $0.withdrawal(at: 0) } == [nil])
    }

    /// R11.3: of one strategy, or of one account: at the line before the socket, whatever the loop knows yet.
    @Test(arguments: [true, false]) func aPartsKillTakesThePermitsOfItsOwnOrders(
        _ isOfAccount: Bool
    ) throws {
        let parts = PartKills()
        var dispatcher = dispatcher(parts: parts, sources: ["cross", "other"])
        for number in 1...2 as ClosedRange<UInt64> {
            let decision = OrderDecision(
                order: order(number), source: SourceID(Int(number) - 1), position: .start,
                confidence: .full, reference: .won(100), reserved: .zero, detail: "")
            dispatcher.note([.ordered(decision)])
            approve(&dispatcher, order(number), record: number)
        }
        var kill = KillOrder(number: 1, on: false, reason: "test")
        if isOfAccount {
            kill.accounts[dispatcher.accountNames[0]] = KillOrder.Part(reason: "test")
        } else {
            kill.strategies["cross"] = KillOrder.Part(reason: "test")
        }
        parts.raise(kill)
        let permits = calls(&dispatcher).compactMap(\.permit)
        #expect(permits.map { $0.withdrawal(at: 0) } == [.killed, isOfAccount ? .killed : nil])
    }
}
