import BenchmarkKit
import Foundation

// A server in Python that computes at every event, fed by `madang` as fast as possible and by a client
// on grpc++ that does nothing else, in pairs.
//
//   servers    by `madang run`; both sides by the server's own clock
//   backtest   by `madang backtest`; ours by what it says of itself, the client by the server's clock

let isBacktest = CommandLine.arguments.dropFirst().first == "backtest"
let rounds = Given.rounds(7)
/// As a session of a run as fast as possible has it: events in a message, messages unanswered.
let batch = 2_048
let ahead = 8
let python = Given.text("BENCH_PYTHON")
let script = Given.text("BENCH_COMPUTING")
let madang = Given.text("BENCH_MADANG")
let client = Given.text("BENCH_PROGRAMS") + "/grpc-session"
let folder = NSTemporaryDirectory() + "madang-servers-\(getpid())"
try FileManager.default.createDirectory(
    atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
defer { try? FileManager.default.removeItem(atPath: folder) }

/// Millions of events a second, pair by pair.
func pairs(_ form: String, batches: Int) throws -> (ours: [Double], bare: [Double]) {
    let server = Server(
        form: form, python: python, script: script, folder: folder, events: batches * batch)
    let host = HostRun(folder: folder, server: server)
    try host.write()
    try host.configure()
    var figures: (ours: [Double], bare: [Double]) = ([], [])
    for round in 0..<rounds {
        var results: Set<Int> = []
        for isHost in round % 2 == 0 ? [true, false] : [false, true] {
            if isHost {
                let rate = isBacktest ? try host.backtest(madang) : nil
                if !isBacktest { try host.run(madang) }
                let measured = server.takeNotes()
                results.insert(measured.results)
                figures.ours.append(rate ?? measured.rate)
            } else {
                try server.runBare(client: client, batch: batch, ahead: ahead)
                let measured = server.takeNotes()
                results.insert(measured.results)
                figures.bare.append(measured.rate)
            }
        }
        // The same events, the same strategy: else there is no comparison.
        guard results.count == 1 else {
            giveUp("servers: \(form) said \(results) of the same events")
        }
    }
    return figures
}

func tell(
    _ name: String, _ unit: String, _ figures: (ours: [Double], bare: [Double]),
    goal: Finding.Goal? = nil
) {
    Finding(
        name, unit: unit, figures.ours, against: "grpc++, callbacks", figures.bare, goal: goal,
        isLater: true
    ).tell()
}

if isBacktest {
    // The goal is of our own figure; the client's stands beside it, for what the machine gives.
    let goals = [("columns", 2_000, "ticks", 1.0), ("candles", 200, "candles", 0.1)]
    for (form, batches, what, least) in goals {
        let figures = try pairs(form, batches: batches)
        tell("backtest.\(form).rate", "million \(what)/s", figures)
        Finding(
            "backtest.\(form).goal", unit: "million \(what)/s", figures.ours, goal: .atLeast(least),
            isLater: true
        ).tell()
    }
} else {
    for (form, batches) in [("columns", 2_000), ("each", 200)] {
        tell(
            "servers.\(form).rate", "million ticks/s", try pairs(form, batches: batches),
            goal: .atLeast(0.9))
    }
}
