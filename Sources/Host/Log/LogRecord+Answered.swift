import Kernel
import Platform
import Ports
import TradingModel

/// How far sessions have answered: most stand at the same few positions, so each position is written once.
extension LogRecord {
    static func write(_ positions: [SessionKey: EventPosition], to out: inout ByteWriter) {
        let groups = ordered(positions)
        out.write(varint: UInt64(groups.count))
        for (position, keys) in groups {
            out.write(position.value)
            out.write(varint: UInt64(keys.count))
            for key in keys {
                out.write(varint: UInt64(key.source.index))
                out.write(key.slot.rawValue)
                out.write(varint: UInt64(key.shard))
            }
        }
    }

    /// Each position once, rising, with its sessions in order: the same positions are the same bytes.
    static func ordered(
        _ positions: [SessionKey: EventPosition]
    ) -> [(position: EventPosition, sessions: [SessionKey])] {
        Dictionary(grouping: positions.keys) { positions[$0] ?? .start }
            .sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.sorted(by: precedes)) }
    }

    private static func precedes(_ a: SessionKey, _ b: SessionKey) -> Bool {
        (a.source.index, a.slot.rawValue, a.shard) < (b.source.index, b.slot.rawValue, b.shard)
    }

    static func positions(
        from: inout ByteReader
    ) throws(ByteError) -> [SessionKey: EventPosition] {
        let start = from.offset
        var positions: [SessionKey: EventPosition] = [:]
        var groups: [(position: EventPosition, sessions: [SessionKey])] = []
        for _ in 0..<(try from.readVarint()) {
            let position = EventPosition(try from.read())
            var sessions: [SessionKey] = []
            for _ in 0..<(try from.readVarint()) {
                let at = from.offset
                guard let source = UInt16(exactly: try from.readVarint()),
                    let slot = VersionSlot(rawValue: try from.read(UInt8.self)),
                    let shard = UInt16(exactly: try from.readVarint())
                else { throw .malformed(at: at, what: "a session that answered") }
                let key = SessionKey(source: SourceID(Int(source)), slot: slot, shard: Int(shard))
                positions[key] = position
                sessions.append(key)
            }
            groups.append((position, sessions))
        }
        guard groups.elementsEqual(ordered(positions), by: ==) else {
            throw .malformed(at: start, what: "order of sessions that answered")
        }
        return positions
    }
}

extension SessionKey {
    /// Whether it is in the plan: what comes from a file is not trusted to.
    func fits(_ plan: KernelPlan) -> Bool {
        plan.sources.indices.contains(Int(source.index))
            && shard < plan.sources[Int(source.index)].shardCount
    }
}
