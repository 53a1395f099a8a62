import Foundation
import TestKit

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
        let program = try Program(
            Python.command(
                "Tests/GRPCTransportTests/Servers/echo_server.py",
                ["--listen", address] + arguments))
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
