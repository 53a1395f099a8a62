import Foundation
import Glibc
import Platform
import Synchronization

/// A program that a test started: what it writes as it comes, and how it ends.
///
/// It is killed when its time is over; whoever waits for it then fails with what it wrote.
final class Program: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
    /// How it ended and everything that it wrote.
    struct Outcome: Sendable {
        let exit: ProcessExit
        let output: [String]
        let errors: [String]
        var errorText: String { errors.joined(separator: "\n") }
    }
    private struct Waiting {
        let isEnough: @Sendable ([String]) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }
    private struct State {
        var output: [String] = []
        var errors: [String] = []
        var exit: ProcessExit?
        var isOverdue = false
        var waiting: [Waiting] = []
    }
    private let state = Mutex(State())
    private let child = Mutex<ChildProcess?>(nil)
    private let name: String
    private static let nursery = ProcessNursery()

    private init(_ name: String) { self.name = name }

    /// - Parameter limit: How long it may take, to its end.
    static func start(
        _ arguments: [String], in folder: String? = nil, environment: [String: String] = [:],
        limit: Duration = .seconds(60)
    ) async throws -> Program {
        let program = Program(arguments.prefix(3).joined(separator: " "))
        var variables = ProcessInfo.processInfo.environment
        variables["NO_COLOR"] = nil
        variables.merge(environment) { $1 }
        let launch = ProcessLaunch(
            arguments: arguments, environment: variables, directory: folder, grace: 500_000_000)
        let child = try await nursery.launch(
            launch, onLine: { program.take($0) }, onExit: { program.ended($0.exit) })
        program.child.withLock { $0 = child }
        Task {
            try await Task.sleep(for: limit)
            program.giveUp()
        }
        return program
    }

    /// The number of the process.
    var id: Int32 { child.withLock { $0?.id ?? -1 } }
    var output: [String] { state.withLock { $0.output } }

    func send(signal: Int32) { child.withLock { $0 }?.send(signal: signal) }

    // MARK: Waiting

    /// Waits for the end.
    func outcome() async throws -> Outcome {
        _ = await wait { _ in false }
        return try state.withLock { state in
            guard !state.isOverdue, let exit = state.exit else { throw failure("the end", state) }
            return Outcome(exit: exit, output: state.output, errors: state.errors)
        }
    }

    /// Waits until `count` lines have come.
    func lines(_ count: Int) async throws {
        guard await wait({ $0.count >= count }) else {
            throw state.withLock { failure("line \(count)", $0) }
        }
    }

    /// Waits for a line at or behind `index` that `isWanted`, and returns it with its index.
    func line(
        from index: Int = 0, _ what: String, where isWanted: @escaping @Sendable (String) -> Bool
    ) async throws -> (index: Int, text: String) {
        let seen = Mutex(index)
        _ = await wait { lines in
            seen.withLock { next in
                while next < lines.count {
                    if isWanted(lines[next]) { return true }
                    next += 1
                }
                return false
            }
        }
        let found = seen.withLock { $0 }
        return try state.withLock { state in
            guard found < state.output.count else { throw failure(what, state) }
            return (found, state.output[found])
        }
    }

    /// - Returns: False when it ended before there was enough.
    private func wait(_ isEnough: @escaping @Sendable ([String]) -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if isEnough(state.output) { return true }
                if state.exit != nil { return false }
                state.waiting.append(Waiting(isEnough: isEnough, continuation: continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private func failure(_ what: String, _ state: borrowing State) -> Failure {
        let end =
            state.isOverdue ? "its time is over" : "it \(state.exit.map { "\($0)" } ?? "runs")"
        let said = (state.output.suffix(8) + state.errors.suffix(12)).joined(separator: "\n  | ")
        return Failure(description: "\(name): no sign of \(what); \(end)\n  | \(said)")
    }

    // MARK: The nursery's side

    private func take(_ line: ProcessLine) {
        let ready = state.withLock { state -> [Waiting] in
            guard line.stream == .output else {
                state.errors.append(line.text)
                return []
            }
            state.output.append(line.text)
            let ready = state.waiting.filter { $0.isEnough(state.output) }
            if !ready.isEmpty { state.waiting.removeAll { $0.isEnough(state.output) } }
            return ready
        }
        for waiting in ready { waiting.continuation.resume(returning: true) }
    }

    private func ended(_ exit: ProcessExit) {
        let left = state.withLock { state in
            state.exit = exit
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiting in left { waiting.continuation.resume(returning: false) }
    }

    private func giveUp() {
        let isLate = state.withLock { state in
            state.isOverdue = state.exit == nil
            return state.isOverdue
        }
        if isLate { child.withLock { $0 }?.kill() }
    }
}
