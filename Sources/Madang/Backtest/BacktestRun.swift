import Backtest
import Foundation
import Glibc
import Host
import Kernel
import Platform
import Ports
import TradingModel

/// One configuration run for its outcome: as fast as possible, beside any host at work.
///
/// Servers that the host launches listen in a folder of its own; no channel is told; log and tables are
/// kept only where that is asked for.
struct BacktestRun: Sendable {
    let configuration: HostConfiguration
    let base: String
    let identity: String
    let feed: any RecordedFeed
    var split: Timestamp?
    var isKept = false
    var file = ""
    var text = ""
    let observer: any RunObserver
    /// How to stop it, given before it begins.
    var onSession: @Sendable (RunSession) -> Void = { _ in }

    /// - Throws: ``RunError``.
    func run() async throws -> BacktestOutcome {
        let clock = HostClock()
        let begun = clock.monotonic()
        let folder = try Self.makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var assembly = RunAssembly(
            configuration: alone(in: folder), identity: identity, base: base, file: file,
            text: text)
        // Written down where the folder is held; a trial's own end with it.
        assembly.keepsRecords = isKept
        let fills = Locked<[BookedFill]>([])
        let began = Locked<(KernelPlan, MarketPlan, Int64, Int64)?>(nil)
        let trial = RunSession.Trial(
            folder: folder, isKept: isKept,
            booked: { fill in fills.withLock { $0.append(fill) } },
            began: { plan, market in
                began.withLock { $0 = (plan, market, clock.monotonic(), ProcessUse.cpu()) }
            })
        let session = RunSession(
            assembly, feed: feed, observer: observer, warnsAlone: true, trial: trial)
        onSession(session)
        let summary = try await session.run(fresh: true)
        guard let (plan, market, start, cpu) = began.withLock({ $0 }) else {
            throw RunError(.refused, "the backtest ended before it began")
        }
        var times = BacktestOutcome.Times()
        times.load = seconds(start - begun)
        times.run = summary.seconds
        times.cpu = seconds(ProcessUse.cpu() - cpu)
        let counting = clock.monotonic()
        var accounting = Accounting(plan, split: split)
        do {
            try accounting.read(
                feed, market, fills.withLock { $0 }, through: summary.steps)
        } catch {
            throw RunError(.feed, "\(error)")
        }
        times.count = seconds(clock.monotonic() - counting)
        return BacktestOutcome(
            summary: summary, plan: plan, accounting: accounting, times: times,
            peakMemory: ProcessUse.peakMemory())
    }

    private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }

    /// With sockets of its own, without a pace, telling nobody.
    private func alone(in folder: String) -> HostConfiguration {
        var configuration = configuration
        configuration.channels = []
        for index in configuration.feeds.indices { configuration.feeds[index].speed = nil }
        for index in configuration.strategies.indices {
            guard case .server(var server) = configuration.strategies[index].kind,
                !server.launch.isEmpty
            else { continue }
            server.address = "unix:\(folder)/\(index).sock"
            server.shards = server.shards.indices.map { "unix:\(folder)/\(index)-\($0).sock" }
            configuration.strategies[index].kind = .server(server)
        }
        for index in configuration.strategies.indices {
            // It would say the same again.
            configuration.strategies[index].standby = nil
            guard let candidate = configuration.strategies[index].candidate else { continue }
            if candidate.plan.other == .shadow, !isKept {
                // It would say what nobody reads.
                configuration.strategies[index].candidate = nil
            } else if !candidate.server.launch.isEmpty {
                configuration.strategies[index].candidate?.server.address =
                    "unix:\(folder)/\(index)-candidate.sock"
            }
        }
        return configuration
    }

    /// Short: the path of a socket has 107 bytes.
    private static func makeFolder() throws(RunError) -> String {
        var name = Array("/tmp/madang-backtest-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw RunError(
                .store, "no folder can be made in /tmp: \(systemMessage(errno))\n  make room there")
        }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// What a backtest came to.
struct BacktestOutcome: Sendable {
    /// In seconds.
    struct Times: Sendable {
        /// Configuration's feeds, servers' start.
        var load = 0.0
        var run = 0.0
        /// Of this process, its servers' own apart.
        var cpu = 0.0
        /// Of counting and judging, behind the run.
        var count = 0.0
    }
    let summary: RunSummary
    let plan: KernelPlan
    let accounting: Accounting
    var times: Times
    /// Bytes.
    let peakMemory: Int64

    /// Accounts in one currency add up; others do not.
    var purse: Int? { accounting.purses.count == 1 ? 0 : nil }
    var statistics: Statistics? { purse.flatMap { accounting.statistics($0) } }

    func sum(_ amounts: [String: String]) -> Money? {
        guard purse != nil else { return nil }
        return amounts.values.reduce(Money.zero) { $0 + (Money($1) ?? .zero) }
    }
}

/// What this process used so far.
enum ProcessUse {
    /// ns of all its threads.
    static func cpu() -> Int64 {
        let use = usage()
        func time(_ value: timeval) -> Int64 {
            Int64(value.tv_sec) * 1_000_000_000 + Int64(value.tv_usec) * 1_000
        }
        return time(use.ru_utime) + time(use.ru_stime)
    }
    static func peakMemory() -> Int64 { Int64(usage().ru_maxrss) * 1_024 }

    private static func usage() -> rusage {
        var use = rusage()
        getrusage(RUSAGE_SELF.rawValue, &use)
        return use
    }
}
