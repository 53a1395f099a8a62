import Ports
import TradingModel

/// The end of a recording: who is waited for, and for how long.
extension PacedRun {
    /// The recording is through: what was sent is waited for as long as a deadline lasts.
    func isSettled(_ state: borrowing RunState) -> Bool {
        let moment = setup.clock.monotonic()
        return state.engine.kernel.nextDeadline == nil
            && state.feeds.enumerated().allSatisfy { index, feed in
                guard state.isActive(feed.link) else { return true }
                // One that is away holds up nobody's end but its own.
                if state.isSpare(index), !state.lives[index] { return true }
                guard !isAwaited(index, state, at: moment) else { return false }
                let deadline =
                    setup.plan.sources[Int(feed.link.source.index)].longestDeadline?.count
                    ?? 1_000_000_000
                return feed.link.lane.resumePoint().watermark >= feed.ring.newest
                    || moment - lastEntry.withLock({ $0 }) > deadline
            }
    }

    /// Of what was asked before this start: a server that has to be started first has longer for it, where nothing
    /// says that it does not come.
    private func isAwaited(_ index: Int, _ state: borrowing RunState, at moment: Int64) -> Bool {
        let feed = state.feeds[index]
        guard feed.link.lane.resumePoint().watermark < state.owed[index],
            moment - loopBegan.withLock({ $0 }) < setup.patience
        else { return false }
        switch SessionState(rawValue: state.projector.state(of: feed.link)) {
        case .open, .quarantined, .refused, .draining, .stopped: return false
        // One that hangs over a message of many events may come to itself.
        case nil, .connecting, .warming, .live, .slow, .hung, .probing, .down: return true
        }
    }
}
