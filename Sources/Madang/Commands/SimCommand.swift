import Foundation
import Glibc
import Platform
import Simulation

/// `madang sim`: the path of orders under every fault, from seeds, held against its promises.
enum SimCommand {
    static func run(_ command: CommandInvocation, _ stopper: Stopper) throws -> ExitCode {
        let wish = try SimWish(command)
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: Environment.variables())
        let report = SimReport(terminal: terminal, isJSON: wish.isJSON)
        if let single = wish.single { return one(single, wish, report) }
        return many(wish, report, stopper)
    }

    // MARK: One seed

    private static func one(_ what: Simulation.Case, _ wish: SimWish, _ report: SimReport)
        -> ExitCode
    {
        let outcome = Simulation.run(what)
        if wish.history {
            show(outcome, prints: wish.prints, isJSON: wish.isJSON)
        }
        var coverage = Coverage()
        coverage.add(outcome.history)
        for violation in outcome.violations {
            report.lines(violation, of: what).forEach(StandardOutput.write(line:))
        }
        guard outcome.violations.isEmpty else { return .refused }
        if !wish.isJSON {
            StandardOutput.write(
                line: "seed \(what.seed): \(outcome.history.entries.count) happenings, "
                    + "\(outcome.faults) faults, 0 violations")
        }
        return .good
    }

    private struct Line: Encodable {
        var time, place, intent, what: String
    }

    private static func show(_ outcome: Simulation.Outcome, prints: Bool, isJSON: Bool) {
        let text = HistoryText(outcome.history)
        guard isJSON else {
            text.text(outcome.violations, prints: prints).split(separator: "\n")
                .forEach { StandardOutput.write(line: String($0)) }
            return
        }
        for line in text.lines(outcome.violations, prints: prints) {
            let encoded = try? JSONEncoder.line(
                Line(time: line.time, place: line.place, intent: line.intent, what: line.what))
            StandardOutput.write(line: encoded ?? "")
        }
    }

    // MARK: Many

    private static func many(_ wish: SimWish, _ report: SimReport, _ stopper: Stopper) -> ExitCode {
        let progress = SimProgress()
        let fleet = SeedFleet(wish.seeds) { progress.show($0) }
        stopper.onStop { _ in fleet.stop() }
        let total = fleet.run(threads: ProcessInfo.processInfo.activeProcessorCount)
        progress.clear()
        let elapsed = fleet.elapsed
        report.lines(total.coverage).forEach(StandardOutput.write(line:))
        for failed in total.failed.prefix(wish.shrinks ? 3 : total.failed.count) {
            let (what, violation) = wish.shrinks ? shrunk(failed.seed) : (nil, nil)
            report.lines(
                violation ?? failed.violation, of: what ?? Simulation.Case(seed: failed.seed)
            ).forEach(StandardOutput.write(line:))
        }
        if wish.shrinks {
            for failed in total.failed.dropFirst(3) {
                report.lines(failed.violation, of: Simulation.Case(seed: failed.seed))
                    .forEach(StandardOutput.write(line:))
            }
        }
        let isStandard = !fleet.wasStopped && UInt64(wish.seeds.count) >= SimWish.standard
        report.verdict(total, elapsed: elapsed, isStandard: isStandard)
            .forEach(StandardOutput.write(line:))
        if fleet.wasStopped { return .stopped }
        let isComplete = !isStandard || total.coverage.missing.isEmpty
        return total.failures == 0 && isComplete ? .good : .refused
    }

    /// Something smaller that breaks the same promise.
    private static func shrunk(_ seed: UInt64) -> (Simulation.Case?, Violation?) {
        let whole = Simulation.Case(seed: seed)
        var shrinker = Shrinker(whole, Simulation.run(whole))
        shrinker.shrink()
        return (shrinker.best, shrinker.outcome.violations.first)
    }
}

/// A line on a terminal that is written over; in a pipe a line every ten seconds.
private final class SimProgress: Sendable {
    private let isShown = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    private let lastLine = Locked<Int64>(0)
    private static let lineEvery: Int64 = 10_000_000_000

    func show(_ progress: SeedProgress) {
        if isShown { return write("\r\u{1B}[2K\(progress.text)") }
        let isDue = lastLine.withLock { last in
            guard progress.elapsed - last >= Self.lineEvery else { return false }
            last = progress.elapsed
            return true
        }
        if isDue { write(progress.text + "\n") }
    }

    func clear() { if isShown { write("\r\u{1B}[2K") } }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
