import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Who is told that a run has failed is told what is left to itself.
@Suite struct FailureHoldingTests {
    @Test(arguments: [false, true])
    func aFailureSaysHowManyPositionsAreOpen(_ isPaced: Bool) throws {
        let rows = Scenario.random(9, rows: 300)
        var most = 0
        for bad in stride(from: 40, through: 240, by: 40) {
            let scenario = Scenario(
                plan: rows.plan, market: rows.market,
                feed: MemoryFeed(rows.feed.rows, badRow: bad), servers: [])
            let start = Scenario.Start()
            let control = Locked<RunControl?>(nil)
            #expect(throws: RunFailure.self) {
                let keep: (inout RunSetup) -> Void = { setup in
                    control.withLock { $0 = setup.control }
                }
                _ = isPaced ? try scenario.runPaced(start, keep) : try scenario.run(start, keep)
            }
            let held = try held(by: start)
            let told = try #require(control.withLock { $0 }).leftAtFailure
            #expect(told == LeftOpen(positions: held), "row \(bad)")
            most = max(most, held)
        }
        #expect(most > 0)
    }

    @Test func aRunThatEndsWellSaysNothing() throws {
        let control = Locked<RunControl?>(nil)
        _ = try Scenario.random(9, rows: 60).run { setup in
            control.withLock { $0 = setup.control }
        }
        #expect(try #require(control.withLock { $0 }).leftAtFailure == nil)
    }

    /// Desks that hold something, by the fills in the log.
    private func held(by start: Scenario.Start) throws -> Int {
        var desks: [OrderNumber: DeskKey] = [:]
        var held: [DeskKey: Quantity] = [:]
        for fact in try facts(start.log) {
            func note(_ order: Order) {
                desks[order.number] = DeskKey(
                    account: order.account, instrument: order.instrument)
            }
            switch fact {
            case .ordered(let decision): note(decision.order)
            case .acted(let action): note(action.decision.order)
            case .filled(let fill, let booking):
                if let desk = desks[fill.order] { held[desk] = booking.positionAfter }
            default: break
            }
        }
        return held.values.count { $0 != .zero }
    }
}
