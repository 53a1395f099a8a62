import Glibc

/// Monotonic ns: what passes on the wall.
package func wallTime() -> Int64 { read(CLOCK_MONOTONIC) }
/// Processor ns of this process, all threads, user and system.
package func processorTime() -> Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// ns of the fastest of `times` runs: what an undisturbed run takes.
package func fastest(of times: Int, _ body: () throws -> Int) rethrows -> Double {
    var best = Int64.max
    for _ in 0..<times {
        let start = wallTime()
        keep(try body())
        best = min(best, wallTime() - start)
    }
    return Double(best)
}

/// Measures two sides in turns, after a warm-up of both; which goes first alternates.
package func inTurns(
    _ rounds: Int, ours: () throws -> Double, ceiling: () throws -> Double
) rethrows -> (ours: [Double], ceiling: [Double]) {
    var figures: (ours: [Double], ceiling: [Double]) = ([], [])
    for round in -1..<rounds {
        for isOurs in round % 2 == 0 ? [true, false] : [false, true] {
            let figure = try isOurs ? ours() : ceiling()
            guard round >= 0 else { continue }
            if isOurs { figures.ours.append(figure) } else { figures.ceiling.append(figure) }
        }
    }
    return figures
}

/// ns of one run.
package func duration(_ body: () throws -> Int) rethrows -> Double {
    let start = wallTime()
    keep(try body())
    return Double(wallTime() - start)
}
