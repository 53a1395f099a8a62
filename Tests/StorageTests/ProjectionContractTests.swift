import Ports
import TestKit
import Testing
import TradingModel

@testable import Storage

/// What every store of projections does, whatever keeps the tables.
@Suite struct ProjectionContractTests {
    @Test(arguments: StoreKind.allCases)
    func everyFieldReadsBackExactly(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        let store = try tables.open()
        #expect(try store.appliedNumber() == 0)
        let ledger = [
            LedgerRow.sample(1, line: 1), .extreme(2, line: 2), .correction(2, line: 3),
            .taxed(2, line: 4), .taxed(2, line: 5, Money(units: .max)),
        ]
        let signals = [SignalRow.sample(1, index: 0), .extreme(2)]
        let orders = [OrderRow.sample(1, number: 1), .extreme(2)]
        let risks = [RiskRow.sample(1), .extreme(2)]
        let rounds = [RoundRow.sample(1, number: 1), .extreme(2)]
        let events = [EventRow.sample(1, step: 9), .quote(2, step: 10)]
        try store.apply(
            ledger.map(ProjectionRow.ledger) + signals.map(ProjectionRow.signal)
                + orders.map(ProjectionRow.order) + risks.map(ProjectionRow.risk)
                + rounds.map(ProjectionRow.round) + events.map(ProjectionRow.event), upTo: 7)
        for reader in [store, try tables.reading(), try tables.open()] {
            #expect(try reader.ledger() == ledger)
            #expect(try reader.signals() == signals)
            #expect(try reader.orders() == orders)
            #expect(try reader.riskEvents() == risks)
            #expect(try reader.rounds() == rounds)
            #expect(try reader.events() == events)
            #expect(try reader.appliedNumber() == 7)
        }
    }

    @Test(arguments: StoreKind.allCases, seeds(0..<20, by: 10)) func randomRowsReadBackExactly(
        _ kind: StoreKind, seed: UInt64
    ) throws {
        let tables = try StoreUnderTest(kind)
        var random = SeededRandom(seed)
        let store = try tables.open()
        var model: [LedgerRow] = []
        for _ in 0..<5 {
            let rows = (0..<8).map { _ -> LedgerRow in
                let line = Int64(model.count) + 1
                var row = LedgerRow.sample(UInt64(line), line: line)
                row.fee = Money(
                    units: Int128(random.next()) * Int128(Int64(truncatingIfNeeded: random.next())))
                row.cashAfter = Money(units: -row.fee.units)
                row.price = Price(units: Int64(truncatingIfNeeded: random.next()))
                row.quantity = Quantity(units: Int64(truncatingIfNeeded: random.next()))
                row.account = String(decoding: payload(random.next() % 99 + 1), as: UTF8.self)
                row.source =
                    ["", "가격", "a\u{0}b", "'; DROP TABLE ledger; --", "🦊"]
                    .randomElement(using: &random) ?? ""
                row.time = Timestamp(nanoseconds: Int64(truncatingIfNeeded: random.next()))
                model.append(row)
                return row
            }
            try store.apply(rows.map(ProjectionRow.ledger), upTo: UInt64(model.count))
        }
        #expect(try store.ledger() == model)
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsAppliedIsNotAppliedAgain(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        let store = try tables.open()
        try store.apply([.ledger(.sample(3, line: 1)), .risk(.sample(3))], upTo: 5)
        // The same again, as after a crash; then one that overlaps.
        try store.apply([.ledger(.sample(3, line: 1)), .risk(.sample(3))], upTo: 5)
        try store.apply([.risk(.sample(3)), .risk(.sample(6))], upTo: 6)
        #expect(try store.ledger().count == 1)
        #expect(try store.riskEvents().map(\.record) == [3, 6])
        try store.apply([], upTo: 9)
        #expect(try store.appliedNumber() == 9)
        try store.apply([], upTo: 2)
        #expect(try store.appliedNumber() == 9)
    }

    @Test(arguments: StoreKind.allCases)
    func signalsAndOrdersAreReplacedInPlace(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        let store = try tables.open()
        var first = SignalRow.sample(1, index: 0)
        first.status = "pending"
        var order = OrderRow.sample(1, number: 4)
        try store.apply(
            [.signal(first), .signal(.sample(1, index: 1)), .order(order)], upTo: 1)
        first.record = 2
        first.status = "used"
        first.detail = "order 4"
        order.record = 2
        order.state = "filled"
        order.filled = order.quantity
        try store.apply([.signal(first), .order(order)], upTo: 2)
        #expect(try store.signals() == [first, .sample(1, index: 1)])
        #expect(try store.orders() == [order])
    }

    /// Of rows that replace each other in one batch only the last is written; nobody can tell.
    @Test(arguments: StoreKind.allCases, seeds(0..<8, by: 10))
    func oneBatchOrManyComeToTheSame(_ kind: StoreKind, _ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let rows = (1...120 as ClosedRange<UInt64>).map { record -> ProjectionRow in
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                var row = SignalRow.sample(record, index: Int.random(in: 0...3, using: &random))
                row.source = random.pick(["cross", "mean"])
                row.account = random.pick(["demo", "other"])
                row.symbol = random.pick(["005930", "000660"])
                row.status = random.pick(["pending", "used", "replaced"])
                row.detail = "\(record)"
                return .signal(row)
            case 2, 3:
                var row = OrderRow.sample(
                    record, number: UInt64.random(in: 1...5, using: &random))
                row.state = random.pick(["pending", "submitted", "filled"])
                row.reason = "\(record)"
                return .order(row)
            default: return .risk(.sample(record))
            }
        }
        func stored(_ size: Int) throws -> ([SignalRow], [OrderRow], [RiskRow]) {
            let store = try StoreUnderTest(kind).open()
            // The first are there already, as behind a crash.
            try store.apply(Array(rows[..<30]), upTo: 30)
            for first in stride(from: 0, to: rows.count, by: size) {
                let batch = Array(rows[first..<min(first + size, rows.count)])
                try store.apply(batch, upTo: UInt64(first + batch.count))
            }
            return (try store.signals(), try store.orders(), try store.riskEvents())
        }
        let single = try stored(1)
        for size in [7, 40, 120] { #expect(try stored(size) == single) }
        #expect(single.0.count > 5 && single.1.count == 5)
    }

    @Test(arguments: StoreKind.allCases)
    func aRefusedRowUndoesItsWholeBatch(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        let store = try tables.open()
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        let error = storeError {
            try store.apply(
                [.risk(.sample(2)), .ledger(.sample(2, line: 1))], upTo: 2)
        }
        #expect(error?.code == .corrupt)
        #expect(try store.appliedNumber() == 1)
        #expect(try store.riskEvents().isEmpty)
        try store.apply([.ledger(.sample(2, line: 2))], upTo: 2)
        #expect(try store.ledger().count == 2)
    }

    @Test(arguments: StoreKind.allCases)
    func resetEmptiesThisRunOnly(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        let other = try tables.open("run-0")
        try other.apply([.ledger(.sample(1, line: 1)), .bar(.sample(1))], upTo: 1)
        let store = try tables.open()
        try store.apply(
            [
                .ledger(.sample(1, line: 1)), .signal(.sample(1, index: 0)),
                .order(.sample(1, number: 1)), .risk(.sample(1)),
                .round(.sample(1, number: 1)), .event(.sample(1, step: 9)), .bar(.sample(1)),
            ], upTo: 4)
        try store.reset()
        #expect(try store.appliedNumber() == 0)
        #expect(try store.ledger().isEmpty && store.signals().isEmpty)
        #expect(try store.orders().isEmpty && store.riskEvents().isEmpty)
        #expect(try store.rounds().isEmpty && store.events().isEmpty)
        #expect(try store.bars().isEmpty)
        #expect(try other.ledger().count == 1 && other.bars().count == 1)
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        #expect(try store.ledger().count == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func runsAreListedAndReadByName(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        let first = try tables.open("a", started: 10)
        try first.apply([.ledger(.sample(1, line: 1))], upTo: 8)
        try first.finish(at: Timestamp(nanoseconds: 20), summary: #"{"fills":1}"#)
        _ = try tables.open("b", started: 30)
        // Continuing keeps the beginning.
        _ = try tables.open("a", started: 99)
        #expect(
            try tables.address.runs() == [
                StoredRun(
                    id: "a", started: Timestamp(nanoseconds: 10),
                    finished: Timestamp(nanoseconds: 20), configurationHash: "c0ffee",
                    summary: #"{"fills":1}"#, applied: 8),
                StoredRun(
                    id: "b", started: Timestamp(nanoseconds: 30), finished: nil,
                    configurationHash: "c0ffee", summary: nil, applied: 0),
            ])
        let latest = try tables.reading()
        #expect(latest.runID == "b")
        #expect(try tables.reading("a").ledger().count == 1)
        let error = storeError { _ = try tables.reading("zz") }
        #expect(error?.code == .otherRun)
        #expect(error?.advice.contains("a, b") == true)
    }

    @Test(arguments: StoreKind.allCases)
    func aRunKeepsItsConfiguration(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        _ = try tables.open()
        let error = storeError { _ = try tables.open(hash: "beef") }
        #expect(error?.code == .otherRun)
        #expect(try tables.address.runs().count == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func aReaderCannotWrite(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        _ = try tables.open()
        let reader = try tables.reading()
        #expect(storeError { try reader.apply([], upTo: 1) }?.code == .permission)
    }

    @Test(arguments: StoreKind.allCases)
    func readersSeeWholeBatchesWhileAWriterWrites(_ kind: StoreKind) async throws {
        let tables = try StoreUnderTest(kind)
        let store = try tables.open()
        let address = tables.address
        async let seen: [Int] = {
            let reader = try address.reading()
            var counts: [Int] = []
            while (counts.last ?? 0) < 400 { counts.append(try reader.ledger().count) }
            return counts
        }()
        for batch in 0..<40 {
            let rows = (1...10).map { line in
                ProjectionRow.ledger(.sample(UInt64(batch) + 1, line: Int64(batch * 10 + line)))
            }
            try store.apply(rows, upTo: UInt64(batch) + 1)
        }
        #expect(try await seen.allSatisfy { $0 % 10 == 0 })
    }
}
