import Glibc
import Platform

/// Brings signals to the run in hand. The first drains; the second ends at once, which loses nothing either.
final class Stopper: Sendable {
    private struct State {
        var stop: (@Sendable (String) -> Void)?
        var kill: (@Sendable () -> Void)?
        var keepKill: (@Sendable (_ patience: Int) -> Void)?
        var asked: String?
        var beforeExit: (@Sendable () -> Void)?
    }
    private let state = Locked(State())

    /// Called by the signal thread.
    func take(_ event: HostSignal) {
        let reason: String
        switch event {
        case .stop: reason = "asked to stop"
        case .forceStop: end()
        case .hangUp: reason = "the terminal is gone"
        case .kill:
            // Of a command that trades nothing it means nothing.
            state.withLock { $0.kill }?()
            return
        }
        let stop = state.withLock { state in
            state.asked = reason
            return state.stop
        }
        // Nothing runs that would have to drain.
        guard let stop else { end() }
        stop(reason)
    }

    private func end() -> Never {
        settle(within: 2_000)
        state.withLock { $0.beforeExit }?()
        _exit(130)
    }

    /// From now on this is called before the process ends on the spot; it must not wait for long.
    func beforeExit(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.beforeExit = body }
    }

    /// From now on SIGUSR1 calls this.
    ///
    /// - Parameter keep: Blocks until what it did is kept, for so many ms at most.
    func onKill(
        _ body: @escaping @Sendable () -> Void,
        keep: @escaping @Sendable (_ patience: Int) -> Void
    ) {
        state.withLock { ($0.kill, $0.keepKill) = (body, keep) }
    }

    /// Before the process ends: a kill that was thrown is to outlive it.
    func settle(within patience: Int = 5_000) { state.withLock { $0.keepKill }?(patience) }

    /// From now on a signal stops this.
    func onStop(_ stop: @escaping @Sendable (String) -> Void) { state.withLock { $0.stop = stop } }
}
