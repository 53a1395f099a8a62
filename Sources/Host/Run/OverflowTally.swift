import Platform
import Ports
import TradingModel

/// What was told of a session that falls behind: at once, then at most once a second. A value.
struct OverflowTally {
    private var leftOut = 0
    private var losses = 0
    /// Monotonic ns.
    private var due = Int64.min
    private static let pause: Int64 = 1_000_000_000

    /// - Parameters:
    ///   - leftOut: Events left out since the run began.
    ///   - losses: How often what may not be left out was too much.
    /// - Returns: What people are told now.
    mutating func words(
        _ name: String, leftOut: Int, losses: Int, reason: String, at now: Int64
    ) -> [String] {
        guard now >= due, leftOut > self.leftOut || losses > self.losses else { return [] }
        var words: [String] = []
        let more = leftOut - self.leftOut
        if more > 0 {
            let before = self.leftOut > 0 ? ", \(leftOut) so far" : ""
            words.append(
                "GR034 \(name): \(more) event\(more == 1 ? "" : "s") left out\(before): \(reason)")
        }
        if losses > self.losses {
            let times = losses > 1 ? " (\(losses) times so far)" : ""
            words.append(
                "GR034 \(name): fell too far behind\(times): its session begins anew with a history"
            )
        }
        (self.leftOut, self.losses) = (leftOut, losses)
        due = now == .max ? now : now + Self.pause
        return words
    }
}

extension RunState {
    /// Writes down what a session was told that it does not hear, and tells people.
    ///
    /// - Parameters:
    ///   - index: Of the session.
    ///   - now: Monotonic ns; `.max` at the end, when nothing waits any more.
    mutating func tell(
        _ news: RingFeed.OverflowNews, of index: Int, now: Int64
    ) throws(RunFailure) {
        let link = sessions[index]
        if !news.runs.isEmpty {
            // A start reads records in order: the steps first, then what was left out of them.
            try writeQuiet()
            leaveOut(news.runs, of: index)
            project(skipped: news.runs, of: link.key, record: writer.nextNumber)
            try append(.skipped(link.key, news.runs, reason: news.reason))
        }
        projector.set(leftOut: news.leftOut, of: link)
        let words = overflow[index].words(
            link.name, leftOut: news.leftOut, losses: news.losses, reason: news.reason, at: now)
        for text in words {
            setup.observer.notice(
                RunNotice(.warning, time: time, source: link.name, text: text))
        }
    }

    /// Why nobody was asked about what a history stood in for, as the log has it.
    static let historyReason = "a history stood in for them"

    /// Tells what a history stood in for: its server says nothing of it, and no version is held to it.
    ///
    /// - Parameter index: Of the session.
    mutating func tell(unasked runs: [PositionRun], of index: Int) throws(RunFailure) {
        guard let last = runs.last?.last else { return }
        let link = sessions[index]
        if versions.plan(of: link.source) != nil {
            // As above: behind the steps.
            try writeQuiet()
            project(skipped: runs, of: link.key, record: writer.nextNumber)
            try append(.skipped(link.key, runs, reason: Self.historyReason))
        }
        setup.observer.notice(
            RunNotice(
                .server, time: time, source: link.name,
                text:
                    "\(link.name) begins with a history up to \(last): it says nothing of what is in it"
            ))
    }

    /// Rows of what a version did not hear, for whoever compares the two.
    mutating func project(skipped runs: [PositionRun], of session: SessionKey, record: UInt64) {
        guard versions.plan(of: session.source) != nil else { return }
        projector.add(skipped: runs, of: session, time: time, record: record)
    }
}
