import BenchmarkKit
import Host
import Kernel
import Strategies
import TradingModel

/// One pass over the tape: what it took, and what it came to.
struct Pass {
    var nanoseconds = 0.0
    var fills = 0
    var profit = Money.zero
    var facts = 0

    /// The product's own path, as its loop drives it: market stage, engine, rounds, orders, facts.
    static func whole(
        _ rows: [MarketInput], _ plan: KernelPlan = House.plan(),
        _ market: MarketPlan = House.market()
    ) -> Pass {
        var stage = MarketStage(market)
        var engine = Engine(plan, House.paper)
        var step = Step()
        var facts: [Fact] = []
        var pass = Pass()
        var next = 0
        var clock = Timestamp(nanoseconds: .min)
        let start = wallTime()
        loop: while true {
            switch engine.passTicks(rows, from: &next, through: &stage, clock: &clock) {
            case .all: break loop
            case .decided:
                let position = EventPosition(step: stage.step, index: 0)
                pass.close(&engine, at: position, clock, &facts)
                continue
            case .rare: break
            }
            let row = rows[next]
            if let due = stage.timerDue(before: row.time) {
                take(&step, due) { stage.takeTimer(due, into: &$0) }
            } else {
                step.events.removeAll(keepingCapacity: true)
                step.inputAt = stage.take(row, into: &step.events)
                step.time = row.time
                next += 1
            }
            step.number = stage.step
            clock = max(clock, step.time)
            engine.begin(step, entry: clock)
            pass.close(&engine, at: step.last, clock, &facts)
        }
        pass.nanoseconds = Double(wallTime() - start)
        pass.profit = (engine.kernel.equity(of: AccountID(0)) ?? .zero) - House.startingCash
        return pass
    }

    @inline(__always)
    private static func take(
        _ step: inout Step, _ time: Timestamp, _ body: (inout [MarketEvent]) -> Void
    ) {
        step.events.removeAll(keepingCapacity: true)
        body(&step.events)
        step.inputAt = nil
        step.time = time
    }

    private mutating func close(
        _ engine: inout Engine, at position: EventPosition, _ now: Timestamp, _ taken: inout [Fact]
    ) {
        engine.closeRounds(at: position, now: now)
        engine.sendOrders()
        engine.takeFacts(into: &taken)
        facts += taken.count
        for index in taken.indices {  // read where they stand, as the log's encoder does
            if case .filled = taken[index] { fills += 1 }
        }
    }

    /// The market stage alone: what every reader of a recording pays.
    static func market(_ ticks: [Tick]) -> Pass {
        var stage = MarketStage(House.market())
        var events: [MarketEvent] = []
        var pass = Pass()
        let start = wallTime()
        for tick in ticks where stage.extend(tick) == nil {
            events.removeAll(keepingCapacity: true)
            if let due = stage.timerDue(before: tick.feedTime) {
                stage.takeTimer(due, into: &events)
            }
            stage.take(MarketInput.tick(tick), into: &events)
            pass.facts += events.count
        }
        pass.nanoseconds = Double(wallTime() - start)
        return pass
    }

    /// The decision stage's tick alone: strategies see it, what they signal is dropped.
    static func strategies(_ ticks: [Tick]) -> Pass {
        var kernel = Kernel(House.plan())
        var pass = Pass()
        let start = wallTime()
        var number: UInt64 = 0
        for tick in ticks {
            number += 1
            kernel.observe(
                MarketEvent(position: EventPosition(step: number, index: 0), kind: .tick(tick)))
        }
        pass.nanoseconds = Double(wallTime() - start)
        pass.facts = Int(truncatingIfNeeded: kernel.stateHash())
        return pass
    }

    /// The fastest of `times` passes; they must come to the same.
    static func fastest(of times: Int, _ body: () -> Pass) -> Pass {
        var best = body()
        for _ in 1..<times {
            let pass = body()
            guard pass.fills == best.fills, pass.profit == best.profit else {
                giveUp("two passes over the same ticks came to different results")
            }
            if pass.nanoseconds < best.nanoseconds { best = pass }
        }
        keep(best.facts)
        return best
    }
}
