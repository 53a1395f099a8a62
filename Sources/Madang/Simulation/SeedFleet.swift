import Platform
import Simulation
import Synchronization

/// Runs seeds on every core. What comes of a seed depends on the seed alone.
final class SeedFleet: Sendable {
    struct Total: Sendable {
        var coverage = Coverage()
        /// In the order of their seeds, the first of them.
        var failed: [(seed: UInt64, violation: Violation)] = []
        var failures = 0
    }
    private let seeds: Range<UInt64>
    private let clock = HostClock()
    private let next: Atomic<UInt64>
    private let isStopped = Atomic(false)
    private let total = Locked(Total())
    private let lastShown = Atomic<Int64>(0)
    private let begun: Int64
    private let show: @Sendable (SeedProgress) -> Void
    /// Failing seeds that are kept; the others are counted.
    private static let mostKept = 20
    private static let showEvery: Int64 = 500_000_000

    init(_ seeds: Range<UInt64>, show: @escaping @Sendable (SeedProgress) -> Void) {
        self.seeds = seeds
        next = Atomic(seeds.lowerBound)
        begun = HostClock().monotonic()
        self.show = show
    }

    /// Any thread: seeds that run are finished, no other begins.
    func stop() { isStopped.store(true, ordering: .relaxed) }
    var wasStopped: Bool { isStopped.load(ordering: .relaxed) }

    /// Blocks until every seed has run.
    func run(threads: Int) -> Total {
        let workers = (0..<max(1, threads)).map { index in
            HostThread.start(named: "seeds \(index)") { self.work() }
        }
        for worker in workers { worker.join() }
        return total.withLock { total in
            total.failed.sort { $0.seed < $1.seed }
            return total
        }
    }

    private func work() {
        var coverage = Coverage()
        while !wasStopped {
            let seed = next.add(1, ordering: .relaxed).oldValue
            guard seed < seeds.upperBound else { break }
            let outcome = Simulation.run(Simulation.Case(seed: seed))
            coverage.add(outcome.history)
            if let violation = outcome.violations.first { keep(seed, violation) }
            showNow(seed)
        }
        total.withLock { $0.coverage.merge(coverage) }
    }

    private func keep(_ seed: UInt64, _ violation: Violation) {
        total.withLock { total in
            total.failures += 1
            total.failed.append((seed, violation))
            guard total.failed.count > Self.mostKept else { return }
            total.failed.sort { $0.seed < $1.seed }
            total.failed.removeLast()
        }
    }

    private func showNow(_ seed: UInt64) {
        let now = clock.monotonic()
        let last = lastShown.load(ordering: .relaxed)
        guard now - last >= Self.showEvery,
            lastShown.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
        else { return }
        let (failures, first) = total.withLock { total in
            (total.failures, total.failed.map(\.seed).min())
        }
        show(
            SeedProgress(
                done: seed - seeds.lowerBound + 1, count: UInt64(seeds.count),
                failures: failures, first: first, elapsed: now - begun))
    }

    var elapsed: Int64 { clock.monotonic() - begun }
}

/// How far a fleet is.
struct SeedProgress: Hashable, Sendable {
    let done: UInt64
    let count: UInt64
    let failures: Int
    /// The lowest seed that failed so far: a long run need not end before somebody looks.
    let first: UInt64?
    /// Since the first seed, ns.
    let elapsed: Int64

    /// `3,200 of 10,000 seeds, 310/s, 22 s left, 0 violations`.
    var text: String {
        let rate = elapsed > 0 ? Double(done) * 1e9 / Double(elapsed) : 0
        let left = rate > 0 ? Int(Double(count - min(done, count)) / rate) : 0
        return "\(done) of \(count) seeds, \(Int(rate))/s, \(left) s left, "
            + "\(failures) with violations" + (first.map { ", the first seed \($0)" } ?? "")
    }
}
