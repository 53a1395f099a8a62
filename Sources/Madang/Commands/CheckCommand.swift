import Conformance
import Foundation
import GRPCTransport
import Glibc
import Platform
import Vault

/// `madang strategy check`: a server of somebody's own, held against the contract.
enum CheckCommand {
    static let name = "madang strategy check"
    /// From the start of the program to its first answer, as the host waits by default.
    private static let startWithin = Duration.seconds(30)

    static func run(_ command: CommandInvocation, _ stopper: Stopper) async throws -> ExitCode {
        let checks = try chosen(command)
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: Environment.variables())
        let report = CheckReport(terminal: terminal, isJSON: command.has(CommandLineShape.json))
        if command.has(CommandLineShape.list) {
            try checks.flatMap(report.listed).forEach(StandardOutput.write(line:))
            return .good
        }
        let place = try CheckPlace(
            address: command.arguments.first, launch: command.values(of: CommandLineShape.launch))
        stopper.onStop { _ in
            place.leave()
            exit(ExitCode.stopped.rawValue)
        }
        defer { place.leave() }
        let outcomes = try await ask(checks, at: place, set: try parameters(command), report)
        return outcomes.contains { $0.isWrong } ? .server : .good
    }

    private static func ask(
        _ checks: [Check], at place: CheckPlace, set parameters: [String: String],
        _ report: CheckReport
    ) async throws -> [Outcome] {
        let queue = CompletionQueue(name: "check")
        var settings = Workbench.Settings(target: place.target)
        settings.parameters = parameters
        let bench = try Workbench(
            settings, on: queue, program: place.program, clock: HostClock(),
            digest: OpenSSLDigest())
        let progress = CheckProgress(count: checks.count)
        var outcomes: [Outcome] = []
        do {
            try await place.program?.start()
            try await bench.reach(within: place.program == nil ? .seconds(5) : startWithin)
            outcomes = await bench.run(checks, willAsk: progress.show) { outcome in
                progress.clear()
                report.lines(outcome).forEach(StandardOutput.write(line:))
                StandardOutput.flush()  // who waits for it, in a log of CI too, sees where it is
            }
        } catch {
            await end(bench, queue, place)
            throw RunError(
                .server,
                "no strategy server at \(place.target): \(error)\n  start it, or let the checks"
                    + " start it: --launch CMD...")
        }
        progress.clear()
        await end(bench, queue, place)
        report.verdict(outcomes).forEach(StandardOutput.write(line:))
        return outcomes
    }

    private static func end(
        _ bench: Workbench, _ queue: CompletionQueue, _ place: CheckPlace
    ) async {
        await bench.close()
        await queue.shutdown()
        place.leave()
    }

    // MARK: What was typed

    private static func chosen(_ command: CommandInvocation) throws -> [Check] {
        let names = command.values(of: CommandLineShape.only)
        let known = Conformance.checks.map(\.name)
        for name in names where !known.contains(name) {
            throw usage("there is no check '\(name)'", nearest(to: name, in: known))
        }
        return names.isEmpty
            ? Conformance.checks : Conformance.checks.filter { names.contains($0.name) }
    }

    static func parameters(
        _ command: CommandInvocation, for name: String = name
    ) throws -> [String: String] {
        var parameters: [String: String] = [:]
        for text in command.values(of: CommandLineShape.set) {
            guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
                throw usage("'\(text)' is no NAME=VALUE", nil, for: name)
            }
            parameters[String(text[..<sign])] = String(text[text.index(after: sign)...])
        }
        return parameters
    }

    static func usage(
        _ what: String, _ suggestion: String?, for name: String = name
    ) -> RunError {
        let like = suggestion.map { "   did you mean '\($0)'?" } ?? ""
        return RunError(.usage, "\(name): \(what)\(like)\n  see '\(name) --help'")
    }
}

extension Outcome {
    var isWrong: Bool { if case .wrong = verdict { true } else { false } }
}
