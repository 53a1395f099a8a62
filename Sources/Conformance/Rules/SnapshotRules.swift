import StrategyWire

/// What a server's snapshots must look like on the wire.
struct SnapshotRules {
    let transcript: Transcript

    /// Whole ones, in order.
    var wholes: [[PBSnapshotPart]] {
        var wholes: [[PBSnapshotPart]] = []
        var parts: [PBSnapshotPart] = []
        for part in transcript.parts {
            if part.part == 0 { parts = [] }
            parts.append(part)
            if part.last { wholes.append(parts) }
        }
        return wholes
    }

    func partsFollow() -> [Fault] {
        var faults: [Fault] = []
        var begun: PBSnapshotPart?
        var due: UInt32 = 0
        for (entry, _) in transcript.entries {
            guard case .heard(let message) = entry else { continue }
            guard case .snapshot(let part) = message else {
                if begun != nil { faults.append(Fault("\(message.noun) between two parts")) }
                begun = nil
                due = 0
                continue
            }
            if part.part != due { faults.append(Fault("part \(part.part), where \(due) was due")) }
            if let begun, begun.position != part.position || begun.format != part.format {
                faults.append(Fault("parts of one snapshot that disagree on position or format"))
            }
            begun = part.last ? nil : part
            due = part.last ? 0 : part.part + 1
        }
        return faults
    }

    func partsAreSmall(whole limit: Int) -> [Fault] {
        let large = transcript.parts.filter { $0.data.count > 1 << 20 }
            .map { Fault("a part of \($0.data.count) bytes") }
        let heavy = wholes.map { $0.reduce(0) { $0 + $1.data.count } }.filter { $0 > limit }
            .map { Fault("a snapshot of \($0) bytes; \(limit) are taken") }
        return large + heavy
    }

    func formatsAreNamed() -> [Fault] {
        transcript.parts.filter { !(1...64).contains($0.format.utf8.count) }
            .map { Fault("a format of \($0.format.utf8.count) bytes") }
    }

    /// At or before the last watermark that was said.
    func positionsAreClosed() -> [Fault] {
        var closed: UInt64 = 0
        var faults: [Fault] = []
        for (entry, _) in transcript.entries {
            switch entry {
            case .heard(.watermark(let mark)): closed = max(closed, mark.position)
            case .heard(.results(let results)): closed = max(closed, results.watermark ?? 0)
            case .heard(.ready(let ready)):
                if case .after(let position) = ready.state { closed = max(closed, position) }
            case .heard(.snapshot(let part)) where part.position > closed:
                faults.append(
                    Fault(
                        "a snapshot at \(words(part.position)), where the last watermark was"
                            + " \(words(closed))"))
            default: break
            }
        }
        return faults
    }
}
