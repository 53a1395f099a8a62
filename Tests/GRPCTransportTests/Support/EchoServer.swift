import Foundation

@testable import GRPCTransport

/// A running `echo_server.py`. Ends when closed, dropped, or with the test process.
final class EchoServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let target: Target
    private let program: Program

    /// Starts the server and waits until it listens.
    ///
    /// - Parameters:
    ///   - address: `127.0.0.1:0` for a port of the system's choice, or `unix:` and a path.
    ///   - arguments: More of the script's own.
    static func start(_ address: String = "127.0.0.1:0", _ arguments: [String] = []) async throws
        -> EchoServer
    {
        guard let python = Python.path else {
            throw Failure(
                description:
                    "no Python with grpcio: set MADANG_PYTHON, or make .venv beside Package.swift"
            )
        }
        let program = try Program([python, Python.script, "--listen", address] + arguments)
        guard let line = await program.line(), line.hasPrefix("listening ") else {
            throw Failure(description: "echo_server.py did not start: its words are above")
        }
        let target = try Target(listening: String(line.dropFirst("listening ".count)))
        return EchoServer(target: target, program)
    }

    private init(target: Target, _ program: Program) {
        self.target = target
        self.program = program
    }

    /// As `kill -9` does; returns when the process is gone.
    func kill() async {
        program.send(signal: SIGKILL)
        _ = await program.waitForExit()
    }

    func signal(_ number: Int32) { program.send(signal: number) }

    /// Lets it end by itself; returns when the process is gone.
    func close() async {
        program.closeInput()
        _ = await program.waitForExit()
    }
}

/// The interpreter that the test servers run in.
enum Python {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let script =
        root.appendingPathComponent("Tests/GRPCTransportTests/Servers/echo_server.py").path

    static let path: String? = {
        if let named = ProcessInfo.processInfo.environment["MADANG_PYTHON"] { return named }
        let own = root.appendingPathComponent(".venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: own) ? own : nil
    }()

    /// Whether tests that need a server run: always in CI, where they fail without one.
    static let isExpected = path != nil || ProcessInfo.processInfo.environment["CI"] == "true"
}

extension Target {
    init(listening address: String) throws {
        if address.hasPrefix("unix:") {
            self = .unix(path: String(address.dropFirst(5)))
            return
        }
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else { throw EchoServer.Failure(description: "not an address: \(address)") }
        self = .tcp(host: String(address[..<colon]), port: port)
    }
}
