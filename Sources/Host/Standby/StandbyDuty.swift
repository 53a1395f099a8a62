import Kernel
import Ports
import TradingModel

/// A pair of sessions of a run, of which one is heard: the loop's hold on a ``StandbyPair``.
struct StandbyDuty {
    /// Places among the run's sessions: the main server's, then the standby's.
    let places: [Int]
    let links: [SessionLink]
    var pair = StandbyPair()
    /// Why the one that is heard was lost, as its session said it last.
    private(set) var trouble = ""
    /// At a pace: whether the kernel waits for it.
    var isToldLive = false
    /// Differences are told at the first, the tenth, the hundredth.
    private var toldFrom = 1

    /// - Returns: One for each session that has a standby among the others.
    static func all(of sessions: [SessionLink]) -> [StandbyDuty] {
        sessions.indices.compactMap { place in
            guard sessions[place].seat == .standby,
                let main = sessions.firstIndex(where: {
                    $0.seat == .main && $0.key == sessions[place].key.pair
                })
            else { return nil }
            return StandbyDuty(
                places: [main, place], links: [sessions[main], sessions[place]])
        }
    }

    var source: SourceID { links[0].source }
    var shard: Int { links[0].shard }
    /// The place of the one that is heard.
    var heard: Int { places[Int(pair.heard.rawValue)] }
    var heardLink: SessionLink { links[Int(pair.heard.rawValue)] }

    /// `nil` for a place that is none of the two.
    func seat(of place: Int) -> ServerSeat? {
        place == places[0] ? .main : place == places[1] ? .standby : nil
    }

    // MARK: What they leave

    /// As fast as possible: takes what both have left.
    ///
    /// - Returns: What is heard of it, in order.
    mutating func drain() -> [SessionLane.Arrival] {
        let news = take(from: pair.heard)
        hearSecond()
        return news
    }

    /// Takes what the one has left that is not heard, which nobody waits for. The other's stays in its lane, that has an
    /// end, until somebody does.
    mutating func hearSecond() { _ = take(from: pair.heard.other) }

    private mutating func take(from seat: ServerSeat) -> [SessionLane.Arrival] {
        guard pair.hasRoom(for: seat) else { return [] }
        var arrivals: [SessionLane.Arrival] = []
        let watermark = links[Int(seat.rawValue)].lane.drain(into: &arrivals)
        return pair.take(arrivals, through: watermark, from: seat)
    }

    mutating func note(_ state: SessionState, detail: String, of seat: ServerSeat) {
        pair.note(state, of: seat)
        guard seat == pair.heard else { return }
        switch state {
        case .hung, .down, .open, .quarantined, .refused:
            trouble = "\(heardLink.name) \(state.rawValue)" + (detail.isEmpty ? "" : ": \(detail)")
        default: break
        }
    }

    /// - Returns: What people are told of differences since the last call; mostly nothing.
    mutating func takeWords() -> String? {
        guard let position = pair.takeDifference(), pair.counts.differing >= toldFrom else {
            return nil
        }
        while toldFrom <= pair.counts.differing { toldFrom *= 10 }
        let count = pair.counts.differing
        return "\(links[0].name) and \(links[1].name) do not say the same:"
            + " \(count) result\(count == 1 ? "" : "s") differ\(count == 1 ? "s" : "") so far,"
            + " one at event \(position); those of \(heardLink.name) count"
    }

    /// As people call it.
    ///
    /// - Parameter shard: `nil` where its strategy has one server.
    static func words(_ seat: ServerSeat, of name: String, shard: Int?) -> String {
        name + (shard.map { " shard \($0)" } ?? "") + (seat == .main ? "" : " standby")
    }
}
