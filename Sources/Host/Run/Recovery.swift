import Kernel
import Platform
import Ports
import TradingModel

/// Brings a run back to where its log ends: the market's events from the recording, decisions from the log.
///
/// Nothing is decided again. There is no other way to start: a new run has an empty log.
struct Recovery {
    /// Results of each source in the log, for comparison with what its server says when fed again.
    private(set) var results: [SourceID: [SessionLane.Identity: UInt64]] = [:]
    private(set) var isFinished = false
    private(set) var records = 0
    /// Called with every step that was taken before.
    var onStep: (borrowing Step) -> Void = { _ in }

    mutating func restore(_ state: inout RunState, from reader: StepReader) throws(RunFailure) {
        var step = Step()
        var updates: [(EventPosition, AccountID, AccountUpdate)] = []
        // The log's reading closure cannot borrow noncopyable state: records are small, batches are not.
        for (number, bytes) in try read(state.setup.log) {
            do {
                try take(try LogRecord(bytes), number, &state, reader, &step, &updates)
            } catch let error as FeedError {
                throw .feed(error)
            } catch let error as RunFailure {
                throw error
            } catch {
                throw .log(
                    what: "\(state.setup.folder): record \(number) cannot be read: \(error)",
                    advice: "upgrade the host that wrote it, or begin again with --fresh")
            }
            records += 1
        }
        state.resetQuiet()
    }

    private func read(_ log: any EventLog) throws(RunFailure) -> [(UInt64, [UInt8])] {
        var records: [(UInt64, [UInt8])] = []
        do {
            try log.forEach { number, bytes in
                records.append((number, bytes))
                return true
            }
        } catch let error as StoreError {
            throw .store(error)
        } catch {
            throw .log(what: "\(error)", advice: "begin again with --fresh")
        }
        return records
    }

    private mutating func take(
        _ record: LogRecord, _ number: UInt64, _ state: inout RunState, _ reader: StepReader,
        _ step: inout Step, _ updates: inout [(EventPosition, AccountID, AccountUpdate)]
    ) throws {
        switch record {
        case .head(let head):
            if let difference = head.difference(from: state.setup.head) {
                throw RunFailure.log(
                    what: "\(state.setup.folder): the run was begun with \(difference)",
                    advice: "undo the change to go on, or begin again with --fresh")
            }
        case .start: break
        case .quiet(_, let last): try observe(through: last, &state, reader, &step)
        case .step(let number_, _, let facts):
            try observe(through: number_, &state, reader, &step)
            for fact in facts {
                state.restore(fact, at: step.last, number)
                note(fact)
            }
        case .finished: isFinished = true
        }
    }

    private func observe(
        through last: UInt64, _ state: inout RunState, _ reader: StepReader, _ step: inout Step
    ) throws {
        while reader.step < last {
            guard try reader.read(into: &step) else {
                throw RunFailure.log(
                    what: "\(state.setup.recording.name) ends at step \(reader.step), the log stands at \(last)",
                    advice: "the recording was cut since: bring it back, or begin again with --fresh")
            }
            state.engine.observe(step)
            state.took(step)
            onStep(step)
        }
    }

    private mutating func note(_ fact: Fact) {
        guard case .signal(let signal, _) = fact else { return }
        let identity = SessionLane.Identity(
            position: signal.position, instrument: signal.instrument, index: signal.index)
        results[signal.source, default: [:]][identity] = fingerprint(signal.result)
    }
}

extension RunHead {
    /// In words, what differs; `nil` when the runs are one.
    func difference(from other: RunHead) -> String? {
        if identity != other.identity { return "another configuration or recording" }
        if market != other.market { return "other inputs (\(market); now \(other.market))" }
        if let index = servers.indices.first(where: { $0 >= other.servers.count || servers[$0] != other.servers[$0] }) {
            let now = index < other.servers.count ? other.servers[index] : "none"
            return "another strategy server (\(servers[index]); now \(now))"
        }
        return nil
    }
}
