import Kernel
import Platform
import Ports
import TradingModel

/// What one record of a run's log holds.
enum LogRecord {
    /// Raised with any change of the format or of what facts mean.
    static let version: UInt16 = 3

    /// First in the log.
    case head(RunHead)
    /// A start of the host: UTC ns, and the monotonic clock at that moment.
    case start(utc: Int64, monotonic: Int64)
    /// Steps that caused nothing, inclusive.
    case quiet(first: UInt64, last: UInt64)
    /// A step with what it decided; for paced runs also what was decided after it and before the next.
    case step(UInt64, entry: Timestamp, facts: [Fact])
    /// The same, with what is to be known of versions of strategies.
    case noted(UInt64, entry: Timestamp, facts: [Fact], notes: [VersionNote])
    /// A step whose orders go to brokers outside, and what it says of their desks.
    case routed(UInt64, entry: Timestamp, facts: [Fact], DeskMinutes, notes: [VersionNote])
    /// The recording is through.
    case finished(state: UInt64, ledger: String)
    /// What a session was told that it does not hear, in order.
    case skipped(SessionKey, [PositionRun], reason: String)
    /// What watchdogs found behind the steps before it; nothing is decided by it.
    case watched([WatchNote])
    /// At a pace: behind these positions sessions are asked anew at the next start; of one of two that stand for each
    /// other, both. What they said up to there is in the records before this one.
    case answered([SessionKey: EventPosition])

    /// Attachments that changed behind a step, with the votes that this ended.
    case changed(UInt64, entry: Timestamp, facts: [Fact], PlanChange)

    func encoded(with out: inout ByteWriter) -> [UInt8] {
        out.removeAll()
        switch self {
        case .head(let head):
            out.write(0 as UInt8)
            head.write(to: &out)
        case .start(let utc, let monotonic):
            out.write(1 as UInt8)
            out.write(utc)
            out.write(monotonic)
        case .quiet(let first, let last):
            out.write(2 as UInt8)
            out.write(varint: first)
            out.write(varint: last - first)
        case .step(let number, let entry, let facts):
            out.write(3 as UInt8)
            write(number, entry, facts, to: &out)
        case .noted(let number, let entry, let facts, let notes):
            out.write(5 as UInt8)
            write(number, entry, facts, to: &out)
            write(notes, to: &out)
        case .routed(let number, let entry, let facts, let minutes, let notes):
            out.write((minutes.memos.isEmpty ? 10 : 12) as UInt8)
            write(number, entry, facts, to: &out)
            minutes.write(to: &out)
            if !minutes.memos.isEmpty { minutes.writeMemos(to: &out) }
            write(notes, to: &out)
        case .finished(let state, let ledger):
            out.write(4 as UInt8)
            out.write(state)
            out.write(ledger)
        case .skipped(let session, let runs, let reason):
            out.write(8 as UInt8)
            out.write(varint: UInt64(session.source.index))
            out.write(reason)
            out.write(varint: UInt64(runs.count))
            for run in runs {
                out.write(varint: run.first.value)
                out.write(varint: run.last.value - run.first.value)
            }
            let isStandby = session.seat == .standby
            let isShard = session.shard > 0 || isStandby
            if session.slot != .main || isShard { out.write(session.slot.rawValue) }
            if isShard { out.write(varint: UInt64(session.shard)) }
            if isStandby { out.write(session.seat.rawValue) }
        case .watched(let notes):
            out.write(11 as UInt8)
            out.write(varint: UInt64(notes.count))
            for note in notes { note.write(to: &out) }
        case .answered(let positions):
            out.write(13 as UInt8)
            Self.write(positions, to: &out)
        case .changed(let number, let entry, let facts, let change):
            out.write(9 as UInt8)
            write(number, entry, facts, to: &out)
            change.write(to: &out)
        }
        return out.bytes
    }

    private func write(
        _ number: UInt64, _ entry: Timestamp, _ facts: [Fact], to out: inout ByteWriter
    ) {
        out.write(varint: number)
        out.write(entry.nanoseconds)
        out.write(varint: UInt64(facts.count))
        for fact in facts { FactCodec.write(fact, to: &out) }
    }

    private func write(_ notes: [VersionNote], to out: inout ByteWriter) {
        out.write(varint: UInt64(notes.count))
        for note in notes { note.write(to: &out) }
    }

    init(_ bytes: [UInt8]) throws(ByteError) {
        var from = ByteReader(bytes)
        let kind = try from.read(UInt8.self)
        switch kind {
        case 0: self = .head(try RunHead(&from))
        case 1: self = .start(utc: try from.read(), monotonic: try from.read())
        case 2:
            let first = try from.readVarint()
            let (last, overflow) = first.addingReportingOverflow(try from.readVarint())
            guard !overflow else { throw .malformed(at: 1, what: "range of steps") }
            self = .quiet(first: first, last: last)
        case 3, 5, 9, 10, 12:
            let number = try from.readVarint()
            let entry = Timestamp(nanoseconds: try from.read())
            var facts: [Fact] = []
            for _ in 0..<(try from.readVarint()) { facts.append(try FactCodec.read(&from)) }
            switch kind {
            case 3: self = .step(number, entry: entry, facts: facts)
            case 9:
                self = .changed(number, entry: entry, facts: facts, try PlanChange(&from))
            case 10, 12:
                var minutes = try DeskMinutes(&from)
                if kind == 12 {
                    let at = from.offset
                    try minutes.readMemos(&from)
                    guard !minutes.memos.isEmpty else { throw .malformed(at: at, what: "no memos") }
                }
                self = .routed(
                    number, entry: entry, facts: facts, minutes, notes: try Self.notes(from: &from))
            default:
                self = .noted(
                    number, entry: entry, facts: facts, notes: try Self.notes(from: &from))
            }
        case 4: self = .finished(state: try from.read(), ledger: try from.readString())
        case 8: self = try .skipped(from: &from)
        case 11:
            var notes: [WatchNote] = []
            for _ in 0..<(try from.readVarint()) { notes.append(try WatchNote(&from)) }
            self = .watched(notes)
        case 13: self = .answered(try Self.positions(from: &from))
        default: throw .malformed(at: 0, what: "record of kind \(kind)")
        }
        try from.expectEnd()
    }

    private static func notes(from: inout ByteReader) throws(ByteError) -> [VersionNote] {
        var notes: [VersionNote] = []
        for _ in 0..<(try from.readVarint()) { notes.append(try VersionNote(&from)) }
        return notes
    }

    private static func skipped(from: inout ByteReader) throws(ByteError) -> LogRecord {
        guard let index = UInt16(exactly: try from.readVarint()) else {
            throw .malformed(at: 1, what: "number of a source")
        }
        let reason = try from.readString()
        var runs: [PositionRun] = []
        for _ in 0..<(try from.readVarint()) {
            let first = try from.readVarint()
            let (last, overflow) = first.addingReportingOverflow(try from.readVarint())
            guard !overflow else { throw .malformed(at: 1, what: "run of positions") }
            runs.append(PositionRun(EventPosition(first), EventPosition(last)))
        }
        var slot = VersionSlot.main
        if !from.isAtEnd {
            let at = from.offset
            let raw = try from.read(UInt8.self)
            guard let other = VersionSlot(rawValue: raw), other != .main || !from.isAtEnd else {
                throw .malformed(at: at, what: "version \(raw)")
            }
            slot = other
        }
        var session = SessionKey(source: SourceID(Int(index)), slot: slot)
        if !from.isAtEnd {
            let at = from.offset
            guard let shard = UInt16(exactly: try from.readVarint()), shard > 0 || !from.isAtEnd
            else {
                throw .malformed(at: at, what: "number of a shard")
            }
            session.shard = Int(shard)
        }
        if !from.isAtEnd {
            let at = from.offset
            let raw = try from.read(UInt8.self)
            guard let seat = ServerSeat(rawValue: raw), seat == .standby else {
                throw .malformed(at: at, what: "server \(raw) of a pair")
            }
            session.seat = seat
        }
        return .skipped(session, runs, reason: reason)
    }
}

/// What a log belongs to: two runs with the same head decide the same.
package struct RunHead: Hashable, Sendable {
    package var run: String
    /// Hash of configuration and recordings.
    package var identity: String
    /// What the market stage emits, as text: changes when a server asks for other inputs.
    package var market: String
    /// Strategy servers as described, by source name: `name version model hash parameters`.
    package var servers: [String]
    package var host: String

    package init(run: String, identity: String, market: String, servers: [String], host: String) {
        self.run = run
        self.identity = identity
        self.market = market
        self.servers = servers
        self.host = host
    }

    func write(to out: inout ByteWriter) {
        out.write(LogRecord.version)
        out.write(run)
        out.write(identity)
        out.write(market)
        out.write(varint: UInt64(servers.count))
        for server in servers { out.write(server) }
        out.write(host)
    }

    init(_ from: inout ByteReader) throws(ByteError) {
        let version = try from.read(UInt16.self)
        guard version == LogRecord.version else {
            throw .malformed(
                at: 1, what: "records of version \(version), this host reads \(LogRecord.version)")
        }
        run = try from.readString()
        identity = try from.readString()
        market = try from.readString()
        servers = []
        for _ in 0..<(try from.readVarint()) { servers.append(try from.readString()) }
        host = try from.readString()
    }
}
