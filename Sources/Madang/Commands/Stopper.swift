import Glibc
import Platform

/// Brings signals to the run in hand. The first drains; the second ends at once, which loses nothing either.
final class Stopper: Sendable {
    private struct State {
        var stop: (@Sendable (String) -> Void)?
        var asked: String?
    }
    private let state = Locked(State())

    /// Called by the signal thread.
    func take(_ event: HostSignal) {
        let reason: String
        switch event {
        case .stop: reason = "asked to stop"
        case .forceStop: _exit(130)
        case .hangUp: reason = "the terminal is gone"
        }
        let stop = state.withLock { state in
            state.asked = reason
            return state.stop
        }
        // Nothing runs that would have to drain.
        guard let stop else { _exit(130) }
        stop(reason)
    }

    /// From now on a signal stops this.
    func onStop(_ stop: @escaping @Sendable (String) -> Void) { state.withLock { $0.stop = stop } }
}
