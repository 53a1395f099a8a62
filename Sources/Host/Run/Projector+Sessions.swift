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
        guard isFirst(link) else { return }
        let source = Int(link.source.index)
        // Of several servers, the one that most needs somebody.
        let states = (0..<plan.sources[source].shardCount).compactMap { shard in
            let key = SessionKey(source: link.source, slot: link.slot, shard: shard)
            return sessions[key].flatMap { SessionState(rawValue: $0.state) }
        }
        counts.sources[source].state = SessionState.worst(of: states)?.rawValue ?? state
    }

    /// Whether it is what its source is known by.
    private func isFirst(_ link: SessionLink) -> Bool {
        link.slot == book?.plan(of: link.source)?.live ?? .main
    }
}
