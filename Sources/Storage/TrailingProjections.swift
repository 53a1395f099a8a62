package import Ports

import Platform
import Synchronization

/// Stands before a store that may be slow or gone: whoever hands rows over never waits for it.
///
/// A thread of its own writes, tries again when the store is in trouble, with growing pauses, and
/// goes on where the applied number stands. Rows wait up to `capacity`; past that, or when the store
/// says something that no retry mends, the rest of this run is not written: the log has it, and
/// the next start or `madang store rebuild` writes it. Each trouble is told once, and once when it
/// is over. Reading waits until everything handed over is written, at most for `patience`.
package final class TrailingProjections: ProjectionStore {
    package enum News: Sendable {
        /// The first error of a trouble; rows wait.
        case behind(StoreError)
        case level
        /// Not written any more in this run, and why.
        case abandoned(StoreError)
    }
    private struct Batch {
        var rows: [ProjectionRow]
        var number: UInt64
    }
    private struct State {
        var waiting: [Batch] = []
        var rows = 0
        var isWriting = false
        var isClosed = false
        var abandoned: StoreError?
        var trouble: StoreError?
    }
    private let store: any ProjectionStore
    private let state = Mutex(State())
    private let capacity: Int
    private let patience: Int64
    private let pauses: ClosedRange<Int64>
    private let clock = HostClock()
    private let work = Doorbell()
    private let changed = Doorbell()
    private let told: @Sendable (News) -> Void
    private let thread = Locked<HostThread?>(nil)
    /// Rows of one transaction at most, unless one batch has more.
    private static let most = 20_000

    /// - Parameters:
    ///   - capacity: Rows that wait at most.
    ///   - patience: ns, of ``drain()`` and of readers.
    ///   - pauses: ns, between tries: from the first to the longest.
    ///   - told: Called on the store's thread.
    package init(
        _ store: any ProjectionStore, capacity: Int = 500_000, patience: Int64 = 30_000_000_000,
        pauses: ClosedRange<Int64> = 200_000_000...5_000_000_000,
        told: @escaping @Sendable (News) -> Void
    ) {
        self.store = store
        self.capacity = capacity
        self.patience = patience
        self.pauses = pauses
        self.told = told
        thread.withLock { $0 = HostThread.start(named: "store") { [self] in write() } }
    }

    /// Ends the thread; what still waits is left to the log. To be called once, at the end.
    package func close() {
        state.withLock { $0.isClosed = true }
        work.ring()
        thread.withLock { $0 }?.join()
    }

    // MARK: Handing over

    package func apply(_ rows: [ProjectionRow], upTo number: UInt64) {
        let isTooMuch = state.withLock { state in
            guard state.abandoned == nil, !state.isClosed else { return false }
            state.waiting.append(Batch(rows: rows, number: number))
            state.rows += rows.count
            return state.rows > capacity
        }
        if isTooMuch {
            abandon(
                StoreError(
                    .full, "the store is more than \(capacity) rows behind", at: "store",
                    advice:
                        "look at the server; the next start, or madang store rebuild, writes them"
                ))
        }
        work.ring()
    }

    /// Waits until everything is written.
    ///
    /// - Throws: Why it is not.
    package func drain() throws(StoreError) {
        let deadline = clock.monotonic() + patience
        while true {
            let (isLevel, trouble) = state.withLock {
                ($0.waiting.isEmpty && !$0.isWriting, $0.abandoned ?? $0.trouble)
            }
            if let error = state.withLock({ $0.abandoned }) { throw error }
            if isLevel { return }
            guard changed.wait(until: deadline) || clock.monotonic() < deadline else {
                throw trouble
                    ?? StoreError(
                        .io, "the store does not keep up", at: "store",
                        advice: "the next start, or madang store rebuild, writes what it lacks")
            }
        }
    }

    // MARK: The thread

    private func write() {
        var pause = pauses.lowerBound
        while true {
            let batch: Batch? = state.withLock { state in
                guard !state.isClosed, let first = state.waiting.first else { return nil }
                state.isWriting = true
                var batch = first
                var count = 1
                while count < state.waiting.count,
                    batch.rows.count + state.waiting[count].rows.count <= Self.most
                {
                    batch.rows += state.waiting[count].rows
                    batch.number = state.waiting[count].number
                    count += 1
                }
                return batch
            }
            guard let batch else {
                if state.withLock({ $0.isClosed }) { return }
                _ = work.wait()
                continue
            }
            do throws(StoreError) {
                try store.apply(batch.rows, upTo: batch.number)
                isWritten(batch)
                pause = pauses.lowerBound
            } catch {
                guard mends(error) else {
                    abandon(error)
                    continue
                }
                let isNew = state.withLock { state in
                    defer { state.trouble = error }
                    state.isWriting = false
                    return state.trouble == nil && state.abandoned == nil
                }
                if isNew { told(.behind(error)) }
                let until = clock.monotonic() + pause
                while clock.monotonic() < until, !state.withLock({ $0.isClosed }) {
                    _ = work.wait(until: until)
                }
                pause = min(pause * 2, pauses.upperBound)
            }
        }
    }

    /// Nothing that was written is waited for again; a batch may have grown meanwhile.
    private func isWritten(_ batch: Batch) {
        let isOver = state.withLock { state in
            state.waiting.removeAll { $0.number <= batch.number }
            state.rows = state.waiting.reduce(0) { $0 + $1.rows.count }
            state.isWriting = false
            defer { state.trouble = nil }
            return state.trouble != nil && state.abandoned == nil
        }
        if isOver { told(.level) }
        changed.ring()
    }

    private func abandon(_ error: StoreError) {
        let isNew = state.withLock { state in
            defer { state.abandoned = state.abandoned ?? error }
            state.waiting = []
            state.rows = 0
            state.isWriting = false
            return state.abandoned == nil
        }
        if isNew { told(.abandoned(error)) }
        changed.ring()
    }

    /// Whether the same rows may be taken later: the store's trouble, not the rows'.
    private func mends(_ error: StoreError) -> Bool {
        switch error.code {
        case .full, .io, .permission, .inUse: true
        case .corrupt, .newerVersion, .otherRun: false
        }
    }

    // MARK: Reading

    package func appliedNumber() throws(StoreError) -> UInt64 {
        try drain()
        return try store.appliedNumber()
    }
    package func reset() throws(StoreError) {
        try drain()
        try store.reset()
    }
    package func ledger() throws(StoreError) -> [LedgerRow] {
        try drain()
        return try store.ledger()
    }
    package func signals() throws(StoreError) -> [SignalRow] {
        try drain()
        return try store.signals()
    }
    package func orders() throws(StoreError) -> [OrderRow] {
        try drain()
        return try store.orders()
    }
    package func riskEvents() throws(StoreError) -> [RiskRow] {
        try drain()
        return try store.riskEvents()
    }
    package func rounds() throws(StoreError) -> [RoundRow] {
        try drain()
        return try store.rounds()
    }
    package func events() throws(StoreError) -> [EventRow] {
        try drain()
        return try store.events()
    }
    package func shadows() throws(StoreError) -> [ShadowRow] {
        try drain()
        return try store.shadows()
    }
    package func versions() throws(StoreError) -> [VersionRow] {
        try drain()
        return try store.versions()
    }
    package func bars() throws(StoreError) -> [BarRow] {
        try drain()
        return try store.bars()
    }
}
