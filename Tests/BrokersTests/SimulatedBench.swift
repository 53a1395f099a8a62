import Brokers
import Platform
import Ports
import TestKit
import TradingModel

/// An adapter that listens, at a process of its own.
final class SimulatedBench: Sendable {
    let process: SimulatorProcess
    let broker: SimulatedBroker
    let clock = ManualClock()
    private let mode: SimulatorMode
    private let wish: BenchWish
    private let running: Task<Void, Never>
    private let turn: Turnstile.Turn
    /// What a fault that hangs had struck before, by its name and place.
    private let waitedFor = Locked<(key: String, before: Int)?>(nil)

    init(_ mode: SimulatorMode = .plain, _ wish: BenchWish = BenchWish(), checksFunds: Bool = true)
        async throws
    {
        turn = await Turnstile.shared.enter()
        self.mode = mode
        self.wish = wish
        // Where the adapter keeps the limit itself, the broker never meets it.
        let rate = wish.isKept ? nil : wish.atOnce ?? mode.rate
        process = try await SimulatorProcess(
            mode.arguments + (rate.map { ["--rate", "\($0)"] } ?? [])
                + (wish.inParts ? ["--partial-fills"] : []) + (checksFunds ? [] : ["--lend"]))
        var settings = process.settings(mode.clientIDs, mode.fills, mode.changes)
        if wish.isKept, let own = wish.atOnce { settings.rate = own }
        let broker = SimulatedBroker(settings, clock: clock)
        self.broker = broker
        running = Task { await broker.run() }
        try await Patience.wait("the stream to stand") { [process] in
            try await process.control("state").lines > 0
        }
        try await misbehave()
    }
    deinit { running.cancel() }

    private func misbehave() async throws {
        for (name, place, more) in mode.faults { try await process.fault(name, on: place, more) }
    }

    /// Returns when the adapter has heard every report there is.
    func settle() async {
        clock.advance(by: 2_000_000)
        guard let reports = try? await process.control("state").reports else { return }
        await Patience.hear(reports, broker, asking: mode.isLossy)
        guard mode.passes > 0 else { return }
        _ = try? await process.control("pass", #"{"seconds":\#(mode.passes)}"#)
    }

    /// A second passes at both.
    private func rest() async {
        _ = try? await process.control("pass", #"{"seconds":1}"#)
        clock.advance(by: 1_000_000_000)
    }

    // MARK: Faults

    /// What the simulator can do of a kind, as it calls it. Where it hangs, whoever asked gives up.
    private static let ways: [(BrokerFault.Kind, String, hangs: Bool)] = [
        (.loseReply, "lose_reply", false), (.loseReply, "error_after", false),
        (.loseReply, "half", false), (.loseReply, "garbage", false), (.loseReply, "time_out", true),
        (.loseRequest, "lose_request", false), (.loseRequest, "error_before", false),
        (.loseRequest, "hang", true),
        (.rateLimit, "rate_limit", false), (.maintenance, "maintenance", false),
        (.unauthorized, "unauthorized", false), (.offline, "no login", false),
        (.slow, "delay", false), (.slow, "expire_token", false),
    ]
    var faults: [BrokerFault] {
        BrokerFault.Call.allCases.flatMap { call in
            Self.ways.filter { kind, way, _ in
                // Behind a login that had ended already this one is the second in a row: that is `unauthorized`.
                (kind != .rateLimit || !isPatient)
                    && (way != "expire_token" || !mode.hasShortLogins)
            }.map { kind, way, hangs in BrokerFault(kind, on: call, way: way, hangs: hangs) }
        }
    }
    /// Whoever calls waits where too many calls came, whoever says so.
    private var isPatient: Bool { mode.rate != nil || wish.atOnce != nil }

    func fail(_ fault: BrokerFault) async {
        let place = fault.call.rawValue
        if fault.hangs {
            let key = "\(place)/\(fault.way)"
            let before = (try? await process.control("state").struck[key]) ?? 0
            waitedFor.withLock { $0 = (key, before) }
        }
        switch (fault.kind, fault.way) {
        case (.offline, _):
            // The token has ended, and nobody answers logins: nothing of it was written.
            try? await process.fault("expire_token", on: place)
            try? await process.fault("lose_request", on: "login", #","count":1000"#)
        case (_, "unauthorized"):
            // A fresh login does not help.
            try? await process.fault("unauthorized", on: place, #","count":1000"#)
        case (_, "rate_limit"), (_, "delay"):
            try? await process.fault(fault.way, on: place, #","wait_ms":1"#)
        // A question may be asked again by itself, so nobody answers that either.
        case (.loseReply, _) where fault.call == .question && !fault.hangs,
            (.loseRequest, _) where fault.call == .question && !fault.hangs:
            try? await process.fault(fault.way, on: place, #","count":1000"#)
        default: try? await process.fault(fault.way, on: place)
        }
    }

    private func struck() async {
        guard let (key, before) = waitedFor.withLock({ $0 }) else { return }
        try? await Patience.wait("\(key) to strike") { [process] in
            try await process.control("state").struck[key] ?? 0 > before
        }
    }

    private func calm() async {
        _ = try? await process.control("clear", "{}")
        try? await misbehave()
        // A 429 closes the adapter for as long as was said.
        clock.advance(by: 2_000_000)
    }

    private func lag(_ lags: Bool) async {
        guard lags else { return await calm() }
        try? await process.fault("lag", on: "question", #","count":100000"#)
    }

    /// - Parameters:
    ///   - before: What stands before the adapter.
    ///   - line: In it, which has its faults instead of the simulator.
    func bench(_ before: (any Broker)? = nil, _ line: FaultyLine? = nil) -> BrokerBench {
        var bench = BrokerBench(
            broker: before ?? broker, clock: clock, account: AccountID(0),
            instruments: PaperBench.instruments, price: PaperBench.price, cash: PaperBench.cash,
            currency: "KRW",
            trade: { instrument, price in
                let symbol = PaperBench.instruments[Int(instrument.index)].symbol
                try? await self.process.trade(symbol, price)
            }, settle: { await self.settle() },
            fail: { fault in
                if let line { await line.fail(fault) } else { await self.fail(fault) }
            })
        bench.faults = line == nil ? faults : FaultyLine.faults
        bench.struck = { await self.struck() }
        bench.calm = { await self.calm() }
        bench.endDay = { _ = try? await self.process.control("expire", "{}") }
        bench.lag = { await self.lag($0) }
        if mode.isResumable {
            bench.breakLine = { _ = try? await self.process.control("drop", "{}") }
        }
        bench.atOnce = wish.atOnce
        if isPatient { bench.rest = { await self.rest() } }
        return bench
    }
}

/// Waits for what a process of its own does: not for ever, so that what never comes is told and not waited for.
enum Patience {
    struct End: Error, CustomStringConvertible { let description: String }
    /// Real seconds, of a machine that has much else to do.
    private static let limit: Int64 = 60_000_000_000

    /// Returns when the adapter has heard everything up to that report. One that does not come ends the adapter, so that
    /// whoever compares finds it.
    ///
    /// - Parameter asking: What was lost last shows to a heartbeat alone.
    static func hear(_ reports: UInt64, _ broker: SimulatedBroker, asking: Bool) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while asking, await broker.heard < reports, !Task.isCancelled, !broker.isClosed {
                    _ = try? await broker.heartbeat()
                }
                await broker.hears(through: reports)
            }
            group.addTask {
                do { try await Task.sleep(for: .nanoseconds(limit)) } catch { return }
                await broker.close()
            }
            await group.next()
            group.cancelAll()
        }
    }

    static func wait(_ what: String, until holds: () async throws -> Bool) async throws {
        let clock = HostClock()
        let end = clock.monotonic() + limit
        while try await !holds() {
            guard clock.monotonic() < end, !Task.isCancelled else {
                throw End(description: "\(what) was waited for in vain")
            }
            await Task.yield()
        }
    }
}
