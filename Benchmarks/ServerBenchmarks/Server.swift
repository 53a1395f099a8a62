import BenchmarkKit
import Foundation

/// `computing.py` in one of its forms, and what it wrote down.
struct Server {
    let form: String
    let python: String
    let script: String
    let folder: String
    let events: Int

    var isOfCandles: Bool { form == "candles" }
    var command: [String] { [python, script, form] }
    private var notes: String { "\(folder)/computing.json" }
    /// What it needs besides what every child gets.
    var environment: [String: String] { ["BENCH_EVENTS": "\(events)", "BENCH_OUT": notes] }

    struct Measured {
        /// Millions a second.
        var rate: Double
        var results: Int
    }

    /// What it measured, once.
    func takeNotes() -> Measured {
        let url = URL(fileURLWithPath: notes)
        let object = (try? Data(contentsOf: url)).flatMap {
            try? JSONSerialization.jsonObject(with: $0) as? [String: Any]
        }
        guard let rate = object?["rate"] as? Double, let results = object?["results"] as? Int else {
            giveUp("servers: \(form) was not given all of its events")
        }
        try? FileManager.default.removeItem(at: url)
        return Measured(rate: rate / 1e6, results: results)
    }

    /// The same messages by a client that does nothing else; the server is a process of its own, as the
    /// host's is.
    func runBare(client: String, batch: Int, ahead: Int) throws {
        let path = "\(folder)/bare.sock"
        let server = Process()
        server.executableURL = URL(fileURLWithPath: python)
        // It ends with this process, however that ends.
        server.arguments = [script, form, "--address", "unix:\(path)", "--parent-fd", "0"]
        let lifeline = Pipe()
        server.standardInput = lifeline
        server.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer {
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
            try? lifeline.fileHandleForWriting.close()
        }
        while !FileManager.default.fileExists(atPath: path) {
            guard server.isRunning else { giveUp("servers: \(form) does not start") }
            usleep(5_000)
        }
        _ = Peer.lines(
            of: client,
            [
                "unix:\(path)", "\(events / batch)", "\(batch)", "\(ahead)",
                isOfCandles ? "candles" : "ticks",
            ])
    }
}
