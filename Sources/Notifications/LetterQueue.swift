import Platform

/// Letters from the outbox's thread to the task that sends them. Ends only when it is told to: a cancelled task still
/// takes what was promised to the log, and answers for it.
final class LetterQueue: Sendable {
    private struct State {
        var letters: [Outbox.Outgoing] = []
        var waiting: CheckedContinuation<Outbox.Outgoing?, Never>?
        var hasEnded = false
    }
    private let state = Locked(State())

    /// Holds at most one letter a destination: the outbox makes no more.
    func put(_ letter: Outbox.Outgoing) {
        let waiting = state.withLock { state -> CheckedContinuation<Outbox.Outgoing?, Never>? in
            guard let waiting = state.waiting else {
                state.letters.append(letter)
                return nil
            }
            state.waiting = nil
            return waiting
        }
        waiting?.resume(returning: letter)
    }

    func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: nil)
    }

    /// One task only.
    ///
    /// - Returns: `nil` behind the last one.
    func next() async -> Outbox.Outgoing? {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Outbox.Outgoing?? in
                if !state.letters.isEmpty { return .some(state.letters.removeFirst()) }
                if state.hasEnded { return .some(nil) }
                state.waiting = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
