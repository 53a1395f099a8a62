import Kernel
import Platform
import Ports
import TradingModel

/// What the log says beside the kernel's facts: of versions, for the kernel knows of one alone, and why people asked.
enum VersionNote: Hashable, Sendable {
    /// Recorded, not heard.
    case shadow(VersionSlot, ServerResult)
    case changed(SourceID, VersionPlan, from: UInt64, order: Int, reason: String)
    case described(SourceID, VersionSlot, Projector.SourceVersion)
    case covered(SourceID, VersionSlot, EventPosition)
    /// Of two servers that stand for each other (of a strategy, or of one of its shards) this one is heard, behind
    /// this position.
    case seated(SourceID, shard: Int, ServerSeat, behind: EventPosition, reason: String)
    /// Of an instrument that has left the server's session: recorded, not heard.
    case removed(VersionSlot, ServerResult)
    /// Why somebody said what the facts of this record say of exits, in their words.
    case asked(reason: String)

    /// `nil`: of none.
    var source: SourceID? {
        switch self {
        case .shadow(_, let result), .removed(_, let result): result.source
        case .asked: nil
        case .changed(let source, _, _, _, _), .described(let source, _, _),
            .covered(let source, _, _), .seated(let source, _, _, _, _):
            source
        }
    }

    /// Whether what it names is in the plan: what comes from a file is not trusted to.
    func fits(_ plan: KernelPlan) -> Bool {
        guard let source else { return true }
        guard plan.sources.indices.contains(Int(source.index)) else { return false }
        if case .seated(_, let shard, _, _, _) = self {
            return (0..<plan.sources[Int(source.index)].shardCount).contains(shard)
        }
        switch self {
        case .shadow(_, let result), .removed(_, let result):
            return plan.instruments.indices.contains(Int(result.instrument.index))
        case .changed, .described, .covered, .seated, .asked: return true
        }
    }

    // MARK: Bytes

    func write(to out: inout ByteWriter) {
        switch self {
        case .shadow(let slot, let result):
            out.write(1 as UInt8)
            Self.write(slot, result, to: &out)
        case .removed(let slot, let result):
            out.write(6 as UInt8)
            Self.write(slot, result, to: &out)
        case .changed(let source, let plan, let from, let order, let reason):
            out.write(2 as UInt8)
            out.write(source.index)
            out.write(plan.text)
            out.write(varint: from)
            out.write(zigzag: Int64(order))
            out.write(reason)
        case .described(let source, let slot, let version):
            out.write(3 as UInt8)
            out.write(source.index)
            out.write(slot.rawValue)
            out.write(version.version)
            out.write(version.model)
            out.write(version.parameterHash)
        case .covered(let source, let slot, let through):
            out.write(4 as UInt8)
            out.write(source.index)
            out.write(slot.rawValue)
            out.write(through.value)
        case .seated(let source, let shard, let seat, let behind, let reason):
            out.write(5 as UInt8)
            out.write(source.index)
            out.write(varint: UInt64(shard))
            out.write(seat.rawValue)
            out.write(behind.value)
            out.write(reason)
        case .asked(let reason):
            out.write(7 as UInt8)
            out.write(reason)
        }
    }

    private static func write(
        _ slot: VersionSlot, _ result: ServerResult, to out: inout ByteWriter
    ) {
        out.write(result.source.index)
        out.write(slot.rawValue)
        out.write(result.position.value)
        out.write(result.instrument.index)
        out.write(zigzag: Int64(result.index))
        ResultCodec.write(result.result, to: &out)
        out.write(result.entryTime.nanoseconds)
        out.write(result.arrivalTime.nanoseconds)
    }

    private static func result(
        _ source: SourceID, _ from: inout ByteReader
    ) throws(ByteError) -> ServerResult {
        ServerResult(
            source: source, position: EventPosition(try from.read()),
            instrument: InstrumentID(Int(try from.read(Int32.self))),
            index: Int(try from.readZigzag()), result: try ResultCodec.read(&from),
            entryTime: Timestamp(nanoseconds: try from.read()),
            arrivalTime: Timestamp(nanoseconds: try from.read()))
    }

    init(_ from: inout ByteReader) throws(ByteError) {
        let at = from.offset
        let kind = try from.read(UInt8.self)
        if kind == 7 {
            self = .asked(reason: try from.readString())
            return
        }
        let source = SourceID(Int(try from.read(Int32.self)))
        if kind == 2 {
            let text = try from.readString()
            // People may write spaces and zeros that no log has.
            guard let plan = VersionPlan(text), plan.text.utf8.elementsEqual(text.utf8) else {
                throw .malformed(at: at, what: "plan of versions '\(text)'")
            }
            self = .changed(
                source, plan, from: try from.readVarint(), order: Int(try from.readZigzag()),
                reason: try from.readString())
            return
        }
        if kind == 5 {
            self = try Self.seated(source, &from)
            return
        }
        let raw = try from.read(UInt8.self)
        guard let slot = VersionSlot(rawValue: raw) else {
            throw .malformed(at: at, what: "version \(raw)")
        }
        switch kind {
        case 1: self = .shadow(slot, try Self.result(source, &from))
        case 6: self = .removed(slot, try Self.result(source, &from))
        case 3:
            self = .described(
                source, slot,
                Projector.SourceVersion(
                    version: try from.readString(), model: try from.readString(),
                    parameterHash: try from.readString()))
        case 4: self = .covered(source, slot, EventPosition(try from.read()))
        default: throw .malformed(at: at, what: "note of kind \(kind)")
        }
    }

    private static func seated(
        _ source: SourceID, _ from: inout ByteReader
    ) throws(ByteError) -> VersionNote {
        let at = from.offset
        let shard = try from.readVarint()
        let raw = try from.read(UInt8.self)
        guard let shard = UInt16(exactly: shard), let seat = ServerSeat(rawValue: raw) else {
            throw .malformed(at: at, what: "server \(raw) of shard \(shard)")
        }
        return .seated(
            source, shard: Int(shard), seat, behind: EventPosition(try from.read()),
            reason: try from.readString())
    }
}
