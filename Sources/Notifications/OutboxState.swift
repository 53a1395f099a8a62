import Ports

/// What the outbox keeps of one destination.
struct DestinationState {
    let plan: OutboxDestination

    // What the log brings back.
    var urgent: [OutboxEntry] = []
    var ordinary: [OutboxEntry] = []
    /// Messages of which only the count is left.
    var tally = 0
    var address: String?
    var underWay: LetterContent?

    // What a restart forgets.
    var pacing: Pacing
    var retryAt: Int64 = 0
    var failures = 0
    /// Monotonic, of the first of them.
    var failingSince: Int64 = 0
    var health = Health.up
    /// Why the last letter failed, until one arrives.
    var trouble: String?
    var hasJustMoved = false
    /// Since when it is down or dead.
    var since: Outbox.Moment?
    /// Since when the service asks to wait, and until when, monotonic ns.
    var throttled: (since: Outbox.Moment, until: Int64)?

    enum Health: Hashable { case up, down, dead }

    var condition: Outbox.Condition {
        switch health {
        case .dead: Outbox.Condition(health: .dead, since: since)
        case .down:
            Outbox.Condition(
                health: .silent, since: since, throttledUntil: throttled?.until)
        case .up: Outbox.Condition(since: throttled?.since, throttledUntil: throttled?.until)
        }
    }

    /// From now on, where it was not so before, until then.
    mutating func throttle(until: Int64, _ now: Outbox.Moment) {
        let goesOn = throttled.map { $0.until >= now.monotonic } ?? false
        let since = goesOn ? throttled?.since : nil
        throttled = (since ?? now, max(until, throttled?.until ?? until))
    }

    init(_ plan: OutboxDestination) {
        self.plan = plan
        pacing = Pacing(plan.limits.paces)
    }

    var isEmpty: Bool { urgent.isEmpty && ordinary.isEmpty && tally == 0 }

    /// Where the entries that are not under way begin.
    func firstFree(isUrgent: Bool) -> Int {
        guard let underWay else { return 0 }
        switch underWay.kind {
        case .urgent: return isUrgent ? underWay.count : 0
        case .ordinary, .digest: return isUrgent ? 0 : underWay.count
        case .counts: return 0
        }
    }

    /// As if nobody knew whether its entries have arrived.
    var doubted: DestinationState {
        var state = self
        for index in state.urgent.indices { state.urgent[index].isRepeat = true }
        for index in state.ordinary.indices { state.ordinary[index].isRepeat = true }
        return state
    }

    mutating func add(_ entry: OutboxEntry) {
        if entry.message.severity.isUrgent {
            urgent.append(entry)
        } else {
            ordinary.append(entry)
        }
    }

    /// Makes room: among the others information goes first, and warnings only when there is none left.
    mutating func drop(_ count: Int, isUrgent: Bool) {
        guard !isUrgent else { return expire(count, isUrgent: true) }
        var left = count
        let start = firstFree(isUrgent: false)
        let free = ordinary[min(start, ordinary.count)...].filter { entry in
            guard left > 0, entry.message.severity == .info, entry.isFoldable else { return true }
            left -= 1
            return false
        }
        ordinary.replaceSubrange(min(start, ordinary.count)..., with: free)
        tally += count - left
        expire(left, isUrgent: false)
    }

    /// Takes the oldest away.
    mutating func expire(_ count: Int, isUrgent: Bool) {
        let start = firstFree(isUrgent: isUrgent)
        func take(from queue: inout [OutboxEntry]) -> Int {
            let end = min(start + count, queue.count)
            guard start < end else { return 0 }
            queue.removeSubrange(start..<end)
            return end - start
        }
        tally += isUrgent ? take(from: &urgent) : take(from: &ordinary)
    }

    enum Outcome { case delivered, notSent(isPlain: Bool), unknown, givenUp }

    /// Ends the letter under way. What may not have arrived stays, counts too.
    mutating func end(_ outcome: Outcome) {
        guard let content = underWay else { return }
        underWay = nil
        switch outcome {
        case .notSent(let isPlain): if isPlain { change(content) { $0.isPlain = true } }
        case .unknown: change(content) { $0.isRepeat = true }
        case .givenUp: tally += remove(content)
        case .delivered:
            tally -= min(tally, content.tally)
            if content.part + 1 < content.parts {
                change(content) { $0.partsDone = content.part + 1 }
            } else {
                _ = remove(content)
            }
        }
    }

    private mutating func remove(_ content: LetterContent) -> Int {
        func take(from queue: inout [OutboxEntry]) -> Int {
            let count = min(content.count, queue.count)
            queue.removeFirst(count)
            return count
        }
        switch content.kind {
        case .urgent: return take(from: &urgent)
        case .ordinary, .digest: return take(from: &ordinary)
        case .counts: return 0
        }
    }

    private mutating func change(_ content: LetterContent, _ change: (inout OutboxEntry) -> Void) {
        switch content.kind {
        case .urgent: for i in urgent.indices.prefix(content.count) { change(&urgent[i]) }
        case .ordinary, .digest:
            for i in ordinary.indices.prefix(content.count) { change(&ordinary[i]) }
        case .counts: break
        }
    }
}

/// Letters in windows of time: when the next one may go.
struct Pacing {
    private let paces: [ChannelLimits.Pace]
    /// Ends of the last sendings, oldest first: an arrival lies before them.
    private var ends: [Int64] = []
    private var underWay = 0
    private(set) var heldUntil: Int64 = 0

    init(_ paces: [ChannelLimits.Pace]) { self.paces = paces }

    mutating func begin() { underWay += 1 }

    /// - Parameter counts: Whether the other side may have counted it.
    mutating func end(at now: Int64, counts: Bool) {
        underWay -= 1
        if counts { count(at: now) }
    }

    /// Notes a letter that left before.
    mutating func count(at now: Int64) {
        guard let most = paces.map(\.count).max() else { return }
        ends.append(now)
        if ends.count > most { ends.removeFirst(ends.count - most) }
    }

    mutating func hold(until time: Int64) { heldUntil = max(heldUntil, time) }

    /// ns from one letter to the next, in the long run; 0 where nothing is announced.
    var gap: Int64 { paces.map { $0.window / Int64($0.count) }.max() ?? 0 }

    /// The earliest time for one more; `nil` while what is under way must end first.
    var next: Int64? {
        var time = heldUntil
        for pace in paces {
            guard underWay < pace.count else { return nil }
            let back = pace.count - underWay
            if ends.count >= back { time = max(time, ends[ends.count - back] + pace.window) }
        }
        return time
    }
}
