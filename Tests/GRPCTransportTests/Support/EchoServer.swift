import Foundation
import Synchronization

@testable import GRPCTransport

/// A running `echo_server.py`. Ends when closed, dropped, or with the test process.
final class EchoServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let target: Target
    private let process: Mutex<Process>
    private let input: Pipe

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
                    "no Python with grpcio: set MADANG_PYTHON, or make .venv in the package's folder"
            )
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [Python.script, "--listen", address] + arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = await firstLine(of: output.fileHandleForReading)
        guard let line, line.hasPrefix("listening ") else {
            process.terminate()
            throw Failure(description: "echo_server.py did not start: its words are above")
        }
        return try EchoServer(
            target: Target(listening: String(line.dropFirst("listening ".count))), process, input)
    }

    private init(target: Target, _ process: sending Process, _ input: Pipe) {
        self.target = target
        self.process = Mutex(process)
        self.input = input
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// As `kill -9` does; returns when the process is gone.
    func kill() async {
        signal(SIGKILL)
        await waitForExit()
    }

    func signal(_ number: Int32) {
        let id = process.withLock { $0.processIdentifier }
        Foundation.kill(id, number)
    }

    /// Lets it end by itself; returns when the process is gone.
    func close() async {
        try? input.fileHandleForWriting.close()
        await waitForExit()
    }

    /// On a thread of its own, for the wait blocks.
    private func waitForExit() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                process.withLock { $0.waitUntilExit() }
                continuation.resume()
            }
        }
    }

    private static func firstLine(of file: FileHandle) async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var line: [UInt8] = []
                var byte: UInt8 = 0
                while read(file.fileDescriptor, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
                continuation.resume(
                    returning: byte == 0x0A ? String(decoding: line, as: UTF8.self) : nil)
            }
        }
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
