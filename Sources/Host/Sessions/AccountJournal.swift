import Platform
package import Ports
package import TradingModel

/// How far the decision stage has come, and the fills so far, for sessions to read; and back, that a
/// session cannot read on.
///
/// Written by the loop, read by sessions on their thread.
package final class AccountJournal: Sendable {
    private struct Entry {
        let position: EventPosition; let account: AccountID; let update: AccountUpdate
    }
    private struct State {
        var decided: UInt64 = 0
        /// Account updates are complete through this step.
        var published: UInt64 = 0
        var entries: [Entry] = []
        var failure: FeedError?
        var wakes: [@Sendable () -> Void] = []
        var eager: [@Sendable () -> Void] = []
    }
    private let state = Locked(State())
    package init() {}

    /// - Parameter eager: Woken at every step, else now and then.
    package func onProgress(eager: Bool, _ wake: @escaping @Sendable () -> Void) {
        state.withLock { if eager { $0.eager.append(wake) } else { $0.wakes.append(wake) } }
    }

    /// Adds a fill of the step being decided.
    package func add(_ update: AccountUpdate, of account: AccountID, at position: EventPosition) {
        state.withLock {
            $0.entries.append(Entry(position: position, account: account, update: update))
        }
    }

    /// Account updates of `step` are complete: sessions that read them may go on.
    package func publish(_ step: UInt64) {
        let wakes = state.withLock { state in
            state.published = step
            return state.eager
        }
        for wake in wakes { wake() }
    }

    /// The decision stage has taken `step`.
    package func decide(_ step: UInt64) {
        let wakes = state.withLock { state -> [@Sendable () -> Void] in
            let before = state.decided
            state.decided = step
            state.published = max(state.published, step)
            return state.eager + (before / Self.stride != step / Self.stride ? state.wakes : [])
        }
        for wake in wakes { wake() }
    }
    private static let stride: UInt64 = 4_096

    /// A session's reader came to what cannot be read. It is ahead of the loop, which would wait for it.
    package func fail(_ error: FeedError) { state.withLock { $0.failure = $0.failure ?? error } }
    package var failure: FeedError? { state.withLock { $0.failure } }

    package var decided: UInt64 { state.withLock { $0.decided } }

    /// Updates of one account with `after` < position, through the end of `step`, if they are complete.
    package func updates(
        of account: AccountID, after: EventPosition, through step: UInt64
    ) -> [(EventPosition, AccountUpdate)]? {
        state.withLock { state in
            guard state.published >= step else { return nil }
            let end = EventPosition.endOfStep(step)
            var low = 0
            var high = state.entries.count
            while low < high {
                let middle = (low + high) / 2
                if state.entries[middle].position <= after {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return state.entries[low...].prefix { $0.position <= end }
                .filter { $0.account == account }.map { ($0.position, $0.update) }
        }
    }
}
