import Platform
import Ports

/// Stands between a run that waits for nobody and whoever watches it: tells him on a thread of its own.
///
/// A pager at rest, a terminal that was stopped or a pipe that nobody reads would else hold the loop at its
/// next line, and with it every decision and the kill switch. What a slow reader leaves no room for is counted
/// and said; the tables have it all.
final class AsideObserver: RunObserver {
    private enum Word: Sendable {
        case started(RunStart)
        case notice(RunNotice)
        case progress(RunProgress)
    }
    private let observer: any RunObserver
    private let words: Mailbox<Word>
    private let missed = Locked(0)
    private let thread = Locked<HostThread?>(nil)
    private static let room = 8_192

    init(_ observer: any RunObserver, room: Int = AsideObserver.room) {
        self.observer = observer
        words = Mailbox(capacity: room)
    }

    func start() {
        thread.withLock { $0 = HostThread.start(named: "told aside") { [self] in work() } }
    }

    /// Returns when everything was told.
    func finish() {
        words.close()
        thread.withLock { $0 }?.join()
    }

    var progressEvery: Int64? { observer.progressEvery }
    func started(_ start: RunStart) { offer(.started(start)) }
    func notice(_ notice: RunNotice) { offer(.notice(notice)) }
    func progress(_ progress: RunProgress) { offer(.progress(progress)) }
    func finished(_ summary: RunSummary) {
        finish()
        observer.finished(summary)
    }

    private func offer(_ word: Word) {
        guard words.offer(word) == .full else { return }
        // Progress is told again by itself.
        if case .progress = word { return }
        missed.withLock { $0 += 1 }
    }

    private func work() {
        var batch: [Word] = []
        while words.take(into: &batch, max: 64) {
            for word in batch { tell(word) }
            batch.removeAll(keepingCapacity: true)
            let count = missed.withLock { missed in
                defer { missed = 0 }
                return missed
            }
            guard count > 0 else { continue }
            let text = "\(count) lines are left out: nobody read them in time; the tables have them"
            observer.notice(RunNotice(.warning, time: .zero, text: text))
        }
    }

    private func tell(_ word: Word) {
        switch word {
        case .started(let start): observer.started(start)
        case .notice(let notice): observer.notice(notice)
        case .progress(let progress): observer.progress(progress)
        }
    }
}
