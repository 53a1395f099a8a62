public import TradingModel

/// What a strategy server said of itself in Describe.
package struct ServerDescription: Hashable, Sendable {
    package var name: String
    package var version: String
    package var instanceID: String
    package var modelName: String
    package var modelVersion: String
    package var modelHash: String
    package var sdk: String
    package var inputs: [ServerInput]
    package var readsAccount: Bool
    package var independentInstruments: Bool
    /// Whether it hears of instruments that join and leave.
    package var followsInstruments: Bool
    /// Events in one message at most.
    package var largestBatch: Int
    /// 16 hex digits over every parameter in force.
    package var parameterHash: String

    package init(
        name: String, version: String, instanceID: String, modelName: String, modelVersion: String,
        modelHash: String, sdk: String, inputs: [ServerInput], readsAccount: Bool,
        independentInstruments: Bool, largestBatch: Int, parameterHash: String,
        followsInstruments: Bool
    ) {
        self.name = name
        self.version = version
        self.instanceID = instanceID
        self.modelName = modelName
        self.modelVersion = modelVersion
        self.modelHash = modelHash
        self.sdk = sdk
        self.inputs = inputs
        self.readsAccount = readsAccount
        self.independentInstruments = independentInstruments
        self.followsInstruments = followsInstruments
        self.largestBatch = largestBatch
        self.parameterHash = parameterHash
    }
}

/// A kind of event a server asked for.
package struct ServerInput: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case ticks, quotes
        case candles(Interval, unfinished: Bool)
        case timers(Interval)
    }
    package var kind: Kind
    /// Events of history wanted for each instrument.
    package var warmUp: Int
    package init(_ kind: Kind, warmUp: Int) {
        self.kind = kind
        self.warmUp = warmUp
    }
}

/// A fill of the account's own order, with what is held after it.
public struct AccountUpdate: Hashable, Sendable {
    public var instrument: InstrumentID
    public var side: Side
    public var price: Price
    public var quantity: Quantity
    public var fee: Money
    public var held: Quantity
    public var averagePrice: Price
    public var cash: Money
    public var time: Timestamp
    public init(
        instrument: InstrumentID, side: Side, price: Price, quantity: Quantity, fee: Money,
        held: Quantity, averagePrice: Price, cash: Money, time: Timestamp
    ) {
        self.instrument = instrument
        self.side = side
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.held = held
        self.averagePrice = averagePrice
        self.cash = cash
        self.time = time
    }
}

/// An event on its way to a session.
///
/// Each session keeps tens of thousands: what is large and rare stands in a box.
public struct SessionEvent: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case tick(Tick)
        case quote(Quote)
        indirect case candle(Candle)
        case timer(at: Timestamp, interval: Interval)
        indirect case account(AccountUpdate)
        /// The list of the session's instruments changes.
        indirect case instrument(InstrumentChange)
    }
    public let position: EventPosition
    /// UTC ns: by the host's clock, or the event's own time where time is simulated.
    public let entryTime: Timestamp
    public let kind: Kind
    public init(position: EventPosition, entryTime: Timestamp, kind: Kind) {
        self.position = position
        self.entryTime = entryTime
        self.kind = kind
    }
}

extension SessionEvent {
    /// As deadlines are given for it.
    package var eventClass: EventClass {
        switch kind {
        case .tick, .quote, .instrument: .ticks
        case .candle(let candle): candle.isFinal ? .candles : .ticks
        case .timer: .timers
        case .account: .fills
        }
    }
}

/// Where a session's events come from. Called by one session at a time.
package protocol SessionFeed: AnyObject, Sendable {
    /// Appends events behind `position`, in order.
    func pull(after position: EventPosition, limit: Int, into events: inout [SessionEvent])
        -> FeedPull

    /// `wake` is called, on any thread, when a pull that said `wait` may say more. One at a time.
    func onMore(_ wake: @escaping @Sendable () -> Void)

    /// The history a fresh server wants before its first event: up to `warmUp` events of each input and
    /// instrument at or before the position returned, oldest first.
    ///
    /// - Parameter position: What the session has answered. The history ends there if what follows is at hand, so
    ///   that nothing is passed over; else where what is gone ends, or behind it.
    func history(
        _ inputs: [ServerInput], asOf position: EventPosition
    ) -> (events: [SessionEvent], through: EventPosition)

    /// Events that it was given to answer so far, each counted once.
    var given: Int { get }

    /// Whether a server that stands at `position` can go on from there: of what lies behind it, only
    /// ticks, quotes and unfinished candles may have been left out.
    func reaches(_ position: EventPosition) -> Bool

    /// Which instruments the session has, as of each position; `nil`: those that it began with, to its end.
    var instruments: InstrumentTimeline? { get }
}

extension SessionFeed {
    package var instruments: InstrumentTimeline? { nil }
}

/// Events from one position to another, both included.
package struct PositionRun: Hashable, Sendable {
    package let first: EventPosition
    package let last: EventPosition
    package init(_ first: EventPosition, _ last: EventPosition) {
        self.first = first
        self.last = last
    }
}

package enum FeedPull: Hashable, Sendable {
    /// Some were appended; there may be more.
    case events
    /// None at present.
    case wait
    /// None so far, and more to look through: pull again, behind whatever else waits for the thread.
    case lookOn
    /// What was left out stands before and between the events appended, or behind the last sent, where
    /// none were; the session says so and goes on behind all of it.
    case skipped([PositionRun], reason: String)
    /// Events that no server may miss are gone: the session begins anew with a history.
    case outOfReach(String)
    /// None any more.
    case end
    /// The source failed: the host stops the run.
    case failed(String)
}

/// A result as a session received and checked it.
package struct ReceivedResult: Hashable, Sendable {
    package let position: EventPosition
    package let instrument: InstrumentID
    package let index: Int
    package let result: StrategyResult
    package init(
        position: EventPosition, instrument: InstrumentID, index: Int, result: StrategyResult
    ) {
        self.position = position
        self.instrument = instrument
        self.index = index
        self.result = result
    }
}

/// What a session tells its host. Called by one session at a time; never blocks.
package protocol SessionInbox: AnyObject, Sendable {
    /// At each connection, before Configure: the last position closed, and the last the host knows of.
    /// Results received behind it and not closed by a watermark are void.
    func resumePoint() -> (watermark: EventPosition, known: EventPosition)

    /// Takes results in the order received.
    ///
    /// - Returns: Whether there is room for more; else the next message waits for `onRoom`.
    func deliver(_ results: [ReceivedResult]) -> Bool
    func onRoom(_ wake: @escaping @Sendable () -> Void)

    /// Everything up to `position` is answered.
    func watermark(_ position: EventPosition)

    /// Every result up to here is safe.
    var acknowledged: EventPosition { get }

    func report(_ report: SessionReport)

    /// The server begins anew with a history up to `position`: it is asked about nothing up to there.
    func begins(behind position: EventPosition)
}

extension SessionInbox {
    package func begins(behind position: EventPosition) {}
}

/// How a session is: the words people see.
package enum SessionState: String, Hashable, Sendable {
    case connecting, warming, live
    /// No watermark for longer than its deadline.
    case slow
    /// No watermark for a second or more.
    case hung
    /// The connection broke; it is being made again.
    case down
    /// It failed too often in a row, or hung for too long: it is tried now and then.
    case open = "circuit open"
    /// One such trial: it counts when the server answers something new.
    case probing
    /// It broke too often, or the contract, or was refused: nobody connects to it until it is released.
    case quarantined
    /// Given up by a run that cannot go on without it.
    case refused
    /// The host ends the session: what was sent is answered first.
    case draining
    case stopped

    /// The one that most needs somebody to look; `nil` of none.
    package static func worst(of states: some Sequence<SessionState>) -> SessionState? {
        let order: [SessionState] = [
            .refused, .quarantined, .open, .probing, .hung, .down, .slow, .connecting, .warming,
            .live, .draining, .stopped,
        ]
        let found = Set(states)
        return order.first { found.contains($0) }
    }
}

package enum SessionReport: Hashable, Sendable {
    case described(ServerDescription)
    /// `detail` for people: what happened, and what to do where that helps.
    case state(SessionState, detail: String)
    /// Nobody connects to it any more; `nil`: somebody released it.
    case quarantine(ServerQuarantine?)
    /// A callback failed on the server.
    case failure(EventPosition, message: String, recoverable: Bool)
    /// Results that were not taken: how many, and the rule they broke.
    case refusedResults(count: Int, reason: String)
    /// A line for the log.
    case log(level: String, text: String)
    /// A line the launched process printed.
    case output(String)
}
