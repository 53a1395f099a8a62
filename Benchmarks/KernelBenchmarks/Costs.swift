import BenchmarkKit
import Host
import Kernel
import TradingModel

/// How the path's cost grows: with strategies on one instrument, and with instruments that have one each.
enum Costs {
    static func tell(_ tape: [Tick]) {
        table("kernel.strategies-on-one", [1, 10, 100, 1_000]) { onOne($0, tape) }
        table("kernel.instruments", [1, 10, 100, 1_000, 10_000]) { spread(over: $0, tape) }
    }

    /// The tape's first instrument alone, with a cross for each of so many accounts.
    ///
    /// They all signal at the same ticks, and each orders for itself: the most that can come of one tick.
    private static func onOne(_ count: Int, _ tape: [Tick]) -> Double {
        let rows = tape.lazy.filter { $0.instrument.index == 0 }
            .prefix(max(20_000, 200_000 / count)).map(MarketInput.tick)
        return perTick(
            Array(rows), House.plan(instruments: 1, accounts: count),
            House.market(instruments: 1))
    }

    /// The tape's ticks dealt out to so many instruments, sixteen in a row to each.
    ///
    /// What is of one of the tape's instruments stays apart from the next one's, so that prices go on as they went.
    private static func spread(over count: Int, _ tape: [Tick]) -> Double {
        var dealt = [0, 0, 0, 0]
        var rows: [MarketInput] = []
        for var tick in tape {
            let kind = Int(tick.instrument.index)
            let instruments = (count - kind + 3) / 4
            guard instruments > 0 else { continue }
            tick.instrument = InstrumentID(dealt[kind] / 16 % instruments * 4 + kind)
            dealt[kind] += 1
            rows.append(.tick(tick))
        }
        return perTick(
            rows, House.plan(instruments: count), House.market(instruments: count))
    }

    private static func perTick(
        _ rows: [MarketInput], _ plan: KernelPlan, _ market: MarketPlan
    ) -> Double {
        Pass.fastest(of: 3) { .whole(rows, plan, market) }.nanoseconds / Double(rows.count)
    }

    /// Each against one, in turns.
    private static func table(_ name: String, _ counts: [Int], _ body: (Int) -> Double) {
        for count in counts {
            let (ours, one) = inTurns(2, ours: { body(count) }, ceiling: { body(counts[0]) })
            Finding("\(name).\(count)", unit: "ns a tick", ours, against: "with 1", one).tell()
        }
    }
}
