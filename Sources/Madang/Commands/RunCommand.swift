import Dispatch
import Feeds
import Foundation
import Glibc
import Host
import Platform
import Ports
import Synchronization
import TradingModel
import Vault

/// `madang run`.
enum RunCommand {
    static let usage = """
        madang run [-c FILE] [--fresh] [--json] [--quiet] [--summary FILE]

          -c, --config FILE   the configuration; madang.yaml by default
          --fresh             begin anew although an unfinished run could be gone on with
          --json              one JSON object a line
          --quiet             the summary alone
          --summary FILE      write the summary as JSON too

        Ctrl-C drains and sums up; the run goes on where it was at the next start.
        example: madang run -c examples/demo.yaml --summary summary.json
        """

    static func run(_ words: [String]) async throws -> Int32 {
        var arguments = Arguments(words, command: "run", usage: usage)
        if arguments.wantsHelp {
            StandardOutput.write(line: usage)
            return 0
        }
        let path = try arguments.option("-c", "--config") ?? "madang.yaml"
        let summaryPath = try arguments.option("--summary")
        let fresh = arguments.flag("--fresh")
        let json = arguments.flag("--json")
        let quiet = arguments.flag("--quiet", "-q")
        try arguments.finish(known: ["-c", "--config", "--summary", "--fresh", "--json", "--quiet"])

        var loader = try ConfigurationLoader(path: path)
        let configuration = try loader.load()
        for warning in loader.reader.warnings { ConfigCommand.warn("\(warning)") }
        let feed = try feed(configuration)
        let assembly = RunAssembly(
            configuration: configuration, identity: try identity(loader, feed), base: loader.base)
        let isPaced = assembly.speed != nil
        let colours = !json && isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        let zone = configuration.accounts.first.flatMap { Zones.offsets(of: $0.timeZone) } ?? .utc
        let printer = LinePrinter(quiet ? .quiet : json ? .json : .lines, colours: colours, zone: zone) { line in
            StandardOutput.write(line: line)
            if isPaced || colours { StandardOutput.flush() }
        }
        let session = RunSession(assembly, feed: feed, observer: printer)
        let signals = watchSignals { session.stop($0) }
        defer { signals.forEach { $0.cancel() } }
        let summary = try await session.run(fresh: fresh)
        printer.finished(summary)
        if !json { SummaryText(summary: summary).lines.forEach { StandardOutput.write(line: $0) } }
        try write(summary, to: (summaryPath.map { [$0] } ?? []) + [assembly.root + "/summary.json"])
        return summary.end == "finished" ? 0 : RunError.Code.stopped.rawValue
    }

    private static func feed(_ configuration: HostConfiguration) throws -> any RecordedFeed {
        let digest = OpenSSLDigest()
        let symbols = Dictionary(
            configuration.instruments.map { ($0.symbol, $0.id) }, uniquingKeysWith: { first, _ in first })
        let feeds = configuration.feeds.map { setting in
            CSVFeed(setting.csv, digest: digest) { symbols[$0] }
        }
        return feeds.count == 1 ? feeds[0] : MergedFeed(feeds, digest: digest)
    }

    /// Of configuration and recordings: two runs with the same one decide the same.
    private static func identity(
        _ loader: ConfigurationLoader, _ feed: any RecordedFeed
    ) throws -> String {
        do {
            let text = "kernel \(KernelVersion.number)\n" + loader.reader.shownText() + (try feed.fingerprint())
            return hex(OpenSSLDigest().sha256(Array(text.utf8)))
        } catch {
            throw RunError(.feed, "\(error)")
        }
    }

    /// The first signal drains, the second ends at once: nothing acknowledged is lost either way.
    private static func watchSignals(_ stop: @escaping @Sendable (String) -> Void) -> [any DispatchSourceSignal] {
        [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            let asked = AskedBefore()
            source.setEventHandler {
                if asked.isSecond() { _exit(130) }
                stop(name)
            }
            source.resume()
            return source
        }
    }

    private static func write(_ summary: RunSummary, to paths: [String]) throws {
        let encoder = JSONEncoder.stable
        encoder.outputFormatting.insert(.prettyPrinted)
        let data = try encoder.encode(summary) + Data("\n".utf8)
        for path in paths {
            do {
                try data.write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                throw RunError(.store, "\(path): the summary cannot be written: \(error.localizedDescription)")
            }
        }
    }
}

/// Whether a signal came before.
private final class AskedBefore: Sendable {
    private let count = Mutex(0)
    func isSecond() -> Bool {
        count.withLock { count in
            count += 1
            return count > 1
        }
    }
}
