import Kernel
import Ports
import TradingModel

/// What the loop holds of a session between steps.
struct SessionWait {
    let link: SessionLink
    /// Of a pair: which of the run's; it is waited for whoever of the two is heard.
    let duty: Int?
    private(set) var watermark = EventPosition.start
    private var pending: [SessionLane.Arrival] = []
    private var next = 0

    init(_ link: SessionLink, duty: Int? = nil) {
        self.link = link
        self.duty = duty
    }

    /// Leaves what came as it is: its version is off.
    mutating func skip() {
        drain()
        next = pending.count
    }

    /// Ticks of steps up to here need no word of it: it has none left to say, or does not hear them.
    var quietThrough: UInt64 {
        let answered = link.subscription.ticks ? watermark.step : .max
        guard next < pending.count else { return answered }
        return min(answered, max(1, pending[next].result.position.step) - 1)
    }

    mutating func drain() {
        dropTaken()
        watermark = link.lane.drain(into: &pending)
    }

    private mutating func dropTaken() {
        guard next == pending.count else { return }
        pending.removeAll(keepingCapacity: true)
        next = 0
    }

    /// Takes what is heard of a pair.
    mutating func add(_ arrivals: [SessionLane.Arrival], through watermark: EventPosition) {
        dropTaken()
        pending += arrivals
        self.watermark = watermark
    }

    /// Moves results at or before `position` out, in order. Entry and arrival are simulated: never late.
    mutating func take(
        through position: EventPosition, entry: Timestamp, into results: inout [ServerResult]
    ) {
        while next < pending.count, pending[next].result.position <= position {
            let result = pending[next].result
            results.append(
                ServerResult(
                    source: link.source, position: result.position, instrument: result.instrument,
                    index: result.index, result: result.result, entryTime: entry, arrivalTime: entry
                ))
            next += 1
        }
    }
}
