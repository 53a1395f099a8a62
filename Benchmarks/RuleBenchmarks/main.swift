import BenchmarkKit
import Indicators
import Kernel
import TradingModel

// What rules cost a tick that is none of theirs, what price bounds cost one that is, and what each
// indicator costs a bar.

let rounds = Given.rounds(9)
let elsewhere = House.ticks(1_000_000, last: false)
let here = House.ticks(200_000, last: true)

/// The fastest of five passes over fresh kernels.
func best(_ ticks: [Tick], _ kernel: () -> Kernel) -> (Double, Int) {
    (0..<5).map { _ in House.pass(kernel(), ticks, wallTime) }.min { $0.0 < $1.0 } ?? (0, 0)
}

var (none, others): ([Double], [Double]) = ([], [])
var (bare, hundred, thousands): ([Double], [Double], [Double]) = ([], [], [])
for _ in 0..<rounds {
    none.append(best(elsewhere) { House.mixed(0) }.0)
    let with = best(elsewhere) { House.mixed(10_000) }
    guard with.1 == 0 else { giveUp("a rule spoke of another instrument's tick") }
    others.append(with.0)
    bare.append(best(here) { House.bounds(0) }.0)
    let few = best(here) { House.bounds(100) }
    let many = best(here) { House.bounds(10_000) }
    guard few.1 > 0, many.1 > few.1 else { giveUp("the bounds said nothing") }
    keep(many.1)
    hundred.append(few.0)
    thousands.append(many.0)
}
Finding(
    "rules.elsewhere", unit: "ns a tick", others, against: "no rules", none, goal: .atMost(2)
).tell()
Finding("rules.bounds.100", unit: "ns a tick", hundred, against: "no rules", bare).tell()
Finding(
    "rules.bounds.10000", unit: "ns a tick", thousands, against: "100 bounds", hundred
).tell()

/// ns a bar and value, for so many bars.
func cost(_ request: IndicatorRequest, _ bars: [Bar]) -> Double {
    (0..<3).map { _ in
        var indicator = request.make()
        var sum = 0.0
        let start = wallTime()
        for bar in bars {
            indicator.push(bar)
            sum += indicator.value(0) ?? 0
        }
        let taken = Double(wallTime() - start) / Double(bars.count)
        keep(Int(truncatingIfNeeded: sum.bitPattern))
        return taken
    }.min() ?? 0
}

let bars = here.map { Bar($0) }
for (short, long) in [
    ("sma:20", "sma:500"), ("wma:20", "wma:500"), ("highest:20", "highest:500"),
    ("bollinger:20", "bollinger:500"), ("stochastic:14:3:3", "stochastic:500:3:3"),
    ("cci:20", "cci:500"),
] {
    guard let few = try? IndicatorRequest(short), let many = try? IndicatorRequest(long) else {
        giveUp("\(short) is no indicator")
    }
    let pairs = (0..<rounds).map { _ in (cost(few, bars), cost(many, bars)) }
    Finding(
        "indicators.\(many.kind.name).500", unit: "ns a bar", pairs.map(\.1), against: short,
        pairs.map(\.0)
    ).tell()
}
