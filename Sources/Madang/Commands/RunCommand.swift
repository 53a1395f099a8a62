import Feeds
import Foundation
import Glibc
import Host
import Platform
import Ports
import TradingModel
import Vault

/// `madang run`.
enum RunCommand {
    static func run(_ command: CommandInvocation, _ stopper: Stopper) async throws -> ExitCode {
        let (path, loader, written) = try ConfigCommand.load(command, speaks: true)
        var configuration = written
        try configuration.readLists()
        let feed = feed(configuration)
        let parts = try identityParts(loader, configuration, feed)
        var assembly = RunAssembly(
            configuration: configuration, identity: identity(parts, kernel: KernelVersion.number),
            base: loader.base, file: wholePath(path), text: loader.reader.shownText())
        assembly.formerIdentity = { identity(parts, kernel: $0) }
        assembly.keepsRecords = true
        let json = command.has(CommandLineShape.json)
        let printer = printer(command, configuration, isPaced: assembly.speed != nil)
        let live = liveScreen(command, assembly, aftermath: printer)
        // However the run ends, the terminal is as it was before anything else is written.
        defer { live?.close() }
        let observer: any RunObserver = if let live { live } else { printer }
        let session = RunSession(
            assembly, feed: feed, observer: observer,
            warnsAlone: command.has(CommandLineShape.quiet))
        stopper.onStop { reason in
            live?.stopping(reason)
            session.stop(reason)
        }
        stopper.onKill {
            session.kill("by signal SIGUSR1")
        } keep: {
            session.keepKill(within: $0)
        }
        if let live {
            stopper.beforeExit { live.abandon() }
            live.open()
        }
        let summary = try await session.run(fresh: command.has(CommandLineShape.fresh))
        let paths = [command.value(of: CommandLineShape.summary), assembly.root + "/summary.json"]
        try write(summary, to: paths.compactMap { $0 })
        observer.finished(summary)
        if !json {
            let terminal = Terminal(
                descriptor: STDOUT_FILENO, environment: Environment.variables())
            let text = SummaryText(summary: summary, width: max(80, terminal.width))
            text.lines.forEach { StandardOutput.write(line: $0) }
        }
        return summary.end == "finished" ? .good : .stopped
    }

    private static func printer(
        _ command: CommandInvocation, _ configuration: HostConfiguration, isPaced: Bool
    ) -> LinePrinter {
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: Environment.variables())
        let json = command.has(CommandLineShape.json)
        let form: LinePrinter.Form =
            command.has(CommandLineShape.quiet)
            ? (json ? .quietJSON : .quiet) : json ? .json : .lines
        let zone = configuration.accounts.first.flatMap { Zones.offsets(of: $0.timeZone) } ?? .utc
        let complaints: @Sendable (String) -> Void = { line in
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
        return LinePrinter(
            form, terminal: json ? nil : terminal, zone: zone, complaints: complaints
        ) { line in
            StandardOutput.write(line: line)
            if isPaced || terminal.isInteractive { StandardOutput.flush() }
        }
    }

    /// `nil` where lines are wanted, or no screen can be had.
    private static func liveScreen(
        _ command: CommandInvocation, _ assembly: RunAssembly, aftermath: LinePrinter
    ) -> LiveScreen? {
        let unwanted = [CommandLineShape.plain, CommandLineShape.quiet, CommandLineShape.json]
        let environment = Environment.variables()
        guard !unwanted.contains(where: { command.has($0) }),
            let screen = TerminalScreen(descriptor: STDOUT_FILENO, environment: environment)
        else { return nil }
        return LiveScreen(
            LiveView.Setting(assembly), on: screen,
            terminal: Terminal(descriptor: STDOUT_FILENO, environment: environment),
            clock: assembly.clock, aftermath: aftermath)
    }

    static func feed(_ configuration: HostConfiguration) -> any RecordedFeed {
        let digest = OpenSSLDigest()
        let symbols = Dictionary(
            configuration.instruments.map { ($0.symbol, $0.id) },
            uniquingKeysWith: { first, _ in first })
        let feeds = configuration.feeds.map { setting in
            CSVFeed(setting.csv, digest: digest) { symbols[$0] }
        }
        return feeds.count == 1 ? feeds[0] : MergedFeed(feeds, digest: digest)
    }

    /// Of configuration, recordings and time zones: two runs with the same one decide the same.
    static func identity(
        _ loader: ConfigurationLoader, _ configuration: HostConfiguration,
        _ feed: any RecordedFeed
    ) throws -> String {
        identity(try identityParts(loader, configuration, feed), kernel: KernelVersion.number)
    }

    private static func identity(_ parts: String, kernel: UInt32) -> String {
        hex(OpenSSLDigest().sha256(Array("kernel \(kernel)\n\(parts)".utf8)))
    }

    /// All of it but who decides.
    private static func identityParts(
        _ loader: ConfigurationLoader, _ configuration: HostConfiguration,
        _ feed: any RecordedFeed
    ) throws -> String {
        do {
            return loader.reader.shownText(without: decidesNothing) + filledIn(loader)
                + zones(configuration) + configuration.listFingerprints
                + barWords(configuration)
                + (try feed.fingerprint())
        } catch {
            throw RunError(.feed, "\(error)")
        }
    }

    /// What the environment filled in, which no shown text has.
    static func filledIn(_ loader: ConfigurationLoader) -> String {
        // A key handed on to a server is not ours to compare, nor to keep a hash of.
        loader.reader.substituted.filter {
            !$0.path.contains(".environment.") && !decidesNothing($0.path)
        }.map { "\($0.path)=\($0.text)\n" }.joined()
    }

    /// Keys of a broker that say how it is dealt with, and nothing of what is decided: mended in a run that has positions
    /// there, they must not make another run of it.
    private static let dealings = [
        "at_start", "correct", "reconcile_every", "cash_tolerance", "answer_within", "doubt_over",
        "rate",
    ]

    /// Of a broker, whatever its name is.
    private static func isDealing(_ path: String) -> Bool {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "brokers" && dealings.contains(String(parts[2]))
    }

    /// Who is told of a run and what for, where log and tables lie, what its servers' processes may use, who stands
    /// by for them, and how patiently a broker is asked, decides nothing in it.
    static func decidesNothing(_ path: String) -> Bool {
        path.hasPrefix("strategies[")
            && [".memory", ".nice", ".cpus"].contains { path.hasSuffix("]" + $0) }
            || path.hasPrefix("strategies[") && path.hasSuffix("].expect_results")
            || path.hasPrefix("strategies[")
                && (path.hasSuffix("].standby") || path.contains("].standby."))
            || path.hasPrefix("instruments[") && path.hasSuffix("].no_data")
            || path == "watch" || path.hasPrefix("watch.")
            || path == "store" || path.hasPrefix("store.")
            || path == "channels" || path.hasPrefix("channels.")
            || isDealing(path)
            || path.hasPrefix("rules[") && path.hasSuffix("].channels")
            || path.hasPrefix("rules[") && path.contains("].channels[")
    }

    /// Where tables lie decides nothing; which candles are built numbers the events, and rows are theirs.
    private static func barWords(_ configuration: HostConfiguration) -> String {
        let bars = Set(configuration.bars).sorted().map { " \($0)" }
        return bars.isEmpty ? "" : "bars\(bars.joined())\n"
    }

    /// The zone data of this machine: an update of it moves candles and days.
    private static func zones(_ configuration: HostConfiguration) -> String {
        let names = Set(
            configuration.instruments.map(\.timeZone) + configuration.accounts.map(\.timeZone))
        return names.sorted().map { name in
            let changes = (Zones.offsets(of: name) ?? .utc).changes.map {
                "\($0.from.nanoseconds) \($0.offset.count)"
            }
            let hash = OpenSSLDigest().sha256(Array(changes.joined(separator: "\n").utf8))
            return "zone \(name) \(hex(hash))\n"
        }.joined()
    }

    private static func write(_ summary: RunSummary, to paths: [String]) throws {
        let encoder = JSONEncoder.stable
        encoder.outputFormatting.insert(.prettyPrinted)
        let data = try encoder.encode(summary) + Data("\n".utf8)
        for path in paths {
            do {
                // What an account holds and earns is its owner's business.
                try writePrivateFile(data, to: path)
            } catch {
                throw RunError(
                    .store,
                    "\(path): the summary cannot be written: \(error)\n  \(error.advice);"
                        + " the run itself is whole and need not be started again")
            }
        }
    }
}
