import Platform
package import Ports
import TradingModel

/// What a strategy server computes: a value, so that it can be kept and begun again from any event.
package protocol Judge: Sendable {
    mutating func judge(_ event: SessionEvent) -> [ReceivedResult]
}

/// A session with a strategy server that lives on a thread: pulls events, answers with results and
/// watermarks, cut into messages at random, and breaks at random to be fed again.
package final class ThreadSession: Sendable {
    package struct Habits: Sendable {
        package var seed: UInt64
        /// The connection breaks once in so many messages; 0: never.
        package var breaksOnceIn = 0
        /// Whether a server that lived on may go on from what it kept; else it begins afresh.
        package var keepsState = false
        /// Largest batch.
        package var batch = 64
        /// Behind so many events it says this of itself, and nothing any more.
        package var lost: (events: Int, state: SessionState)?
        /// Whether it says that it broke before it connects again.
        package var tellsBreaks = false
        package init(seed: UInt64) { self.seed = seed }
    }
    private let feed: any SessionFeed
    private let inbox: any SessionInbox
    private let judge: any Judge
    private let habits: Habits
    private let bell = Doorbell()
    private let stopping = Locked(false)
    private let thread = Locked<HostThread?>(nil)
    private let connections = Locked(0)
    private let judged = Locked(0)

    package init(
        _ feed: any SessionFeed, _ inbox: any SessionInbox, _ judge: any Judge, _ habits: Habits
    ) {
        self.feed = feed
        self.inbox = inbox
        self.judge = judge
        self.habits = habits
    }

    /// How often it connected.
    package var connected: Int { connections.withLock { $0 } }

    package func start() {
        thread.withLock { $0 = HostThread.start(named: "session") { [self] in run() } }
    }

    /// Ends it and waits for its thread.
    package func stop() {
        stopping.withLock { $0 = true }
        bell.ring()
        thread.withLock { $0 }?.join()
    }

    private func run() {
        var random = SeededRandom(habits.seed)
        var kept: [(after: EventPosition, judge: any Judge)] = []
        while !stopping.withLock({ $0 }) {
            connections.withLock { $0 += 1 }
            let (watermark, _) = inbox.resumePoint()
            kept.removeAll { $0.after > watermark || !habits.keepsState }
            let at = kept.last ?? (.start, judge)
            inbox.report(.state(.live, detail: ""))
            serve(at.judge, after: at.after, &kept, &random)
            if isLost {
                inbox.report(.state(habits.lost?.state ?? .down, detail: "lost"))
                return
            }
            if habits.tellsBreaks { inbox.report(.state(.down, detail: "broke")) }
        }
    }

    private var isLost: Bool {
        habits.lost.map { lost in judged.withLock { $0 } >= lost.events } ?? false
    }

    /// Serves one connection until it breaks or the session ends.
    private func serve(
        _ judge: any Judge, after: EventPosition,
        _ kept: inout [(after: EventPosition, judge: any Judge)], _ random: inout SeededRandom
    ) {
        var judge = judge
        var last = after
        var events: [SessionEvent] = []
        let bell = bell
        feed.onMore { bell.ring() }
        inbox.onRoom { bell.ring() }
        while !stopping.withLock({ $0 }) {
            events.removeAll(keepingCapacity: true)
            let limit = Int.random(in: 1...habits.batch, using: &random)
            switch feed.pull(after: last, limit: limit, into: &events) {
            case .events: break
            case .lookOn: continue
            case .wait, .end:
                _ = bell.wait()
                continue
            case .skipped(let runs, _):
                guard answer(events, with: &judge, &kept, &random) else { return }
                last = max(events.last?.position ?? last, runs.last?.last ?? last)
                continue
            case .outOfReach:
                // Anew behind a history, as a real session does: one that came back for what is gone
                // would do so for ever, and tell of it faster than the loop listens.
                judge = self.judge
                kept.removeAll()
                last = feed.history([], asOf: last).through
                continue
            case .failed: return
            }
            guard answer(events, with: &judge, &kept, &random) else { return }
            last = events.last?.position ?? last
        }
    }

    /// - Returns: False when the connection broke in the middle.
    private func answer(
        _ events: [SessionEvent], with judge: inout any Judge,
        _ kept: inout [(after: EventPosition, judge: any Judge)], _ random: inout SeededRandom
    ) -> Bool {
        var gathered: [ReceivedResult] = []
        for event in events {
            guard !isLost else { return false }
            judged.withLock { $0 += 1 }
            think(&random)
            for result in judge.judge(event) {
                gathered.append(result)
                if random.oneIn(3) { guard deliver(&gathered) else { return false } }
            }
            if habits.breaksOnceIn > 0, random.oneIn(habits.breaksOnceIn) { return false }
            if random.oneIn(8) {
                guard deliver(&gathered) else { return false }
                inbox.watermark(event.position)
                if habits.keepsState { kept.append((event.position, judge)) }
            }
        }
        guard deliver(&gathered) else { return false }
        if let last = events.last { inbox.watermark(last.position) }
        return true
    }

    private func deliver(_ results: inout [ReceivedResult]) -> Bool {
        guard !results.isEmpty else { return true }
        var hasRoom = inbox.deliver(results)
        results.removeAll()
        while !hasRoom {
            guard !stopping.withLock({ $0 }) else { return false }
            _ = bell.wait()
            hasRoom = inbox.deliver([])
        }
        return true
    }

    /// A delay of its own making.
    private func think(_ random: inout SeededRandom) {
        guard random.oneIn(16) else { return }
        var spun: UInt64 = 0
        for _ in 0..<Int.random(in: 0..<2_000, using: &random) { spun &+= random.next() }
        stopping.withLock { $0 = $0 || spun == .max && $0 }
    }
}
