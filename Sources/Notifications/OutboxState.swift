import Ports

/// What the outbox keeps of one destination.
struct DestinationState {
    let plan: OutboxDestination

    // What the log brings back.
    var urgent: [OutboxEntry] = []
    var ordinary: [OutboxEntry] = []
    /// Messages of which only the count is left.
    var tally = 0
    /// First lines of messages that may not have arrived; an empty one is only counted.
    var doubts: [String] = []
    var address: String?
    var underWay: LetterContent?

    // What a restart forgets.
    var pacing: Pacing
    var retryAt: Int64 = 0
    var failures = 0
    var health = Health.up
    var hasJustMoved = false
    /// When the oldest doubt arose.
    var doubtsSince: Int64?

    enum Health: Hashable { case up, down, dead }

    static let doubtsNamed = 20

    init(_ plan: OutboxDestination) {
        self.plan = plan
        pacing = Pacing(plan.limits.paces)
    }

    var isEmpty: Bool { urgent.isEmpty && ordinary.isEmpty && tally == 0 && doubts.isEmpty }

    mutating func doubt(_ line: String) {
        doubts.append(doubts.count < Self.doubtsNamed ? line : "")
        if doubts.count > 10_000 { doubts.removeLast() }
    }

    /// Where the entries that are not under way begin.
    func firstFree(isUrgent: Bool) -> Int {
        guard let underWay else { return 0 }
        switch underWay.kind {
        case .urgent: return isUrgent ? underWay.count : 0
        case .ordinary, .digest: return isUrgent ? 0 : underWay.count
        case .doubts: return 0
        }
    }

    mutating func add(_ entry: OutboxEntry) {
        if entry.message.severity.isUrgent {
            urgent.append(entry)
        } else {
            ordinary.append(entry)
        }
    }

    mutating func drop(_ count: Int, isUrgent: Bool) {
        let start = firstFree(isUrgent: isUrgent)
        if isUrgent {
            let end = min(start + count, urgent.count)
            tally += max(0, end - start)
            if start < end { urgent.removeSubrange(start..<end) }
        } else {
            let end = min(start + count, ordinary.count)
            tally += max(0, end - start)
            if start < end { ordinary.removeSubrange(start..<end) }
        }
    }

    enum Outcome { case delivered, notSent(isPlain: Bool), unknown, givenUp }

    /// Ends the letter under way.
    mutating func end(_ outcome: Outcome) {
        guard let content = underWay else { return }
        underWay = nil
        if case .notSent(let isPlain) = outcome {
            if isPlain { mark(content) { $0.isPlain = true } }
            return
        }
        tally -= min(tally, content.tally)
        doubts.removeFirst(min(doubts.count, content.doubts))
        if doubts.isEmpty { doubtsSince = nil }
        switch (content.kind, outcome) {
        case (.doubts, _): break
        case (.urgent, .unknown): mark(content) { $0.isRepeat = true }
        case (.urgent, .givenUp): urgent.removeFirst(min(1, urgent.count))
        case (.urgent, _):
            if content.part + 1 < content.parts {
                mark(content) { $0.partsDone = content.part + 1 }
            } else {
                urgent.removeFirst(min(1, urgent.count))
            }
        case (.ordinary, .unknown), (.digest, .unknown): doubt(content)
        case (.ordinary, .delivered) where content.part + 1 < content.parts:
            mark(content) { $0.partsDone = content.part + 1 }
        case (.ordinary, _), (.digest, _):
            ordinary.removeFirst(min(content.count, ordinary.count))
        }
    }

    private mutating func mark(_ content: LetterContent, _ change: (inout OutboxEntry) -> Void) {
        switch content.kind {
        case .urgent: for i in urgent.indices.prefix(content.count) { change(&urgent[i]) }
        case .ordinary, .digest:
            for i in ordinary.indices.prefix(content.count) { change(&ordinary[i]) }
        case .doubts: break
        }
    }

    /// Of what may have arrived, warnings stay in their places and go again; of the rest only the first line is told.
    private mutating func doubt(_ content: LetterContent) {
        let sent = ordinary.prefix(content.count)
        ordinary.removeFirst(sent.count)
        var again: [OutboxEntry] = []
        for var entry in sent {
            if entry.message.severity == .info {
                doubt(entry.line)
            } else {
                entry.isRepeat = true
                again.append(entry)
            }
        }
        ordinary.insert(contentsOf: again, at: 0)
    }
}

/// Letters in windows of time: when the next one may go.
struct Pacing {
    private let paces: [ChannelLimits.Pace]
    /// Ends of the last sendings, oldest first: an arrival lies before them.
    private var ends: [Int64] = []
    private var underWay = 0
    private var heldUntil: Int64 = 0

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
