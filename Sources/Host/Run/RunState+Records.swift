import Kernel
import Platform
import Ports
import TradingModel

/// How the log, the tables' rows and what people are told come of a step: one record at a time.
extension RunState {
    private static let longestQuiet: UInt64 = 65_536

    mutating func recordQuiet(from first: UInt64) throws(RunFailure) {
        decidedStep = lastStep
        if quietFrom == nil { quietFrom = first }
        // Bars are in their tables with their step, however quiet the market is.
        if let from = quietFrom, projector.hasBars || lastStep - from >= Self.longestQuiet {
            try writeQuiet(through: lastStep, marks: marks(through: lastStep))
            try recordAnswered()
        }
    }

    /// Writes a change down, with the votes that it ended.
    mutating func record(
        _ change: PlanChange, entry: Timestamp, _ layOut: (inout RunState) -> Void
    ) throws(RunFailure) {
        // What an account's state withdraws at a broker outside: desks hear of it behind this record.
        dispatcher?.note(engine.facts)
        let cancels = dispatcher == nil ? [] : engine.takeWishes().cancels
        engine.takeFacts(into: &facts)
        decidedStep = lastStep
        if lastStep > 0 { try writeQuiet(through: lastStep - 1, marks: marks) }
        do {
            let number = writer.nextNumber
            projector.takeBars(record: number)
            for (index, fact) in facts.parts.enumerated() {
                note(fact, RunNews.Place(record: number, index: UInt32(index)))
            }
            layOut(&self)
            projector.take(change, at: behind, time: time, record: number)
            let record = LogRecord.changed(lastStep, entry: entry, facts: facts, change)
                .encoded(with: &pen)
            try append(record, rows: projector.takeRows(), marks: marks(through: lastStep))
            recorded(facts, DeskMinutes(), as: number)
        } catch { throw .store(error) }
        let now = deskClock.time(entry.nanoseconds)
        for order in cancels { dispatcher?.cancel(order, reason: "its end is wanted", at: now) }
    }

    /// Writes the step down: its facts, or that it caused none.
    mutating func record(entry: Timestamp, at position: EventPosition) throws(RunFailure) {
        settle(at: entry.nanoseconds, position)
        engine.takeFacts(into: &facts)
        let minutes = dispatcher?.takeMinutes() ?? DeskMinutes()
        if facts.isEmpty, notes.isEmpty, minutes.isEmpty {
            return try recordQuiet(from: lastStep)
        }
        noteCoverage()
        decidedStep = lastStep
        // What these facts heard is safe with their own record, not with the one before it.
        if lastStep > 0 { try writeQuiet(through: lastStep - 1, marks: marks) }
        do {
            let number = writer.nextNumber
            projector.takeBars(record: number)
            let parts = facts.parts
            // Facts are of the versions that the notes name.
            for one in notes { note(one, number) }
            for (index, fact) in parts.enumerated() {
                note(fact, RunNews.Place(record: number, index: UInt32(index)))
            }
            news += newsOfNotes(notes, number, behind: parts.count)
            note(minutes, number)
            let record =
                !minutes.isEmpty
                ? LogRecord.routed(lastStep, entry: entry, facts: facts, minutes, notes: notes)
                : notes.isEmpty
                    ? .step(lastStep, entry: entry, facts: facts)
                    : .noted(lastStep, entry: entry, facts: facts, notes: notes)
            notes.removeAll(keepingCapacity: true)
            try append(
                record.encoded(with: &pen), rows: projector.takeRows(),
                marks: marks(through: lastStep))
            recorded(facts, minutes, as: number)
        } catch { throw .store(error) }
        try recordAnswered()
    }

    /// Writes down what was decided behind the last step and before the next; nothing if nothing was.
    mutating func recordBetween(entry: Timestamp, at position: EventPosition) throws(RunFailure) {
        settle(at: entry.nanoseconds, position)
        guard engine.hasFacts || !notes.isEmpty || dispatcher?.hasMinutes == true else { return }
        try record(entry: entry, at: position)
    }

    /// What each session answered and the loop took, as far as the record reaches: results that came
    /// for a step which is durable already are safe with the record that holds them, not before.
    func marks(through step: UInt64) -> [EventPosition] {
        var marks = sessions.map { min($0.lane.closed, .endOfStep(step)) }
        // Of two that say the same, what is in the log is of the one that is heard.
        for duty in standbys {
            for place in duty.places { marks[place] = min(marks[place], marks[duty.heard]) }
        }
        return marks
    }

    private mutating func note(_ fact: Fact, _ place: RunNews.Place) {
        if let booked = setup.booked, case .filled(let fill, let booking) = fact,
            let decision = projector.decision(of: fill.order)
        {
            booked(
                BookedFill(
                    step: lastStep, fill: fill, booking: booking, order: decision.order,
                    source: decision.source, reference: decision.reference))
        }
        projector.take(fact, at: behind, time: time, record: place.record)
        if let one = tellable(fact, place) { news.append(one) }
        var exit: ExitWords?
        if case .exit(let fact) = fact { exit = projector.exitWords(fact, place.record) }
        let orders = projector.orders
        if let notice = narrator.notice(of: fact, time: time, orders: orders, exit: exit) {
            notices.append(notice)
        }
    }

    private mutating func note(_ note: VersionNote, _ record: UInt64) {
        project(note, record: record)
        if let notice = notice(of: note) { notices.append(notice) }
    }

    /// Behind what the facts of their record tell: who takes news takes none that stands before what it has.
    func newsOfNotes(_ notes: [VersionNote], _ record: UInt64, behind count: Int) -> [RunNews] {
        guard setup.news != nil else { return [] }
        return notes.enumerated().compactMap { index, note in
            tellable(note, RunNews.Place(record: record, index: UInt32(count + index)))
        }
    }

    private func tellable(_ note: VersionNote, _ place: RunNews.Place) -> RunNews? {
        if case .seated(let source, let shard, let seat, _, let reason) = note {
            return RunNews(
                place: place, time: time, account: nil,
                event: .server(
                    name(of: seat, source, shard), .tookOver,
                    detail: oneLine(reason)))
        }
        guard case .changed(let source, let plan, _, let order, _) = note, order > 0
        else { return nil }
        return RunNews(
            place: place, time: time, account: nil,
            event: .versions(setup.plan.sources[Int(source.index)].name, plan))
    }
    mutating func tell(_ one: RunNews) { news.append(one) }

    mutating func tellable(_ fact: Fact, _ place: RunNews.Place) -> RunNews? {
        guard setup.news != nil else { return nil }
        var last: Price?
        if case .signal(let signal, .alert) = fact {
            last = engine.kernel.lastPrice(of: signal.instrument)
        }
        return newsWriter.news(
            of: fact, at: place, time: time, orders: projector.orders, last: last)
    }

    private mutating func writeQuiet(
        through last: UInt64, marks: [EventPosition]
    ) throws(RunFailure) {
        guard let first = quietFrom else { return }
        quietFrom = nil
        guard first <= last else { return }
        do {
            // Of the step in hand they belong to its own record.
            if last == lastStep { projector.takeBars(record: writer.nextNumber) }
            let rows = last == lastStep ? projector.takeRows() : []
            let record = LogRecord.quiet(first: first, last: last).encoded(with: &pen)
            try append(record, rows: rows, marks: marks)
        } catch { throw .store(error) }
    }

    /// Writes down what is decided; a step in hand is left for the next start.
    mutating func writeQuiet() throws(RunFailure) {
        try writeQuiet(through: decidedStep, marks: marks(through: decidedStep))
        try recordAnswered()
    }

    mutating func append(_ record: LogRecord) throws(RunFailure) {
        do {
            try append(
                record.encoded(with: &pen), rows: projector.takeRows(),
                marks: marks(through: lastStep))
        } catch { throw .store(error) }
    }

    private mutating func append(
        _ record: [UInt8], rows: [ProjectionRow], marks: [EventPosition]
    ) throws(StoreError) {
        defer {
            news.removeAll(keepingCapacity: true)
            notices.removeAll(keepingCapacity: true)
        }
        // At a pace it is safe when the log says how far they have answered.
        let marks = isPaced ? self.marks : marks
        try writer.append(record, rows: rows, marks: marks, news: news, notices: notices)
        self.marks = marks
    }

    /// Ends the log of a run that came to its end, and tells of it.
    mutating func appendEnd(late: Int) throws(RunFailure) {
        note(endAt: writer.nextNumber, late: late)
        try append(.finished(state: engine.stateHash(), ledger: projector.ledgerHash))
    }

    mutating func note(endAt number: UInt64, late: Int) {
        guard setup.news != nil else { return }
        news.append(
            RunNews(
                place: RunNews.Place(record: number, index: 0), time: time, account: nil,
                event: .finished(summary(end: "finished", late: late, seconds: 0))))
    }
}
