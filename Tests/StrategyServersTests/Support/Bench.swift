import Foundation
import GRPCTransport
import Platform
import StrategyWire
import TestKit
import Testing
import TradingModel

@testable import Ports
@testable import StrategyServers

/// What a session needs around it, and the servers it talks to; all ended in order.
final class Bench: Sendable {
    let folder: String
    let queue = CompletionQueue(name: "test")
    let nursery = ProcessNursery()
    private let running = Witness<[Running]>([])

    private init() throws {
        var template = Array("/tmp/madang-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("no temporary folder: \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var target: Target { .unix(path: folder + "/s.sock") }

    static func with(_ body: (Bench) async throws -> Void) async throws {
        let bench = try Bench()
        let result: Result<Void, any Error>
        do {
            try await body(bench)
            result = .success(())
        } catch { result = .failure(error) }
        for each in bench.running.value { await each.stop() }
        await bench.queue.shutdown()
        #expect(bench.queue.liveCalls == 0)
        try result.get()
    }

    static let instruments = [0, 1].map { index in
        Instrument(
            id: InstrumentID(index), symbol: ["005930", "BTCUSDT"][index],
            market: ["KR", "CRYPTO"][index], currency: ["KRW", "USDT"][index],
            ladder: [.krx, .fixed(Price(units: 1_000_000))][index],
            lot: Quantity(units: [fixedPointScale, 1_000][index]),
            timeZone: ["Asia/Seoul", "UTC"][index])
    }

    func plan(_ mode: SessionPlan.Mode = .replay) -> SessionPlan {
        var plan = SessionPlan(
            name: "mine", session: "house/mine", target: target, mode: mode, account: "demo",
            instruments: Self.instruments)
        // A test waits for no trial, and one breach tells what is wrong.
        plan.life.circuit.probe = 50_000_000
        plan.life.quarantine.violations = 1
        if mode != .backtest { plan.limits.deadline = .seconds(2) }
        return plan
    }

    func session(_ plan: SessionPlan, clock: any TimeSource = HostClock()) -> StrategySession {
        StrategySession(plan, on: queue, nursery: nursery, clock: clock, digest: PlainSHA256())
    }

    /// Describes the server, then runs the session until the bench is over or the test ends it.
    func run(
        _ plan: SessionPlan, _ feed: ListFeed, clock: any TimeSource = HostClock(),
        into inbox: NoteInbox = NoteInbox(), snapshots: (any SnapshotStore)? = nil
    ) async throws -> Running {
        let session = session(plan, clock: clock)
        let description = try await session.describe(within: .seconds(20))
        let task = Task(executorPreference: queue) {
            await session.run(feed: feed, inbox: inbox, snapshots: snapshots)
        }
        let running = Running(
            session: session, description: description, feed: feed, inbox: inbox, task: task)
        self.running.change { $0.append(running) }
        return running
    }

    struct Running: Sendable {
        let session: StrategySession
        let description: ServerDescription
        let feed: ListFeed
        let inbox: NoteInbox
        let task: Task<Void, Never>

        func stop(within: Duration = .milliseconds(50)) async {
            await session.stop(within: within, reason: "the test is over")
            await task.value
        }
    }

    // MARK: Programs

    /// Starts a program that says `listening` when it is there.
    func launch(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) async throws -> ChildProcess {
        let lines = Witness<[String]>([])
        let child = try await nursery.launch(
            ProcessLaunch(
                arguments: arguments,
                environment: Self.environment.merging(environment) { $1 }, grace: 2_000_000_000),
            onLine: { line in lines.change { $0.append(line.text) } },
            onExit: { exit in lines.change { $0.append("\(exit)") } })
        let said = try await lines.wait(for: "'listening'") { lines in
            lines.contains { $0.hasPrefix("listening") || $0.hasPrefix("ended") }
        }
        guard said.last?.hasPrefix("listening") == true else {
            throw BenchError(said.joined(separator: "\n"))
        }
        return child
    }

    static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
        "MADANG_PARENT_FD": "\(ProcessLaunch.lifelineDescriptor)",
    ]
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Python {
    static func script(_ name: String) throws -> [String] {
        try command("Tests/StrategyServersTests/Servers/\(name)")
    }
}

extension Trait where Self == ConditionTrait {
    static var needsPython: Self {
        .enabled(
            if: Python.isExpected, "no Python with grpcio: run make setup, or set MADANG_PYTHON")
    }
}
