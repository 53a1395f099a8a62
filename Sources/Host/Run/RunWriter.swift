import Platform
import Ports
import TradingModel

/// Appends records, and behind their flush tells people, writes the tables and lets go of what was answered.
///
/// The loop appends; a thread of its own flushes and applies, batch by batch. When the tables fall behind by
/// `capacity` records the loop waits: nothing is dropped. After a failure nothing more is written to the
/// tables; the next start brings them up from the log.
final class RunWriter: Sendable {
    struct Entry: Sendable {
        let number: UInt64
        let rows: [ProjectionRow]
        /// How far each session's answers are in the log with this record, by the order of sessions.
        let marks: [EventPosition]
        let news: [RunNews]
        /// Lines of what stands in this record.
        let notices: [RunNotice]
    }
    private let log: any EventLog
    private let projections: any ProjectionStore
    private let entries = Mailbox<Entry>(capacity: 65_536)
    private let durable: @Sendable ([EventPosition]) -> Void
    private let news: (any NewsDesk)?
    private let observer: (any RunObserver)?
    private let failed: @Sendable (StoreError) -> Void
    private let failure = Locked<StoreError?>(nil)
    private let thread = Locked<HostThread?>(nil)
    private let clock: any TimeSource
    /// Records gather for so long before they are flushed, ns; many at once do not wait for more.
    private let gathering: Int64
    private let isOver = Doorbell()
    private static let batch = 4_096

    /// - Parameters:
    ///   - gathering: ns; 0 where somebody waits for what is written down.
    ///   - news: Told on the writer's thread, of what is safe.
    ///   - observer: As well: whoever reads of a fill may rely on it.
    ///   - durable: Called on the writer's thread with the last marks that are safe.
    ///   - failed: Called there, once, when records can no longer be kept: nothing may be decided then,
    ///     and a quiet market would not ask for long.
    init(
        _ log: any EventLog, _ projections: any ProjectionStore, news: (any NewsDesk)? = nil,
        observer: (any RunObserver)? = nil, clock: any TimeSource = HostClock(),
        gathering: Int64 = 0,
        durable: @escaping @Sendable ([EventPosition]) -> Void,
        failed: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) {
        self.log = log
        self.projections = projections
        self.durable = durable
        self.news = news
        self.observer = observer
        self.failed = failed
        self.clock = clock
        self.gathering = gathering
    }

    func start() {
        // As fast as possible it takes what servers and the loop leave of the processors, and they wait for it
        // where it falls too far behind.
        let niceness = gathering > 0 ? Self.niceness : 0
        thread.withLock {
            $0 = HostThread.start(named: "tables", nicer: niceness) { [self] in work() }
        }
    }
    private static let niceness = 10

    /// - Throws: What the log or the tables failed with, now or before.
    func append(
        _ record: [UInt8], rows: [ProjectionRow], marks: [EventPosition], news: [RunNews] = [],
        notices: [RunNotice] = []
    ) throws(StoreError) {
        if let error = failure.withLock({ $0 }) { throw error }
        let number = try log.append(record)
        _ = entries.offerWaiting(
            Entry(number: number, rows: rows, marks: marks, news: news, notices: notices))
    }

    var nextNumber: UInt64 { log.nextNumber }

    /// Everything appended is durable and in the tables.
    func finish() throws(StoreError) {
        entries.close()
        isOver.ring()
        thread.withLock { $0 }?.join()
        if let error = failure.withLock({ $0 }) { throw error }
        try log.close()
    }

    private func work() {
        var batch: [Entry] = []
        while entries.take(into: &batch, max: Self.batch) {
            defer {
                if gathering > 0, batch.count < Self.batch {
                    _ = isOver.wait(until: clock.monotonic() + gathering)
                }
                batch.removeAll(keepingCapacity: true)
            }
            guard let last = batch.last else { continue }
            // What the tables miss only a restart can give them: rows behind a gap would hide it.
            guard failure.withLock({ $0 == nil }) else { continue }
            do {
                try log.flush()
                for entry in batch {
                    if let observer { entry.notices.forEach(observer.notice) }
                    if let news { entry.news.forEach(news.tell) }
                }
                try projections.apply(batch.flatMap(\.rows), upTo: last.number)
                durable(last.marks)
            } catch {
                failure.withLock { $0 = error }
                failed(error)
            }
        }
    }
}
