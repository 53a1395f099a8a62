import Ports
import Testing
import TradingModel

@testable import Storage

/// The questions that one decision's explanation asks of the tables.
@Suite struct DecisionQueryTests {
    private func store(
        _ kind: StoreKind, _ rows: [ProjectionRow]
    ) throws -> any DecisionStore {
        let store = try StoreUnderTest(kind).open("a")
        try store.apply(rows, upTo: 9)
        return store
    }
    private func round(
        _ number: Int64, _ symbol: String, _ account: String = "demo", at time: Int64
    )
        -> RoundRow
    {
        var row = RoundRow.sample(1, number: number)
        row.symbol = symbol
        row.account = account
        row.time = Timestamp(nanoseconds: time)
        return row
    }

    @Test(arguments: StoreKind.allCases)
    func theLastRoundAtOrBeforeATimeIsFound(_ kind: StoreKind) throws {
        let rounds = [
            round(1, "A", at: 10), round(2, "B", at: 15), round(3, "A", at: 20),
            round(4, "A", "other", at: 20), round(5, "A", at: 30),
        ]
        let store = try store(kind, rounds.map(ProjectionRow.round))
        func last(_ symbol: String, _ account: String?, _ time: Int64) throws -> Int64? {
            try store.lastRound(
                on: symbol, account: account, through: Timestamp(nanoseconds: time))?.number
        }
        #expect(try last("A", nil, 9) == nil)
        #expect(try last("A", nil, 10) == 1)
        #expect(try last("A", nil, 29) == 4)
        #expect(try last("A", "demo", 29) == 3)
        #expect(try last("A", nil, .max) == 5)
        #expect(try last("C", nil, .max) == nil)
        #expect(try store.round(before: rounds[4]) == rounds[2])
        #expect(try store.round(before: rounds[0]) == nil)
        #expect(try store.round(2) == rounds[1])
        #expect(try store.round(6) == nil)
    }

    @Test(arguments: StoreKind.allCases)
    func signalsOfADeskAndARangeAreRead(_ kind: StoreKind) throws {
        var rows: [SignalRow] = []
        for (step, symbol) in [(4, "A"), (5, "A"), (6, "B"), (7, "A"), (8, "A")] {
            var row = SignalRow.sample(1, index: 0)
            row.position = EventPosition(step: UInt64(step), index: 0)
            row.symbol = symbol
            rows.append(row)
        }
        let store = try store(kind, rows.map(ProjectionRow.signal))
        let found = try store.signals(
            account: "demo", symbol: "A",
            positions: EventPosition(step: 5, index: 0)...EventPosition(step: 7, index: 0))
        #expect(found == [rows[1], rows[3]])
        #expect(
            try store.signals(
                account: "other", symbol: "A", positions: .start...EventPosition(step: 9, index: 0))
                == [])
    }

    @Test(arguments: StoreKind.allCases)
    func anEventIsToldOnceAndFound(_ kind: StoreKind) throws {
        var later = EventRow.sample(2, step: 9)
        later.kind = "tick"
        let store = try store(kind, [.event(.sample(1, step: 9)), .event(later)])
        #expect(try store.events() == [.sample(1, step: 9)])
        #expect(try store.event(at: EventPosition(step: 9, index: 2)) == .sample(1, step: 9))
        #expect(try store.event(at: EventPosition(step: 9, index: 1)) == nil)
    }

    @Test(arguments: StoreKind.allCases)
    func fillsOfOneOrderAreRead(_ kind: StoreKind) throws {
        var other = LedgerRow.sample(1, line: 2)
        other.order = OrderNumber(5)
        let rows = [LedgerRow.sample(1, line: 1), other, .sample(1, line: 3)]
        let store = try store(kind, rows.map(ProjectionRow.ledger))
        #expect(try store.ledger(of: OrderNumber(4)) == [rows[0], rows[2]])
        #expect(try store.ledger(of: OrderNumber(6)) == [])
    }
}
