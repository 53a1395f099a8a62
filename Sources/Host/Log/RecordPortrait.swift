package import TradingModel

import Kernel

/// One record of a run's log as people read it.
package struct RecordPortrait: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case head, start, quiet, step, changed, finished, skipped, watched, answered
    }
    /// A thing that the record says, by itself.
    package struct Line: Hashable, Sendable {
        /// `order`, `fill`, `signal`, …: what `--kind` asks for.
        package var kind: String
        package var order: OrderNumber?
        package var account = ""
        package var symbol = ""
        package var source = ""
        package var text: String
    }
    package var number: UInt64
    package var kind: Kind
    /// The steps that it covers, inclusive.
    package var steps: ClosedRange<UInt64>?
    /// Entry of its step: simulated or monotonic time, ns.
    package var entry: Timestamp?
    /// Of a start: what the clocks of the host said.
    private(set) var clock: DeskClock?
    package var text = ""
    package var lines: [Line] = []

    /// What ``Line/kind`` may be.
    package static let lineKinds = [
        "signal", "vote", "round", "risk", "order", "sent", "cancel", "fill", "end", "doubt",
        "contradiction", "day", "limit", "kill", "exit", "correction", "route", "lockdown", "note",
        "memo", "shadow", "removed",
        "version",
        "change", "modify",
    ]

    /// - Throws: ``ByteError`` where the bytes are no record that this host reads.
    package init(_ number: UInt64, _ bytes: [UInt8], _ names: RecordNames) throws {
        self.number = number
        switch try LogRecord(bytes) {
        case .head(let head):
            kind = .head
            text =
                "run \(head.run), identity \(head.identity.prefix(12)), host \(head.host)"
                + (head.market.isEmpty ? "" : ", \(head.market)")
                + head.servers.map { "; \($0)" }.joined()
        case .start(let utc, let monotonic):
            kind = .start
            entry = Timestamp(nanoseconds: utc)
            clock = DeskClock(utc: utc, monotonic: monotonic)
            text = "the host's clock stands at \(monotonic) ns"
        case .quiet(let first, let last):
            kind = .quiet
            steps = first...max(first, last)
            text = "nothing came of them"
        case .step(let step, let entry, let facts):
            kind = .step
            take(step, entry, facts, [], names)
        case .noted(let step, let entry, let facts, let notes):
            kind = .step
            take(step, entry, facts, notes, names)
        case .routed(let step, let entry, let facts, let minutes, let notes):
            kind = .step
            take(step, entry, facts, notes, names)
            lines += names.lines(of: minutes)
        case .changed(let step, let entry, let facts, let change):
            kind = .changed
            take(step, entry, facts, [], names)
            text = "change \(change.number)"
            lines += change.words.map { Line(kind: "change", text: $0) }
        case .finished(let state, let ledger):
            kind = .finished
            text = "state \(hex(state)), ledger \(ledger)"
        case .watched(let notes):
            kind = .watched
            lines = notes.map { names.line(of: $0) }
        case .answered(let positions):
            kind = .answered
            text = names.words(of: positions)
        case .skipped(let session, let runs, let reason):
            kind = .skipped
            let count = runs.reduce(0) { $0 + $1.last.value - $1.first.value + 1 }
            text =
                "\(names.source(session.source)) (\(Self.words(session))) did not hear"
                + " \(count) positions: \(reason)"
        }
    }

    private mutating func take(
        _ step: UInt64, _ entry: Timestamp, _ facts: [Fact], _ notes: [VersionNote],
        _ names: RecordNames
    ) {
        steps = step...step
        self.entry = entry
        lines += notes.map { names.line(of: $0) }
        // An order's first fact names what its later ones do not.
        for fact in facts.parts { lines.append(names.line(of: fact)) }
    }
}

/// Entries of a run at a pace as instants: its log has them by the host's monotonic clock.
package struct EntryClock {
    private var start: DeskClock?

    package init() {}

    /// To be shown every record in front of those that are to be read, a start above all.
    package mutating func instant(of record: RecordPortrait) -> Timestamp? {
        if let clock = record.clock {
            start = clock
            return record.entry
        }
        guard let start, let entry = record.entry else { return record.entry }
        return start.time(entry.nanoseconds)
    }
}

extension RecordPortrait {
    fileprivate static func words(_ session: SessionKey) -> String {
        session.slot.name + (session.shard > 0 ? ", shard \(session.shard)" : "")
    }
}

extension RecordNames {
    fileprivate func words(of positions: [SessionKey: EventPosition]) -> String {
        LogRecord.ordered(positions).map { position, sessions in
            sessions.map { "\(source($0.source)) (\(RecordPortrait.words($0)))" }
                .joined(separator: ", ") + " through \(position)"
        }.joined(separator: "; ")
    }
}

/// What accounts, instruments and sources are called in a run.
package struct RecordNames: Sendable {
    package var accounts: [String]
    package var instruments: [String]
    package var sources: [String]
    package init(accounts: [String] = [], instruments: [String] = [], sources: [String] = []) {
        self.accounts = accounts
        self.instruments = instruments
        self.sources = sources
    }

    func account(_ id: AccountID) -> String { Self.name(Int(id.index), accounts) }
    func symbol(_ id: InstrumentID) -> String { Self.name(Int(id.index), instruments) }
    func source(_ id: SourceID) -> String { Self.name(Int(id.index), sources) }

    /// A log may be read without its configuration: numbers stand for names then.
    private static func name(_ index: Int, _ names: [String]) -> String {
        names.indices.contains(index) ? names[index] : "#\(index)"
    }
}
