package import GRPCTransport
import Ports
package import TradingModel

/// What a session is opened with: where the server is, and what it is told.
package struct SessionPlan: Sendable {
    package enum Mode: Hashable, Sendable { case live, paper, replay, backtest }

    /// As configured; names the session to people.
    package var name: String
    /// The same across reconnects and restarts of either side.
    package var session: String
    package var target: Target
    package var security: Security
    package var token: BearerToken?
    /// Started by the host, and ended with it; `nil`: it runs already.
    package var launch: LaunchPlan?
    package var mode: Mode
    /// Overrides, checked against the server's schema.
    package var parameters: [String: String]
    /// For a server that reads account state.
    package var account: String
    /// Those of its start; the session's number of an instrument is its index here.
    package var instruments: [Instrument]
    package var limits: SessionLimits
    package var life: LifePolicy

    package init(
        name: String, session: String, target: Target, security: Security = .insecure,
        token: BearerToken? = nil, launch: LaunchPlan? = nil, mode: Mode,
        parameters: [String: String] = [:], account: String, instruments: [Instrument],
        limits: SessionLimits = SessionLimits(), life: LifePolicy = LifePolicy()
    ) {
        self.name = name
        self.session = session
        self.target = target
        self.security = security
        self.token = token
        self.launch = launch
        self.mode = mode
        self.parameters = parameters
        self.account = account
        self.instruments = instruments
        self.limits = limits
        self.life = life
    }

    /// Which instruments the session has, as its feed says.
    func timeline(of feed: any SessionFeed) -> InstrumentTimeline {
        feed.instruments ?? InstrumentTimeline(instruments)
    }

    /// Whether the host waits for the server: then nothing is late and nothing is left out.
    var isLockstep: Bool { mode == .backtest }
    /// What leaves this machine is encrypted, and says who asks.
    func checkSecurity() throws(ServerRefusal) {
        guard !target.isLocal else { return }
        guard case .tls(let tls) = security else {
            throw ServerRefusal(
                "it is beyond this machine and would be reached in plain text",
                advice: "give it a certificate, and say tls: { ca: FILE } and token here")
        }
        guard token != nil || tls.identity != nil else {
            throw ServerRefusal(
                "it is beyond this machine and would let anybody in",
                advice: "give it a token, or tls: a certificate and key of this host's own")
        }
    }
    /// Whose the snapshots of this session are, with this build behind it.
    func owner(_ description: ServerDescription) -> SnapshotOwner {
        SnapshotOwner(
            session: session, version: description.version, modelHash: description.modelHash,
            parameterHash: description.parameterHash,
            account: description.readsAccount ? account : "")
    }
    /// As errors name it.
    package var place: String { "strategy server '\(name)' at \(target)" }
}

/// What the host enforces on a session.
package struct SessionLimits: Hashable, Sendable {
    /// Decoding grows small results a hundredfold, so a message is kept small.
    package var messageBytes = 1_024 * 1_024
    package var resultsPerEvent = 64
    /// On average over ten seconds, at a pace; 0: no limit.
    package var resultsPerSecond = 10_000
    package var textBytes = 1_024
    package var snapshotBytes = 64 * 1_024 * 1_024
    package var logsPerSecond = 20
    /// Events beyond the last watermark.
    package var credit = 4_096
    /// Events in one message.
    package var batch = 256
    /// From the entry of an event to its result; `nil` in lockstep.
    package var deadline: Nanoseconds?
    /// Of kinds of events that have one of their own; `nil`: all have `deadline`.
    package var deadlines: ClassDeadlines?
    /// From its start to the first answer of a server that the host launches, ns.
    package var startWithin: Int64 = 30_000_000_000
    /// From Configure to Ready, ns: a model may load its weights in it.
    package var patience: Int64 = 60_000_000_000
    package init() {}

    /// `nil` in lockstep.
    func deadline(of kind: EventClass) -> Nanoseconds? {
        deadline.map { deadlines?[kind] ?? $0 }
    }

    /// As a server is told: ns, 0: as for ticks.
    func wireDeadline(of kind: EventClass) -> Int64 {
        let own = deadline(of: kind)
        return own == deadline(of: .ticks) ? 0 : own?.count ?? 0
    }

    /// Whether an event of this kind may be worked at for longer than one of that.
    func isSlower(_ kind: EventClass, than other: EventClass) -> Bool {
        guard kind != other, let own = deadline(of: kind), let its = deadline(of: other) else {
            return false
        }
        return own > its
    }

    /// Those of a run as fast as possible: nobody waits there for the first result of a large message,
    /// and each message costs a server as much as hundreds of ticks in it.
    package static var lockstep: SessionLimits {
        var limits = SessionLimits()
        limits.batch *= 8
        // For as many messages of the largest size as may be on their way.
        limits.credit = Flow.messagesAheadInLockstep * limits.batch
        limits.messageBytes *= 4
        return limits
    }
}
