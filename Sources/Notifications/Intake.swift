import Ports

/// What was offered and not yet taken by the outbox's thread: bounded, and folding when full.
///
/// Past `capacity` information leaves only its count, for each of its destinations; the rest is still kept, up to
/// twice the capacity.
struct Intake {
    enum Item: Hashable, Sendable {
        case message(Message, [Route])
        case folded([String: Int], upTo: [MessageID])
    }
    let capacity: Int
    private(set) var items: [Item] = []

    init(capacity: Int) { self.capacity = capacity }

    mutating func offer(_ message: Message, _ routes: [Route]) {
        let limit = message.severity == .info ? capacity : 2 * capacity
        guard items.count >= limit else {
            items.append(.message(message, routes))
            return
        }
        var counts: [String: Int] = [:]
        var ids: [MessageID] = []
        if case .folded(let before, let upTo) = items.last {
            counts = before
            ids = upTo
            items.removeLast()
        }
        for route in routes { counts[route.destination, default: 0] += 1 }
        // A later id of the same source says it for the earlier ones.
        ids.removeAll { $0.source == message.id.source }
        items.append(.folded(counts, upTo: ids + [message.id]))
    }

    mutating func take() -> [Item] {
        defer { items = [] }
        return items
    }
}
