import Ports
import TradingModel

/// How sources and their sessions stand, in a run's figures.
extension Projector {
    mutating func set(state: String, of source: SourceID) {
        counts.sources[Int(source.index)].state = state
    }
    /// - Parameter count: Events that it did not hear, of all so far.
    mutating func set(leftOut count: Int, of link: SessionLink) {
        sessions[link.key, default: .init()].leftOut = count > 0 ? count : nil
    }
    mutating func failed(_ link: SessionLink, count: Int = 1) {
        sessions[link.key, default: .init()].failures += count
        if isFirst(link) { counts.sources[Int(link.source.index)].failures += count }
    }
    func state(of link: SessionLink) -> String { sessions[link.key]?.state ?? "" }

    mutating func set(state: String, of link: SessionLink) {
        sessions[link.key, default: .init()].state = state
        if isFirst(link) { setState(of: link.source, slot: link.slot) }
    }

    /// Of several servers, the one that most needs somebody; of two that stand for each other, who is heard.
    mutating func setState(of id: SourceID, slot: VersionSlot) {
        let source = Int(id.index)
        let found = (0..<plan.sources[source].shardCount).compactMap { shard in
            sessions[heard(SessionKey(source: id, slot: slot, shard: shard))]?.state
        }
        let states = found.compactMap { SessionState(rawValue: $0) }
        if let state = SessionState.worst(of: states)?.rawValue ?? found.last {
            counts.sources[source].state = state
        }
    }

    private func heard(_ pair: SessionKey) -> SessionKey {
        var key = pair
        if takenOver.contains(pair) { key.seat = .standby }
        return key
    }

    /// Whether it is what its source is known by.
    private func isFirst(_ link: SessionLink) -> Bool {
        link.slot == book?.plan(of: link.source)?.live ?? .main
            && link.key == heard(link.key.pair)
    }
}
