import Foundation
import GRPCTransport
import Platform
import TestKit
import Testing

@testable import Conformance

/// A server in a process of its own, with a workbench before it; both ended in order.
enum TestServer {
    /// - Parameter words: The server's program and arguments.
    static func with<Answer: Sendable>(
        _ words: [String], patience: Duration = .seconds(10),
        set parameters: [String: String] = [:], environment: [String: String] = [:],
        _ body: (Workbench) async throws -> Answer
    ) async throws -> Answer {
        var template = Array("/tmp/madang-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Trouble("no temporary folder: \(errno)") }
        let folder = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let target = Target.unix(path: folder + "/s.sock")
        let nursery = ProcessNursery()
        defer { nursery.shutDown() }
        let program = ServerProgram(
            ProcessLaunch(
                arguments: words,
                environment: [
                    "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
                    "MADANG_ADDRESS": "\(target)", "MADANG_PARENT_FD": "3",
                    "PYTHONUNBUFFERED": "1",
                ].merging(environment) { $1 }, grace: 2_000_000_000), in: nursery)
        try await program.start()
        let queue = CompletionQueue(name: "test")
        var settings = Workbench.Settings(target: target)
        settings.patience = patience
        settings.startPatience = patience
        settings.parameters = parameters
        let bench = try Workbench(
            settings, on: queue, program: program, clock: HostClock(), digest: PlainSHA256())
        let result: Result<Answer, any Error>
        do {
            try await bench.reach(within: .seconds(20))
            result = .success(try await body(bench))
        } catch { result = .failure(error) }
        await bench.close()
        await queue.shutdown()
        _ = await program.terminate()
        if case .failure(let error) = result {
            throw Trouble("\(error)\n" + program.lines.joined(separator: "\n"))
        }
        return try result.get()
    }

    struct Trouble: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}

extension Python {
    /// The contract as `protoc --python_out` gives it, made once for all tests of this process.
    static func messages() throws -> [String: String] { ["PYTHONPATH": try made.get()] }

    private static let made: Result<String, any Error> = Result {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-messages-\(getpid())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let protos = root.appendingPathComponent("Protos").path
        let files = try FileManager.default
            .contentsOfDirectory(atPath: protos + "/madang/strategy/v1").sorted()
        let protoc = Process()
        protoc.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        protoc.arguments =
            ["protoc", "-I", protos, "--python_out", folder]
            + files.map { "madang/strategy/v1/\($0)" }
        try protoc.run()
        protoc.waitUntilExit()
        guard protoc.terminationStatus == 0 else { throw TestServer.Trouble("protoc failed") }
        for package in ["madang", "madang/strategy", "madang/strategy/v1"] {
            try Data().write(to: URL(fileURLWithPath: "\(folder)/\(package)/__init__.py"))
        }
        atexit {
            guard case .success(let folder) = Python.made else { return }
            try? FileManager.default.removeItem(atPath: folder)
        }
        return folder
    }
}

extension Trait where Self == ConditionTrait {
    static var needsPython: Self {
        .enabled(
            if: Python.isExpected, "no Python with grpcio: run make setup, or set MADANG_PYTHON")
    }
}

extension Outcome {
    /// For a test's message.
    var line: String { "\(check.name): \(verdict)" }
    var isWrong: Bool { if case .wrong = verdict { true } else { false } }
    var isGood: Bool { if case .good = verdict { true } else { false } }
}
