import Ports
import TradingModel

/// What a server said, by position, instrument and index, until it is compared. A value.
///
/// Servers answer in order, so a result mostly goes to the end; one that does not is put in its place.
struct SaidQueue: Sendable {
    private var entries: [SessionLane.Arrival] = []
    private var head = 0

    var count: Int { entries.count - head }
    var first: SessionLane.Arrival? { head < entries.count ? entries[head] : nil }

    /// The same identity again changes nothing: the first stands.
    mutating func insert(_ arrival: SessionLane.Arrival) {
        guard let last = entries.last, count > 0, !last.precedes(arrival) else {
            return entries.append(arrival)
        }
        var (low, high) = (head, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].precedes(arrival) { low = middle + 1 } else { high = middle }
        }
        if entries[low].isSame(as: arrival) { return }
        entries.insert(arrival, at: low)
    }

    @discardableResult
    mutating func popFirst() -> SessionLane.Arrival? {
        guard head < entries.count else { return nil }
        defer {
            head += 1
            if head == entries.count {
                entries.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 4_096, head * 2 >= entries.count {
                entries.removeFirst(head)
                head = 0
            }
        }
        return entries[head]
    }

    /// Those behind `position`, in order.
    func behind(_ position: EventPosition) -> ArraySlice<SessionLane.Arrival> {
        var (low, high) = (head, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].result.position > position {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return entries[low...]
    }

    /// Where so many of the first end; `nil` where there are fewer.
    func position(of place: Int) -> EventPosition? {
        head + place < entries.count ? entries[head + place].result.position : nil
    }
}

extension SessionLane.Arrival {
    private var rank: (EventPosition, Int32, Int) {
        (result.position, Int32(result.instrument.index), result.index)
    }
    func precedes(_ other: SessionLane.Arrival) -> Bool { rank < other.rank }
    /// Of one identity.
    func isSame(as other: SessionLane.Arrival) -> Bool { rank == other.rank }
}
