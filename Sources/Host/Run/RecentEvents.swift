import Kernel
import Ports
import TradingModel

/// The last events, to tell what a result was computed from. Of fixed size.
struct RecentEvents {
    private var ring: [MarketEvent] = []
    private var count = 0
    private let capacity: Int
    /// Fills, which servers that read their account are told too; oldest first.
    private var fills: [(position: EventPosition, fill: Fill)] = []

    /// - Parameter capacity: A power of two. By default what 200 ms of a busy feed bring.
    init(capacity: Int = 4_096) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0)
        self.capacity = capacity
        ring.reserveCapacity(capacity)
    }

    /// - Parameter event: Behind all before it.
    mutating func note(_ event: MarketEvent) {
        if ring.count < capacity {
            ring.append(event)
        } else {
            ring[count & (capacity - 1)] = event
        }
        count += 1
    }

    /// - Parameter step: The one it was booked in.
    mutating func note(_ fill: Fill, in step: UInt64) {
        let first = EventPosition(step: step, index: EventPosition.firstAccountIndex)
        let position =
            if let last = fills.last?.position, last.step == step {
                EventPosition(last.value + 1)
            } else { first }
        if fills.count >= 2 * Self.mostFills { fills.removeFirst(Self.mostFills) }
        fills.append((position, fill))
    }
    private static let mostFills = 256

    func fill(at position: EventPosition) -> Fill? {
        fills.last { $0.position == position }?.fill
    }

    /// `nil` where it has gone, or never was.
    func event(at position: EventPosition) -> MarketEvent? {
        var low = max(0, count - capacity)
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let event = ring[middle & (capacity - 1)]
            if event.position == position { return event }
            if event.position < position { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}

extension EventRow {
    init(_ fill: Fill, at position: EventPosition, record: UInt64, symbol: String) {
        self.init(
            record: record, position: position, kind: "fill", symbol: symbol, time: fill.time)
        price = fill.price
        volume = Volume(fill.quantity)
    }

    init(_ event: MarketEvent, record: UInt64, symbol: String) {
        let kind =
            switch event.kind {
            case .tick: "tick"
            case .quote: "quote"
            case .candle(let candle): "candles:\(candle.interval)"
            case .timer(_, let interval): "timers:\(interval)"
            }
        self.init(
            record: record, position: event.position, kind: kind, symbol: symbol, time: event.time)
        switch event.kind {
        case .tick(let tick):
            price = tick.price
            volume = Volume(tick.quantity)
        case .quote(let quote):
            bid = quote.bid
            ask = quote.ask
        case .candle(let candle):
            price = candle.close
            open = candle.open
            high = candle.high
            low = candle.low
            volume = candle.volume
        case .timer: break
        }
    }
}
