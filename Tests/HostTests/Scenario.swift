import Kernel
import PaperExchange
import Platform
import Ports
import TestKit
import TradingModel

@testable import Host

/// A strategy server that remembers everything it has seen: whatever it misses changes what it says next.
struct MoodJudge: Judge {
    private var state: UInt64
    private let onceIn: Int
    private let onEvent: @Sendable (EventPosition) -> Void

    init(seed: UInt64, onceIn: Int, onEvent: @escaping @Sendable (EventPosition) -> Void = { _ in })
    {
        state = seed
        self.onceIn = onceIn
        self.onEvent = onEvent
    }

    mutating func judge(_ event: SessionEvent) -> [ReceivedResult] {
        onEvent(event.position)
        let (instrument, price): (InstrumentID, Price)
        switch event.kind {
        case .tick(let tick): (instrument, price) = (tick.instrument, tick.price)
        case .quote(let quote): (instrument, price) = (quote.instrument, quote.bid)
        case .candle(let candle): (instrument, price) = (candle.instrument, candle.close)
        case .timer, .instrument: return []
        case .account(let update):
            (instrument, price) = (update.instrument, update.price)
            mix(UInt64(bitPattern: update.held.units))
            mix(UInt64(truncatingIfNeeded: update.cash.units))
        }
        mix(event.position.value)
        mix(UInt64(bitPattern: price.units))
        mix(UInt64(bitPattern: event.entryTime.nanoseconds))
        var random = SeededRandom(state)
        guard random.oneIn(onceIn) else { return [] }
        return (0..<Int.random(in: 1...2, using: &random)).map { index in
            ReceivedResult(
                position: event.position, instrument: instrument, index: index,
                result: .random(near: price, &random))
        }
    }

    private mutating func mix(_ word: UInt64) {
        var hasher = StateHasher()
        hasher.combine(state)
        hasher.combine(word)
        state = hasher.value
    }
}

/// A recording, a configuration and two servers: run any number of times, from any log.
struct Scenario: Sendable {
    struct Server: Sendable {
        let source: SourceID
        var description: ServerDescription
        let account: AccountID?
        let onceIn: Int
        var slot = VersionSlot.main
        /// Of what it says; `nil`: its place among the servers.
        var seed: UInt64?
        /// Of the order that deployed it.
        var order = 0
        /// Where its source is parted: it hears what is of this one.
        var shard = 0
        /// Which of two that stand for each other.
        var seat = ServerSeat.main
        /// What it says; `nil`: whatever it is in the mood for.
        var judge: (any Judge)?
    }
    struct Start {
        var log = MemoryLog()
        var projections = MemoryProjections()
        var observer = Notebook()
        var seed: UInt64 = 1
        var breaksOnceIn = 0
        var keepsState = false
        var batch = 64
        /// By server: it is lost behind so many events, and not heard of again.
        var lost: [Int: (events: Int, state: SessionState)] = [:]
        /// A break is told, as real sessions do.
        var tellsBreaks = false
        /// Stops the run while this server judges its n-th event.
        var stopAt: (server: Int, event: Int)?
        /// What stands before each session's lane, if anything.
        var inbox: (SessionLane) -> any SessionInbox = { $0 }
        var news: NewsNotebook?
        /// When this server judges its n-th event, somebody wants these versions. The second is not fed ahead.
        var orders: [Int: VersionRequest] = [:]
        var orderServer = 1
        /// Of these orders: who comes into the run with them.
        var joining: [Int: Server] = [:]
        /// Given before the run begins.
        var firstOrder: VersionRequest?
        /// Orders that the loop has answered.
        let answers = Locked<[VersionRequest]>([])
    }
    let plan: KernelPlan
    let market: MarketPlan
    var feed: MemoryFeed
    var servers: [Server]
    var versions: [SourceID: VersionPlan] = [:]
    var identity = "scenario"

    static func description(_ name: String, _ inputs: [ServerInput.Kind], readsAccount: Bool)
        -> ServerDescription
    {
        ServerDescription(
            name: name, version: "1", instanceID: "i", modelName: name, modelVersion: "1",
            modelHash: "h",
            sdk: "test", inputs: inputs.map { ServerInput($0, warmUp: 0) },
            readsAccount: readsAccount,
            independentInstruments: true, largestBatch: 256, parameterHash: "0",
            followsInstruments: true)
    }

    /// The same with another version of `alpha`, which says other things.
    func withCandidate(
        _ plan: VersionPlan, seed: UInt64 = 77, version: String = "2", order: Int = 0
    ) -> Scenario {
        var scenario = self
        scenario.servers.append(Self.candidate(seed: seed, version: version, order: order))
        scenario.versions = [SourceID(1): plan]
        return scenario
    }

    /// The same with a standby to each server, which says what that one says; or, with a seed, something else.
    func withStandbys(seed: UInt64? = nil) -> Scenario {
        var scenario = self
        for index in servers.indices {
            scenario.servers[index].seed = servers[index].seed ?? UInt64(index)
            var standby = scenario.servers[index]
            standby.seat = .standby
            standby.seed = seed ?? standby.seed
            scenario.servers.append(standby)
        }
        return scenario
    }

    static func candidate(seed: UInt64 = 77, version: String = "2", order: Int = 0) -> Server {
        var description = description("alpha", [.ticks], readsAccount: false)
        description.version = version
        return Server(
            source: SourceID(1), description: description, account: nil, onceIn: 4,
            slot: .candidate, seed: seed, order: order)
    }

    /// The same with several servers of `alpha`, each with instruments of its own.
    func withShards(_ count: Int) -> Scenario {
        var plan = plan
        plan.sources[1].shards = ShardPlan(count, over: plan.instruments.map(\.id))
        let others = servers.filter { $0.source != SourceID(1) }
        let shards = (0..<count).map { shard in
            Server(
                source: SourceID(1),
                description: Self.description("alpha", [.ticks], readsAccount: false), account: nil,
                onceIn: 4, seed: UInt64(shard + 5), shard: shard)
        }
        return Scenario(plan: plan, market: market, feed: feed, servers: shards + others)
    }

    /// The same where nobody reads fills: sessions are fed ahead, and ticks are passed without steps.
    var withoutReaders: Scenario {
        var scenario = self
        for index in servers.indices { scenario.servers[index].description.readsAccount = false }
        return scenario
    }

    /// - Parameter rows: Ticks of three instruments; with `partial` orders fill in parts.
    static func random(
        _ seed: UInt64, rows: Int = 150, policy: ArbiterPlan.Policy = .confidenceWeighted
    ) -> Scenario {
        var random = SeededRandom(seed)
        let sources = [
            SourcePlan(name: "mood", kind: .builtIn, priority: 3),
            SourcePlan(name: "alpha", kind: .server, priority: 2),
            SourcePlan(name: "beta", kind: .server, priority: 1),
        ]
        var attachments: [Attached] = []
        for instrument in 0..<3 {
            for account in 0..<2 {
                let own = seed ^ UInt64(instrument * 7 + account)
                attachments += [
                    .sample(
                        0, account: account, instrument: instrument, adds: account == 0,
                        strategy: MoodyStrategy(seed: own, onceIn: 6)),
                    .sample(1, account: account, instrument: instrument, quantity: .shares(4)),
                ]
            }
            attachments.append(
                .sample(2, instrument: instrument, input: .candles(.minute), quantity: .shares(6)))
        }
        let servers = [
            Server(
                source: SourceID(1),
                description: description("alpha", [.ticks], readsAccount: false), account: nil,
                onceIn: 4),
            Server(
                source: SourceID(2),
                description: description(
                    "beta", [.candles(.minute, unfinished: false), .timers(.seconds(300))],
                    readsAccount: true),
                account: AccountID(0), onceIn: 2),
        ]
        let plan = KernelPlan.sample(
            instruments: 3, accounts: 2, cash: .won(20_000), sources: sources,
            attachments: attachments,
            arbiter: ArbiterPlan(policy: policy, threshold: 100_000),
            risk: RiskLimits(symbolValue: .won(8_000)))
        return Scenario(
            plan: plan,
            market: MarketPlan(zones: plan.zones, intervals: [.minute], timers: [.seconds(300)]),
            feed: MemoryFeed(ticks(rows, &random)), servers: servers)
    }

    private static func ticks(_ count: Int, _ random: inout SeededRandom) -> [MarketInput] {
        var time: Int64 = 1_704_153_600_000_000_000
        var prices: [Int64] = [100, 50, 300]
        return (0..<count).map { index in
            time += Int64.random(in: 0...40_000_000_000, using: &random)
            if random.oneIn(60) { time += 30_000_000_000_000 }
            let back = random.oneIn(30) ? Int64(5_000_000_000) : 0
            let instrument = Int.random(in: 0..<3, using: &random)
            prices[instrument] = max(
                1, prices[instrument] + Int64.random(in: -4...4, using: &random))
            return .tick(
                Tick(
                    instrument: InstrumentID(instrument),
                    feedTime: Timestamp(nanoseconds: time - back),
                    price: .won(prices[instrument]), quantity: .shares(1)))
        }
    }
}
