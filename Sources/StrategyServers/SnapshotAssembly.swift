import Ports
import StrategyWire
import TradingModel

/// Puts a server's snapshot together from its parts. A value: what it is told, it judges.
///
/// A snapshot that breaks a rule is passed over to its last part, and the reason told once; the session goes on,
/// for a snapshot only shortens the way back after a break.
struct SnapshotAssembly {
    enum Outcome: Equatable {
        /// More parts follow, or this one is passed over.
        case none
        case whole(ServerSnapshot)
        case refused(String)
    }
    /// Bytes of a whole one at most.
    private let limit: Int
    private var snapshot: ServerSnapshot?
    private var nextPart: UInt32 = 0
    private var told: Set<String> = []

    static let partBytes = 1 << 20
    private static let formatBytes = 64

    init(limit: Int) { self.limit = limit }

    /// - Parameter watermark: The server's last: its state cannot stand beyond what it has answered.
    mutating func take(_ part: PBSnapshotPart, watermark: EventPosition) -> Outcome {
        if part.part == 0 {
            snapshot = ServerSnapshot(
                position: EventPosition(part.position), format: part.format, bytes: [])
            nextPart = 0
        }
        // Of one that was refused before: the rest of it says nothing.
        guard let begun = snapshot else { return .none }
        if let reason = fault(of: part, begun, watermark) {
            snapshot = nil
            return told.insert(reason).inserted ? .refused(reason) : .none
        }
        snapshot?.bytes += part.data
        nextPart += 1
        guard part.last else { return .none }
        defer { snapshot = nil }
        return snapshot.map(Outcome.whole) ?? .none
    }

    private func fault(
        of part: PBSnapshotPart, _ begun: ServerSnapshot, _ watermark: EventPosition
    ) -> String? {
        let position = EventPosition(part.position)
        if part.part != nextPart { return "its parts do not follow each other" }
        if position != begun.position || part.format != begun.format {
            return "its parts disagree on position or format"
        }
        if part.format.isEmpty || part.format.utf8.count > Self.formatBytes {
            return "its format has no name of 1 to \(Self.formatBytes) bytes"
        }
        if position > watermark { return "it stands beyond the server's last watermark" }
        if part.data.count > Self.partBytes { return "a part is larger than 1 MiB" }
        if begun.bytes.count + part.data.count > limit {
            return "it is larger than the \(limit) bytes of Limits.snapshot_bytes"
        }
        return nil
    }
}

extension ServerSnapshot {
    /// As parts for a server, in order.
    var parts: [PBSnapshotPart] {
        let size = SnapshotAssembly.partBytes
        let count = max(1, (bytes.count + size - 1) / size)
        return (0..<count).map { index in
            var part = PBSnapshotPart()
            part.position = position.value
            part.format = format
            part.part = UInt32(index)
            part.last = index == count - 1
            part.data = Array(
                bytes[min(index * size, bytes.count)..<min((index + 1) * size, bytes.count)])
            return part
        }
    }
}
