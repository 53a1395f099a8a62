import BenchmarkKit
import Foundation
import GRPCTransport

// Our client against grpc++'s callback API, on the same servers over unix sockets, in pairs: which
// of the two goes first alternates. Both build, encode, decode and check every message.

/// What one side did in all rounds of a task.
struct Side {
    var outcomes: [Outcome] = []
    func values(_ of: (Outcome) -> Double) -> [Double] { outcomes.map(of) }
}

let rounds = Given.rounds(15)
let folder = NSTemporaryDirectory() + "madang-bench-\(getpid())"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
defer { try? FileManager.default.removeItem(atPath: folder) }

let programs = Given.text("BENCH_PROGRAMS")
let servers: [(name: String, address: String, peer: Peer)] = [
    ("cpp", ["\(programs)/grpc-server"]),
    ("python", [Given.text("BENCH_PYTHON"), Given.text("BENCH_SERVER")]),
].map { name, command in
    let address = "unix:\(folder)/\(name).sock"
    let peer = Peer(command[0], command.dropFirst() + [address])
    _ = peer.object()  // it listens
    return (name, address, peer)
}
let theirs = Peer("\(programs)/grpc-client")
/// The blocking API in a process of its own: beside callbacks their pollers would take its events.
let blocked = Peer("\(programs)/grpc-client")
let queue = CompletionQueue(name: "bench")

for (name, address, _) in servers {
    let ours = try OurClient(target: address, on: queue)
    let isPython = name == "python"
    let tasks: [(String, Work)] = [
        ("unary", .unary(isPython ? 2_000 : 4_000)),
        ("stream", .stream(isPython ? 4_000 : 10_000)),
        ("batched", .batched(isPython ? 4_000 : 10_000, ticks: 256, ahead: 4)),
    ]
    for (what, work) in tasks {
        // Who always has something to do never sleeps.
        for state in what == "batched" ? [Wakefulness.asIs] : Wakefulness.allCases {
            try await state.during {
                try await measure(what, work, with: ours, at: address, of: name, state)
            }
        }
    }
    await ours.channel.close()
}
theirs.close()
blocked.close()
for server in servers { server.peer.close() }
await queue.shutdown()

/// All pairs of a task, and what they found.
@MainActor func measure(
    _ what: String, _ work: Work, with ours: OurClient, at address: String, of server: String,
    _ state: Wakefulness
) async throws {
    var (our, their, blocking) = (Side(), Side(), Side())
    func runOurs() async throws { our.outcomes.append(try await ours.run(work)) }
    func runTheirs() {
        theirs.ask(work.line(address))
        their.outcomes.append(Outcome(theirs.object()))
    }
    let isBatched = what == "batched"
    // The Python server has two gaits, one twice as fast as the other, and takes up either for
    // a round at a time, whoever asks: it takes more pairs until the median is of both.
    let pairs = server == "python" && isBatched ? 3 * rounds : rounds
    for round in -1..<pairs {
        if round % 2 == 0 {
            try await runOurs()
            runTheirs()
        } else {
            runTheirs()
            try await runOurs()
        }
        if what == "stream" {
            blocked.ask(work.line(address, blocks: true))
            blocking.outcomes.append(Outcome(blocked.object()))
        }
        guard round < 0 else { continue }  // connects, and warms up both
        our.outcomes.removeAll()
        their.outcomes.removeAll()
        blocking.outcomes.removeAll()
    }
    let suffix = isBatched ? "" : state.suffix
    tell("grpc.\(server).\(what)", suffix, isBatched: isBatched, our, their, blocking)
}

func tell(
    _ name: String, _ suffix: String, isBatched: Bool, _ our: Side, _ their: Side, _ blocking: Side
) {
    func finding(
        _ what: String, _ unit: String, _ goal: Finding.Goal?, _ value: (Outcome) -> Double
    ) {
        Finding(
            "\(name).\(what)\(suffix)", unit: unit, our.values(value),
            against: "grpc++, callbacks", their.values(value), goal: suffix.isEmpty ? goal : nil
        ).tell()
        guard !blocking.outcomes.isEmpty else { return }
        // No goal, but the floor: no thread but the caller's is woken.
        Finding(
            "\(name).\(what)\(suffix).floor", unit: unit, our.values(value),
            against: "grpc++, blocking", blocking.values(value)
        ).tell()
    }
    if isBatched {
        finding("rate", "million ticks/s", .atLeast(0.9)) { $0.count * 256 / $0.wall * 1_000 }
        finding("cpu", "us a message", .atMost(1.1)) { $0.processor / $0.count / 1_000 }
    } else {
        finding("p50", "us", .atMost(1.1)) { $0.p50 / 1_000 }
        finding("p99", "us", nil) { $0.p99 / 1_000 }
        finding("cpu", "us a message", .atMost(1.1)) { $0.processor / $0.count / 1_000 }
    }
}
