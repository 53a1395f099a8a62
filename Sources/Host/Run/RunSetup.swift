package import Kernel
package import PaperExchange
package import Platform
package import Ports
package import TradingModel

/// Everything a run is made of, wired by the executable.
package struct RunSetup: Sendable {
    package var head: RunHead
    package var folder: String
    package var plan: KernelPlan
    package var market: MarketPlan
    package var recording: any RecordedFeed
    package var paper: PaperExchange.Settings
    package var log: any EventLog
    package var projections: any ProjectionStore
    package var digest: any Digest
    package var clock: any TimeSource
    package var doorbell: Doorbell
    package var sessions: [SessionLink]
    /// Strategies with two versions, and who of them is heard as long as nobody asks for another plan.
    package var versions: [SourceID: VersionPlan] = [:]
    package var observer: any RunObserver
    /// Of notices the observer reads warnings and words of the kill switch alone.
    package var warnsAlone = false
    /// How people reach the run.
    package var control: RunControl
    /// Where people are told from; `nil`: nowhere.
    package var news: (any NewsDesk)?
    /// Where orders go; `nil`: to the run's own paper exchange, or nowhere: see ``readBrokers``.
    package var brokers: BrokerLines?
    /// Of a log that is only read: where its run's orders went. Nobody speaks to them.
    package var readBrokers: [BrokerPlace]?
    /// Where the log's orders go or went; `nil`: to the run's own paper exchange.
    var places: [BrokerPlace]? { brokers?.setup.links.map(\.place) ?? readBrokers }
    /// Takes each fill as it is booked, on the loop's thread; must not block.
    package var booked: (@Sendable (BookedFill) -> Void)?
    /// The kernel's plan behind changes of what is attached, in order: from the log, where nobody asks again.
    package var replan: @Sendable ([PlanChange]) throws -> KernelPlan = { _ in
        throw RunFailure.log(
            what: "its attachments were changed while it ran",
            advice: "this kind of run knows no changes")
    }
    /// Intervals whose closed candles are rows too; the market stage builds them.
    package var bars: [Interval] = []
    /// A session that gives no watermark for this long stops a run that waits for it, ns.
    package var patience: Int64 = 60_000_000_000
    /// By source: events that its session was given so far, for those who watch; `nil` for the host's.
    package var given: @Sendable () -> [Int?] = { [] }
    /// By session of the start: how those of main versions stand, for those who watch.
    package var servers: @Sendable () -> [ServerFigures?] = { [] }
    /// Of a paced run: the recording's time passes this many times as fast; `nil`: as fast as possible.
    package var speed: Double?
    /// A pause in a paced recording lasts this long at most, ns of the host's clock.
    package var longestPause: Int64 = 2_000_000_000
    /// Behind the recording's end: orders without a final answer are told after this, and again each time it has
    /// passed, ns of the host's clock.
    package var waitIsTold: Int64 = 30_000_000_000
    /// Of a paced run: runs what it is given on the loop's thread, and may send there what that made ready for
    /// sessions.
    package var lend: @Sendable (_ body: () -> Void) -> Void = { body in body() }
    /// Kernel, guards and desks that answer each other more often in a step never come to an end.
    package var mostTurns = Engine.mostTurns
    /// Of a paced run.
    package var watch = WatchSettings()

    package init(
        head: RunHead, folder: String, plan: KernelPlan, market: MarketPlan,
        recording: any RecordedFeed, paper: PaperExchange.Settings, log: any EventLog,
        projections: any ProjectionStore, digest: any Digest, clock: any TimeSource,
        doorbell: Doorbell, sessions: [SessionLink], observer: any RunObserver,
        control: RunControl? = nil
    ) {
        self.control = control ?? RunControl(doorbell)
        self.head = head
        self.folder = folder
        self.plan = plan
        self.market = market
        self.recording = recording
        self.paper = paper
        self.log = log
        self.projections = projections
        self.digest = digest
        self.clock = clock
        self.doorbell = doorbell
        self.sessions = sessions
        self.observer = observer
    }
}

/// A session as the loop knows it. A class, for the loop takes it in hand at every step.
package final class SessionLink: Sendable {
    package let name: String
    /// Name and address, as errors tell them.
    package let place: String
    package let source: SourceID
    /// Which of the strategy's versions it is.
    package let slot: VersionSlot
    /// Which of the strategy's servers it is, where each has instruments of its own.
    package let shard: Int
    /// Which of two that stand for each other.
    package let seat: ServerSeat
    /// Number of the order that deployed it; 0: the configuration names it.
    package let order: Int
    package let description: ServerDescription
    package let subscription: Subscription
    package let lane: SessionLane
    package init(
        name: String, place: String = "", source: SourceID, slot: VersionSlot = .main,
        shard: Int = 0, seat: ServerSeat = .main, order: Int = 0, description: ServerDescription,
        subscription: Subscription, lane: SessionLane
    ) {
        self.name = name
        self.place = place.isEmpty ? "strategy server '\(name)'" : place
        self.source = source
        self.slot = slot
        self.shard = shard
        self.seat = seat
        self.order = order
        self.description = description
        self.subscription = subscription
        self.lane = lane
    }
}

/// Why a run ended before its end.
package enum RunFailure: Error, CustomStringConvertible {
    case feed(FeedError)
    case store(StoreError)
    /// A strategy server that the run waits for is gone for good; the run can be resumed.
    case server(place: String, why: String)
    /// The log does not belong to this configuration, or is damaged.
    case log(what: String, advice: String)
    /// Asked to stop before the first new step: nothing was changed.
    case stopped(String)

    package var description: String {
        switch self {
        case .feed(let error): "\(error)"
        case .store(let error): "\(error)"
        case .server(let place, let why):
            "\(place): \(why)\n  mend that: the run stopped where it was; start it again to go on from there"
        case .log(let what, let advice): "\(what)\n  \(advice)"
        case .stopped(let reason): "\(reason), while the log was read; start it again to go on"
        }
    }
}
