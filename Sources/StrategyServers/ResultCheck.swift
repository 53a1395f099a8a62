import Ports
import StrategyWire
import TradingModel

/// Holds each result against what was sent. A value; one for each connection.
struct ResultCheck {
    /// As far as changes of it were sent.
    var instruments: InstrumentTimeline
    let limits: SessionLimits
    private var position = EventPosition.start
    private var count = 0

    init(instruments: InstrumentTimeline, limits: SessionLimits) {
        self.instruments = instruments
        self.limits = limits
    }

    /// - Parameters:
    ///   - last: The last event sent.
    ///   - watermark: What the server itself has closed.
    ///   - isSent: Whether an event at this position was sent to the session.
    /// - Returns: Why the result is refused, or the result.
    mutating func check(
        _ wire: PBResult, last: EventPosition, watermark: EventPosition,
        isSent: (EventPosition) -> Bool
    ) -> Result<ReceivedResult, Refusal> {
        let at = EventPosition(wire.position)
        guard at <= last else {
            return .failure(Refusal("position \(at) is beyond \(last), the last event sent"))
        }
        guard at > .start else { return .failure(Refusal("position 0 is no event's")) }
        guard at > watermark else {
            return .failure(
                Refusal("position \(at) is closed by the server's own watermark \(watermark)"))
        }
        guard at >= position else {
            return .failure(
                Refusal("position \(at) after a result for \(position): results must rise"))
        }
        guard isSent(at) else {
            return .failure(Refusal("position \(at) is no event's that was sent"))
        }
        count = at == position ? count + 1 : 1
        position = at
        guard count <= limits.resultsPerEvent else {
            return .failure(Refusal("more than \(limits.resultsPerEvent) results for one event"))
        }
        let number = Int(wire.instrument)
        guard number < instruments.known.count else {
            return .failure(
                Refusal(
                    "instrument number \(number); the session has \(instruments.known.count)"))
        }
        // Of one that has left the host makes a note; one that is still to come is nobody's guess.
        guard instruments.standing(of: number, at: at) != .absent else {
            return .failure(Refusal("instrument number \(number) joins behind \(at)"))
        }
        do {
            let result = try StrategyResult(wire, textBytes: limits.textBytes)
            return .success(
                ReceivedResult(
                    position: at, instrument: instruments.known[number].id,
                    index: Int(wire.index), result: result))
        } catch {
            return .failure(Refusal("\(error)"))
        }
    }

    struct Refusal: Error, Hashable {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }
}
