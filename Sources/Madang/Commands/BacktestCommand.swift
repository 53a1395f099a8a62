import Backtest
import Foundation
import Glibc
import Host
import Platform
import Ports
import TradingModel

/// `madang backtest`.
enum BacktestCommand {
    static func run(_ command: CommandInvocation, _ stopper: Stopper) async throws -> ExitCode {
        let (path, loader, written) = try ConfigCommand.load(command, speaks: true)
        var configuration = written
        try configuration.readLists()
        if let grid = command.value(of: CommandLineShape.sweep) {
            return try await SweepCommand.run(grid, command, loader, configuration, stopper)
        }
        try refuseSweepOptions(command)
        let feed = RunCommand.feed(configuration)
        let identity = try RunCommand.identity(loader, configuration, feed)
        let bar = progressBar("backtest", command)
        let observer = BacktestObserver(bar, complaints: complain)
        var run = BacktestRun(
            configuration: configuration, base: loader.base, identity: identity, feed: feed,
            observer: observer)
        run.isKept = command.has(CommandLineShape.keep)
        run.file = wholePath(path)
        run.text = loader.reader.shownText()
        run.split = try split(command, configuration, feed)
        run.onSession = { session in stopper.onStop { session.stop($0) } }
        let outcome = try await run.run()
        bar?.clear()
        let remarks =
            SilentSources(configuration: configuration, outcome: outcome).lines
            + OutsideFills(outcome: outcome).lines
        try write(outcome, command)
        if let report = command.value(of: CommandLineShape.report) {
            let page = ReportPage(
                outcome: outcome, title: path, time: ZonedTime(of: configuration),
                split: run.split,
                terms: FillTerms(configuration).lines, warnings: observer.warnings + remarks)
            try write(page.html, to: report, "the report")
        }
        answer(outcome, command, observer.warnings, remarks)
        return outcome.summary.end == "finished" ? .good : .stopped
    }

    private static func refuseSweepOptions(_ command: CommandInvocation) throws {
        for option in [CommandLineShape.by, CommandLineShape.top, CommandLineShape.combinations]
        where command.has(option) {
            throw RunError(
                .usage,
                "madang backtest: --\(option.name) is of many runs, and this is one\n  say which:"
                    + " --sweep fast=5..20,slow=20..60:10")
        }
    }

    /// A part without a row has no figures, and the other would pass for the whole.
    private static func refuseOutside(
        _ split: Timestamp, _ text: String, _ feed: any RecordedFeed, _ zone: ZoneOffsets
    ) throws(RunError) {
        guard let span = RecordingLook(feed: feed).span(without: split) else { return }
        func day(_ time: Timestamp) -> String {
            String(
                CivilTime(time.advanced(by: zone.offset(at: time))).text(separator: " ").prefix(10))
        }
        if day(span.from) == text {
            throw RunError(
                .usage,
                "madang backtest: --split \(text) is the recording's first day: nothing lies before it\n"
                    + "  name a later day, up to \(day(span.to)): what came before it is told from what"
                    + " came since")
        }
        throw RunError(
            .usage,
            "madang backtest: --split \(text) is outside of the recording, which goes from"
                + " \(day(span.from)) to \(day(span.to))\n  name a day between them: what came before it is"
                + " told from what came since")
    }

    static func write(_ outcome: BacktestOutcome, _ command: CommandInvocation) throws {
        if let path = command.value(of: CommandLineShape.trades) {
            try write(
                TradesFile.text(outcome.accounting.trips.all, outcome.plan), to: path,
                "the trades")
        }
    }

    static func write(_ text: String, to path: String, _ what: String) throws(RunError) {
        do {
            // What an account holds and earns is its owner's business.
            try writePrivateFile(Data(text.utf8), to: path)
        } catch {
            throw RunError(
                .store, "\(path): \(what) cannot be written: \(error)\n  \(error.advice)")
        }
    }

    private static func answer(
        _ outcome: BacktestOutcome, _ command: CommandInvocation, _ warnings: [String],
        _ remarks: [String]
    ) {
        if command.has(CommandLineShape.json) {
            StandardOutput.write(line: BacktestAnswer(outcome, warnings: warnings + remarks).json)
        } else {
            BacktestText(outcome: outcome, remarks: remarks).lines.forEach {
                StandardOutput.write(line: $0)
            }
        }
    }

    static func progressBar(_ name: String, _ command: CommandInvocation) -> ProgressBar? {
        guard !command.has(CommandLineShape.quiet) else { return nil }
        let terminal = Terminal(descriptor: STDERR_FILENO, environment: Environment.variables())
        return ProgressBar(name, terminal: terminal, clock: HostClock()) { text in
            FileHandle.standardError.write(Data(text.utf8))
        }
    }

    @Sendable static func complain(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// Midnight of the day where daily returns have theirs: by the exchange's clock where all instruments have one,
    /// else by that of the first account.
    ///
    /// - Throws: ``RunError``: it is no day, or not one inside of the recording.
    static func split(
        _ command: CommandInvocation, _ configuration: HostConfiguration, _ feed: any RecordedFeed
    ) throws -> Timestamp? {
        guard let text = command.value(of: CommandLineShape.split) else { return nil }
        let exchanges = Set(configuration.instruments.map(\.timeZone))
        let name = exchanges.count == 1 ? exchanges.first : configuration.accounts.first?.timeZone
        let zone = name.flatMap { Zones.offsets(of: $0) } ?? .utc
        guard let time = SplitTime.read(text, zone) else {
            throw RunError(
                .usage, "madang backtest: --split: '\(text)' is no day such as 2026-11-20")
        }
        try refuseOutside(time, text, feed, zone)
        return time
    }
}

/// A day as people write it.
enum SplitTime {
    static func read(_ text: String, _ zone: ZoneOffsets) -> Timestamp? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            (1...12).contains(month), (1...31).contains(day), (1700...2200).contains(year)
        else { return nil }
        // By trial around the estimate: a day that does not exist has none.
        let guess = Int64(year - 1970) * 365 + Int64(month - 1) * 30
        for days in (guess - 40)...(guess + 120)
        where MonthTable.date(of: days) == (year, month, day) {
            let local = Timestamp(nanoseconds: days * nanosecondsPerDay)
            let offset = zone.offset(at: local)
            return local.advanced(by: Nanoseconds(-offset.count))
        }
        return nil
    }
}
