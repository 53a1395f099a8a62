import TradingModel

/// Which servers were given events for longer than they may be silent, by the market's time. A value.
///
/// What goes to nobody is nobody's fault: it is looked at with events alone, so a silent feed makes no server silent.
struct ResultWatch {
    struct Silence: Hashable {
        /// Of the first event behind its last result.
        let since: Timestamp
        let until: Timestamp
        let events: Int
        var length: Nanoseconds { until.since(since) }
    }
    private struct Entry {
        var since: Timestamp?
        var events = 0
        var isTold = false
    }
    private var entries: [SessionKey: Entry] = [:]

    /// Events went to a server that lives.
    ///
    /// Whether it matters when the sessions opened that it hears.
    func isOver(_ span: Nanoseconds, of session: SessionKey, at time: Timestamp) -> Bool {
        guard let entry = entries[session], let since = entry.since, !entry.isTold else {
            return false
        }
        return time.since(since) >= span
    }

    /// - Parameter opening: When the earliest of the sessions that it hears opened; now where all are closed.
    /// - Returns: What is to be told, once for each silence.
    mutating func gave(
        _ count: Int, to session: SessionKey, at time: Timestamp, within span: Nanoseconds,
        opening: Timestamp
    ) -> Silence? {
        var entry = entries[session] ?? Entry()
        defer { entries[session] = entry }
        entry.events += count
        guard let since = entry.since else {
            entry.since = time
            return nil
        }
        guard !entry.isTold, time.since(since) >= span else { return nil }
        // A night between two sessions is no silence.
        let start = max(since, opening)
        guard time.since(start) >= span else {
            entry.since = start
            return nil
        }
        entry.isTold = true
        return Silence(since: start, until: time, events: entry.events)
    }

    /// - Returns: The silence that this ends, if it was told.
    mutating func heard(_ session: SessionKey, at time: Timestamp) -> Silence? {
        guard let entry = entries.removeValue(forKey: session), entry.isTold,
            let since = entry.since
        else { return nil }
        return Silence(since: since, until: time, events: entry.events)
    }

    /// It went away: how its life stands is told by others.
    mutating func lost(_ session: SessionKey) {
        guard entries[session]?.isTold == false else { return }
        entries[session] = nil
    }
}
