import TradingModel

@testable import Ports

/// Snapshots in memory, at hand as soon as they are given.
final class ShelfSnapshots: SnapshotStore {
    let shelf = Witness<[ServerSnapshot]>([])
    let asked = Witness<[EventPosition]>([])
    let owners = Witness<Set<SnapshotOwner>>([])

    func keep(_ snapshot: ServerSnapshot, of owner: SnapshotOwner) {
        owners.change { _ = $0.insert(owner) }
        shelf.change { $0.append(snapshot) }
    }

    nonisolated(nonsending) func newest(
        of owner: SnapshotOwner, through position: EventPosition
    ) async -> ServerSnapshot? {
        owners.change { _ = $0.insert(owner) }
        asked.change { $0.append(position) }
        return shelf.value.last { $0.position <= position }
    }

    func takeTroubles(of owner: SnapshotOwner) -> [String] { [] }
}
