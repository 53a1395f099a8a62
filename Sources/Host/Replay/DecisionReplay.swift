import Ports
package import TradingModel

/// Decides a run anew from its recording, and holds what comes of it against the log, fact by fact.
///
/// Recovery applies what the log says; this does not. Strategies of the host, arbiter, sizing, risk gate, paper
/// exchange, books and exits work as they did, and every fact of theirs has to come again, in its record and place.
///
/// What a run took from outside is given from the log and proves nothing by itself:
/// - results of strategy servers, with the times of their events' entry and of their own arrival;
/// - turns of the kill switch, words of people about exits, corrections of drift, changes of attachments, notes of versions;
/// - at a pace: the entry of each record, that the host was started anew, and when a round ended that waited for
///   servers, for that hangs on how far they had answered. What the round came to is decided anew. One that
///   waits for nobody, or is past its deadline, has to end by itself.
///
/// Where orders go to brokers outside, what those said of orders is outside too, and so are the routes and ends of
/// orders that desks decided on; bookings, guards and everything before an order is sent are decided anew.
///
/// In a run as fast as possible the ends of rounds are decided anew too. Which of two versions was heard is not
/// decided again; that what stands as not heard was not to be heard is.
package struct DecisionReplay: Sendable {
    /// Where log and replay part.
    package struct Difference: Hashable, Sendable {
        package var record: UInt64
        package var step: UInt64
        /// Of the step, as the feed says.
        package var time: Timestamp
        /// As ``RecordPortrait`` has it; `nil`: nothing.
        package var log: RecordPortrait.Line?
        package var replay: RecordPortrait.Line?
    }
    /// How often something occurs, by its kind: one of ``RecordPortrait/lineKinds``, or `state`.
    package struct Count: Hashable, Sendable {
        package var kind: String
        package var count: Int
    }
    package let records: UInt64
    package let steps: UInt64
    /// How often the host was started.
    package let starts: Int
    package let isPaced: Bool
    package let isFinished: Bool
    /// What the log says was decided, as told one by one; each was decided again.
    package let compared: [Count]
    /// What was taken from the log.
    package let inputs: [Count]
    /// Records that differ; the first difference may be the cause of the others.
    package let differing: Int
    package let logAlone: [Count]
    package let replayAlone: [Count]
    package let first: Difference?

    /// - Parameters:
    ///   - setup: Its log may be a view; nothing is written anywhere.
    ///   - names: As differences are told.
    /// - Throws: ``RunFailure``: the recording ends before the log, a record cannot be read or names what
    ///   the plan does not have, or somebody stopped it.
    package init(
        _ setup: RunSetup, _ names: RecordNames
    ) throws(RunFailure) {
        var replay = try ReplayLoop(setup, names)
        try replay.run()
        let comparison = replay.comparison
        func counts(_ found: [String: Int], _ order: [String]) -> [Count] {
            order.compactMap { kind in found[kind].map { Count(kind: kind, count: $0) } }
        }
        records = replay.records
        steps = replay.steps
        starts = replay.starts
        isPaced = replay.isPaced ?? (setup.speed != nil)
        isFinished = replay.isFinished
        let kinds = RecordPortrait.lineKinds + [ReplayLoop.state]
        compared = counts(comparison.compared, kinds)
        inputs = counts(comparison.inputs, ReplayLoop.inputKinds)
        logAlone = counts(comparison.logAlone, kinds)
        replayAlone = counts(comparison.replayAlone, kinds)
        differing = comparison.differing
        first = comparison.first
    }
}
