package import TradingModel

/// The virtual clock with everything that is yet to happen, earliest first.
///
/// What falls on the same instant comes in an order that the seed draws: a program must not depend on it.
/// Time moves only by ``next()``.
package struct Agenda<Event: Sendable>: Sendable {
    /// Small, for it is moved about; the event stays where it is until its time.
    private struct Entry: Sendable {
        let time: Timestamp
        let tie: UInt64
        let number: UInt64
        let place: Int

        func precedes(_ other: Entry) -> Bool {
            (time.nanoseconds, tie, number) < (other.time.nanoseconds, other.tie, other.number)
        }
    }
    private var heap: [Entry] = []
    private var events: [Event?] = []
    private var free: [Int] = []
    private var ties: SeededStream
    private var count: UInt64 = 0
    package private(set) var now: Timestamp

    package init(start: Timestamp, ties: SeededStream) {
        now = start
        self.ties = ties
    }

    package var isEmpty: Bool { heap.isEmpty }
    package var nextTime: Timestamp? { heap.first?.time }

    /// What is past happens now.
    package mutating func add(_ event: Event, at time: Timestamp) {
        count += 1
        let tie = ties.next()
        let place = free.popLast() ?? events.count
        if place == events.count { events.append(event) } else { events[place] = event }
        heap.append(Entry(time: max(time, now), tie: tie, number: count, place: place))
        rise(heap.count - 1)
    }
    package mutating func add(_ event: Event, after span: Nanoseconds) {
        add(event, at: now.advanced(by: span))
    }

    /// Moves the clock to the earliest event and takes it out.
    package mutating func next() -> Event? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        now = first.time
        free.append(first.place)
        defer { events[first.place] = nil }
        return events[first.place]
    }

    private mutating func rise(_ start: Int) {
        var at = start
        while at > 0, heap[at].precedes(heap[(at - 1) / 2]) {
            heap.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    private mutating func sink() {
        var at = 0
        while true {
            var least = at
            for child in [2 * at + 1, 2 * at + 2]
            where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != at else { return }
            heap.swapAt(at, least)
            at = least
        }
    }
}
