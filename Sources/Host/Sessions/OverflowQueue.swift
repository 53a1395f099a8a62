package import Ports
package import TradingModel

/// A session's events in order: those that wait to be handed out, and the newest that were. A value.
///
/// What is left out is chosen once, among those that wait, and stays as a run of positions in its place:
/// whoever comes again hears of the same run.
package struct OverflowQueue: Sendable {
    /// A word long: there are tens of thousands for each session.
    enum Entry {
        case event(SharedEvent)
        indirect case leftOut(PositionRun)

        var last: EventPosition {
            switch self {
            case .event(let shared): shared.event.position
            case .leftOut(let run): run.last
            }
        }
        var lane: SessionEvent.Lane? {
            if case .event(let shared) = self { return shared.event.lane }
            return nil
        }
        var isEvent: Bool {
            if case .event = self { return true }
            return false
        }
    }
    let policy: OverflowPolicy
    /// Events that wait at most.
    let capacity: Int
    /// Events that were handed out and are kept for a connection that breaks.
    let window: Int
    /// From `head` on. An entry's number is its index and `base`.
    var entries: [Entry] = []
    var head = 0
    var base = 0
    /// The number of the first entry that was not handed out.
    var next = 0
    /// Events not handed out, and those kept that were.
    private(set) var waiting = 0
    private var kept = 0
    /// Where the search for the oldest goes on, and where newer ones begin that were not compared.
    private var oldest = 0
    private var compared = 0
    private var newest: [SessionEvent.Lane: Int] = [:]
    /// Runs among the entries, about.
    private var runs = 0
    /// What was handed out, events and runs, ends here.
    private(set) var handed = EventPosition.start
    /// Everything up to here is gone.
    private(set) var lostThrough = EventPosition.start
    private var lossReason = ""
    /// Nobody came for what is gone yet.
    private var isLossNew = false
    /// Runs that were told and not written down.
    private var told: [PositionRun] = []
    /// Events left out so far, and sessions broken because others were too many.
    private(set) var leftOut = 0
    private(set) var losses = 0

    package init(_ policy: OverflowPolicy, capacity: Int, window: Int = 16_384) {
        self.policy = policy
        self.capacity = capacity
        self.window = window
        // What a day fills is taken at once, so that a host does not grow while it runs.
        entries = Array(
            repeating: .leftOut(PositionRun(.start, .start)),
            count: window + window / 4 + min(capacity, window / 4))
        entries.removeAll(keepingCapacity: true)
    }

    /// Why something was left out, for people.
    package var reason: String {
        switch policy {
        case .dropOldest: "more than \(capacity) events waited; the oldest were dropped"
        case .coalesce:
            "more than \(capacity) events waited; the newest of each instrument and kind were kept"
        case .disconnect: "more than \(capacity) events waited"
        }
    }

    // MARK: In

    /// Adds the newest event, and leaves out what is too much then.
    package mutating func push(_ shared: SharedEvent) {
        let event = shared.event
        entries.append(.event(shared))
        waiting += 1
        guard waiting > capacity else { return }
        switch policy {
        case .dropOldest: dropOldest()
        case .coalesce:
            coalesce()
            if waiting > capacity { dropOldest() }
        case .disconnect: break
        }
        guard waiting > capacity else { return tidy() }
        let rest =
            policy == .disconnect
            ? "its overflow policy is 'disconnect'"
            : "candles, timers or fills among them may not be left out"
        lose(through: event.position, "overflow: more than \(capacity) events waited, and \(rest)")
        isLossNew = true
    }

    /// In recovery: an event that was handed out before.
    package mutating func recall(_ shared: SharedEvent) {
        entries.append(.event(shared))
        waiting += 1
        hand(through: shared.event.position)
        tidy()
    }

    /// In recovery: a run that was told before.
    package mutating func recall(_ run: PositionRun) {
        var index = firstIndex(behind: EventPosition(max(1, run.first.value) - 1))
        while index < entries.count, entries[index].last <= run.last {
            if case .event(let shared) = entries[index], shared.event.lane != nil {
                leaveOut(index, shared.event)
                kept -= 1
            }
            index += 1
        }
    }

    /// Nothing up to `position` is at hand any more.
    package mutating func lose(through position: EventPosition, _ reason: String) {
        base += entries.count
        next = base
        oldest = base
        compared = base
        head = 0
        entries.removeAll(keepingCapacity: true)
        newest.removeAll()
        waiting = 0
        kept = 0
        runs = 0
        lostThrough = max(lostThrough, position)
        lossReason = reason
    }

    // MARK: The selection

    private mutating func dropOldest() {
        oldest = max(oldest, next)
        while waiting > capacity, oldest < base + entries.count {
            if case .event(let shared) = entries[oldest - base], shared.event.lane != nil {
                leaveOut(oldest - base, shared.event)
                waiting -= 1
            }
            oldest += 1
        }
    }

    private mutating func coalesce() {
        compared = max(compared, next)
        while compared < base + entries.count {
            if let lane = entries[compared - base].lane {
                if let older = newest.updateValue(compared, forKey: lane), older >= next,
                    case .event(let shared) = entries[older - base]
                {
                    leaveOut(older - base, shared.event)
                    waiting -= 1
                }
            }
            compared += 1
        }
    }

    private mutating func leaveOut(_ index: Int, _ event: SessionEvent) {
        entries[index] = .leftOut(PositionRun(event.position, event.position))
        leftOut += 1
        runs += 1
    }

    // MARK: Out

    /// Appends events behind `position` to `events`, and what was left out before and between them to `runs`.
    ///
    /// - Returns: Why there are none behind it; `nil`: they are at hand.
    package mutating func take(
        after position: EventPosition, limit: Int, into events: inout [SessionEvent],
        _ runs: inout [PositionRun]
    ) -> String? {
        guard position >= lostThrough else {
            if isLossNew { losses += 1 }
            isLossNew = false
            return lossReason
        }
        hand(through: position)
        var index = firstIndex(behind: position)
        var isOpen = false
        var last = position
        let end = events.count + limit
        while index < entries.count, events.count < end {
            switch entries[index] {
            case .event(let shared):
                events.append(shared.event)
                isOpen = false
            case .leftOut(let run):
                let first = max(run.first, EventPosition(position.value + 1))
                if isOpen, let open = runs.popLast() {
                    runs.append(PositionRun(open.first, run.last))
                } else {
                    runs.append(PositionRun(first, run.last))
                }
                isOpen = true
            }
            last = entries[index].last
            index += 1
        }
        // A run may have grown since its first part was told.
        for run in runs where run.last > handed {
            told.append(
                PositionRun(max(run.first, EventPosition(handed.value + 1)), run.last))
        }
        hand(through: last)
        tidy()
        return nil
    }

    /// Runs that were told since the last call, each once.
    package mutating func takeTold() -> [PositionRun] {
        defer { told.removeAll() }
        return told
    }

    private mutating func hand(through position: EventPosition) {
        handed = max(handed, position)
        while next < base + entries.count, entries[next - base].last <= handed {
            if entries[next - base].isEvent {
                waiting -= 1
                kept += 1
            }
            next += 1
        }
    }

    /// Events and runs at hand behind `position`.
    func count(behind position: EventPosition) -> Int {
        entries.count - firstIndex(behind: position)
    }

    private func firstIndex(behind position: EventPosition) -> Int {
        var low = head
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].last <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Memory

    /// Forgets what was handed out long ago, and joins runs where there are many.
    private mutating func tidy() {
        while kept > window {
            if entries[head].isEvent { kept -= 1 } else { runs -= 1 }
            lostThrough = max(lostThrough, entries[head].last)
            lossReason = "the events behind that are not at hand any more"
            head += 1
        }
        if head > window / 4 {
            entries.removeFirst(head)
            base += head
            head = 0
        }
        if runs > 2 * (window + capacity) { join() }
    }

    /// Makes one run of those without an event between; what was handed out stays apart.
    private mutating func join() {
        var joined: [Entry] = []
        joined.reserveCapacity(entries.count - head)
        var boundary = 0
        for (index, entry) in entries.enumerated().dropFirst(head) {
            if index == next - base { boundary = joined.count }
            if case .leftOut(let run) = entry, case .leftOut(let before)? = joined.last,
                index != next - base
            {
                joined[joined.count - 1] = .leftOut(PositionRun(before.first, run.last))
            } else {
                joined.append(entry)
            }
        }
        if next - base >= entries.count { boundary = joined.count }
        entries = joined
        head = 0
        base = 0
        next = boundary
        oldest = next
        compared = next
        newest.removeAll()
        runs = joined.count { !$0.isEvent }
    }
}
