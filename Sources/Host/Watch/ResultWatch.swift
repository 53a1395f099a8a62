import TradingModel

/// Which servers were given events for longer than they may be silent, by the market's open time. A value.
///
/// What goes to nobody is nobody's fault: it is looked at with events alone, so a silent feed makes no server silent.
struct ResultWatch {
    struct Silence: Hashable {
        /// Of the first event behind its last result.
        let since: Timestamp
        let until: Timestamp
        let events: Int
        /// Open time from the first of them to the last: nights count nothing.
        let length: Nanoseconds
    }
    private struct Entry {
        var since: Timestamp?
        var events = 0
        var length: Int64 = 0
        var isTold = false
    }
    private var entries: [SessionKey: Entry] = [:]

    /// Events went to a server that lives.
    ///
    /// - Parameter passed: Open time since the events that went to it before.
    /// - Returns: What is to be told, once for each silence.
    mutating func gave(
        _ count: Int, to session: SessionKey, at time: Timestamp, within span: Nanoseconds,
        passed: Nanoseconds
    ) -> Silence? {
        var entry = entries[session] ?? Entry()
        defer { entries[session] = entry }
        entry.events += count
        guard let since = entry.since else {
            entry.since = time
            return nil
        }
        entry.length += passed.count
        guard !entry.isTold, entry.length >= span.count else { return nil }
        entry.isTold = true
        return Silence(
            since: since, until: time, events: entry.events, length: Nanoseconds(entry.length))
    }

    /// - Returns: The silence that this ends, if it was told.
    mutating func heard(_ session: SessionKey, at time: Timestamp) -> Silence? {
        guard let entry = entries.removeValue(forKey: session), entry.isTold,
            let since = entry.since
        else { return nil }
        return Silence(
            since: since, until: time, events: entry.events, length: Nanoseconds(entry.length))
    }

    /// It went away: how its life stands is told by others.
    mutating func lost(_ session: SessionKey) {
        guard entries[session]?.isTold == false else { return }
        forget(session)
    }

    /// Another takes its place, or nobody asks it any more.
    mutating func forget(_ session: SessionKey) { entries[session] = nil }
}
