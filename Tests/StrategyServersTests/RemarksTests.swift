import Ports
import StrategyWire
import Testing

@testable import StrategyServers

@Suite struct RemarksTests {
    private func limits(_ change: (inout SessionLimits) -> Void) -> SessionLimits {
        var limits = SessionLimits()
        change(&limits)
        return limits
    }

    @Test func linesBeyondTheLimitAreDroppedAndCounted() {
        var remarks = Remarks(limits { $0.logsPerSecond = 2 })
        let line = PBLog(level: .warning, text: "x")
        let kept = SessionReport.log(level: "warning", text: "x")
        #expect(remarks.take(line, at: 0) == [kept])
        #expect(remarks.take(line, at: 0) == [kept])
        for time in 1...3 as ClosedRange<Int64> { #expect(remarks.take(line, at: time) == []) }
        #expect(
            remarks.take(line, at: 500_000_010) == [
                .log(level: "warning", text: "3 more lines were dropped: 2 a second are kept"),
                kept,
            ])
        #expect(remarks.take(line, at: 500_000_011) == [])
    }

    @Test func longTextsAreCut() {
        var remarks = Remarks(limits { $0.textBytes = 4 })
        #expect(
            remarks.take(PBLog(level: .info, text: "12345"), at: 0)
                == [.log(level: "info", text: "1234…")])
        #expect(
            remarks.take(PBFailure(position: 5 << 20, recoverable: true, message: "1234"))
                == .failure(.init(5 << 20), message: "1234", recoverable: true))
    }
}
