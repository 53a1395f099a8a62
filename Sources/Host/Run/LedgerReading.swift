import Kernel
import Platform
package import Ports
import TradingModel

/// A run's ledger, booked a second time from its log alone.
///
/// No recording is read, nothing is decided and no broker is asked: it can be had beside a host at work, and
/// of a run whose orders went to a broker outside.
package struct LedgerReading: Sendable {
    /// In order.
    package private(set) var rows: [LedgerRow] = []
    /// Records of the log that were read.
    package private(set) var records: UInt64 = 0
    /// What the log says its ledger ended with; `nil`: the run is not over.
    package private(set) var end: String?
    /// Of the last row; 64 zeros where there is none.
    package var hash: String { rows.last?.hash ?? Ledger.begin }

    /// - Parameter setup: Its log may be a view; only names and versions are taken from the rest.
    /// - Throws: ``RunFailure``: the log is of another run, or damaged.
    package init(_ setup: RunSetup) throws(RunFailure) {
        var state = RunState(setup)
        var number: UInt64 = 0
        do {
            try setup.log.forEach { at, bytes in
                number = at
                try take(try LogRecord(bytes), at, &state)
                return true
            }
        } catch {
            throw RunFailure(
                error, reading: number, of: setup.folder,
                advice: "read it with the madang that wrote it")
        }
        records = number
    }

    private mutating func take(
        _ record: LogRecord, _ number: UInt64, _ state: inout RunState
    ) throws {
        switch record {
        case .head(let head):
            guard let difference = head.difference(from: state.setup.head) else { return }
            throw RunFailure.log(
                what: "\(state.setup.folder): the run was begun with \(difference)",
                advice: "name the configuration that it was begun with: -c FILE")
        case .start, .quiet, .skipped, .watched, .answered: return
        case .finished(_, let ledger): end = ledger
        case .step(_, _, let facts): try take(facts, [], number, &state)
        case .noted(_, _, let facts, let notes): try take(facts, notes, number, &state)
        case .routed(_, _, let facts, _, let notes): try take(facts, notes, number, &state)
        case .changed(_, _, let facts, let change):
            try take(facts, [], number, &state)
            // Those who came have their place behind those who were there, in the order of the changes.
            state.changes.append(change)
            state.follow(try state.setup.replan(state.changes))
        }
    }

    private mutating func take(
        _ facts: [Fact], _ notes: [VersionNote], _ number: UInt64, _ state: inout RunState
    ) throws {
        let plan = state.projector.plan
        guard notes.allSatisfy({ $0.fits(plan) }) else {
            throw ByteError.malformed(
                at: 0, what: "a note of versions is of no instrument or source here")
        }
        if let stranger = facts.first(where: { !$0.fits(plan) }) {
            throw ByteError.malformed(
                at: 0,
                what: "\(stranger) is of no account, instrument or source here, or out of range")
        }
        for note in notes {
            state.restore(note)
            state.project(note, record: number)
        }
        for fact in facts.parts {
            state.projector.take(fact, at: .start, time: .zero, record: number)
        }
        for case .ledger(let row) in state.projector.takeRows() { rows.append(row) }
    }
}
