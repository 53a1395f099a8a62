import StrategyWire
import TradingModel

/// How events are cut into messages.
enum Cuts: Sendable {
    /// As many in each message as the server takes.
    case whole
    case single
    /// One to forty, by chance.
    case random(seed: UInt64)
    case of(Int)

    /// - Parameter most: What one message may hold.
    func lengths(_ count: Int, most: Int) -> [Int] {
        var random = SplitMix64(0)
        if case .random(let seed) = self { random = SplitMix64(seed) }
        var rest = count
        var lengths: [Int] = []
        while rest > 0 {
            let next =
                switch self {
                case .whole: most
                case .single: 1
                case .random: 1 + Int(random.next() % 40)
                case .of(let length): length
                }
            lengths.append(min(next, most, rest))
            rest -= lengths[lengths.count - 1]
        }
        return lengths
    }
}

extension Trial {
    /// Sends events as the host does: at most four messages unanswered. Returns when the last is
    /// answered.
    ///
    /// - Parameter byStep: One step at a time, each answered before the next: for servers that
    ///   read account state.
    func feed(
        _ events: some RandomAccessCollection<MadeEvent>, after previous: UInt64,
        cuts: Cuts = .whole, most: Int, byStep: Bool = false
    ) async throws {
        var ends: [UInt64] = []
        var last = previous
        var rest = Array(events)[...]
        for length in cuts.lengths(rest.count, most: most) {
            var chunk = rest.prefix(length)
            rest = rest.dropFirst(length)
            while let first = chunk.first {
                let part = byStep ? chunk.prefix { $0.step == first.step } : chunk
                chunk = chunk.dropFirst(part.count)
                let unanswered = byStep ? 0 : 3
                if ends.count > unanswered {
                    let oldest = ends[ends.count - 1 - unanswered]
                    try await closed(oldest, sent: "\(counted(events.count, "event")) in turn")
                }
                last = try await send(part, after: last)
                ends.append(last)
            }
        }
        if let end = ends.last {
            try await closed(end, sent: "\(counted(events.count, "event")) up to \(words(end))")
        }
    }

    /// One message of events.
    ///
    /// - Returns: The position of the last.
    @discardableResult
    func send(_ events: some Collection<MadeEvent>, after previous: UInt64) async throws -> UInt64 {
        let last = events.map(\.position).max() ?? previous
        if let end = transcript.end {
            throw Obstacle(
                sent: "events behind \(words(previous))", came: "the call ended with \(words(end))")
        }
        await send(.events(PBEvents(events, after: previous)))
        return last
    }

    /// Sends a history in messages of `length`; the last part names `position`.
    func warmUp(_ events: [MadeEvent], through position: UInt64, partsOf length: Int) async {
        var rest = events[...]
        repeat {
            let part = rest.prefix(length)
            rest = rest.dropFirst(length)
            var message = PBWarmUp()
            message.events = PBEvents(part, after: 0)
            message.last = rest.isEmpty
            message.position = rest.isEmpty ? position : 0
            await send(.warmUp(message))
        } while !rest.isEmpty
    }
}
