import Kernel
import Platform
package import Ports
import TradingModel

/// A recording at a chosen speed: nobody is waited for, so a server that is late is late.
///
/// Deadlines and validity run on the host's monotonic clock. The loop owns the kernel; sessions leave
/// results in their lanes and ring the bell.
package final class PacedRun: Sendable {
    package struct Feed: Sendable {
        package let link: SessionLink
        package let ring: RingFeed
        package init(link: SessionLink, ring: RingFeed) {
            self.link = link
            self.ring = ring
        }
    }
    let setup: RunSetup
    private let feeds: [Feed]
    private let speed: Double
    let lastEntry = Locked<Int64>(0)
    /// When the loop began, monotonic ns.
    let loopBegan = Locked<Int64>(0)

    package init(_ setup: RunSetup, feeds: [Feed], speed: Double) {
        self.setup = setup
        self.feeds = feeds
        self.speed = speed
    }

    /// Ends the run behind the step in hand; it can be resumed. Any thread.
    package func stop(_ reason: String) { setup.control.stop(reason) }

    /// Runs on the calling thread to the end of the recording, or to a stop.
    package func run(ready: () -> Void) throws(RunFailure) -> RunSummary {
        let begun = setup.clock.monotonic()
        var state = RunState(setup)
        state.feeds = feeds
        let reader: StepReader
        do { reader = try StepReader(setup.recording, setup.market) } catch { throw .feed(error) }
        var recovery = Recovery()
        let rings = feeds
        recovery.onStep = { step in Self.recall(step, to: rings) }
        recovery.onSkipped = { session, runs in
            for feed in rings where feed.link.key == session { feed.ring.recall(leftOut: runs) }
        }
        recovery.onUpdate = { position, account, update in
            Self.recall(update, at: position, of: account, to: rings)
        }
        recovery.stopReason = { [setup] in setup.control.stopReason }
        do {
            try recovery.restore(&state, from: reader)
        } catch {
            try? setup.log.close()  // the first error is the one to tell
            throw error
        }
        state.engine.told(updates: recovery.fillsOfStep)
        for (index, feed) in feeds.enumerated() {
            let end = through(feed, state.behind)
            var position = min(end, state.resumePoint(of: feed.link) ?? end)
            // A fill may yet come behind the log's last step: it is behind what was answered, too.
            if feed.link.subscription.readsAccount, feed.ring.newest > .start {
                position = min(position, feed.ring.newest)
            }
            state.begin(index, behind: position, newest: feed.ring.newest)
            feed.link.lane.restore(
                state.isNew(feed.link)
                    ? [:]
                    : recovery.takeResults(
                        of: feed.link.key,
                        isLast: feed.link.seat == .standby
                            || !state.standbys.contains { $0.links[0] === feed.link }),
                through: position, known: end, isWhole: !state.isNew(feed.link))
        }
        state.writer.start()
        let end: String
        do {
            if recovery.records == 0 { try state.append(.head(setup.head)) }
            let start = DeskClock(utc: setup.clock.utc(), monotonic: setup.clock.monotonic())
            try state.append(.start(utc: start.utc, monotonic: start.monotonic))
            if !recovery.isFinished { state.beginDispatching(start) }
            try state.recordDescribed(entry: now())
            let position = EventPosition.endOfStep(state.lastStep)
            // Of a run that is over nothing is decided any more.
            if !recovery.isFinished { state.engine.expireAll(at: position) }
            if !recovery.isFinished { try state.hearKill(setup.control, entry: now()) }
            try state.recordBetween(entry: now(), at: position)
            try state.recordAnswered()
            setup.observer.started(
                RunStart(
                    run: setup.head.run, mode: RunStart.replay(at: speed),
                    resumedAt: state.lastStep,
                    folder: setup.folder))
            ready()
            end = recovery.isFinished ? "finished" : try loop(&state, reader)
            try tellOverflow(&state, now: .max)
            try state.writeQuiet()
            try state.recordCoverage(entry: now())
            state.outside = reader.outside
            if end == "finished", !recovery.isFinished {
                try state.appendEnd(late: reader.late)
            }
        } catch {
            setup.control.leftAtFailure = state.left
            try? state.writer.finish()  // the first error is the one to tell
            throw error
        }
        for feed in state.feeds { feed.ring.end() }
        do { try state.writer.finish() } catch {
            setup.control.leftAtFailure = state.left
            throw .store(error)
        }
        state.giveAnswers()
        return state.summary(
            end: end, late: reader.late, seconds: Double(setup.clock.monotonic() - begun) / 1e9)
    }

    /// Where a session goes on at a start: behind all that it hears of the last step. Not behind all of that step where
    /// its instruments may change, for such a change would lie before it.
    private func through(_ feed: Feed, _ behind: EventPosition) -> EventPosition {
        feed.link.subscription.roster == nil ? behind : min(behind, feed.ring.newest)
    }

    private func now() -> Timestamp { Timestamp(nanoseconds: setup.clock.monotonic()) }

    private func loop(_ state: inout RunState, _ reader: StepReader) throws(RunFailure) -> String {
        loopBegan.withLock { $0 = setup.clock.monotonic() }
        var pacer = Pacer(
            speed: speed, longestPause: setup.longestPause, now: setup.clock.monotonic())
        var entries = EntryTimes()
        var step = Step()
        var hasNext = try read(reader, &step, &pacer)
        state.beginWatching(from: step.time)
        while try state.hear(setup.control, entry: now()) == nil {
            let position = EventPosition.endOfStep(state.lastStep)
            try hearSessions(&state, entries, at: position)
            try hearBrokers(&state, at: position)
            let moment = setup.clock.monotonic()
            state.tellProgress(reader, now: moment, lag: hasNext ? max(0, moment - pacer.due) : 0)
            // Before the next row, due or not: a host that is behind owes rounds their time too.
            state.engine.advance(to: Timestamp(nanoseconds: moment), at: position)
            state.engine.sendOrders()
            try state.recordBetween(entry: Timestamp(nanoseconds: moment), at: position)
            try state.lookAround(at: moment, market: hasNext ? pacer.time(at: moment) : nil)
            if hasNext, moment >= pacer.due {
                let entry = now()
                if moment - pacer.due < Self.isBehind {
                    setup.lend { take(step, at: entry, &state, &entries) }
                } else {
                    take(step, at: entry, &state, &entries)
                }
                try state.record(entry: entry, at: step.last)
                hasNext = try read(reader, &step, &pacer)
                continue
            }
            if !hasNext, isSettled(state), try state.isThroughWithBrokers(at: moment) {
                return "finished"
            }
            let round = state.engine.kernel.nextDeadline?.nanoseconds ?? .max
            let due = hasNext ? pacer.due : moment + 1_000_000_000
            let watch = state.watchDue
            let next = min(
                due, round, state.nextWake(at: moment), watch.monotonic,
                hasNext ? pacer.moment(of: watch.market) : .max)
            _ = setup.doorbell.wait(until: min(next, state.progressDue ?? .max))
        }
        return "stopped"
    }

    /// A loop that is late by more leaves the sending to others, ns.
    private static let isBehind: Int64 = 1_000_000

    private func read(
        _ reader: StepReader, _ step: inout Step, _ pacer: inout Pacer
    ) throws(RunFailure) -> Bool {
        do {
            guard try reader.read(into: &step) else { return false }
        } catch { throw .feed(error) }
        pacer.next(step.time)
        return true
    }

    private func take(
        _ step: borrowing Step, at entry: Timestamp, _ state: inout RunState,
        _ entries: inout EntryTimes
    ) {
        let utc = Timestamp(nanoseconds: setup.clock.utc())
        entries.set(entry, of: step.number)
        lastEntry.withLock { $0 = entry.nanoseconds }
        let active =
            state.versions.isEmpty ? state.feeds : state.feeds.filter { state.isActive($0.link) }
        Self.share(step, entry: utc, among: active) { $0.ring.push($1) }
        state.took(step)
        state.watched(step)
        state.engine.begin(step, entry: entry)
        coverQuiet(&state, at: step.last, now: entry)
        state.engine.closeCovered(at: step.last, now: entry)
        state.engine.sendOrders()
        tellAccounts(&state, at: utc)
    }

    /// Takes what brokers said, gives them what is durable, and tells sessions what was filled.
    private func hearBrokers(
        _ state: inout RunState, at position: EventPosition
    ) throws(RunFailure) {
        guard state.isRouted else { return }
        let moment = now()
        try state.hearBrokers(at: moment.nanoseconds)
        tellAccounts(&state, at: Timestamp(nanoseconds: setup.clock.utc()))
        try state.recordBetween(entry: moment, at: position)
        state.closeRequests()
    }

    private func tellAccounts(_ state: inout RunState, at utc: Timestamp) {
        let updates = state.engine.newAccountUpdates(of: state.lastStep)
        guard !updates.isEmpty else { return }
        for feed in state.feeds
        where feed.link.subscription.readsAccount && state.isActive(feed.link) {
            feed.ring.push(
                updates.filter { Self.hears(feed, $0.2, of: $0.1) }
                    .map {
                        SharedEvent(
                            SessionEvent(position: $0.0, entryTime: utc, kind: .account($0.2)))
                    })
        }
    }

    /// What a session left.
    private struct Left {
        // What a server said before it went away is heard before that it went.
        let reports: [SessionReport]
        let contradictions: [SessionLane.Identity]
        let arrivals: [SessionLane.Arrival]
        let watermark: EventPosition
        /// - Parameter hasRoom: For results; they stay in the lane otherwise.
        init(_ lane: SessionLane, hasRoom: Bool) {
            (reports, contradictions) = lane.takeReports()
            var arrivals: [SessionLane.Arrival] = []
            watermark = hasRoom ? lane.drain(into: &arrivals) : .start
            self.arrivals = arrivals
        }
    }

    /// Takes what sessions left: reports, results, watermarks.
    ///
    /// All of it is heard at one moment, the entry of its record: a replay has no other clock to decide by.
    private func hearSessions(
        _ state: inout RunState, _ entries: borrowing EntryTimes, at position: EventPosition
    ) throws(RunFailure) {
        let left = state.feeds.indices.map { index in
            Left(state.feeds[index].link.lane, hasRoom: state.hasRoom(index))
        }
        let moment = now()
        for (index, (feed, left)) in zip(state.feeds, left).enumerated() {
            let arrivals = state.admit(left.arrivals, through: left.watermark, of: index)
            for arrival in arrivals {
                let result = result(arrival, of: feed.link, entries)
                state.noteLatency(of: result, session: index)
                if state.isRemoved(result, of: feed.link) {
                    state.notes.append(.removed(feed.link.slot, result))
                } else {
                    state.hear(result, from: feed.link.slot, now: moment)
                }
            }
            if !arrivals.isEmpty { state.watch?.heard(from: feed.link, at: state.time) }
            guard state.isActive(feed.link) else {
                try tell(left.reports, left.contradictions, of: feed, &state)
                continue
            }
            let known = EventPosition.endOfStep(state.lastStep)
            feed.link.lane.close(through: min(left.watermark, known), known: known)
            let answered = left.watermark >= feed.ring.newest ? known : left.watermark
            if let covered = state.cover(index, through: answered) {
                state.engine.cover(
                    feed.link.source, shard: feed.link.shard, through: covered, now: moment)
            }
            for report in left.reports {
                if case .state(let session, _) = report {
                    let isLive = state.setLive(session == .live || session == .slow, index)
                    if !state.lives[index] { state.watch?.lost(feed.link) }
                    state.noteState(report, of: index)
                    // Whether a pair lives is known when both were heard.
                    guard state.duty(of: index) == nil else { continue }
                    state.engine.setLive(
                        isLive, feed.link.source, shard: feed.link.shard, at: position, now: moment)
                }
            }
            try tell(left.reports, left.contradictions, of: feed, &state)
        }
        hearStandbys(&state, entries, at: position, now: moment)
        state.engine.sendOrders()
        try state.recordBetween(entry: moment, at: position)
        // Behind what was heard: its record is to say that alone.
        try tellOverflow(&state, now: setup.clock.monotonic())
    }

    /// Lets standbys take over, and the kernel know of pairs that live or not.
    private func hearStandbys(
        _ state: inout RunState, _ entries: borrowing EntryTimes, at position: EventPosition,
        now moment: Timestamp
    ) {
        for duty in state.standbys.indices {
            let news = state.takeOver(duty)
            let index = state.standbys[duty].heard
            let link = state.standbys[duty].heardLink
            for arrival in news ?? [] {
                // Nobody could act on it before: it comes now, and is late or not by that.
                let now = SessionLane.Arrival(result: arrival.result, time: moment.nanoseconds)
                let result = result(now, of: link, entries)
                state.noteLatency(of: result, session: index)
                state.hear(result, from: link.slot, now: moment)
            }
            let isLive = state.lives[index]
            if news != nil {
                state.engine.cover(
                    link.source, shard: link.shard, through: state.covered[index], now: moment)
            }
            guard isLive != state.standbys[duty].isToldLive else { continue }
            state.standbys[duty].isToldLive = isLive
            state.engine.setLive(isLive, link.source, shard: link.shard, at: position, now: moment)
        }
        state.tellDifferences()
    }

    /// Of every session, for one that was switched off may have been told something before.
    private func tellOverflow(_ state: inout RunState, now: Int64) throws(RunFailure) {
        for (index, feed) in state.feeds.enumerated() {
            try state.tell(feed.ring.takeNews(), of: index, now: now)
            // Pairs have taken theirs: it is told where the other one answered.
            try state.tell(unasked: feed.link.lane.takeUnasked(), of: index)
        }
    }

    private func tell(
        _ reports: [SessionReport], _ contradictions: [SessionLane.Identity], of feed: Feed,
        _ state: inout RunState
    ) throws(RunFailure) {
        for report in reports {
            try SessionNews.tell(
                report, of: feed.link, &state, observer: setup.observer, failsRun: false)
        }
        SessionNews.tell(
            contradictions, of: feed.link, time: state.time, observer: setup.observer)
    }

    /// Sessions that a step does not concern owe nothing for it.
    private func coverQuiet(
        _ state: inout RunState, at position: EventPosition, now: Timestamp
    ) {
        for (index, feed) in state.feeds.enumerated()
        where feed.ring.newest.step < position.step && state.isActive(feed.link) {
            guard feed.link.lane.resumePoint().watermark >= feed.ring.newest,
                let covered = state.cover(index, through: position)
            else { continue }
            state.engine.cover(
                feed.link.source, shard: feed.link.shard, through: covered, now: now)
        }
    }

    private func result(
        _ arrival: SessionLane.Arrival, of link: SessionLink, _ entries: borrowing EntryTimes
    ) -> ServerResult {
        ServerResult(
            source: link.source, position: arrival.result.position,
            instrument: arrival.result.instrument,
            index: arrival.result.index, result: arrival.result.result,
            entryTime: entries.time(
                of: arrival.result.position.step, before: Timestamp(nanoseconds: arrival.time)),
            arrivalTime: Timestamp(nanoseconds: arrival.time))
    }
}
