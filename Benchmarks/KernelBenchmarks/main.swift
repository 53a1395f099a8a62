import BenchmarkKit
import Glibc
import TradingModel

// Ticks through candles, cross, arbiter, risk and paper fills, against bench/ceiling.c on the same
// ticks. Fills and profit must be the ceiling's, or the figure is worth nothing.

let tape = Tape(path: Given.text("BENCH_TICKS"))
let rows = tape.ticks.map(MarketInput.tick)
if CommandLine.arguments.contains(Allocations.order) {
    Allocations.count(rows)
    exit(0)
}
let ceiling = Given.text("BENCH_CEILING")
let rounds = Given.rounds(11)
/// As the ceiling does it: the fastest of so many passes is a round.
let passes = 7

func perTick(_ pass: Pass) -> Double { pass.nanoseconds / Double(tape.ticks.count) }

/// The ceiling's figure in ns a tick, by its kind; its results are compared with ours.
func runCeiling(_ whole: Pass) -> (inline: Double, dispatch: Double) {
    var figures: [String: Double] = [:]
    for line in Peer.lines(of: ceiling, [tape.path]) {
        guard let peer = line["peer"] as? String, let nanoseconds = line["ns_per_event"] as? Double,
            let fills = line["fills"] as? Int,
            let profit = (line["pnl"] as? String).flatMap(Money.init)
        else { giveUp("\(ceiling) said: \(line)") }
        guard fills == whole.fills, profit == whole.profit else {
            giveUp(
                "kernel: \(whole.fills) fills and \(whole.profit) of profit,"
                    + " but \(peer): \(fills) and \(profit)")
        }
        figures[peer] = nanoseconds
    }
    guard let inline = figures["c-inline"], let dispatch = figures["c-dispatch"] else {
        giveUp("\(ceiling) said nothing of c-inline and c-dispatch")
    }
    return (inline, dispatch)
}

var whole: [Double] = []
var market: [Double] = []
var strategies: [Double] = []
var inline: [Double] = []
var dispatch: [Double] = []
for _ in 0..<rounds {
    let pass = Pass.fastest(of: passes) { .whole(rows) }
    let peer = runCeiling(pass)
    whole.append(perTick(pass))
    inline.append(peer.inline)
    dispatch.append(peer.dispatch)
    market.append(perTick(Pass.fastest(of: passes) { .market(tape.ticks) }))
    strategies.append(perTick(Pass.fastest(of: passes) { .strategies(tape.ticks) }))
}
Finding(
    "kernel.path", unit: "ns a tick", whole, against: "C, inlined", inline, goal: .atMost(2.5)
).tell()
Finding(
    "kernel.path.goal", unit: "ns a tick", whole, against: "C, inlined", inline, goal: .atMost(2.0),
    isLater: true
).tell()
Finding(
    "kernel.path.dispatch", unit: "ns a tick", whole, against: "C, by pointers", dispatch,
    goal: .atMost(1.6), isLater: true
).tell()
Finding("kernel.market-stage", unit: "ns a tick", market, against: "C, inlined", inline).tell()
Finding("kernel.strategies", unit: "ns a tick", strategies, against: "C, inlined", inline).tell()
Allocations.tell(CommandLine.arguments[0], counter: Given.text("BENCH_ALLOCATIONS"))
Costs.tell(tape.ticks)
