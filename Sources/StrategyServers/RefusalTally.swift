import Ports

/// Folds refusals into reports: a new reason is told at once, what follows at most once a second.
///
/// A value, for a server may break the contract as fast as it can write.
struct RefusalTally {
    private struct Entry {
        let reason: String
        var untold: Int
        /// Monotonic ns; `nil`: not told yet.
        var told: Int64?
    }
    private var entries: [Entry] = []
    /// Results refused since the connection began.
    private(set) var total = 0
    /// Told apart at once; what else is wrong is one more.
    private static let reasons = 8
    private static let others = "other reasons"
    private static let pause: Int64 = 1_000_000_000

    mutating func add(_ reason: String) {
        total += 1
        let isKnown = entries.contains { $0.reason == reason }
        let name = isKnown || entries.count < Self.reasons ? reason : Self.others
        if let index = entries.firstIndex(where: { $0.reason == name }) {
            entries[index].untold += 1
        } else {
            entries.append(Entry(reason: name, untold: 1))
        }
    }

    /// What is to be told now.
    mutating func due(at now: Int64) -> [SessionReport] {
        // Long silent: what comes next is new again.
        entries.removeAll { $0.untold == 0 && now - ($0.told ?? now) >= Self.pause }
        return take(at: now) { $0.told.map { now - $0 >= Self.pause } ?? true }
    }

    /// Everything that was not told.
    mutating func rest() -> [SessionReport] { take(at: 0) { _ in true } }

    private mutating func take(at now: Int64, where isDue: (Entry) -> Bool) -> [SessionReport] {
        var reports: [SessionReport] = []
        for index in entries.indices where entries[index].untold > 0 && isDue(entries[index]) {
            let entry = entries[index]
            reports.append(.refusedResults(count: entry.untold, reason: entry.reason))
            entries[index].untold = 0
            entries[index].told = now
        }
        return reports
    }
}
