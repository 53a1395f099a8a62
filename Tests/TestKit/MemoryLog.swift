package import Ports
import Platform

/// A log in memory: what a crash leaves is `records`, cut anywhere.
package final class MemoryLog: EventLog {
    private struct State {
        var records: [[UInt8]]
        var durable: Int
        var failsAfter: Int?
        var failsFlush: Bool
        var wake: (@Sendable (Result<UInt64, StoreError>) -> Void)?
        var isPatient = false
    }
    private let state: Locked<State>

    /// - Parameters:
    ///   - failsAfter: The disk is full from this number of records on.
    ///   - failsFlush: Records are taken and never reach the disk.
    package init(
        _ records: some Collection<[UInt8]> = [], failsAfter: Int? = nil, failsFlush: Bool = false
    ) {
        state = Locked(
            State(
                records: Array(records), durable: records.count, failsAfter: failsAfter,
                failsFlush: failsFlush))
    }

    package var records: [[UInt8]] { state.withLock { $0.records } }
    package var nextNumber: UInt64 { state.withLock { UInt64($0.records.count) + 1 } }
    package var durableNumber: UInt64 { state.withLock { UInt64($0.durable) } }

    @discardableResult
    package func append(_ record: [UInt8]) throws(StoreError) -> UInt64 {
        try state.withLock { state throws(StoreError) in
            if let limit = state.failsAfter, state.records.count >= limit {
                throw StoreError(.full, "no space is left", at: "memory")
            }
            state.records.append(record)
            return UInt64(state.records.count)
        }
    }

    package func flushWhenAsked() { state.withLock { $0.isPatient = true } }
    /// Whether whoever writes has said that he asks for flushes.
    package var isPatient: Bool { state.withLock { $0.isPatient } }
    package func onDurable(_ wake: @escaping @Sendable (Result<UInt64, StoreError>) -> Void) {
        state.withLock { $0.wake = wake }
    }

    package func flush() throws(StoreError) {
        let (wake, durable) = try state.withLock { state throws(StoreError) in
            if state.failsFlush { throw StoreError(.full, "no space is left", at: "memory") }
            state.durable = state.records.count
            return (state.wake, UInt64(state.durable))
        }
        wake?(.success(durable))
    }

    package func forEach(_ body: (UInt64, [UInt8]) throws -> Bool) throws {
        for (index, record) in records.enumerated() {
            guard try body(UInt64(index) + 1, record) else { return }
        }
    }

    package func close() throws(StoreError) { try flush() }
}
