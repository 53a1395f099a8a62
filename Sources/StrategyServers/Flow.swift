import Ports
import TradingModel

/// What was sent and not answered yet: credit, and how long the oldest has waited. A value.
struct Flow {
    private struct Sent {
        let position: EventPosition
        /// Monotonic ns.
        let time: Int64
    }
    let capacity: Int
    /// Messages on their way at once.
    let ahead: Int
    /// Where the server stood when it was connected.
    private let opened: EventPosition
    /// The last event sent; the `previous` of the next message.
    private(set) var last: EventPosition
    /// What was sent or left out ends here: the next event stands behind it.
    private(set) var reached: EventPosition
    private(set) var watermark: EventPosition
    private var sent: [Sent] = []
    private var head = 0
    /// Of those, what is no tick.
    private var others: [(position: EventPosition, kind: EventClass)] = []
    /// The last position of each message that is not answered yet.
    private var messages: [EventPosition] = []
    /// How long it worked at each event that it answered: it takes one message after the other, and the events of one
    /// share its time, so one that judges many at once looks faster than it answers one alone.
    private(set) var service = LatencyHistogram()
    /// When it last answered, monotonic ns.
    private var closed = Int64.min
    /// At a pace: enough to keep a server busy, few enough that events gather into batches while it is
    /// behind. A completed write tells nothing: the transport takes megabytes.
    static let messagesAhead = 4
    /// As fast as possible every message is as large as it may be. There must be enough to do for a server while
    /// the thread that feeds it waits its turn of a processor behind those that decide and write.
    static let messagesAheadInLockstep = 8

    init(
        capacity: Int, ahead: Int = messagesAhead, after position: EventPosition,
        watermark: EventPosition
    ) {
        self.capacity = capacity
        self.ahead = ahead
        opened = position
        last = position
        reached = position
        self.watermark = watermark
    }

    var outstanding: Int { sent.count - head }
    /// Events that may be sent now.
    var credit: Int { messages.count < ahead ? max(0, capacity - outstanding) : 0 }
    /// When the oldest unanswered event was sent.
    var oldest: Int64? { head < sent.count ? sent[head].time : nil }

    /// What the oldest unanswered event is; ticks where there is none.
    var oldestKind: EventClass {
        guard let first = others.first, head < sent.count, first.position == sent[head].position
        else { return .ticks }
        return first.kind
    }

    /// Events leave in one message.
    ///
    /// - Parameter others: Those among them that are no ticks, in order.
    mutating func send(
        _ positions: [EventPosition],
        others: [(position: EventPosition, kind: EventClass)] = [], at time: Int64
    ) {
        guard let last = positions.last else { return }
        self.others += others
        for position in positions { sent.append(Sent(position: position, time: time)) }
        self.last = last
        reached = last
        messages.append(last)
    }

    /// Events that were left out: nothing is owed for them, and `last` stays where it is.
    mutating func skip(through position: EventPosition) { reached = max(reached, position) }

    enum Violation: Hashable { case backwards(from: EventPosition), beyond(last: EventPosition) }

    /// Whether an unanswered event stands at `position`; what was sent before this connection is not known any more.
    func isSent(_ position: EventPosition) -> Bool {
        if position <= opened { return true }
        var (low, high) = (head, sent.count)
        while low < high {
            let middle = (low + high) / 2
            if sent[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low < sent.count && sent[low].position == position
    }

    /// The server has answered everything up to `position`.
    ///
    /// - Parameter time: When that was heard, monotonic ns.
    mutating func close(through position: EventPosition, at time: Int64) -> Violation? {
        guard position <= last else { return .beyond(last: last) }
        guard position >= watermark else { return .backwards(from: watermark) }
        watermark = position
        messages.removeAll { $0 <= position }
        others.removeFirst(others.prefix { $0.position <= position }.count)
        let first = head
        while head < sent.count, sent[head].position <= position { head += 1 }
        if head > first {
            // It began when it had both the first of them and nothing else in hand.
            let count = head - first
            service.record((time - max(sent[first].time, closed)) / Int64(count), times: count)
            closed = time
        }
        if head > 4_096 || head == sent.count {
            sent.removeFirst(head)
            head = 0
        }
        return nil
    }
}
