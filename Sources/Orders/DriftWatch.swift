import TradingModel

/// Holds what a broker says against the books, statement by statement, and says which differences are more than a lag.
///
/// A difference counts when it is the same in so many statements over so long, with nothing of ours at work there in
/// between: an order that is open, in doubt, or was heard of since a statement was asked for begins the count anew.
struct DriftWatch: Hashable, Sendable {
    private struct Streak: Hashable, Sendable {
        var difference: Difference
        var count = 1
        let since: Timestamp
        /// Of the first statement.
        let asked: UInt64
        var isSettled = false
    }
    /// By subject; few at a time.
    private var streaks: [Streak] = []
    /// What people were told last, by subject: the same again is not told.
    private var told: [Difference] = []
    /// Rises with everything that is heard of an order.
    private(set) var dealings: UInt64 = 0
    /// By instrument: of ``dealings``, when it was dealt with last.
    private var touched: [UInt64] = []
    private var touchedLast: UInt64 = 0

    // MARK: What happens

    /// Something of ours moves there, or may.
    mutating func touch(_ instrument: InstrumentID) {
        let index = Int(instrument.index)
        guard index >= 0, index < 1 << 20 else { return }
        if touched.count <= index {
            touched += Array(repeating: 0, count: index + 1 - touched.count)
        }
        dealings += 1
        touched[index] = dealings
        touchedLast = dealings
    }

    /// It was corrected, or nobody wants to know any more.
    mutating func forget(_ subject: Difference.Subject) {
        streaks.removeAll { $0.difference.subject == subject }
        told.removeAll { $0.subject == subject }
    }

    private func touched(_ subject: Difference.Subject) -> UInt64 {
        guard case .holding(let instrument) = subject else { return touchedLast }
        let index = Int(instrument.index)
        return touched.indices.contains(index) ? touched[index] : 0
    }

    // MARK: Statements

    /// Whether a statement that was asked for then says something: nothing of ours has moved since.
    func counts(_ subject: Difference.Subject, asked: UInt64) -> Bool { touched(subject) <= asked }

    /// What one subject is on both sides.
    ///
    /// - Parameters:
    ///   - asked: ``dealings`` when the statement was asked for.
    ///   - differs: Whether it is a difference at all.
    mutating func take(
        _ difference: Difference, differs: Bool, asked: UInt64, at now: Timestamp,
        polls: Int, over span: Nanoseconds
    ) {
        let subject = difference.subject
        guard counts(subject, asked: asked) else { return }
        guard differs else { return forget(subject) }
        guard let at = streaks.firstIndex(where: { $0.difference.subject == subject }) else {
            streaks.append(Streak(difference: difference, since: now, asked: asked))
            return settle(streaks.count - 1, now, polls, span)
        }
        if streaks[at].difference == difference, touched(subject) <= streaks[at].asked {
            streaks[at].count += 1
        } else {
            streaks[at] = Streak(difference: difference, since: now, asked: asked)
        }
        settle(at, now, polls, span)
    }

    private mutating func settle(
        _ at: Int, _ now: Timestamp, _ polls: Int, _ span: Nanoseconds
    ) {
        guard streaks[at].count >= max(1, polls), now.since(streaks[at].since) >= span else {
            return
        }
        streaks[at].isSettled = true
    }

    /// Differences that count and nobody was told of yet.
    mutating func takeNews() -> [Difference] {
        let news = streaks.filter { $0.isSettled && !told.contains($0.difference) }
            .map(\.difference)
        for one in news {
            told.removeAll { $0.subject == one.subject }
            told.append(one)
        }
        return news
    }

    // MARK: Views

    /// Those that count, with nothing heard since.
    var settled: [Difference] {
        streaks.filter { $0.isSettled && !isStale($0) }
            .map(\.difference)
    }
    /// Whether a difference was seen that does not count yet.
    var isUndecided: Bool { streaks.contains { !$0.isSettled } }
    private func isStale(_ streak: Streak) -> Bool {
        touched(streak.difference.subject) > streak.asked
    }
    /// One that was seen: how often since anything of ours moved there; 0: something has.
    func seen(_ subject: Difference.Subject) -> Int? {
        streaks.first { $0.difference.subject == subject }.map { isStale($0) ? 0 : $0.count }
    }
}
