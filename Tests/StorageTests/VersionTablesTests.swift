import Ports
import Testing
import TradingModel

@testable import Storage

@Suite struct VersionTablesTests {
    private static func row(_ record: UInt64, _ event: VersionRow.Event) -> VersionRow {
        VersionRow(record: record, source: "모델", event: event, time: .sample)
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsWrittenIsReadBack(_ kind: StoreKind) throws {
        let store = try StoreUnderTest(kind).open()
        let shadows = [
            ShadowRow(slot: .candidate, result: .sample(1, index: 0)),
            ShadowRow(slot: .main, result: .sample(1, index: 0)),
            ShadowRow(slot: .main, result: .extreme(2)),
        ]
        let plan = VersionPlan(live: .candidate, other: .canary(share: 125_000))
        let events = [
            Self.row(1, .described(.main, version: "1", model: "m@1", parameterHash: "p")),
            Self.row(1, .changed(plan, from: .max, order: 3, reason: "왜")),
            Self.row(2, .skipped(.candidate, .start, EventPosition(.max))),
            Self.row(2, .covered(.main, EventPosition(step: 4, index: 1))),
            Self.row(2, .covered(.candidate, EventPosition(step: 3, index: 1))),
        ]
        try store.apply(shadows.map { .shadow($0) } + events.map { .version($0) }, upTo: 2)
        #expect(try store.shadows() == shadows)
        #expect(try store.versions() == events)

        // The last coverage counts; the same result again changes nothing.
        let later = Self.row(3, .covered(.main, EventPosition(step: 9, index: 0)))
        var again = shadows[0]
        again.result.record = 3
        try store.apply([.version(later), .shadow(again)], upTo: 3)
        #expect(try store.shadows() == shadows)
        #expect(try store.versions() == Array(events[..<3]) + [later, events[4]])
        try store.reset()
        #expect(try store.shadows().isEmpty && store.versions().isEmpty)
    }
}
