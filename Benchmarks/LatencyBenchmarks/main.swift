import BenchmarkKit
import Foundation
import GRPCTransport

// What the host adds to a round trip: one tick at a time through `madang run`, from its entry to its
// result's arrival, against a session without a host, with the same server in Python at the same pace.

let rounds = Given.rounds(7)
let ticks = 1_000
let warmUp = 100
let pause: Int64 = 4_000_000  // long enough that no tick meets the one before it
let python = Given.text("BENCH_PYTHON")
let strategy = Given.text("BENCH_STRATEGY")
let folder = NSTemporaryDirectory() + "madang-latency-\(getpid())"
try FileManager.default.createDirectory(
    atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
defer { try? FileManager.default.removeItem(atPath: folder) }
let host = HostRun(folder: folder)
try host.write(python: python, strategy: strategy, ticks: ticks, every: pause)
let queue = CompletionQueue(name: "bench")

/// The server of a round is a process of its own, as the host's is.
func bare() async throws -> [Double] {
    let path = "\(folder)/bare.sock"
    let server = Process()
    server.executableURL = URL(fileURLWithPath: python)
    server.arguments = [strategy, "--address", "unix:\(path)"]
    server.standardError = FileHandle.nullDevice
    try server.run()
    defer {
        // A child of a pool's thread inherits its mask, in which SIGTERM is blocked.
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
    }
    return try await BareSession(path: path, queue: queue)
        .run(ticks: ticks, warmUp: warmUp, every: pause)
}

for state in Wakefulness.allCases { try await state.during { try await measure(state) } }
await queue.shutdown()

@MainActor func measure(_ state: Wakefulness) async throws {
    var through: (p50: [Double], p99: [Double]) = ([], [])
    var without: (p50: [Double], p99: [Double]) = ([], [])
    for round in 0..<rounds {
        for isHost in round % 2 == 0 ? [true, false] : [false, true] {
            if isHost {
                let figures = try host.run(madang: Given.text("BENCH_MADANG"), ticks: ticks)
                through.p50.append(figures.p50 / 1_000)
                through.p99.append(figures.p99 / 1_000)
            } else {
                let times = try await bare()
                without.p50.append(quantile(times, 0.5) / 1_000)
                without.p99.append(quantile(times, 0.99) / 1_000)
            }
        }
    }
    Finding(
        "latency.host.p50\(state.suffix)", unit: "us", through.p50, against: "bare session",
        without.p50, goal: state == .asIs ? .atMost(1.25) : nil, isLater: true
    ).tell()
    Finding(
        "latency.host.p99\(state.suffix)", unit: "us", through.p99, against: "bare session",
        without.p99
    ).tell()
}
