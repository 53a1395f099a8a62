import Indicators
import Strategies
public import TradingModel

/// A result of a strategy server as it enters the kernel.
public struct ServerResult: Hashable, Sendable {
    public let source: SourceID
    public let position: EventPosition
    public let instrument: InstrumentID
    public let index: Int
    public let result: StrategyResult
    /// Entry of the event it was computed from, and its own arrival, by the same clock.
    public let entryTime: Timestamp
    public let arrivalTime: Timestamp

    public init(
        source: SourceID, position: EventPosition, instrument: InstrumentID, index: Int,
        result: StrategyResult, entryTime: Timestamp, arrivalTime: Timestamp
    ) {
        self.source = source
        self.position = position
        self.instrument = instrument
        self.index = index
        self.result = result
        self.entryTime = entryTime
        self.arrivalTime = arrivalTime
    }
    /// The order in which results of one step enter.
    public static func precedes(_ a: ServerResult, _ b: ServerResult) -> Bool {
        (a.position, a.source, a.instrument, a.index) < (
            b.position, b.source, b.instrument, b.index
        )
    }
}

extension Kernel {
    /// Where no candle ends a vote that names no validity.
    static var defaultValidity: Nanoseconds { .seconds(60) }

    @inline(never)
    mutating func propose(
        seat: Int, at position: EventPosition, entry: Timestamp,
        into effects: inout Effects
    ) {
        guard let result = fired.take() else { return }
        propose(result, seat: seat, at: position, entry: entry, into: &effects)
    }

    /// Hears what a strategy says to a crossing of its means.
    @inline(never)
    mutating func cross(
        _ direction: Crossing.Direction, seat: Int, at position: EventPosition, entry: Timestamp,
        into effects: inout Effects
    ) {
        guard let result = seats[seat].onCrossing?(seats[seat].state, direction) else { return }
        propose(result, seat: seat, at: position, entry: entry, into: &effects)
    }

    @inline(__always)
    private mutating func propose(
        _ result: consuming StrategyResult, seat: Int, at position: EventPosition,
        entry: Timestamp, into effects: inout Effects
    ) {
        let terms = seats[seat].terms
        let signal = Signal(
            source: terms.source, account: terms.account,
            instrument: terms.instrument, position: position, index: 0, result: result,
            entryTime: entry, arrivalTime: entry)
        hear(signal, terms, desk: seats[seat].desk, now: entry, into: &effects)
    }

    /// Takes a server's result, for every account that is attached to its instrument.
    ///
    /// Late is what came more than the source's deadline after the entry of its event: recorded, not heard.
    /// - Parameters:
    ///   - kind: Of the event it was computed from.
    ///   - now: The decision stage's clock.
    public mutating func handle(
        _ result: ServerResult, of kind: EventClass = .ticks, now: Timestamp,
        into effects: inout Effects
    ) {
        let seats = serverSeats[result.source]?[result.instrument] ?? []
        let deadline = plan.sources[Int(result.source.index)].deadline(of: kind)
        let age = result.arrivalTime.since(result.entryTime)
        for seat in seats {
            let signal = Signal(
                source: result.source, account: seat.terms.account,
                instrument: result.instrument, position: result.position, index: result.index,
                result: result.result, entryTime: result.entryTime, arrivalTime: result.arrivalTime)
            if let deadline, age > deadline {
                emit(.signal(signal, .late), into: &effects)
            } else {
                hear(signal, seat.terms, desk: seat.desk, now: now, into: &effects)
            }
        }
    }

    private mutating func hear(
        _ signal: consuming Signal, _ terms: Terms, desk: Int, now: Timestamp,
        into effects: inout Effects
    ) {
        guard signal.result.action != .alert else {
            emit(.signal(signal, .alert), into: &effects)
            return
        }
        let expires = expiry(of: signal, terms.input)
        if let expires {
            guard expires > now else { return emit(.signal(signal, .expired), into: &effects) }
        } else if hasNextCandle(signal, terms.input) {
            return emit(.signal(signal, .expired), into: &effects)
        }
        if let old = desks[desk].votes.first(where: { $0.source == signal.source }) {
            emit(.voteEnded(old.key, .replaced, detail: ""), into: &effects)
        }
        if !kills.parts.isEmpty, isSilenced(signal) {
            return emit(.signal(signal, .killed), into: &effects)
        }
        let position = signal.position
        // What `opened` and `signal` change, where vote and desk are at hand.
        stand(
            Vote(
                signal: signal, input: terms.input, quantity: terms.quantity,
                addsToPosition: terms.addsToPosition, expires: expires ?? .distantFuture),
            desk)
        if desks[desk].round == nil {
            let deadline = now.advanced(by: plan.arbiter.roundDeadline)
            openRound(desk, at: position, deadline)
            effects.tell(.opened(consume signal, deadline: deadline))
        } else {
            effects.tell(.signal(consume signal, .pending))
        }
        if plan.arbiter.policy == .first {
            closeRound(desk, at: position, now: now, into: &effects)
        }
    }

    @inline(__always)
    func expiry(of signal: borrowing Signal, _ input: Attachment.Input) -> Timestamp? {
        switch (signal.result.validity, input) {
        case (.duration(let span), _): signal.entryTime.advanced(by: span)
        case (.untilNextCandle, .ticks): signal.entryTime.advanced(by: Self.defaultValidity)
        case (.untilNextCandle, .candles): nil
        }
    }

    /// Whether a candle of the input was taken behind the event that the result was computed from.
    @inline(__always)
    private func hasNextCandle(_ signal: borrowing Signal, _ input: Attachment.Input) -> Bool {
        guard case .candles(let interval) = input,
            let last = books[Int(signal.instrument.index)].lastCandle(interval)
        else { return false }
        return last > signal.position
    }

    /// Votes that stand until the next candle of their input end when that candle is taken.
    mutating func expireVotes(
        endedBy candle: Candle, at position: EventPosition, into effects: inout Effects
    ) {
        for desk in books[Int(candle.instrument.index)].desks where !desks[desk].votes.isEmpty {
            for vote in desks[desk].votes
            where vote.expires == .distantFuture && vote.input == .candles(candle.interval)
                && vote.position < position
            {
                emit(
                    .voteEnded(vote.key, .expired, detail: "the next candle closed"),
                    into: &effects)
            }
        }
    }

    func terms(for signal: borrowing Signal) -> Terms? {
        if plan.sources[Int(signal.source.index)].kind == .server {
            let account = signal.account
            return serverSeats[signal.source]?[signal.instrument]?
                .first { $0.terms.account == account }?.terms
        }
        let book = books[Int(signal.instrument.index)]
        for seat in Int(book.firstSeat)..<Int(book.endSeat)
        where seats[seat].terms.source == signal.source
            && seats[seat].terms.account == signal.account
        {
            return seats[seat].terms
        }
        return nil
    }
}
