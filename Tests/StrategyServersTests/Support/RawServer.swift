import Foundation
import GRPCTransport
import Platform
import Ports
import StrategyWire
import TestKit
import TradingModel

/// `raw_server.py`: the contract, implemented a second time.
enum RawServer {
    /// Program and arguments.
    static func command(_ arguments: [String] = []) throws -> [String] {
        try Python.script("raw_server.py") + arguments
    }

    /// Variables it needs besides those that the host gives: where the generated messages are.
    static func environment(_ bench: Bench) async throws -> [String: String] {
        ["PYTHONPATH": try await messages(bench), "PATH": Bench.environment["PATH"] ?? ""]
    }

    static func launch(
        on bench: Bench, _ arguments: [String] = []
    ) async throws -> ChildProcess {
        var environment = try await environment(bench)
        environment["MADANG_ADDRESS"] = "\(bench.target)"
        return try await bench.launch(try command(arguments), environment)
    }

    /// The contract as `protoc --python_out` gives it: what the author of a server begins with.
    private static func messages(_ bench: Bench) async throws -> String {
        let folder = bench.folder + "/messages"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let protos = Python.root.appendingPathComponent("Protos").path
        let files = try FileManager.default
            .contentsOfDirectory(atPath: protos + "/madang/strategy/v1").sorted()
        let words = Witness<[String]>([])
        let protoc = try await bench.nursery.launch(
            ProcessLaunch(
                arguments: ["protoc", "-I", protos, "--python_out", folder]
                    + files.map { "madang/strategy/v1/\($0)" },
                environment: Bench.environment),
            onLine: { line in words.change { $0.append(line.text) } })
        guard await protoc.waitForExit() == .code(0) else {
            throw BenchError("protoc: " + words.value.joined(separator: "\n"))
        }
        // Packages in full, so that no other `madang` of the environment comes first.
        for package in ["madang", "madang/strategy", "madang/strategy/v1"] {
            try Data().write(to: URL(fileURLWithPath: "\(folder)/\(package)/__init__.py"))
        }
        return folder
    }

    /// What its strategy says of `events`: a buy wherever a tick is dearer than the one before.
    static func expected(_ events: [SessionEvent]) -> [EventPosition] {
        var last: [InstrumentID: Price] = [:]
        return events.compactMap { event in
            guard case .tick(let tick) = event.kind else { return nil }
            let before = last.updateValue(tick.price, forKey: tick.instrument)
            guard let before, tick.price > before else { return nil }
            return event.position
        }
    }
}
