import Kernel
import PaperExchange
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Tables that fail the first time, when they are told to, and work from then on.
private final class TablesThatFailOnce: ProjectionStore {
    func shadows() throws(StoreError) -> [ShadowRow] { [] }
    func versions() throws(StoreError) -> [VersionRow] { [] }
    func bars() throws(StoreError) -> [BarRow] { [] }
    private let store = MemoryProjections()
    private let failed = Locked(false)
    let hasBegun = Doorbell()
    let mayFail = Doorbell()

    func appliedNumber() throws(StoreError) -> UInt64 { try store.appliedNumber() }
    func apply(_ rows: [ProjectionRow], upTo number: UInt64) throws(StoreError) {
        let isFirst = failed.withLock { failed in
            defer { failed = true }
            return !failed
        }
        guard isFirst else { return try store.apply(rows, upTo: number) }
        hasBegun.ring()
        _ = mayFail.wait()
        throw StoreError(.full, "no space is left", at: "memory")
    }
    func reset() throws(StoreError) { try store.reset() }
    func ledger() throws(StoreError) -> [LedgerRow] { try store.ledger() }
    func signals() throws(StoreError) -> [SignalRow] { try store.signals() }
    func orders() throws(StoreError) -> [OrderRow] { try store.orders() }
    func riskEvents() throws(StoreError) -> [RiskRow] { try store.riskEvents() }
    func rounds() throws(StoreError) -> [RoundRow] { try store.rounds() }
    func events() throws(StoreError) -> [EventRow] { try store.events() }
}

@Suite struct RunWriterTests {
    /// The tables never pass over rows: the next start would not know that they are missing.
    @Test func behindAFailureNothingReachesTheTables() throws {
        let tables = TablesThatFailOnce()
        let durable = Locked<[EventPosition]>([])
        let writer = RunWriter(MemoryLog(), tables) { marks in durable.withLock { $0 += marks } }
        writer.start()
        try writer.append([1], rows: [], marks: [.endOfStep(1)])
        #expect(tables.hasBegun.wait())
        try writer.append([2], rows: [], marks: [.endOfStep(2)])
        tables.mayFail.ring()
        #expect(throws: StoreError.self) { try writer.finish() }
        #expect(try tables.appliedNumber() == 0)
        #expect(durable.withLock { $0 }.isEmpty, "what is not in the tables is not let go of")
    }

    @Test func whatWasAppendedIsInTheTablesAtTheEnd() throws {
        let tables = MemoryProjections()
        let durable = Locked<[EventPosition]>([])
        let writer = RunWriter(MemoryLog(), tables) { marks in durable.withLock { $0 = marks } }
        writer.start()
        for step in 1...100 as ClosedRange<UInt64> {
            try writer.append([0], rows: [], marks: [.endOfStep(step), .start])
        }
        try writer.finish()
        #expect(try tables.appliedNumber() == 100)
        #expect(durable.withLock { $0 } == [.endOfStep(100), .start])
    }

    /// Whoever reads of a fill may rely on it: a crash takes nothing back that was told.
    @Test func linesAreToldBehindTheFlushAndNeverWithoutIt() throws {
        let log = MemoryLog()
        let early = Locked(0)
        let book = Notebook { count in
            if log.durableNumber < UInt64(count) { early.withLock { $0 += 1 } }
        }
        let writer = RunWriter(log, MemoryProjections(), observer: book) { _ in }
        writer.start()
        for number in 1...100 {
            let line = RunNotice(.fill, time: .zero, text: "\(number)")
            try writer.append([0], rows: [], marks: [], notices: [line])
        }
        try writer.finish()
        #expect(book.all.map(\.text) == (1...100).map(String.init))
        #expect(early.withLock { $0 } == 0)

        let silent = Notebook()
        let full = RunWriter(MemoryLog(failsFlush: true), MemoryProjections(), observer: silent) {
            _ in
        }
        full.start()
        try full.append(
            [0], rows: [], marks: [], notices: [RunNotice(.fill, time: .zero, text: "lost")])
        #expect(throws: StoreError.self) { try full.finish() }
        #expect(silent.all.isEmpty)
    }

    @Test func aFailureIsToldAtOnceAndOnce() throws {
        let told = Locked<[StoreError]>([])
        let bell = Doorbell()
        let writer = RunWriter(MemoryLog(failsFlush: true), MemoryProjections()) { _ in
        } failed: { error in
            told.withLock { $0.append(error) }
            bell.ring()
        }
        writer.start()
        try writer.append([1], rows: [], marks: [])
        #expect(bell.wait(), "nothing more is appended")
        #expect(throws: StoreError.self) { try writer.append([2], rows: [], marks: []) }
        #expect(throws: StoreError.self) { try writer.finish() }
        #expect(told.withLock { $0.map(\.code) } == [.full])
    }

    /// The market is quiet for half a minute: a full disk ends the run before the next row.
    @Test func aFullDiskEndsAQuietRunAtOnce() throws {
        let plan = KernelPlan.sample(attachments: [])
        let clock = HostClock()
        let begun = clock.monotonic()
        var setup = RunSetup(
            head: RunHead(run: "r", identity: "i", market: "m", servers: [], host: "h"),
            folder: "memory", plan: plan, market: MarketPlan(zones: plan.zones),
            recording: MemoryFeed([.tick(.at(0, 100)), .tick(.at(30, 100))]),
            paper: .init(feeMicroBasisPoints: 0), log: MemoryLog(failsFlush: true),
            projections: MemoryProjections(), digest: PlainSHA256(), clock: clock,
            doorbell: Doorbell(), sessions: [], observer: Notebook())
        setup.longestPause = 30_000_000_000
        let run = PacedRun(setup, feeds: [], speed: 1)
        let error = #expect(throws: RunFailure.self) { try run.run {} }
        guard case .store? = error else { return _ = Issue.record("\(String(describing: error))") }
        #expect(clock.monotonic() - begun < 15_000_000_000)
    }
}
