package import Kernel
import Platform
package import Ports
import TradingModel

/// A version that begins in the middle of a run: its session, which is described and not yet fed.
///
/// At a pace its queue must hold what came before, for its warm-up and as its run's first positions: whoever
/// brings it reads the recording as far as the loop is, and the loop reads the little that is left. As fast as
/// possible it is fed from the first event, and what it says of those before its step is not heard.
package final class JoiningVersion: Sendable {
    private struct State {
        var reader: StepReader?
        var step = Step()
    }
    package let link: SessionLink
    /// At a pace.
    package let ring: RingFeed?
    /// Starts feeding it; called on the loop's thread.
    private let begin: @Sendable () -> Void
    private let state = Locked(State())

    package init(
        _ link: SessionLink, ring: RingFeed? = nil, begin: @escaping @Sendable () -> Void
    ) {
        self.link = link
        self.ring = ring
        self.begin = begin
    }

    /// Reads on through `step`, at most `limit` steps. One thread at a time.
    ///
    /// - Returns: The step it stands at.
    @discardableResult
    package func catchUp(
        through last: UInt64, limit: Int = .max, _ recording: any RecordedFeed, _ market: MarketPlan
    ) throws(FeedError) -> UInt64 {
        guard let ring else { return last }
        let subscription = link.subscription
        return try state.withLock { state throws(FeedError) -> UInt64 in
            if state.reader == nil { state.reader = try StepReader(recording, market) }
            guard let reader = state.reader else { return 0 }
            var left = limit
            while reader.step < last, left > 0, try reader.read(into: &state.step) {
                left -= 1
                let (events, time) = (state.step.events, state.step.time)
                ring.recall(
                    events.filter(subscription.hears).map {
                        SharedEvent(SessionEvent($0, entry: time))
                    })
            }
            return reader.step
        }
    }

    /// The loop takes it in: it stands where the run does.
    func join(at step: UInt64) {
        ring?.endRecall()
        link.lane.restore(
            [:], through: step == 0 ? .start : .endOfStep(step), isWhole: false)
        state.withLock { $0 = State() }
        begin()
    }
}

/// By itself: no two of them are one.
extension JoiningVersion: Hashable {
    package static func == (a: JoiningVersion, b: JoiningVersion) -> Bool { a === b }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
