import Brokers
import Foundation
import HTTPTransport
import Platform
import Ports
import TestKit
import Testing
import TradingModel

/// `madang-sim` in a process of its own, and its control endpoints. Ended when nobody holds it any
/// more.
final class SimulatorProcess: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }
    struct Told: Decodable { let http, stream, key, secret, control: String }
    struct State: Decodable {
        let reports, orders: UInt64
        let lines: Int
        let struck: [String: Int]
    }
    let told: Told
    let client = HTTPClient()
    private let child: ChildProcess
    /// Not Foundation's `Process`: with more than 1,300 files open it reads behind the end of their
    /// list, which ends the tests or leaves them standing. This one ends with us, too.
    private static let nursery = ProcessNursery()

    init(_ arguments: [String]) async throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("madang-sim").path
        let launch = ProcessLaunch(
            arguments: [program] + arguments,
            environment: ProcessInfo.processInfo.environment, grace: 500_000_000)
        let (lines, said) = AsyncStream<String>.makeStream()
        child = try await Self.nursery.launch(
            launch, onLine: { if $0.stream == .output { said.yield($0.text) } },
            onExit: { _ in said.finish() })
        guard let line = await lines.first(where: { _ in true }) else {
            throw Failure(description: "madang-sim ended at once")
        }
        told = try JSONDecoder().decode(Told.self, from: Data(line.utf8))
    }
    deinit { child.terminate() }

    func signal(_ number: Int32) { child.send(signal: number) }

    @discardableResult func control(_ path: String, _ body: String = "") async throws -> State {
        let request = HTTPRequest(
            body.isEmpty ? .get : .post, Secret("\(told.http)/control/\(path)"),
            headers: [.init("Authorization", "Bearer \(told.control)")], body: Array(body.utf8))
        let answer = try await client.send(request)
        guard answer.status == 200 else {
            throw Failure(description: String(decoding: answer.body, as: UTF8.self))
        }
        return try JSONDecoder().decode(State.self, from: Data(answer.body))
    }
    func fault(_ name: String, on place: String, _ more: String = "") async throws {
        try await control("faults", #"{"fault":"\#(name)","on":"\#(place)"\#(more)}"#)
    }
    func trade(_ symbol: String, _ price: Price) async throws {
        try await control("market", #"{"symbol":"\#(symbol)","price":"\#(price)"}"#)
    }

    func settings(
        _ clientIDs: BrokerCapabilities.ClientOrderIDs = .always,
        _ fills: BrokerCapabilities.FillHistory = .each,
        _ changes: BrokerCapabilities.Changes = .keepNumber
    ) -> SimulatedBroker.Settings {
        var settings = SimulatedBroker.Settings(
            http: told.http, stream: told.stream, key: told.key, secret: Secret(told.secret),
            account: AccountID(0), instruments: PaperBench.instruments, clientOrderIDs: clientIDs,
            fillHistory: fills, changes: changes)
        settings.rate = 1_000_000
        return settings
    }
}

/// An adapter that listens, at a process of its own.
final class SimulatedBench: Sendable {
    let process: SimulatorProcess
    let broker: SimulatedBroker
    let clock = ManualClock()
    private let running: Task<Void, Never>
    private let isLossy: Bool
    private let turn: Turnstile.Turn

    init(_ mode: SimulatorMode = .plain, partialFills: Bool = false, checksFunds: Bool = true)
        async throws
    {
        turn = await Turnstile.shared.enter()
        process = try await SimulatorProcess(
            mode.arguments + (partialFills ? ["--partial-fills"] : [])
                + (checksFunds ? [] : ["--lend"]))
        let broker = SimulatedBroker(
            process.settings(mode.clientIDs, mode.fills, mode.changes), clock: clock)
        self.broker = broker
        isLossy = mode.isLossy
        running = Task { await broker.run() }
        while try await process.control("state").lines == 0 { await Task.yield() }
        for (name, place, more) in mode.faults { try await process.fault(name, on: place, more) }
    }
    deinit { running.cancel() }

    /// Returns when the adapter has heard every report there is.
    func settle() async {
        clock.advance(by: 2_000_000)
        guard let reports = try? await process.control("state").reports else { return }
        guard isLossy else { return await broker.hears(through: reports) }
        // What was lost last shows to a heartbeat alone.
        while await broker.heard < reports { _ = try? await broker.heartbeat() }
    }

    func fail(_ fault: BrokerFault) async {
        switch fault {
        case .loseReply: try? await process.fault("lose_reply", on: "place")
        case .rateLimit: try? await process.fault("rate_limit", on: "place", #","wait_ms":1"#)
        case .maintenance: try? await process.fault("maintenance", on: "place")
        case .unauthorized: try? await process.fault("unauthorized", on: "place", #","count":2"#)
        case .offline:
            // The order's token has ended, and nobody answers the login: nothing of it was written.
            try? await process.fault("expire_token", on: "place")
            try? await process.fault("lose_request", on: "login")
        }
    }

    /// - Parameter before: What stands before the adapter.
    func bench(
        _ before: (any Broker)? = nil, fail: (@Sendable (BrokerFault) async -> Void)? = nil
    ) -> BrokerBench {
        BrokerBench(
            broker: before ?? broker, clock: clock, account: AccountID(0),
            instruments: PaperBench.instruments, price: PaperBench.price, cash: PaperBench.cash,
            currency: "KRW",
            trade: { instrument, price in
                let symbol = PaperBench.instruments[Int(instrument.index)].symbol
                try? await self.process.trade(symbol, price)
            }, settle: { await self.settle() }, fail: fail ?? { await self.fail($0) })
    }
}

/// A few processes at a time: tests would start all of theirs at once.
final class Turnstile: Sendable {
    /// A place inside, given back when nobody holds it any more.
    final class Turn: Sendable {
        let turnstile: Turnstile
        init(_ turnstile: Turnstile) { self.turnstile = turnstile }
        deinit { turnstile.leave() }
    }
    static let shared = Turnstile(6)
    private let state: Locked<(free: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(_ places: Int) { state = Locked((places, [])) }

    func enter() async -> Turn {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        return Turn(self)
    }
    private func leave() {
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil as CheckedContinuation<Void, Never>?
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

/// How a simulated broker is, and how badly it behaves.
struct SimulatorMode: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var arguments: [String] = []
    var clientIDs = BrokerCapabilities.ClientOrderIDs.always
    var fills = BrokerCapabilities.FillHistory.each
    var changes = BrokerCapabilities.Changes.keepNumber
    var faults: [(String, String, String)] = []
    var isLossy = false

    static let plain = SimulatorMode(testDescription: "plain")
    static let all: [SimulatorMode] = [
        plain,
        SimulatorMode(
            testDescription: "ids while open", arguments: ["--client-ids", "open"],
            clientIDs: .whileOpen),
        SimulatorMode(
            testDescription: "no ids", arguments: ["--client-ids", "none"], clientIDs: .none),
        SimulatorMode(
            testDescription: "new numbers", arguments: ["--changes", "new"], changes: .makeNumber),
        SimulatorMode(
            testDescription: "new numbers, no ids",
            arguments: ["--client-ids", "none", "--changes", "new"], clientIDs: .none,
            changes: .makeNumber),
        SimulatorMode(
            testDescription: "no ids, totals, no resumption",
            arguments: ["--client-ids", "none", "--fill-history", "totals", "--no-resume"],
            clientIDs: .none, fills: .totals),
        SimulatorMode(
            testDescription: "reports twice and out of order",
            faults: [
                ("double", "stream", #","chance":200000"#),
                ("reorder", "stream", #","chance":200000"#),
            ]),
        SimulatorMode(
            testDescription: "reports late, lines that break",
            faults: [
                ("delay", "stream", #","chance":200000,"wait_ms":2"#),
                ("drop", "stream", #","chance":30000"#),
            ]),
        SimulatorMode(
            testDescription: "reports that are lost",
            faults: [("lose", "stream", #","chance":30000"#)], isLossy: true),
        SimulatorMode(
            // By requests and not by time: a busy machine may take a second between login and order.
            testDescription: "short logins, slow answers", arguments: ["--token-uses", "25"],
            faults: [
                ("delay", "place", #","chance":200000,"wait_ms":3"#),
                ("delay", "cancel", #","chance":200000,"wait_ms":3"#),
                ("delay", "question", #","chance":20000,"wait_ms":3"#),
            ]),
    ]
}
