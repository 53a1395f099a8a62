package import Kernel
import Platform
package import Ports
package import TradingModel

/// Feeds a session from the recording itself, ahead of the decision stage: for runs as fast as possible.
///
/// It reads for itself, so a session that was fed to any point can be fed again from the first event.
/// Market events run ahead by at most `lead` steps; a session that reads account state is fed one
/// decision step at a time, each step's fills behind its market events.
package final class ReplayFeed: SessionFeed {
    private struct State {
        var reader: StepReader?
        var step = Step()
        var at = 0
        /// Account updates through this step were handed out or passed over.
        var accountStep: UInt64 = 0
        var handedOut = EventPosition.start
        var ended = false
        var given = 0
        /// The newest event that was counted: one that is handed out again is not counted again.
        var counted = EventPosition.start

        /// - Parameter new: How many of them were never handed out before.
        mutating func handOut(through position: EventPosition, new: Int) {
            handedOut = position
            counted = max(counted, position)
            given += new
        }

        mutating func handOut(_ position: EventPosition) {
            handedOut = position
            guard position > counted else { return }
            counted = position
            given += 1
        }
    }
    private let recording: any RecordedFeed
    private let plan: MarketPlan
    private let subscription: Subscription
    private let journal: AccountJournal
    private let state: Locked<State>
    /// A closure behind a lock needs a struct around it: bare, each access would wrap it once more.
    private struct Wake {
        var call: (@Sendable () -> Void)?
        /// A pull said that it waits for the loop, and nobody has been woken since.
        var isAwaited = false

        mutating func take() -> (@Sendable () -> Void)? {
            defer { isAwaited = false }
            return isAwaited ? call : nil
        }
    }
    private let wake = Locked(Wake())

    package init(
        _ recording: any RecordedFeed, _ plan: MarketPlan, _ subscription: Subscription,
        _ journal: AccountJournal
    ) {
        self.recording = recording
        self.plan = plan
        self.subscription = subscription
        self.journal = journal
        state = Locked(State())
        // The journal outlives connections: it is told once.
        journal.onProgress(eager: subscription.readsAccount) { [weak self] in
            // Mostly the session has enough to do, and a wake would only cost both their time.
            self?.wake.withLock { $0.take() }?()
        }
    }
    private static let lead: UInt64 = 65_536
    /// Read in one pull at most: it runs on the thread that every session shares.
    private static let stepsAtOnce = 2_048

    package func onMore(_ wake: @escaping @Sendable () -> Void) {
        self.wake.withLock { $0.call = wake }
    }

    package func history(_ inputs: [ServerInput], asOf position: EventPosition) -> (
        events: [SessionEvent], through: EventPosition
    ) {
        ([], .start)  // a warm-up never stands in for positions of a run
    }

    package var given: Int { state.withLock { $0.given } }

    /// A recording can be read again from its first row.
    package func reaches(_ position: EventPosition) -> Bool { true }

    package func pull(
        after position: EventPosition, limit: Int, into events: inout [SessionEvent]
    ) -> FeedPull {
        pull(after: position, limit: limit, to: &events)
    }

    /// As ``pull(after:limit:into:)``, to whatever takes events.
    package func pull<Sink: EventSink & ~Copyable>(
        after position: EventPosition, limit: Int, to sink: inout Sink
    ) -> FeedPull {
        let said = read(after: position, limit, to: &sink)
        guard said == .wait else { return said }
        wake.withLock { $0.isAwaited = true }
        // The loop may have gone on before it could know.
        return read(after: position, limit, to: &sink)
    }

    private func read<Sink: EventSink & ~Copyable>(
        after position: EventPosition, _ limit: Int, to sink: inout Sink
    ) -> FeedPull {
        var steps = Self.stepsAtOnce
        do {
            return try state.withLock { state throws(FeedError) -> FeedPull in
                var left = limit
                try rewind(&state, to: position)
                while left > 0 {
                    left -= try handOutTicks(
                        &state, after: position, most: left, &steps, to: &sink)
                    guard left > 0 else { break }
                    let (count, stop) = try advance(&state, after: position, &steps, to: &sink)
                    left -= count
                    if let stop { return left == limit ? stop : .events }
                }
                return .events
            }
        } catch {
            journal.fail(error)
            return .failed("\(error)")
        }
    }

    /// Begins again when the position lies before what was read.
    private func rewind(_ state: inout State, to position: EventPosition) throws(FeedError) {
        // What was passed over for a server that stood beyond it counts as handed out.
        defer { state.handedOut = max(state.handedOut, position) }
        guard state.reader == nil || state.handedOut > position else { return }
        state.reader = try StepReader(recording, plan)
        state.step = Step()
        state.at = 0
        state.accountStep = 0
        state.handedOut = .start
        state.ended = false
    }

    /// Hands out ticks that are their step's only event, as most are, without a step made for each.
    ///
    /// - Returns: How many.
    private func handOutTicks<Sink: EventSink & ~Copyable>(
        _ state: inout State, after position: EventPosition, most: Int, _ steps: inout Int,
        to sink: inout Sink
    ) throws(FeedError) -> Int {
        guard !subscription.readsAccount, state.at == state.step.events.count,
            let reader = state.reader
        else { return 0 }
        while true {
            let end = journal.decided + Self.lead
            let room = min(steps, Int(clamping: end - min(end, reader.step)))
            // Of those that it does not hear, more than it has room for may be passed.
            let limit = subscription.ticks ? min(room, most) : room
            guard limit > 0 else { return 0 }
            let counted = state.counted
            var (handedOut, new, last) = (0, 0, position)
            let count = try reader.readTicks(most: limit) { tick, place, time in
                guard place > position, subscription.hears(tick) else { return }
                sink.add(tick, at: place, entryTime: time)
                handedOut += 1
                if place > counted { new += 1 }
                last = place
            }
            guard count > 0 else { return 0 }
            steps -= count
            guard handedOut > 0 else { continue }
            state.handOut(through: last, new: new)
            return handedOut
        }
    }

    /// Hands out the next event, or a step's fills, or says why there is none.
    ///
    /// - Returns: How many.
    private func advance<Sink: EventSink & ~Copyable>(
        _ state: inout State, after position: EventPosition, _ steps: inout Int,
        to sink: inout Sink
    ) throws(FeedError) -> (count: Int, stop: FeedPull?) {
        while state.at < state.step.events.count {
            let event = state.step.events[state.at]
            state.at += 1
            if event.position > position, subscription.hears(event) {
                sink.add(SessionEvent(event, entry: state.step.time))
                state.handOut(event.position)
                return (1, nil)
            }
        }
        if subscription.readsAccount, let account = subscription.account,
            state.accountStep < state.step.number
        {
            let after = max(
                position,
                EventPosition(step: state.step.number, index: EventPosition.firstAccountIndex - 1))
            guard
                let updates = journal.updates(of: account, after: after, through: state.step.number)
            else { return (0, .wait) }
            state.accountStep = state.step.number
            var count = 0
            for (position, update) in updates where subscription.hears(update.instrument) {
                sink.add(
                    SessionEvent(
                        position: position, entryTime: state.step.time, kind: .account(update)))
                state.handOut(position)
                count += 1
            }
            return (count, nil)
        }
        if state.ended { return (0, .end) }
        let lead = subscription.readsAccount ? 1 : Self.lead
        guard let reader = state.reader, reader.step < journal.decided + lead else {
            return (0, .wait)
        }
        guard steps > 0 else { return (0, .lookOn) }
        steps -= 1
        if try !reader.read(into: &state.step) {
            state.ended = true
            return (0, .end)
        }
        state.at = 0
        return (0, nil)
    }
}
