import Host
import Platform
import Ports
import TradingModel

/// Shows a run on a terminal, redrawn in place ten times a second at most.
///
/// The loop only hands over values; a thread of the screen's own draws, and drops frames where the
/// terminal is slow. Behind the screen, what mattered is told again as lines.
final class LiveScreen: RunObserver {
    private struct State {
        var view: LiveView
        var isOver = false
    }
    private let state: Locked<State>
    private let screen: TerminalScreen
    private let terminal: Terminal
    private let clock: any TimeSource
    private let doorbell = Doorbell()
    private let aftermath: LinePrinter
    private let thread = Locked<HostThread?>(nil)
    private static let frameEvery: Int64 = 100_000_000
    /// Stray writes of others are painted over so often.
    private static let wholeEvery: Int64 = 5_000_000_000

    /// - Parameters:
    ///   - terminal: Its colours.
    ///   - aftermath: Tells what stays to be read when the screen has gone.
    init(
        _ setting: LiveView.Setting, on screen: TerminalScreen, terminal: Terminal,
        clock: any TimeSource, aftermath: LinePrinter
    ) {
        state = Locked(State(view: LiveView(setting, now: clock.monotonic())))
        self.screen = screen
        self.terminal = terminal
        self.clock = clock
        self.aftermath = aftermath
    }

    /// Begins to draw.
    func open() {
        let drawn = HostThread.start(named: "screen") { [self] in draw() }
        thread.withLock { $0 = drawn }
    }

    /// Leaves the screen and tells what happened as lines; harmless when repeated.
    func close() {
        let view = state.withLock { state -> LiveView? in
            defer { state.isOver = true }
            return state.isOver ? nil : state.view
        }
        guard let view else { return }
        doorbell.ring()
        screen.leave()
        thread.withLock { $0 }?.join()
        if let start = view.start { aftermath.started(start) }
        for entry in view.board.aftermath(recent: 12, troubles: 20) {
            aftermath.notice(
                RunNotice(
                    entry.kind, time: entry.time,
                    text: entry.text + (entry.times > 1 ? "  ×\(entry.times)" : "")))
        }
    }

    /// For the end of the process on the spot: only the terminal is put back.
    func abandon() { screen.leave(within: 300) }

    func stopping(_ reason: String) { state.withLock { $0.view.stopping(reason) } }

    // MARK: The loop's side

    var progressEvery: Int64? { Self.frameEvery }
    func started(_ start: RunStart) {
        let now = clock.monotonic()
        state.withLock { $0.view.take(start, now: now) }
    }
    func notice(_ notice: RunNotice) {
        let now = clock.monotonic()
        state.withLock { $0.view.take(notice, now: now) }
    }
    func progress(_ progress: RunProgress) {
        let now = clock.monotonic()
        state.withLock { $0.view.take(progress, now: now) }
    }
    func finished(_ summary: RunSummary) { close() }

    // MARK: The screen's thread

    private func draw() {
        // Here, for a terminal that takes nothing must not hold the run.
        screen.enter()
        var painter = ScreenPainter(terminal)
        var whole = clock.monotonic() + Self.wholeEvery
        while true {
            let (view, isOver) = state.withLock { ($0.view, $0.isOver) }
            guard !isOver else { return }
            let now = clock.monotonic()
            let size = screen.size ?? (80, 24)
            let shown = view.screen(width: size.columns, height: size.rows, now: now)
            let frame = painter.frame(shown, isWhole: now >= whole)
            if now >= whole { whole = now + Self.wholeEvery }
            // A terminal that has gone is drawn on no more; the run goes on.
            guard screen.write(frame) else { return }
            _ = doorbell.wait(until: now + Self.frameEvery)
        }
    }
}
