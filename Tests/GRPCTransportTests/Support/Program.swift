import Foundation
import Synchronization

/// A program that a test has started. What it writes to standard error stays visible.
///
/// Made of plain POSIX, because Foundation's `Process` is never freed and would drown the leak
/// check of the address sanitizer.
final class Program: Sendable {
    let id: pid_t
    private let input: Atomic<Int32>
    private let output: Int32
    private let exit: Task<Int32, Never>

    init(_ arguments: [String]) throws {
        var child: pid_t = 0
        var (inputs, outputs) = (Ends(), Ends())
        let result = try Self.spawning.withLock { _ in
            (inputs, outputs) = (try Ends.open(), try Ends.open())
            return Self.spawn(arguments, inputs.read, outputs.write, &child)
        }
        close(inputs.read)
        close(outputs.write)
        guard result == 0 else {
            close(inputs.write)
            close(outputs.read)
            throw EchoServer.Failure(description: "\(arguments[0]) does not start: error \(result)")
        }
        id = child
        input = Atomic(inputs.write)
        output = outputs.read
        exit = Task { [child] in
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    var status: Int32 = 0
                    waitpid(child, &status, 0)
                    continuation.resume(returning: status)
                }
            }
        }
    }

    deinit {
        closeInput()
        close(output)
    }

    /// How a program is told to end. Harmless when repeated.
    func closeInput() {
        let open = input.exchange(-1, ordering: .acquiringAndReleasing)
        if open >= 0 { close(open) }
    }

    func send(signal: Int32) { kill(id, signal) }

    /// What `waitpid` says, when the program has ended.
    func waitForExit() async -> Int32 { await exit.value }

    /// The next line on standard output; `nil` at its end.
    func line() async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                var line: [UInt8] = []
                var byte: UInt8 = 0
                while read(output, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
                continuation.resume(
                    returning: byte == 0x0A ? String(decoding: line, as: UTF8.self) : nil)
            }
        }
    }

    private static func spawn(
        _ arguments: [String], _ input: Int32, _ output: Int32, _ child: inout pid_t
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        // Not a copy of another test's pipe: whoever reads that would wait for this child's end.
        for other in Int32(3)..<1_024 { posix_spawn_file_actions_addclose(&actions, other) }
        let settings = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        var words = arguments.map { strdup($0) } + [nil]
        var environment = settings.map { strdup($0) } + [nil]
        defer { for text in words + environment { free(text) } }
        return posix_spawnp(&child, arguments[0], &actions, nil, &words, &environment)
    }

    /// Held from a pipe's making until the child has it, so that no other child inherits an end.
    private static let spawning = Mutex(())

    private struct Ends {
        var read: Int32 = -1
        var write: Int32 = -1

        static func open() throws -> Ends {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else {
                throw EchoServer.Failure(description: "no pipe: \(errno)")
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return Ends(read: ends[0], write: ends[1])
        }
    }
}
