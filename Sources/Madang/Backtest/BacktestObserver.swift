import Foundation
import Host
import Platform
import Ports

/// Shows how far a backtest is: a bar on a terminal, a line now and then in a pipe, on standard error.
final class BacktestObserver: RunObserver {
    private let bar: ProgressBar?
    private let complaints: @Sendable (String) -> Void
    /// A run may refuse an order a million times, and a report is read by a person.
    private static let most = 500
    private let told = Locked<(first: [String], more: Int)>(([], 0))
    /// The first warnings, in order, and how many more there were.
    var warnings: [String] {
        told.withLock { $0.more == 0 ? $0.first : $0.first + ["and \($0.more) more warnings"] }
    }

    /// - Parameter bar: `nil`: nothing is shown.
    init(_ bar: ProgressBar?, complaints: @escaping @Sendable (String) -> Void) {
        self.bar = bar
        self.complaints = complaints
    }

    func started(_ start: RunStart) {}
    func notice(_ notice: RunNotice) {
        guard [.warning, .kill].contains(notice.kind), !notice.isRepeated else { return }
        if notice.kind == .warning {
            told.withLock { told in
                if told.first.count < Self.most {
                    told.first.append(printable(notice.text))
                } else {
                    told.more += 1
                }
            }
        }
        bar?.clear()
        complaints("\(notice.kind): \(printable(notice.text))")
    }
    func finished(_ summary: RunSummary) {}
    var progressEvery: Int64? { bar == nil ? nil : 100_000_000 }
    func progress(_ progress: RunProgress) {
        bar?.show(progress.fraction, done: Double(progress.summary.events), unit: "events")
    }
}

/// A line that is written over on a terminal; in a pipe a new one every ten seconds.
final class ProgressBar: Sendable {
    private struct State {
        var shown: Int64 = .min
        var isStanding = false
    }
    private let state = Locked(State())
    private let terminal: Terminal
    private let clock: any TimeSource
    private let begun: Int64
    private let name: String
    private let write: @Sendable (String) -> Void

    init(
        _ name: String, terminal: Terminal, clock: any TimeSource,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        self.terminal = terminal
        self.clock = clock
        self.write = write
        begun = clock.monotonic()
    }

    /// Any thread.
    func show(_ fraction: Double, done: Double, unit: String) {
        let now = clock.monotonic()
        let every: Int64 = terminal.isInteractive ? 80_000_000 : 10_000_000_000
        state.withLock { state in
            let last = state.shown == .min ? begun : state.shown
            guard now - last >= every else { return }
            state.shown = now
            state.isStanding = terminal.isInteractive
            let text = line(fraction, done: done, unit: unit, after: now - begun)
            write(terminal.isInteractive ? "\r" + text + "\u{1B}[K" : text + "\n")
        }
    }

    /// Takes the bar away, for another line or the end.
    func clear() {
        state.withLock { state in
            if state.isStanding { write("\r\u{1B}[K") }
            state.isStanding = false
        }
    }

    func line(_ fraction: Double, done: Double, unit: String, after taken: Int64) -> String {
        let share = min(max(fraction, 0), 1)
        let rate = taken > 0 ? done / (Double(taken) / 1e9) : 0
        let left = share > 0.001 ? Int64(Double(taken) * (1 - share) / share) : nil
        let figures =
            "\(padded(Figures.percent(share), to: 5, alignedRight: true))"
            + "  \(Figures.rate(rate)) \(unit)/s"
            + (left.map { "  \(Figures.clock($0)) left" } ?? "")
        guard terminal.isInteractive else { return "\(name) \(figures)" }
        let width = min(40, max(8, terminal.width - name.count - figures.count - 4))
        let filled = Int(share * Double(width))
        let bar =
            String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(name) \(terminal.styled(bar, .cyan)) \(figures)"
    }
}
