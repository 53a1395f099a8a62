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
        #expect(
            remarks.rest() == [
                .log(level: "warning", text: "1 more lines were dropped: 2 a second are kept")
            ])
        #expect(remarks.rest() == [])
    }

    private func failure(_ step: UInt64, recoverable: Bool = true) -> PBFailure {
        PBFailure(position: step << 20, recoverable: recoverable, message: "\(step)")
    }
    private func told(_ step: UInt64, recoverable: Bool = true) -> SessionReport {
        .failure(.init(step << 20), message: "\(step)", recoverable: recoverable)
    }

    /// However many there are and whatever they say; lines have their own places.
    @Test func failuresBeyondTheLimitAreDroppedAndCounted() {
        var remarks = Remarks(limits { $0.logsPerSecond = 2 })
        let said = (1...5 as ClosedRange<UInt64>).flatMap { remarks.take(failure($0), at: 0) }
        #expect(said == [told(1), told(2)])
        #expect(remarks.take(PBLog(level: .info, text: "x"), at: 0).count == 1)
        #expect(
            remarks.take(failure(6), at: 500_000_000) == [
                .log(level: "warning", text: "3 more failures were dropped: 2 a second are kept"),
                told(6),
            ])
    }

    /// What ends a session is told, once.
    @Test func theFailureThatEndsASessionIsAlwaysTold() {
        var remarks = Remarks(limits { $0.logsPerSecond = 1 })
        #expect(remarks.take(failure(1), at: 0) == [told(1)])
        let end = told(2, recoverable: false)
        #expect(remarks.take(failure(2, recoverable: false), at: 0) == [end])
        #expect(remarks.take(failure(3, recoverable: false), at: 0) == [])
    }

    /// As fast as possible a run's own figures count them.
    @Test func inLockstepEachFailureIsTold() {
        var remarks = Remarks(limits { $0.logsPerSecond = 1 }, isLockstep: true)
        let said = (1...50 as ClosedRange<UInt64>).flatMap { remarks.take(failure($0), at: 0) }
        #expect(said == (1...50 as ClosedRange<UInt64>).map { told($0) })
    }

    @Test func longTextsAreCut() {
        var remarks = Remarks(limits { $0.textBytes = 4 })
        #expect(
            remarks.take(PBLog(level: .info, text: "12345"), at: 0)
                == [.log(level: "info", text: "1234…")])
        #expect(
            remarks.take(
                PBFailure(position: 5 << 20, recoverable: true, message: "1234"), at: 0)
                == [.failure(.init(5 << 20), message: "1234", recoverable: true)])
    }
}
