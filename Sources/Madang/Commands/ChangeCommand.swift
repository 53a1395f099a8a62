import Foundation
import Host
import Platform
import Storage
import TradingModel

/// `madang strategy running|load|set|unload` and `madang rules reload`: other strategies and rules for the
/// run in hand.
///
/// What would change is asked for first and shown, then it is asked to be taken: as it was shown, or not.
enum ChangeCommand {
    /// What begins reads the recording first.
    private static let longPatience: Int64 = 60_000_000_000

    // MARK: Wishes

    static func load(_ command: CommandInvocation) throws -> ExitCode {
        let (path, loader, configuration) = try ConfigCommand.load(command)
        let what = command.arguments.first ?? ""
        let place = try Place(loader, configuration)
        if isFile(what) {
            let pieces = try read(what, configuration)
            return try change(command, place, .put(text: pieces.text, file: what))
        }
        let pieces = configuration.pieces + configuration.serverPieces
        guard let piece = pieces.first(where: { $0.name == what }) else {
            let isOther = configuration.strategies.contains { $0.name == what }
            let near =
                nearestName(to: what, in: pieces.map(\.name))
                .map { "   did you mean '\($0)'?" } ?? ""
            throw RunError(
                .refused,
                isOther
                    ? "'\(what)' is a scanner: those are as a run begins with them"
                    : "the configuration has no strategy or rule '\(what)', and there is no such file"
                        + "\n  it has: \(pieces.map(\.name).joined(separator: ", "))\(near)")
        }
        return try change(
            command, place, .put(text: PieceText(pieces: [piece]).text, file: path))
    }

    static func reload(_ command: CommandInvocation) throws -> ExitCode {
        let (path, loader, configuration) = try ConfigCommand.load(command)
        var pieces = PieceText(pieces: configuration.pieces.filter { $0.kind == .rule })
        var file = path
        if let given = command.arguments.first {
            file = given
            pieces = try read(given, configuration)
            let other =
                pieces.pieces.first { $0.kind == .strategy }.map { "'\($0.name)' is no rule" }
                ?? pieces.risk.map { _ in "'risk' is no rule" }
            if let other {
                throw RunError(
                    .configuration, "\(given): \(other)\n  madang strategy load \(given) takes all")
            }
        }
        return try change(
            command, try Place(loader, configuration),
            .replaceRules(text: pieces.text, file: file))
    }

    static func set(_ command: CommandInvocation) throws -> ExitCode {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        return try change(
            command, try Place(loader, configuration),
            .set(
                name: command.arguments.first ?? "",
                values: try assignments(command.arguments.dropFirst(), "fast=10")))
    }

    static func assignments(
        _ words: some Sequence<String>, _ example: String
    ) throws(RunError) -> [ChangeFile.Assignment] {
        var values: [ChangeFile.Assignment] = []
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw RunError(
                    .usage, "'\(word)' sets nothing\n  write KEY=VALUE, such as \(example)")
            }
            values.append(.init(key: String(parts[0]), value: String(parts[1])))
        }
        guard !values.isEmpty else {
            throw RunError(.usage, "KEY=VALUE is missing\n  write it, such as \(example)")
        }
        return values
    }

    static func unload(_ command: CommandInvocation) throws -> ExitCode {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        guard !command.arguments.isEmpty else {
            throw RunError(
                .usage, "NAME is missing\n  madang strategy running lists what could go")
        }
        return try change(
            command, try Place(loader, configuration),
            .remove(Set(command.arguments).sorted()))
    }

    private static func isFile(_ word: String) -> Bool {
        word.contains("/") || word.hasSuffix(".yaml") || word.hasSuffix(".yml")
    }

    /// A file with strategies and rules alone; `${NAME}` is of this command's environment.
    private static func read(
        _ path: String, _ configuration: HostConfiguration
    ) throws -> PieceText {
        let bytes: [UInt8]
        do { bytes = try SmallFile.read(path, limit: YAMLDocument.largestFile) } catch {
            throw RunError(.configuration, "\(path): \(error.what)\n  \(error.advice)")
        }
        let pieces = try ConfigurationLoader.pieces(
            String(decoding: bytes, as: UTF8.self), of: path, in: configuration,
            variables: ProcessInfo.processInfo.environment)
        let read = pieces.configuration
        let running = configuration.strategies.filter(\.isServer).map(\.name)
        for setting in read.strategies
        where read.piece(setting) == nil && !running.contains(setting.name) {
            throw RunError(
                .refused,
                "\(path): '\(setting.name)' is a strategy server or a scanner: those are as a run"
                    + " begins with them")
        }
        return PieceText(
            removed: pieces.removed, pieces: read.pieces + read.serverPieces,
            risk: pieces.risk?.written)
    }

    // MARK: Asking

    /// The host that is asked.
    struct Place {
        let file: ChangeFile
        let process: Int32

        /// - Parameter isChange: Something is to be changed, and not only shown.
        init(
            _ loader: ConfigurationLoader, _ configuration: HostConfiguration,
            isChange: Bool = true
        ) throws(RunError) {
            file = ChangeFile(folder: loader.path(configuration.folder))
            guard let host = FolderLock.holder(of: file.folder) else {
                throw RunError(
                    .refused,
                    "no host runs in \(file.folder), so there is nothing to "
                        + (isChange
                            ? "change\n  write it into the configuration: the next run begins with it"
                            : "show\n  madang config show tells what the next run begins with"))
            }
            process = host
        }
    }

    static func running(_ command: CommandInvocation) throws -> ExitCode {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        let place = try Place(loader, configuration, isChange: false)
        let answer = try ask(place, .show, basis: nil, AnswerWait.usual)
        return try show(
            answer, counted(answer.entries.count, "strategy or rule", "strategies and rules"),
            command)
    }

    static func show(
        _ answer: ChangeFile.Answer, _ count: String, _ command: CommandInvocation
    ) throws -> ExitCode {
        if command.has(CommandLineShape.json) {
            StandardOutput.write(line: try json(answer))
        } else {
            StandardOutput.write(
                line: "run \(answer.run), process \(answer.process): \(count)")
            for entry in answer.entries {
                StandardOutput.write(line: "  \(entry.name)  \(entry.words)")
            }
        }
        return .good
    }

    static func change(
        _ command: CommandInvocation, _ place: Place, _ wish: ChangeFile.Request.Wish
    ) throws -> ExitCode {
        let shown = try ask(place, wish, basis: nil, AnswerWait.usual)
        let isJSON = command.has(CommandLineShape.json)
        if !isJSON {
            for line in shown.words { StandardOutput.write(line: line) }
            StandardOutput.flush()
        }
        if command.has(CommandLineShape.dryRun) {
            StandardOutput.write(line: isJSON ? try json(shown) : "nothing was changed (--dry-run)")
            return .good
        }
        let answer = try ask(place, wish, basis: shown.basis, longPatience)
        guard !isJSON else {
            StandardOutput.write(line: try json(answer))
            return .good
        }
        for line in answer.left { StandardOutput.write(line: line) }
        StandardOutput.write(
            line: "taken by process \(answer.process) behind step \(answer.step ?? 0) of run"
                + " \(answer.run), as its change \(answer.change ?? 0)")
        StandardOutput.write(
            line:
                "  the next run begins as \(command.value(of: CommandLineShape.config) ?? "madang.yaml")"
                + " has it: write it there to keep it")
        return .good
    }

    /// - Throws: ``RunError`` with what the host refused, or where it does not answer.
    static func ask(
        _ place: Place, _ wish: ChangeFile.Request.Wish, basis: String?, _ patience: Int64
    ) throws -> ChangeFile.Answer {
        let wait = AnswerWait(place.file.folder, patience: patience)
        let request = try place.file.ask(
            ChangeFile.Request(process: place.process, wish: wish, basis: basis))
        let isThere = { FolderLock.holder(of: place.file.folder) == place.process }
        let answer = try wait.first(while: isThere) {
            try place.file.answer().flatMap { $0.number >= request.number ? $0 : nil }
        }
        if let answer {
            guard answer.number == request.number else {
                throw RunError(
                    .refused,
                    "somebody else asked at the same time\n  look again, and ask again")
            }
            if let refused = answer.refused {
                throw RunError(
                    answer.code.flatMap(ExitCode.init(rawValue:)) ?? .refused, refused)
            }
            return answer
        }
        guard isThere() else {
            throw RunError(
                .refused,
                "process \(place.process) ended before it answered\n"
                    + "  see what the run has: madang strategy running, once it is started again")
        }
        throw RunError(
            .refused,
            "process \(place.process) has not answered within \(patience / 1_000_000_000) s: it may be"
                + " about to begin, wait for a strategy server, or hang"
                + "\n  see what it has: madang strategy running")
    }

    private static func json(_ answer: ChangeFile.Answer) throws -> String {
        String(decoding: try JSONEncoder.stable.encode(answer), as: UTF8.self)
    }
}
