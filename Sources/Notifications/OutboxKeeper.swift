import Platform
import Ports

/// The thread that owns the outbox and its log.
final class OutboxKeeper: Sendable {
    private struct Shared {
        var intake: Intake
        var answers: [(Int, Delivery)] = []
        var deadline: Int64?
        var marks: [MessageID] = []
        var standings: [ChannelStanding] = []
        /// Of each, since when and until when.
        var conditions: [Outbox.Condition]
        var hasStarted = false
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let shared: Locked<Shared>
    private let doorbell = Doorbell()
    private let clock: any TimeSource
    private let settings: NotificationService.Settings
    private let letters: LetterQueue
    private let notice: @Sendable (NotificationService.Notice) -> Void
    private let work: Locked<Work>

    /// What only the thread touches.
    private struct Work {
        var outbox: Outbox
        var log: (any EventLog)?
        let store: any OutboxStore
        var records: Int
        var sent: [Int]
    }

    init(
        _ lines: [NotificationService.Line], store: any OutboxStore, clock: any TimeSource,
        settings: NotificationService.Settings, letters: LetterQueue,
        notice: @escaping @Sendable (NotificationService.Notice) -> Void
    ) {
        self.clock = clock
        self.settings = settings
        self.letters = letters
        self.notice = notice
        let new = Outbox(
            lines.map {
                OutboxDestination(
                    name: $0.name, lane: $0.lane, limits: $0.channel.limits,
                    texts: Texts($0.language), origin: $0.origin, from: $0.level)
            }, seed: settings.seed, settings: settings.outbox)
        var outbox = new
        var log: (any EventLog)?
        var records = 0
        let now = Outbox.Moment(monotonic: clock.monotonic(), utc: clock.utc())
        // No message is worth a position that nobody guards.
        do throws(StoreError) {
            let left = try store.open()
            records = try outbox.read(left)
            log = left
        } catch {
            outbox = new
            outbox.isUnkept = true
            notice(.store(error))
        }
        outbox.recovered(at: now)
        shared = Locked(
            Shared(
                intake: Intake(capacity: settings.intake), marks: outbox.marks,
                standings: lines.map { ChannelStanding(name: $0.name) },
                conditions: lines.map { _ in Outbox.Condition() }))
        work = Locked(
            Work(
                outbox: outbox, log: log, store: store, records: records,
                sent: Array(repeating: 0, count: lines.count)))
    }

    // MARK: Any thread

    func offer(_ message: Message, _ routes: [Route]) {
        shared.withLock { $0.intake.offer(message, routes) }
        doorbell.ring()
    }

    func answered(_ destination: Int, _ delivery: Delivery) {
        shared.withLock { $0.answers.append((destination, delivery)) }
        doorbell.ring()
    }

    func mark(of source: String) -> MessageID? {
        shared.withLock { shared in shared.marks.first { $0.source == source } }
    }

    func begin(_ id: MessageID) -> MessageID {
        work.withLock { work in
            if let mark = work.outbox.marks.first(where: { $0.source == id.source }) { return mark }
            work.outbox.fold([:], upTo: id)
            if !keep(&work) { work.outbox.isUnkept = true }
            publish(&work)
            return id
        }
    }

    /// Time goes on between two turns of the thread: what was throttled may be no more.
    var standings: [ChannelStanding] {
        let (standings, conditions) = shared.withLock { ($0.standings, $0.conditions) }
        let now = clock.monotonic()
        return zip(standings, conditions).map { standing, condition in
            var standing = standing
            standing.state = condition.state(at: now)
            guard standing.state != .alive, let since = condition.since else { return standing }
            standing.since = timeText(utc: since.utc, digits: 0)
            standing.age = max(0, now - since.monotonic)
            return standing
        }
    }

    func start() {
        let isFirst = shared.withLock { shared in
            defer { shared.hasStarted = true }
            return !shared.hasStarted
        }
        precondition(isFirst, "run() is for once")
        HostThread.start(named: "outbox") { [self] in loop() }
    }

    func end(within nanoseconds: Int64) {
        let now = clock.monotonic()
        shared.withLock { shared in
            let deadline = now + nanoseconds
            shared.deadline = min(shared.deadline ?? deadline, deadline)
        }
        doorbell.ring()
    }

    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = shared.withLock { shared in
                if !shared.hasEnded, shared.hasStarted { shared.waiting.append(continuation) }
                return shared.hasEnded || !shared.hasStarted
            }
            if hasEnded { continuation.resume() }
        }
    }

    // MARK: The thread

    private func loop() {
        var hasClosedLetters = false
        while true {
            let (wakeAt, isDone, closesLetters) = turn()
            if closesLetters, !hasClosedLetters {
                hasClosedLetters = true
                letters.end()
            }
            if isDone { break }
            _ = doorbell.wait(until: wakeAt)
        }
        letters.end()
        work.withLock { work in
            do throws(StoreError) {
                try work.log?.close()
            } catch {
                notice(.store(error))
            }
            work.log = nil
        }
        let waiting = shared.withLock { shared in
            shared.hasEnded = true
            defer { shared.waiting = [] }
            return shared.waiting
        }
        waiting.forEach { $0.resume() }
    }

    private func turn() -> (wakeAt: Int64?, isDone: Bool, closesLetters: Bool) {
        let (items, answers, deadline) = shared.withLock { shared in
            defer { shared.answers = [] }
            return (shared.intake.take(), shared.answers, shared.deadline)
        }
        return work.withLock { work in
            let now = Outbox.Moment(monotonic: clock.monotonic(), utc: clock.utc())
            for (index, delivery) in answers {
                if case .delivered = delivery { work.sent[index] += 1 }
                work.outbox.answered(index, delivery, at: now)
            }
            for item in items { take(item, into: &work.outbox, now) }
            let isLate = deadline.map { now.monotonic >= $0 } ?? false
            var outgoing: [Outbox.Outgoing] = []
            var wakeAt: Int64?
            if !isLate {
                (outgoing, wakeAt) = work.outbox.next(at: now)
            }
            if !keep(&work) {
                // A restart would not know that these have left.
                work.outbox.loseLog(outgoing, at: now)
                if !isLate { (outgoing, wakeAt) = work.outbox.next(at: now) }
                keep(&work)
            }
            publish(&work)
            outgoing.forEach(letters.put)
            let isStill = work.outbox.underWay == 0
            // Nothing that could still leave before the deadline.
            let isOver = deadline.map { limit in
                isLate || (isStill && (work.outbox.isIdle || (wakeAt ?? 0) > limit))
            }
            if let deadline { wakeAt = min(wakeAt ?? deadline, deadline) }
            if isLate { wakeAt = nil }
            return (wakeAt, isOver == true && isStill, isOver == true)
        }
    }

    private func take(_ item: Intake.Item, into outbox: inout Outbox, _ now: Outbox.Moment) {
        switch item {
        case .message(let message, let routes): outbox.offer(message, to: routes, at: now)
        case .folded(let counts, let ids):
            // The counts go with the first; the others only move their marks.
            for (index, id) in ids.enumerated() {
                outbox.fold(index == 0 ? counts : [:], upTo: id)
            }
        }
    }

    /// Makes what was decided durable: before a letter leaves, and before a message counts as taken.
    ///
    /// - Returns: False where the log has failed just now; without one there is nothing to fail.
    @discardableResult
    private func keep(_ work: inout sending Work) -> Bool {
        let records = work.outbox.takeRecords()
        guard !records.isEmpty, let log = work.log else { return true }
        do throws(StoreError) {
            for record in records { try log.append(record.bytes) }
            try log.flush()
            work.records += records.count
            if work.records > settings.compactAfter { try compact(&work) }
        } catch {
            work.log = nil
            notice(.store(error))
            return false
        }
        return true
    }

    private func compact(_ work: inout sending Work) throws(StoreError) {
        try work.log?.close()
        let snapshot = work.outbox.snapshot.map(\.bytes)
        work.log = try work.store.replace(with: snapshot)
        work.records = snapshot.count
    }

    private func publish(_ work: inout sending Work) {
        let notices = work.outbox.takeNotices()
        let marks = work.outbox.marks
        let sent = work.sent
        let waiting = sent.indices.map { work.outbox.waiting(at: $0) }
        let troubles = work.outbox.destinations.map(\.trouble)
        let conditions = work.outbox.destinations.map(\.condition)
        shared.withLock { shared in
            shared.marks = marks
            shared.conditions = conditions
            for index in sent.indices {
                shared.standings[index].sent = sent[index]
                shared.standings[index].waiting = waiting[index]
                shared.standings[index].trouble = troubles[index]
            }
        }
        for one in notices { notice(.channel(one)) }
    }
}
