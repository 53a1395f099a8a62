import BenchmarkKit
import Glibc
import Host
import Kernel
import TradingModel

/// Allocations, counted by `bench/allocations.c` in a run of this program into which it is preloaded.
enum Allocations {
    /// Set for that run.
    static let order = "--count-allocations"

    /// Calls of `malloc` and its kin so far.
    private static let counter: @convention(c) () -> UInt = {
        guard let found = dlsym(nil, "counted_allocations") else {
            giveUp("bench/allocations.c is not preloaded")
        }
        return unsafeBitCast(found, to: (@convention(c) () -> UInt).self)
    }()

    /// Takes the ticks one by one and says what each kind of step allocated, as one line.
    static func count(_ rows: [MarketInput]) {
        var stage = MarketStage(House.market())
        var engine = Engine(House.plan(), House.paper)
        var step = Step()
        var facts: [Fact] = []
        var clock = Timestamp(nanoseconds: .min)
        var (quiet, decided, rare) = (Tally(), Tally(), Tally())
        // One is the control: it must be seen.
        let before = counter()
        keep([UInt8](repeating: 1, count: 4_096 + rows.count % 2).count)
        guard counter() > before else { giveUp("an allocation was not counted") }

        var one = [rows[0]]
        for row in rows {
            one[0] = row
            while let due = stage.timerDue(before: row.time) {
                let before = counter()
                step.events.removeAll(keepingCapacity: true)
                stage.takeTimer(due, into: &step.events)
                (step.inputAt, step.time, step.number) = (nil, due, stage.step)
                clock = max(clock, due)
                engine.begin(step, entry: clock)
                close(&engine, at: step.last, clock, &facts)
                rare.add(counter() - before)
            }
            let before = counter()
            var next = 0
            let passed = engine.passTicks(one, from: &next, through: &stage, clock: &clock)
            if passed == .rare {
                step.events.removeAll(keepingCapacity: true)
                step.inputAt = stage.take(row, into: &step.events)
                (step.time, step.number) = (row.time, stage.step)
                clock = max(clock, row.time)
                engine.begin(step, entry: clock)
            }
            if passed != .all {
                close(
                    &engine, at: EventPosition(step: stage.step, index: 0), clock, &facts)
            }
            let count = counter() - before
            switch passed {
            case .all: quiet.add(count)
            case .decided: decided.add(count)
            case .rare: rare.add(count)
            }
        }
        print(
            "{\"quiet\": \(quiet.line), \"decided\": \(decided.line), \"rare\": \(rare.line)}")
    }

    private struct Tally {
        var steps = 0
        var allocations: UInt = 0
        mutating func add(_ count: UInt) {
            steps += 1
            allocations += count
        }
        var line: String { "[\(steps), \(allocations)]" }
    }

    private static func close(
        _ engine: inout Engine, at position: EventPosition, _ now: Timestamp, _ facts: inout [Fact]
    ) {
        engine.closeRounds(at: position, now: now)
        engine.sendOrders()
        engine.takeFacts(into: &facts)
    }

    /// Runs it, and tells the findings.
    static func tell(_ program: String, counter: String) {
        let lines = Peer.lines(
            of: program, [order], environment: ["LD_PRELOAD": counter])
        guard let line = lines.first else { giveUp("the count of allocations said nothing") }
        func tally(_ name: String) -> (steps: Double, each: Double) {
            guard let pair = line[name] as? [Int], pair.count == 2, pair[0] > 0 else {
                giveUp("the count of allocations said: \(line)")
            }
            return (Double(pair[0]), Double(pair[1]) / Double(pair[0]))
        }
        Finding(
            "kernel.allocations.quiet", unit: "a tick that fires nothing", [tally("quiet").each],
            goal: .atMost(0)
        ).tell()
        Finding(
            "kernel.allocations.decided", unit: "a tick that signals or fills",
            [tally("decided").each]
        ).tell()
        Finding(
            "kernel.allocations.candles", unit: "a step that opens or closes candles",
            [tally("rare").each]
        ).tell()
    }
}
