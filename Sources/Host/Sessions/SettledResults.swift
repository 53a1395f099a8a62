package import TradingModel

/// What a session said at positions that are safe: one sum for each, in 16 bytes.
///
/// A server that is fed again says it all again; it is compared when a position is complete. The sum knows
/// no order, for results of one event may come in any. A value.
package struct SettledResults: Sendable {
    private var positions: [EventPosition] = []
    private var sums: [UInt64] = []
    /// Every result up to here stands in a sum.
    package private(set) var through = EventPosition.start
    /// What was said again at the position in hand.
    private var position = EventPosition.start
    private var again: [SessionLane.Identity: UInt64] = [:]
    package init() {}

    package var count: Int { positions.count }

    // MARK: In

    /// Takes what stands at or before `position`, behind what was taken before.
    ///
    /// - Returns: The others.
    package mutating func settle(
        _ results: [SessionLane.Identity: UInt64], through position: EventPosition
    ) -> [SessionLane.Identity: UInt64] {
        guard position > through else { return results }
        var left: [SessionLane.Identity: UInt64] = [:]
        var found: [EventPosition: UInt64] = [:]
        for (identity, content) in results {
            if identity.position <= position {
                found[identity.position, default: 0] &+= Self.word(identity, content)
            } else {
                left[identity] = content
            }
        }
        for (position, sum) in found.sorted(by: { $0.key < $1.key }) {
            positions.append(position)
            sums.append(sum)
        }
        through = position
        return left
    }

    // MARK: Again

    /// One that stands at or before ``through``; those of a position come one behind the other.
    ///
    /// - Returns: What contradicts at once: one identity with two contents.
    package mutating func hear(
        _ identity: SessionLane.Identity, _ content: UInt64
    ) -> [SessionLane.Identity] {
        position = identity.position
        guard let known = again[identity] else {
            again[identity] = content
            return []
        }
        return known == content ? [] : [identity]
    }

    /// The position in hand is complete if it lies before this one.
    ///
    /// - Returns: What was said there, where it is not what was said before.
    package mutating func close(before next: EventPosition) -> [SessionLane.Identity] {
        position < next ? close() : []
    }

    package mutating func close(through watermark: EventPosition) -> [SessionLane.Identity] {
        position <= watermark ? close() : []
    }

    /// The connection broke: what is in hand may be a part.
    package mutating func breakOff() { again.removeAll() }

    private mutating func close() -> [SessionLane.Identity] {
        guard !again.isEmpty else { return [] }
        defer { again.removeAll(keepingCapacity: true) }
        let sum = again.reduce(0 as UInt64) { $0 &+ Self.word($1.key, $1.value) }
        guard sum != self.sum(at: position) else { return [] }
        // Which of them it is, nobody knows any more: the position is told.
        return again.keys.min { ($0.instrument.index, $0.index) < ($1.instrument.index, $1.index) }
            .map { [$0] } ?? []
    }

    private func sum(at position: EventPosition) -> UInt64 {
        var low = 0
        var high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low < positions.count && positions[low] == position ? sums[low] : 0
    }

    private static func word(_ identity: SessionLane.Identity, _ content: UInt64) -> UInt64 {
        var hasher = StateHasher()
        hasher.combine(Int(identity.instrument.index))
        hasher.combine(identity.index)
        hasher.combine(content)
        return hasher.value
    }
}
