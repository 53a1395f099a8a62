import Kernel
import Platform
package import Ports
import TradingModel

/// A run as fast as possible: the decision stage takes the next step when every session has answered this.
///
/// Time is simulated. The outcome is a function of the recording, the configuration and what the servers
/// compute: not of batching, speed, scheduling or restarts.
package final class LockstepRun: Sendable {
    private let setup: RunSetup
    private let journal: AccountJournal

    package init(_ setup: RunSetup, journal: AccountJournal) {
        self.setup = setup
        self.journal = journal
    }

    /// Ends the run behind the step in hand; it can be resumed. Any thread.
    package func stop(_ reason: String) { setup.control.stop(reason) }

    /// Runs on the calling thread to the end of the recording, or to a stop.
    package func run(ready: () -> Void) throws(RunFailure) -> RunSummary {
        let begun = setup.clock.monotonic()
        var state = RunState(setup)
        let reader: StepReader
        do { reader = try StepReader(setup.recording, setup.market) } catch { throw .feed(error) }
        var recovery = Recovery()
        let isRead = isJournalRead
        recovery.onUpdate = { [journal] position, account, update in
            if isRead { journal.add(update, of: account, at: position) }
        }
        recovery.stopReason = { [setup] in setup.control.stopReason }
        do {
            try recovery.restore(&state, from: reader)
        } catch {
            try? setup.log.close()  // the first error is the one to tell
            throw error
        }
        begin(&recovery, &state)
        state.writer.start()
        let end: String
        do {
            if recovery.records == 0 { try state.append(.head(setup.head)) }
            try state.append(.start(utc: setup.clock.utc(), monotonic: begun))
            try state.recordDescribed(entry: state.time)
            setup.observer.started(
                RunStart(
                    run: setup.head.run, mode: RunStart.replay(at: nil), resumedAt: state.lastStep,
                    folder: setup.folder))
            ready()
            end = recovery.isFinished ? "finished" : try loop(&state, reader)
            try tellReports(&state, failsRun: false)
            try state.writeQuiet()
            try state.recordCoverage(entry: state.time)
            state.outside = reader.outside
            if end == "finished", !recovery.isFinished {
                try state.appendEnd(late: reader.late)
            }
        } catch {
            setup.control.leftAtFailure = state.left
            try? state.writer.finish()  // the first error is the one to tell
            throw error
        }
        do { try state.writer.finish() } catch {
            setup.control.leftAtFailure = state.left
            throw .store(error)
        }
        let seconds = Double(setup.clock.monotonic() - begun) / 1e9
        return state.summary(end: end, late: reader.late, seconds: seconds)
    }

    /// What no session reads need not be kept.
    private var isJournalRead: Bool { setup.sessions.contains { $0.subscription.readsAccount } }

    private func begin(_ recovery: inout Recovery, _ state: inout RunState) {
        for (index, link) in setup.sessions.enumerated() {
            // The standby stands behind its main server.
            let isLast = state.duty(of: index) == nil || state.isSecond(index)
            link.lane.restore(
                state.isNew(link) ? [:] : recovery.takeResults(of: link.key, isLast: isLast),
                through: state.behind,
                // What it says of a time when it was off is nobody's to compare.
                isWhole: link.order == 0 && !state.versions.wasOff(link.slot, of: link.source))
        }
        journal.decide(state.lastStep)
    }

    /// Steps between two looks at the clock.
    private static let progressEvery: UInt64 = 256
    /// Steps between two looks at standbys, which nobody waits for.
    private static let standbyEvery: UInt64 = 64

    private func loop(_ state: inout RunState, _ reader: StepReader) throws(RunFailure) -> String {
        var step = Step()
        var waits: [SessionWait] = []
        var standbysDue = Self.standbyEvery
        while try state.hear(setup.control, entry: state.time) == nil {
            admit(state, &waits)
            if !state.standbys.isEmpty, reader.step >= standbysDue {
                standbysDue = reader.step + Self.standbyEvery
                for duty in state.standbys.indices { state.standbys[duty].hearSecond() }
                state.tellDifferences()
            }
            let isRead = state.sessions.contains { $0.subscription.readsAccount }
            var isBegun = false
            let passable = min(
                passable(waits, state, behind: reader.step),
                Int(clamping: state.nextChange - reader.step))
            if passable > 0 {
                isBegun = try passTicks(&state, reader, &step, most: passable)
                if reader.step % Self.progressEvery == 0 || !isBegun, state.progressDue != nil {
                    state.tellProgress(reader, now: setup.clock.monotonic())
                }
            }
            if !isBegun {
                let isOver: Bool
                do { isOver = try !reader.read(into: &step) } catch { throw .feed(error) }
                if isOver {
                    try hearStandbysOut(&state, &waits)
                    return "finished"
                }
            }
            state.took(step)
            if !isBegun { state.engine.begin(step, entry: step.time) }
            guard try settle(&state, step, &waits, reader) else { return "stopped" }
            let updates = state.engine.newAccountUpdates(of: step.number)
            if isRead {
                for (position, account, update) in updates {
                    journal.add(update, of: account, at: position)
                }
            }
            journal.publish(step.number)
            guard try settleAccounts(&state, step, &waits, reader) else { return "stopped" }
            state.engine.sendOrders()
            try state.record(entry: step.time, at: step.last)
            finishSteps(&state, through: step.number)
            if step.number % Self.progressEvery == 0, state.progressDue != nil {
                state.tellProgress(reader, now: setup.clock.monotonic())
            }
        }
        return "stopped"
    }

    /// Waits for who joined from now on.
    private func admit(_ state: borrowing RunState, _ waits: inout [SessionWait]) {
        for (index, link) in state.sessions.enumerated() {
            if index == waits.count {
                waits.append(SessionWait(link, duty: state.duty(of: index)))
            } else if waits[index].link !== link {
                waits[index] = SessionWait(link)
            }
        }
    }

    /// How many ticks behind `step` no session has to be asked about.
    private func passable(
        _ waits: borrowing [SessionWait], _ state: borrowing RunState, behind step: UInt64
    ) -> Int {
        // What versions' notes say is written down with the step they count from.
        guard state.notes.isEmpty else { return 0 }
        var last = UInt64.max
        for index in waits.indices
        where state.isActive(waits[index].link) && !state.isSecond(index) {
            // Who reads its account is fed a step at a time.
            guard !waits[index].link.subscription.readsAccount else { return 0 }
            last = min(last, waits[index].quietThrough)
        }
        return last > step ? Int(clamping: last - step) : 0
    }

    /// Ticks of which nothing comes need no step made for them.
    ///
    /// - Returns: Whether something came of one: its step is in hand, begun.
    private func passTicks(
        _ state: inout RunState, _ reader: StepReader, _ step: inout Step, most: Int
    ) throws(RunFailure) -> Bool {
        let passed: (quiet: Int, decided: Bool)
        do {
            // A server that was not told of a tick may name it nevertheless.
            let isAnyUntold = state.sessions.contains { !$0.subscription.ticks }
            var events: [MarketEvent] = []
            passed = try reader.passTicks(
                through: &state.engine, most: most, decided: &step,
                noted: isAnyUntold ? { events.append($0) } : nil)
            for event in events { state.projector.note(event) }
        } catch { throw .feed(error) }
        let last = reader.step - (passed.decided ? 1 : 0)
        try state.passed(ticks: passed.quiet, through: last, time: reader.time)
        if passed.quiet > 0, !state.sessions.isEmpty { finishSteps(&state, through: last) }
        return passed.decided
    }

    /// Sessions may go on: everything through `step` is taken.
    private func finishSteps(_ state: inout RunState, through step: UInt64) {
        let end = EventPosition.endOfStep(step)
        for (index, link) in state.sessions.enumerated() where state.isActive(link) {
            link.lane.close(through: state.closable(index, through: end), known: end)
            if !state.versions.isEmpty { _ = state.cover(index, through: end) }
        }
        journal.decide(step)
    }

    /// Waits for every session's word on the step's market events, hears it and closes the rounds.
    private func settle(
        _ state: inout RunState, _ step: borrowing Step, _ waits: inout [SessionWait],
        _ reader: StepReader
    ) throws(RunFailure) -> Bool {
        var results: [ServerResult] = []
        var others: [(VersionSlot, ServerResult)] = []
        for index in waits.indices where !state.isSecond(index) {
            guard state.isActive(waits[index].link) else {
                waits[index].skip()
                continue
            }
            guard
                let last = step.events.last(where: { waits[index].link.subscription.hears($0) })?
                    .position
            else { continue }
            // What is asked for while a session is waited for counts for this step.
            guard try wait(for: last, &waits[index], &state, reader, from: step.number) else {
                return false
            }
            guard state.isActive(waits[index].link) else { continue }
            take(&waits[index], through: last, step, state, &results, &others)
        }
        hear(&results, others, &state, step)
        return true
    }

    /// The same for fills, with sessions that read them.
    private func settleAccounts(
        _ state: inout RunState, _ step: borrowing Step, _ waits: inout [SessionWait],
        _ reader: StepReader
    ) throws(RunFailure) -> Bool {
        var results: [ServerResult] = []
        var others: [(VersionSlot, ServerResult)] = []
        for index in waits.indices where !state.isSecond(index) {
            let subscription = waits[index].link.subscription
            guard subscription.readsAccount, let account = subscription.account,
                state.isActive(waits[index].link)
            else { continue }
            let from = EventPosition(step: step.number, index: EventPosition.firstAccountIndex - 1)
            let updates = journal.updates(of: account, after: from, through: step.number) ?? []
            guard let last = updates.last(where: { subscription.hears($0.1.instrument) })?.0 else {
                continue
            }
            // The step's market events were heard by now.
            guard try wait(for: last, &waits[index], &state, reader, from: step.number + 1) else {
                return false
            }
            take(&waits[index], through: last, step, state, &results, &others)
        }
        if !results.isEmpty || !others.isEmpty { hear(&results, others, &state, step) }
        return true
    }

    /// Where a strategy has two versions, who is heard is asked when all of them were waited for.
    private func take(
        _ wait: inout SessionWait, through last: EventPosition, _ step: borrowing Step,
        _ state: borrowing RunState, _ results: inout [ServerResult],
        _ others: inout [(VersionSlot, ServerResult)]
    ) {
        guard state.versions.plan(of: wait.link.source) != nil else {
            return wait.take(through: last, entry: step.time, into: &results)
        }
        var taken: [ServerResult] = []
        wait.take(through: last, entry: step.time, into: &taken)
        others += taken.map { (wait.link.slot, $0) }
    }

    private func hear(
        _ results: inout [ServerResult], _ others: [(VersionSlot, ServerResult)],
        _ state: inout RunState, _ step: borrowing Step
    ) {
        for (slot, result) in others {
            if state.isHeard(result, from: slot) {
                results.append(result)
            } else {
                state.notes.append(.shadow(slot, result))
            }
        }
        results.sort(by: ServerResult.precedes)
        for result in results { state.engine.hear(result, now: step.time) }
        state.engine.closeRounds(at: step.last, now: step.time)
    }

    /// Waits no longer for a version that is switched off meanwhile.
    ///
    /// - Parameter step: From which on other versions are heard that are asked for meanwhile.
    /// - Returns: False when the run is to stop.
    private func wait(
        for position: EventPosition, _ wait: inout SessionWait, _ state: inout RunState,
        _ reader: StepReader, from step: UInt64
    ) throws(RunFailure) -> Bool {
        // Mostly a server is far ahead: then there is no time to ask for.
        guard wait.watermark < position else { return true }
        var since = setup.clock.monotonic()
        while wait.watermark < position {
            drain(&wait, &state)
            try state.take(setup.control.takeVersions(joining: false), from: step)
            if !state.isActive(wait.link) { return true }
            if let error = journal.failure { throw .feed(error) }
            try tellReports(&state)
            if wait.watermark >= position { return true }
            if let duty = wait.duty, let news = state.takeOver(duty) {
                wait.add(news, through: state.standbys[duty].pair.watermark)
                since = setup.clock.monotonic()
                continue
            }
            let link = wait.duty.map { state.standbys[$0].heardLink } ?? wait.link
            if let error = setup.control.failure { throw .store(error) }
            if setup.control.stopReason != nil { return false }
            // One that is fed again from the first event is at work, though it says nothing new.
            since = max(since, link.lane.heardAt)
            let now = setup.clock.monotonic()
            guard now - since < setup.patience else {
                let session = state.projector.state(of: link)
                throw .server(
                    place: link.place,
                    why: "no answer to event \(position) for \(setup.patience / 1_000_000_000) s;"
                        + " it is \(session)\n  see its own log; run.patience says how long it is waited for"
                )
            }
            state.tellProgress(reader, now: now)
            let next = state.progressDue ?? .max
            _ = setup.doorbell.wait(until: min(since + setup.patience, now + 1_000_000_000, next))
        }
        return true
    }

    private func drain(_ wait: inout SessionWait, _ state: inout RunState) {
        guard let duty = wait.duty else { return wait.drain() }
        let news = state.standbys[duty].drain()
        wait.add(news, through: state.standbys[duty].pair.watermark)
        state.tellDifferences()
    }

    /// The recording is through: who stands by and lives is waited for, so that all it says is compared.
    private func hearStandbysOut(
        _ state: inout RunState, _ waits: inout [SessionWait]
    ) throws(RunFailure) {
        let last = setup.clock.monotonic() + setup.patience
        for index in waits.indices {
            // What is heard goes to one of the pair's waits, and to no other.
            guard let duty = waits[index].duty, !state.isSecond(index) else { continue }
            while setup.control.stopReason == nil, setup.control.failure == nil {
                try tellReports(&state, failsRun: false)
                drain(&waits[index], &state)
                let pair = state.standbys[duty].pair
                let other = pair.heard.other
                let now = setup.clock.monotonic()
                guard pair.isLive(other), pair.watermark(of: other) < pair.watermark, now < last
                else { break }
                _ = setup.doorbell.wait(until: min(last, now + 1_000_000_000))
            }
        }
    }

    private func tellReports(
        _ state: inout RunState, failsRun: Bool = true
    ) throws(RunFailure) {
        for (index, link) in state.sessions.enumerated() {
            let (reports, contradictions) = link.lane.takeReports()
            for report in reports {
                state.noteState(report, of: index)
                try SessionNews.tell(
                    report, of: link, &state, observer: setup.observer,
                    failsRun: failsRun && state.isActive(link) && state.isIndispensable(index))
            }
            SessionNews.tell(contradictions, of: link, time: state.time, observer: setup.observer)
        }
    }
}
