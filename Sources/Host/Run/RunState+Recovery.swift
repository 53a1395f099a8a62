import Kernel
import Ports
import TradingModel

/// What the log tells of earlier starts: the same rows and words, each once.
extension RunState {
    /// Before recovery: how much of the log the tables hold. Tables ahead of the log are made afresh.
    mutating func beginRestoring() throws(RunFailure) {
        do {
            applied = try setup.projections.appliedNumber()
            guard applied >= setup.log.nextNumber else { return }
            try setup.projections.reset()
            applied = 0
        } catch { throw .store(error) }
    }

    /// In recovery: a record's facts. Their rows go to the tables unless they are there.
    mutating func restore(
        _ facts: [Fact], _ minutes: DeskMinutes = DeskMinutes(), _ notes: [VersionNote] = [],
        entry: Timestamp, _ number: UInt64
    ) throws(RunFailure) {
        engine.note(entry)
        restore(facts, minutes, entry: entry)
        projector.takeBars(record: number)
        let parts = facts.parts
        for note in notes {
            restore(note)
            project(note, record: number)
        }
        for fact in facts { engine.apply(fact) }
        for (index, fact) in parts.enumerated() {
            projector.take(fact, at: behind, time: time, record: number)
            let place = RunNews.Place(record: number, index: UInt32(index))
            if let one = tellable(fact, place), isUntold(place) { setup.news?.tell(one) }
        }
        for one in newsOfNotes(notes, number, behind: parts.count) {
            if let place = one.place, isUntold(place) { setup.news?.tell(one) }
        }
        note(minutes, number, isNew: false)
        try keepRestoredRows(number)
    }

    /// In recovery: steps of which nothing came.
    mutating func restoreQuiet(_ number: UInt64) throws(RunFailure) {
        projector.takeBars(record: number)
        try keepRestoredRows(number)
    }

    /// In recovery: what a session was told that it does not hear.
    mutating func restore(
        skipped runs: [PositionRun], of session: SessionKey, _ number: UInt64
    ) throws(RunFailure) {
        project(skipped: runs, of: session, record: number)
        try keepRestoredRows(number)
    }

    /// In recovery: hands a record's rows to the tables, unless they are there.
    mutating func keepRestoredRows(_ number: UInt64) throws(RunFailure) {
        guard number > applied else {
            _ = projector.takeRows()
            return
        }
        guard projector.rows.count >= Self.restoredRows else { return }
        do {
            try setup.projections.apply(projector.takeRows(), upTo: number)
        } catch { throw .store(error) }
    }
    private static let restoredRows = 8_192

    /// Whether a fact of an earlier start may not have been told.
    func isUntold(_ place: RunNews.Place) -> Bool {
        setup.news.map { $0.mark < place } ?? false
    }

    /// In recovery: the log's last record.
    mutating func restoreEnd(_ number: UInt64, late: Int) {
        note(endAt: number, late: late)
        for one in news {
            if let place = one.place, isUntold(place) { setup.news?.tell(one) }
        }
        news.removeAll()
    }
}
