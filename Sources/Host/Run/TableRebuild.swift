package import Ports

/// Writes a run's tables from its log and its recording, as a start does, and goes no further.
///
/// Nothing is decided, no server is asked, nobody is told, and the log is left as it is.
package struct TableRebuild: Sendable {
    /// Records of the log that were read.
    package let records: UInt64
    package let isFinished: Bool
    /// As the run would sum up where its log ends; without what only a clock knows.
    package let summary: RunSummary

    /// - Parameter setup: Its log may be a view, its projections are empty.
    /// - Throws: ``RunFailure``: as a start would fail.
    package init(_ setup: RunSetup) throws(RunFailure) {
        var state = RunState(setup)
        let reader: StepReader
        do { reader = try StepReader(setup.recording, setup.market) } catch { throw .feed(error) }
        var recovery = Recovery()
        recovery.stopReason = { [setup] in setup.control.stopReason }
        try recovery.restore(&state, from: reader)
        records = setup.log.nextNumber - 1
        isFinished = recovery.isFinished
        do {
            try setup.projections.apply(state.projector.takeRows(), upTo: records)
        } catch { throw .store(error) }
        summary = state.summary(
            end: isFinished ? "finished" : "unfinished", late: reader.late, seconds: 0)
    }
}
