public import Strategies
public import TradingModel

/// Everything the kernel is told before the first event: fixed for a run, part of its identity. What is
/// attached may change between two steps: see ``Kernel/layOut(_:)``.
public struct KernelPlan: Sendable {
    public var instruments: [Instrument]
    public var zones: [ZoneOffsets]
    /// By instrument; empty: all around the clock.
    public var hours: [MarketHours] = []
    public var accounts: [AccountPlan]
    public var sources: [SourcePlan]
    public var attachments: [Attachment]
    public var arbiter: ArbiterPlan
    /// Of every account, where it has none of its own.
    public var risk: RiskLimits
    /// What the broker takes of a fill's value, at 10⁻⁶ of a basis point: a buy needs it beside its value.
    public var feeMicroBasisPoints: Int64
    /// Which plan guards which position; empty: none is guarded.
    public var exits: ExitSettings {
        get { exitsApart.first ?? ExitSettings() }
        set { exitsApart = newValue == ExitSettings() ? [] : [newValue] }
    }
    /// One or none, in a place of its own: the kernel holds the plan, and most have no exits.
    private var exitsApart: [ExitSettings] = []

    public init(
        instruments: [Instrument], zones: [ZoneOffsets], accounts: [AccountPlan],
        sources: [SourcePlan], attachments: [Attachment], arbiter: ArbiterPlan, risk: RiskLimits,
        feeMicroBasisPoints: Int64 = 0
    ) {
        self.instruments = instruments
        self.zones = zones
        self.accounts = accounts
        self.sources = sources
        self.attachments = attachments
        self.arbiter = arbiter
        self.risk = risk
        self.feeMicroBasisPoints = feeMicroBasisPoints
    }
}

public struct AccountPlan: Hashable, Sendable {
    public var name: String
    public var currency: String
    public var cash: Money
    /// In which the account's trading day begins and ends.
    public var zone: ZoneOffsets
    /// Its own limits: they stand before those of every account, key by key.
    public var risk = RiskLimits()
    public init(name: String, currency: String, cash: Money, zone: ZoneOffsets) {
        self.name = name
        self.currency = currency
        self.cash = cash
        self.zone = zone
    }
}

/// Who votes, and with what say.
public struct SourcePlan: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case builtIn, rule, server }
    public var name: String
    public var kind: Kind
    /// At 10⁻⁶; 1,000,000 by default.
    public var weight: Int64
    /// 1 is heard before 2.
    public var priority: Int
    /// From the entry of an event to its result; later is late. `nil`: no deadline.
    public var deadline: Nanoseconds?
    /// Of kinds of events that have one of their own; `nil`: all have `deadline`.
    public var deadlines: ClassDeadlines?
    /// Of a server with several of its kind, each with instruments of its own; `nil`: there is one.
    public var shards: ShardPlan?

    public init(
        name: String, kind: Kind, weight: Int64 = 1_000_000, priority: Int = 100,
        deadline: Nanoseconds? = nil, deadlines: ClassDeadlines? = nil
    ) {
        self.name = name
        self.kind = kind
        self.weight = weight
        self.priority = priority
        self.deadline = deadline
        self.deadlines = deadlines
    }

    /// `nil`: no deadline.
    public func deadline(of kind: EventClass) -> Nanoseconds? {
        guard let deadline else { return nil }
        return deadlines?[kind] ?? deadline
    }

    /// `nil`: no deadline.
    public var longestDeadline: Nanoseconds? {
        deadline.map { deadlines?.longest(or: $0) ?? $0 }
    }
}

/// A strategy, rule or server at work for an account and an instrument.
///
/// A source is there once, or with the same terms: by source and desk its votes find them in recovery.
public struct Attachment: Sendable {
    public enum Input: Hashable, Sendable {
        case ticks
        case candles(Interval)
    }
    public var source: SourceID
    public var account: AccountID
    public var instrument: InstrumentID
    /// What `untilNextCandle` refers to, and what the strategy is called with.
    public var input: Input
    /// Bought by a result that names no size.
    public var quantity: Quantity
    /// Whether a buy may add to what is held.
    public var addsToPosition: Bool
    /// In the host; `nil` for a server.
    public var strategy: (any Strategy)?
    /// What the strategy is and its parameters, in words: one of the same recipe goes on when others change.
    public var recipe = ""

    public init(
        source: SourceID, account: AccountID, instrument: InstrumentID, input: Input,
        quantity: Quantity, addsToPosition: Bool = false, strategy: (any Strategy)? = nil
    ) {
        self.source = source
        self.account = account
        self.instrument = instrument
        self.input = input
        self.quantity = quantity
        self.addsToPosition = addsToPosition
        self.strategy = strategy
    }
}

public struct ArbiterPlan: Hashable, Sendable {
    public enum Policy: String, Hashable, Sendable, CaseIterable {
        /// The first vote acts at once.
        case first
        /// The standing vote of the best priority acts.
        case priority
        /// The sum of weight x confidence x sign decides, against the threshold.
        case confidenceWeighted = "confidence_weighted"
        /// As `confidenceWeighted`, but any opposed standing vote stops it.
        case veto
        /// The side with more votes acts, each vote counted once; a tie does nothing.
        case majority
        /// Acts when every standing vote is on one side.
        case unanimous
    }
    /// How many votes must stand before a policy that compares votes does anything.
    public enum Quorum: Hashable, Sendable {
        case votes(Int)
        /// Of every source that may vote on the desk, whether it is live or not.
        case all
    }
    public var policy: Policy
    /// `first` and `priority` listen to one vote and ask for none.
    public var quorum: Quorum
    /// At 10⁻⁶ of the summed weights.
    public var threshold: Int64
    /// Whether opposed votes hold the round instead of leaving it to the policy.
    public var holdsOnConflict: Bool
    /// After the vote that opened it; without effect where every source is waited for.
    public var roundDeadline: Nanoseconds

    public init(
        policy: Policy, threshold: Int64 = 0, holdsOnConflict: Bool = false,
        roundDeadline: Nanoseconds = .milliseconds(200), quorum: Quorum = .votes(1)
    ) {
        self.policy = policy
        self.quorum = quorum
        self.threshold = threshold
        self.holdsOnConflict = holdsOnConflict
        self.roundDeadline = roundDeadline
    }
}
