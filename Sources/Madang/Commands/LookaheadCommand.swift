import Conformance
import Foundation
import GRPCTransport
import Glibc
import Platform
import Ports
import TradingModel
import Vault

/// `madang strategy lookahead`: what the results of a server of somebody's own depend on.
enum LookaheadCommand {
    private static let name = "madang strategy lookahead"
    /// From the start of the program to its first answer, as the host waits by default.
    private static let startWithin = Duration.seconds(30)
    /// Each is sent alone once, which takes some 0.2 ms.
    private static let mostEvents = 50_000

    static func run(_ command: CommandInvocation, _ stopper: Stopper) async throws -> ExitCode {
        let wish = try Wish(command)
        let place = try CheckPlace(
            address: command.arguments.first, launch: command.values(of: CommandLineShape.launch),
            for: name)
        stopper.onStop { _ in
            place.leave()
            exit(ExitCode.stopped.rawValue)
        }
        defer { place.leave() }
        let data = try wish.data(command)
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: Environment.variables())
        let report = LookaheadReport(
            terminal: terminal, isJSON: command.has(CommandLineShape.json), allowed: wish.allowed)
        return try await ask(place, data, wish, report)
    }

    private static func ask(
        _ place: CheckPlace, _ data: RecordedData, _ wish: Wish, _ report: LookaheadReport
    ) async throws -> ExitCode {
        let queue = CompletionQueue(name: "lookahead")
        var settings = Workbench.Settings(target: place.target)
        settings.parameters = wish.parameters
        let bench = try Workbench(
            settings, on: queue, program: place.program, clock: HostClock(),
            digest: OpenSSLDigest())
        let code: Result<ExitCode, any Error>
        do {
            code = .success(try await look(bench, place, data, wish, report))
        } catch { code = .failure(error) }
        await bench.close()
        await queue.shutdown()
        place.leave()
        return try code.get()
    }

    private static func look(
        _ bench: Workbench, _ place: CheckPlace, _ data: RecordedData, _ wish: Wish,
        _ report: LookaheadReport
    ) async throws -> ExitCode {
        let server: ServerDescription
        do {
            try await place.program?.start()
            try await bench.reach(within: place.program == nil ? .seconds(5) : startWithin)
            server = try await bench.served()
        } catch {
            throw RunError(
                .server,
                "no strategy server at \(place.target): \(error)\n  start it, or let it be started:"
                    + " --launch CMD...")
        }
        let (events, isWhole) = try data.events(for: server, most: wish.events)
        guard !events.isEmpty else {
            throw RunError(
                .feed,
                "\(data.feed.name) holds nothing that '\(server.name)' asks for: "
                    + server.inputs.map(\.words).joined(separator: ", "))
        }
        report.head(server, data, events.count, isWhole: isWhole)
            .forEach(StandardOutput.write(line:))
        let progress = LookaheadProgress()
        var settings = wish.settings
        settings.clockLibrary = clockLibrary()
        if place.program != nil, settings.clockLibrary == nil {
            report.unmoved.forEach(StandardOutput.write(line:))
        }
        var lookahead = Lookahead(
            bench, Recording(events, of: data.instruments), settings
        ) { progress.show($0, $1) }
        let answers: [LookaheadAnswer]
        do {
            answers = try await lookahead.run { answer in
                progress.clear()
                report.lines(answer).forEach(StandardOutput.write(line:))
                StandardOutput.flush()  // who waits for it, in a log of CI too, sees where it is
            }
        } catch let trouble as LookaheadTrouble {
            progress.clear()
            throw RunError(.server, "the server cannot be asked: \(trouble)")
        }
        report.verdict(answers, results: lookahead.resultCount)
            .forEach(StandardOutput.write(line:))
        if report.counts(answers) { return .server }
        return lookahead.resultCount == 0 ? .refused : .good
    }

    /// Debian's libfaketime, where it is installed.
    private static func clockLibrary() -> String? {
        let base = "/usr/lib"
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
        return folders.filter { $0.hasSuffix("-linux-gnu") }.sorted()
            .map { "\(base)/\($0)/faketime/libfaketimeMT.so.1" }
            .first { FileManager.default.isReadableFile(atPath: $0) }
    }

    // MARK: What was typed

    /// The options, read.
    private struct Wish {
        var settings = Lookahead.Settings()
        var parameters: [String: String] = [:]
        var allowed: Set<LookaheadCause> = []
        var events = LookaheadCommand.mostEvents
        private var interval: Interval?

        init(_ command: CommandInvocation) throws {
            parameters = try CheckCommand.parameters(command, for: name)
            if let text = command.value(of: CommandLineShape.cuts) {
                settings.cuts = try Self.number(text, of: "--cuts", in: 0...10_000)
            }
            if let text = command.value(of: CommandLineShape.events) {
                events = try Self.number(text, of: "--events", in: 1...10_000_000)
            }
            if let text = command.value(of: CommandLineShape.interval) {
                guard let read = Interval(text) else {
                    throw CheckCommand.usage("'\(text)' is no interval such as 1m", nil, for: name)
                }
                interval = read
            }
            for text in command.values(of: CommandLineShape.allow) {
                guard let cause = LookaheadCause(rawValue: text) else {
                    throw CheckCommand.usage(
                        "there is no cause '\(text)'",
                        nearest(to: text, in: LookaheadCause.allCases.map(\.rawValue)), for: name)
                }
                allowed.insert(cause)
            }
        }

        private static func number(
            _ text: String, of option: String, in range: ClosedRange<Int>
        ) throws -> Int {
            guard let number = Int(text), range.contains(number) else {
                throw CheckCommand.usage(
                    "\(option) '\(text)' is not \(range.lowerBound) to \(range.upperBound)", nil,
                    for: name)
            }
            return number
        }

        func data(_ command: CommandInvocation) throws -> RecordedData {
            guard let file = command.value(of: CommandLineShape.data) else {
                return RecordedData(try ConfigCommand.load(command, speaks: true).2)
            }
            return try RecordedData(
                file: file, interval: interval,
                symbol: command.value(of: CommandLineShape.symbol),
                market: command.value(of: CommandLineShape.market) ?? "")
        }
    }
}

extension ServerInput {
    /// As strategies write them: `candles:1m`.
    fileprivate var words: String {
        switch kind {
        case .ticks: "ticks"
        case .quotes: "quotes"
        case .candles(let interval, _): "candles:\(interval)"
        case .timers(let interval): "timers:\(interval)"
        }
    }
}
