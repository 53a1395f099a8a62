import Platform

/// A value that any thread changes, and whose condition a test waits for, with an end to its patience.
final class Witness<Value: Sendable>: Sendable {
    private struct Waiter {
        let isMet: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value?, Never>
    }
    private struct State {
        var value: Value
        var waiters: [Int: Waiter] = [:]
        var next = 0
    }
    private let state: Locked<State>
    /// Far longer than anything here takes; it ends a wait that would last for ever.
    static var patience: Duration { .seconds(20) }

    init(_ value: Value) { state = Locked(State(value: value)) }

    var value: Value { state.withLock { $0.value } }

    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        let (result, met, value) = state.withLock { state in
            let result = body(&state.value)
            let met = state.waiters.filter { $0.value.isMet(state.value) }
            for id in met.keys { state.waiters[id] = nil }
            return (result, met.values.map(\.continuation), state.value)
        }
        for continuation in met { continuation.resume(returning: value) }
        return result
    }

    /// - Returns: The value that met the condition.
    /// - Throws: ``Overdue`` when none did in time.
    @discardableResult
    func wait(for what: String, until isMet: @escaping @Sendable (Value) -> Bool) async throws
        -> Value
    {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = Task {
            try await Task.sleep(for: Self.patience)
            giveUp(id)
        }
        defer { timer.cancel() }
        let found = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = state.withLock { state in
                    guard !isMet(state.value) else { return Optional(state.value) }
                    state.waiters[id] = Waiter(isMet: isMet, continuation: continuation)
                    return nil
                }
                if let now { continuation.resume(returning: now) }
                if Task.isCancelled { giveUp(id) }
            }
        } onCancel: {
            giveUp(id)
        }
        guard let found else { throw Overdue(what: what, saw: "\(value)") }
        return found
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.continuation.resume(returning: nil)
    }
}

/// What a test waited for did not come.
struct Overdue: Error, CustomStringConvertible {
    let what: String
    let saw: String
    var description: String { "\(what) did not come; there was \(saw)" }
}
