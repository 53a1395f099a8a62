import Ports
import Testing
import TradingModel

@testable import Storage

@Suite struct NewestRowsTests {
    @Test func theLastOfAKeyStandsInThePlaceOfTheFirst() {
        let rows: [ProjectionRow] = [
            .signal(.sample(1, index: 0)), .order(.sample(1, number: 1)), .risk(.sample(1)),
            .signal(.sample(2, index: 1)), .signal(.sample(3, index: 0)), .risk(.sample(3)),
            .order(.sample(4, number: 1)), .order(.sample(4, number: 2)),
            .signal(.sample(5, index: 0)),
        ]
        #expect(NewestRows.indices(of: rows, behind: 0) == [8, 6, 2, 3, 5, 7])
    }

    @Test func whatIsAppliedIsNotWritten() {
        let rows: [ProjectionRow] = [
            .signal(.sample(1, index: 0)), .signal(.sample(2, index: 0)), .risk(.sample(2)),
            .order(.sample(3, number: 1)), .signal(.sample(3, index: 0)),
        ]
        #expect(NewestRows.indices(of: rows, behind: 2) == [3, 4])
        #expect(NewestRows.indices(of: rows, behind: 3).isEmpty)
    }
}
