import Backtest
import BenchmarkKit
import Foundation
import Host
import Kernel
import Orders
import Platform
import Ports
import Storage
import Strategies
import TestKit
import TradingModel
import Vault

/// A paced run over made-up ticks, each or one in so many of which asks for an order, with a log on the disk.
struct PacedOrders {
    let log: SegmentedLog
    let plan: KernelPlan
    let feed: MemoryFeed
    let count: Int
    let every: Int64
    private let moments = Moments()
    private let doorbell = Doorbell()
    let control: RunControl

    /// - Parameters:
    ///   - apart: Ticks from one order to the next.
    ///   - stopAt: The tick behind which it is stopped; its log can be gone on with.
    ///   - goesOn: Whether there is a log, from a start before.
    init(
        _ count: Int, every: Int64, in folder: String, apart: Int = 1, stopAt: Int? = nil,
        goesOn: Bool = false
    ) throws {
        self.count = count
        self.every = every
        let identity = LogIdentity(kernelVersion: 1, configurationHash: "bench", runID: "bench")
        log =
            goesOn
            ? try SegmentedLog.open(in: folder, identity: identity)
            : try SegmentedLog.create(in: folder, identity: identity)
        let control = RunControl(doorbell)
        self.control = control
        let each = EachTick(moments, apart: apart) { if $0 == stopAt { control.stop("enough") } }
        plan = KernelPlan.sample(
            cash: .won(100_000_000_000), sources: [SourcePlan(name: "each", kind: .builtIn)],
            attachments: [.sample(0, adds: true, strategy: each)],
            arbiter: ArbiterPlan(policy: .first),
            risk: RiskLimits(
                orderValue: .won(1_000_000), symbolValue: .won(1_000_000_000),
                symbolWeight: 900_000, symbols: 10, priceBand: 100_000, dayLoss: 500_000))
        feed = MemoryFeed((1...Int64(count)).map { .tick(.at($0, 100)) })
    }

    /// - Parameter broker: `nil`: the paper exchange takes the orders.
    func run(_ broker: (any Broker)?, speed: Double) async throws -> RunSummary {
        var setup = RunSetup(
            head: RunHead(run: "bench", identity: "i", market: "m", servers: [], host: "h"),
            folder: "bench", plan: plan,
            market: MarketPlan(zones: plan.zones, intervals: [], timers: []), recording: feed,
            paper: .init(feeMicroBasisPoints: 0), log: log, projections: UnkeptRows(),
            digest: OpenSSLDigest(), clock: HostClock(), doorbell: doorbell, sessions: [],
            observer: Nobody(), control: control)
        let lines = broker.map { broker in
            let link = BrokerLink(
                name: "bench", account: AccountID(0), broker: broker, callsPerSecond: 1_000_000)
            return BrokerLines(
                BrokerSetup(links: [link], routes: [Router.Settings(primary: 0)]), log: log,
                doorbell: doorbell)
        }
        setup.brokers = lines
        let run = PacedRun(setup, feeds: [], speed: speed)
        async let carrying: Void? = lines?.run()
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<RunSummary, RunFailure>, Never>) in
            HostThread.start(named: "loop") {
                do throws(RunFailure) {
                    continuation.resume(returning: .success(try run.run {}))
                } catch { continuation.resume(returning: .failure(error)) }
            }
        }
        lines?.close()
        await broker?.close()
        _ = await carrying
        return try result.get()
    }

    /// From each intent to the call of the adapter, ns.
    func times() async throws -> [Int64] {
        let broker = FillingBroker()
        let summary = try await run(broker, speed: 1e9 / Double(every))
        let (said, sent) = (moments.all, await broker.sent)
        guard summary.orders == count, sent.count == count, said.count == count else {
            giveUp("orders: \(summary.orders) decided and \(sent.count) sent of \(count)")
        }
        return zip(said, sent).map { $1 - $0 }
    }

    /// Runs until it is stopped. How many orders were decided.
    func begin() async throws -> Int {
        let summary = try await run(FillingBroker(), speed: 1e15)
        guard summary.end == "stopped" else { giveUp("orders: the day ended: \(summary.end)") }
        return summary.orders
    }

    /// Goes on with the log of an earlier start.
    ///
    /// - Returns: When the broker was asked for its open orders: the log is read, and every order knows what it
    ///   was at.
    func goOn() async throws -> Int64 {
        let broker = FillingBroker()
        async let asked = broker.askedTime()
        async let over = run(broker, speed: 1e15)
        let time = await asked
        control.stop("asked")
        _ = try await over
        return time
    }

    /// Orders a second, from the first tick until all are filled and the last record is on the disk; on paper the last one waits
    /// for a tick that does not come.
    ///
    /// - Parameter broker: Each order passes the last hop on its way there; `nil`: the paper exchange.
    func rate(_ broker: FillingBroker? = nil) async throws -> Double {
        let begun = wallTime()
        let summary = try await run(broker, speed: 1e15)
        let took = wallTime() - begun
        guard summary.orders == count, summary.fills >= count - 1,
            log.durableNumber + 1 == log.nextNumber
        else {
            giveUp("orders: \(summary.orders) of \(count) decided, \(summary.fills) filled")
        }
        if let broker {
            let sent = await broker.sent.count
            guard sent == count else { giveUp("orders: \(sent) of \(count) sent") }
        }
        return Double(count) / Double(took) * 1e9
    }
}

/// When something happened, in order. Any thread.
final class Moments: Sendable {
    private let times = Locked<[Int64]>([])
    func note() {
        let now = wallTime()
        times.withLock { $0.append(now) }
    }
    var all: [Int64] { times.withLock { $0 } }
}

/// Buys at each tick, or at one in so many.
struct EachTick: Strategy {
    let moments: Moments
    private var count = 0
    private let apart: Int
    private let heard: @Sendable (Int) -> Void
    init(_ moments: Moments, apart: Int, heard: @escaping @Sendable (Int) -> Void) {
        self.moments = moments
        self.apart = apart
        self.heard = heard
    }
    mutating func onTick(_ tick: Tick) -> StrategyResult? {
        count += 1
        heard(count)
        guard count % apart == 0 else { return nil }
        moments.note()
        return StrategyResult(.buy, size: .quantity(.shares(1)))
    }
    mutating func onCandle(_ candle: Candle) -> StrategyResult? { nil }
    func hash(into hasher: inout StateHasher) { hasher.combine(count) }
}

/// Fills every order when it comes, and notes when that was.
actor FillingBroker: Broker {
    nonisolated let capabilities = BrokerCapabilities(
        name: "bench", clientOrderIDs: .always, orderTypes: [.market, .limit], units: .lots,
        hours: .always, fillHistory: .each, checksFunds: false)
    private(set) var sent: [Int64] = []
    /// When it was asked for its open orders first.
    private(set) var asked: Int64?
    private var news: [NumberedNews] = []
    private var isClosed = false
    private let bell = AsyncSignal()

    func place(_ placement: Placement, within limit: Nanoseconds) -> BrokerOrderID {
        sent.append(wallTime())
        let order = placement.order
        let id = BrokerOrderID("b\(sent.count)")
        for report in [
            BrokerReport.accepted(order.number, id),
            .filled(
                Fill(
                    order: order.number, id: 1, price: .won(100), quantity: order.quantity,
                    fee: .zero, time: Timestamp(nanoseconds: wallTime()))),
        ] { news.append(NumberedNews(number: UInt64(news.count) + 1, news: .report(report))) }
        bell.set()
        return id
    }
    func cancel(_ name: OrderName, within limit: Nanoseconds) {}
    func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) throws(BrokerError) -> BrokerOrderID {
        throw BrokerError(.rejected, "orders cannot be changed here")
    }
    func order(_ name: OrderName, within limit: Nanoseconds) -> OrderLookup { .none }
    func openOrders(within limit: Nanoseconds) -> [BrokerOrder] {
        asked = asked ?? wallTime()
        askedBell.set()
        return []
    }
    /// When that was.
    func askedTime() async -> Int64 {
        while true {
            if let asked { return asked }
            await askedBell.wait()
        }
    }
    private let askedBell = AsyncSignal()
    func orders(since time: Timestamp, within limit: Nanoseconds) -> [BrokerOrder] { [] }
    func fills(since time: Timestamp, within limit: Nanoseconds) -> [Fill] { [] }
    func positions(within limit: Nanoseconds) -> [BrokerPosition] { [] }
    func balances(within limit: Nanoseconds) -> [BrokerBalance] { [] }
    func heartbeat(within limit: Nanoseconds) -> BrokerHeartbeat {
        BrokerHeartbeat(brokerTime: nil)
    }
    func adopt(_ order: Order, as client: ClientOrderID, at broker: BrokerOrderID) {}
    func news(after number: UInt64, limit: Int, wait: Bool) async -> [NumberedNews] {
        while wait, news.count <= Int(number), !isClosed, !Task.isCancelled { await bell.wait() }
        return Array(news.dropFirst(Int(number)).prefix(limit))
    }
    func close() {
        isClosed = true
        bell.set()
    }
}

/// Nobody watches.
struct Nobody: RunObserver {
    func started(_ start: RunStart) {}
    func notice(_ notice: RunNotice) {}
    func finished(_ summary: RunSummary) {}
}
