import TestKit
import Testing
import TradingModel

@testable import Kernel

/// R4.9: instruments of a strategy parted among several servers.
@Suite struct ShardTests {
    @Test(arguments: 1...12) func instrumentsArePartedByTurns(_ count: Int) {
        for instruments in count...20 {
            // Numbers need not follow each other: a strategy has some of the house's instruments.
            let list = (0..<instruments).map { InstrumentID($0 * 3 + 1) }
            let plan = ShardPlan(count, over: list)
            var sizes = [Int](repeating: 0, count: count)
            for (place, instrument) in list.enumerated() {
                #expect(plan.shard(of: instrument) == place % count)
                sizes[plan.shard(of: instrument)] += 1
            }
            #expect((sizes.min() ?? 0) > 0, "none is without instruments")
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
            #expect(plan == ShardPlan(count, over: list))
        }
    }

    @Test func moreServersThanInstrumentsAreNotAsked() {
        let plan = ShardPlan(5, over: [InstrumentID(2), InstrumentID(4)])
        #expect(plan.count == 2)
        #expect(plan.shard(of: InstrumentID(4)) == 1)
        #expect(plan.shard(of: InstrumentID(77)) == 0)
    }

    /// Two instruments, each of a shard of its own; a strategy in the host opens the rounds.
    private final class Desks {
        var kernel: Kernel
        var effects = Effects()

        init() {
            var sharded = SourcePlan(name: "alpha", kind: .server)
            sharded.shards = ShardPlan(2, over: [InstrumentID(0), InstrumentID(1)])
            let sources = [sharded, SourcePlan(name: "beta", kind: .server)]
            kernel = Kernel(
                .sample(
                    instruments: 2, sources: sources,
                    attachments: [
                        .sample(0), .sample(0, instrument: 1), .sample(1),
                        .sample(1, instrument: 1),
                    ], arbiter: ArbiterPlan(policy: .majority)))
            for shard in 0..<2 {
                kernel.setLive(
                    true, SourceID(0), shard: shard, at: .start, now: .zero, into: &effects)
            }
        }

        /// Opens a round on each instrument: beta, which is not waited for, votes.
        func open() {
            for index in 0..<2 {
                let position = EventPosition(step: UInt64(index + 1), index: 0)
                let tick = Tick(
                    instrument: InstrumentID(index), feedTime: .zero, price: .won(100),
                    quantity: .shares(1))
                kernel.handle(
                    MarketEvent(position: position, kind: .tick(tick)), entry: .zero, into: &effects
                )
                kernel.handle(
                    ServerResult(
                        source: SourceID(1), position: position, instrument: InstrumentID(index),
                        index: 0, result: StrategyResult(.buy), entryTime: .zero, arrivalTime: .zero
                    ), now: .zero, into: &effects)
            }
        }

        /// Whether the round on each instrument is open.
        var areOpen: [Bool] {
            (0..<2).map {
                kernel.hasOpenRound(
                    DeskKey(account: AccountID(0), instrument: InstrumentID($0)))
            }
        }
    }

    @Test func aShardIsWaitedForOnItsInstrumentsAlone() {
        let desks = Desks()
        desks.open()
        #expect(desks.areOpen == [true, true])
        desks.kernel.cover(
            SourceID(0), shard: 1, through: .endOfStep(2), now: .zero, into: &desks.effects)
        #expect(desks.areOpen == [true, false])
        desks.kernel.cover(
            SourceID(0), shard: 0, through: .endOfStep(2), now: .zero, into: &desks.effects)
        #expect(desks.areOpen == [false, false])
    }

    @Test func aShardThatBreaksAbstainsOnItsInstrumentsAlone() {
        let desks = Desks()
        desks.kernel.setLive(
            false, SourceID(0), shard: 0, at: .start, now: .zero, into: &desks.effects)
        desks.open()
        desks.kernel.closeCoveredRounds(at: .endOfStep(2), now: .zero, into: &desks.effects)
        #expect(desks.areOpen == [false, true])
        desks.kernel.setLive(
            false, SourceID(0), shard: 1, at: .endOfStep(2), now: .zero, into: &desks.effects)
        #expect(desks.areOpen == [false, false])
    }
}
