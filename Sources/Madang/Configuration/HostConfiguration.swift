import Feeds
import Host
import Kernel
import Notifications
import PaperExchange
import Platform
import Ports
import Rules
import Storage
import Strategies
import StrategyServers
import TradingModel

/// `madang.yaml`, read and checked: what people wrote, in the model's terms.
struct HostConfiguration {
    var accounts: [AccountSetting] = []
    var brokers: [BrokerSetting] = []
    var feeds: [FeedSetting] = []
    var instruments: [Instrument] = []
    /// Of each instrument.
    var hours: [MarketHours] = []
    /// Of hours that are not around the clock: those of a day that is not odd.
    var sessions: [MarketHours: MarketHours.Session] = [:]
    /// The days that hours name, since 1970-01-01.
    var oddDays: [MarketHours: Set<Int64>] = [:]
    /// Instruments of which nobody wrote when they are traded.
    var unwrittenHours: Set<Int> = []
    /// Hours that are KRX's.
    var krxHours: Set<MarketHours> = []
    /// Of each instrument, as far as it says so itself.
    var noData: [Patience?] = []
    var strategies: [StrategySetting] = []
    var rules: [RuleSetting] = []
    /// Strategies and rules that come, go or change at a step of the run, in order.
    var changes: [ScheduledChange] = []
    var channels: [ChannelSetting] = []
    var arbiter = ArbiterPlan(policy: .confidenceWeighted)
    var risk = RiskSetting()
    var watch = WatchSetting()
    var exits = ExitsSetting()
    /// How long a server is waited for where nothing goes on without it, ns.
    var patience: Int64 = 60_000_000_000
    /// Built for whoever may come while a run goes on, beside those that somebody hears from its start.
    var candles: [Interval] = []
    /// Whose closed candles are kept in the tables; built for that, whoever hears them.
    var bars: [Interval] = []
    var folder = ".madang"
    var database = ".madang/madang.db"
    /// Bytes after which a run's log begins another file.
    var segment: Int64 = 64 << 20
    /// Instead of the file.
    var postgres: PostgresSettings?

    /// - Parameter path: Of the file, whole.
    func store(_ path: String) -> StoreAddress {
        postgres.map { .postgres($0) } ?? .sqlite(path)
    }
}

struct ScheduledChange {
    /// Behind which it counts.
    var behind: UInt64
    var text: PieceText
    /// As errors name it.
    var path: String
}

struct AccountSetting {
    var name: String
    var broker: String
    var currency: String
    var cash: Money
    var timeZone: String
    /// Where the orders in these symbols go instead.
    var secondary: String?
    var secondarySymbols: [InstrumentID] = []
    /// Where opening orders go while their broker is down.
    var failover: String?
    var brokers: [String] { [broker, secondary, failover].compactMap(\.self) }
}

struct BrokerSetting {
    enum Kind {
        case paper
        case simulated(SimulatedSetting)
    }
    var name: String
    /// Of paper; else how fills are estimated, and what a backtest fills by.
    var exchange: PaperExchange.Settings
    var kind: Kind
    var isOutside: Bool { if case .paper = kind { false } else { true } }
}

/// `madang-sim`, and how patient the host is with it.
struct SimulatedSetting {
    var http: String
    var stream: String
    var key: Secret
    var secret: Secret
    var clientIDs: BrokerCapabilities.ClientOrderIDs
    var fillHistory: BrokerCapabilities.FillHistory
    var changes: BrokerCapabilities.Changes
    var takes = SimulatedTaking()
    /// Calls a second.
    var rate: Int64
    var answerWithin: Nanoseconds
    var doubtOver: Nanoseconds
    var validity: Nanoseconds
    /// Holdings and cash are asked for so often.
    var reconcileEvery: Nanoseconds
    /// What differs for long enough is corrected without a person.
    var correctsPositions: Bool
    var correctsCash: Bool
    /// `nil`: by the account's cash.
    var cashTolerance: Money?
    /// What opens waits at a start until the books were held against the broker.
    var comparesAtStart: Bool
}

/// What `madang-sim` takes, as its options say.
struct SimulatedTaking: Hashable {
    var orderTypes: Set<BrokerCapabilities.OrderType> = [.market, .limit]
    /// `nil`: the instruments' lots.
    var unit: Quantity?
    /// On every day; `nil`: always.
    var hours: MarketHours.Session?
    static let zone = "Asia/Seoul"

    var tradingHours: TradingHours {
        guard let hours else { return .always }
        let window = TradingHours.Window(
            weekdays: Set(1...7), opens: Nanoseconds(hours.open), closes: Nanoseconds(hours.close),
            orderTypes: orderTypes)
        return .windows([window], timeZone: Self.zone)
    }
}

/// A strategy in the host, or a strategy server.
struct StrategySetting {
    var name: String
    var account: String
    var symbols: [InstrumentID]
    /// `nil` for a server: it says itself what it wants.
    var input: Attachment.Input?
    var quantity: Quantity
    var addsToPosition: Bool
    var weight: Int64
    var priority: Int
    var parameters: [String: String]
    var kind: Kind
    /// Another version beside it; of a server alone.
    var candidate: CandidateSetting?
    /// A second server of the same build, which takes over where the first is lost; of a server alone.
    var standby: ServerSetting?
    /// Of a server: events that go to it for longer without a result are told.
    var expectResults: Nanoseconds?

    enum Kind {
        case builtIn(BuiltInStrategy)
        case scanner(ScannerSetting)
        case server(ServerSetting)
    }
}

/// Another version of a strategy server: a server of its own, with the strategy's account and symbols.
struct CandidateSetting {
    var server: ServerSetting
    var parameters: [String: String]
    /// As long as nobody asks for another.
    var plan: VersionPlan
    /// Number of the order that deployed it; 0: the configuration names it.
    var order = 0

    /// As people call it.
    func name(of strategy: String) -> String {
        strategy + " candidate" + (order == 0 ? "" : "-\(order)")
    }
}

extension StrategySetting {
    var isServer: Bool {
        if case .server = kind { return true }
        return false
    }
    var servers: [ServerSetting] {
        guard case .server(let server) = kind else { return [] }
        return [server] + (candidate.map { [$0.server] } ?? []) + (standby.map { [$0] } ?? [])
    }

    /// Of its standbys: one, or one for each shard.
    var standbyNames: [String] {
        guard standby != nil else { return [] }
        return (shardPlan == nil ? [name] : shardNames).map(Self.standbyName)
    }
    /// The standby of a server, as people call it.
    static func standbyName(of server: String) -> String { "\(server) standby" }

    /// How its instruments are parted among its servers; `nil` where it has one.
    var shardPlan: ShardPlan? {
        guard case .server(let server) = kind, !server.shards.isEmpty else { return nil }
        return ShardPlan(server.shards.count, over: symbols)
    }

    /// Of its servers, where there are several.
    var shardNames: [String] {
        (0..<(shardPlan?.count ?? 0)).map { Self.name(of: name, shard: $0) }
    }
    /// A shard, as people call it.
    static func name(of strategy: String, shard: Int) -> String { "\(strategy) shard \(shard)" }
}

/// A list of candidates from a file.
struct ScannerSetting {
    var file: CandidateFile
    var terms: CandidateScanner.Terms
    /// What the file holds; `nil` until it was read.
    var list: CandidateList?
}

struct ServerSetting {
    var address: String
    var launch: [String]
    var folder: String
    var environment: [String: String]
    var token: Secret?
    var tlsRoots: String?
    var tlsCertificate: String?
    var tlsKey: String?
    var serverName: String?
    var deadline: Nanoseconds
    /// Of kinds of events that have one of their own; `nil`: none has.
    var deadlines: ClassDeadlines?
    /// At a pace, when more events wait than the queue takes.
    var overflow: OverflowPolicy
    var queue: Int
    /// `nil`: as the kind of run wants it.
    var credit: Int?
    var resultsPerEvent: Int
    var resultsPerSecond: Int
    var startWithin: Int64
    /// Addresses of the servers that its instruments are parted among; empty: there is one, at `address`.
    var shards: [String] = []
    var life = LifePolicy()
    /// Of its process, where the host starts it: bytes.
    var memory: Int64?
    var nice: Int32?
    var cpus: CPUSet?
}

struct RuleSetting {
    var name: String
    var condition: CompiledRule
    var action: Action
    var account: String
    var symbols: [InstrumentID]
    var input: Attachment.Input
    var quantity: Quantity
    var weight: Int64
    var priority: Int
    var confidence: Confidence
    var every: RuleRepeat
    var coolDown: Nanoseconds
    /// Names of channels; `nil`: all.
    var channels: [String]?
}

/// A way to a person.
struct ChannelSetting {
    enum Place {
        case telegram(token: Secret, chat: String, url: String)
        case discord(webhook: Secret)
        case console
    }
    var name: String
    var language: Language
    var place: Place
    /// What is less grave is not told there; critical at most.
    var from = Severity.info
}

/// A recording, and how fast it passes.
struct FeedSetting {
    var csv: CSVFeedSettings
    /// `nil`: as fast as possible.
    var speed: Double?
}
