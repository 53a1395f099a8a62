import BenchmarkKit
import Foundation

// A server in Python that computes at every tick, fed by `madang run` as fast as possible and by a
// client on grpc++ that does nothing else: ticks a second, by the server's own clock, in pairs.

let rounds = Given.rounds(7)
/// As a session has it: events in a message, messages unanswered.
let batch = 2_048
let ahead = 4
let python = Given.text("BENCH_PYTHON")
let script = Given.text("BENCH_COMPUTING")
let client = Given.text("BENCH_PROGRAMS") + "/grpc-session"
let folder = NSTemporaryDirectory() + "madang-servers-\(getpid())"
try FileManager.default.createDirectory(
    atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
defer { try? FileManager.default.removeItem(atPath: folder) }

for (form, batches) in [("columns", 2_000), ("each", 200)] {
    let host = HostRun(folder: folder, ticks: batches * batch)
    let server = Server(
        form: form, python: python, script: script, folder: folder, ticks: host.ticks)
    try host.write()
    try host.configure(server)
    var through: [Double] = []
    var bare: [Double] = []
    for round in 0..<rounds {
        var results: Set<Int> = []
        for isHost in round % 2 == 0 ? [true, false] : [false, true] {
            if isHost {
                try host.run(madang: Given.text("BENCH_MADANG"))
            } else {
                try server.runBare(client: client, batch: batch, ahead: ahead)
            }
            let measured = server.takeNotes()
            results.insert(measured.results)
            if isHost { through.append(measured.rate) } else { bare.append(measured.rate) }
        }
        // The same ticks, the same strategy: else there is no comparison.
        guard results.count == 1 else {
            giveUp("servers: \(form) said \(results) of the same ticks")
        }
    }
    Finding(
        "servers.\(form).rate", unit: "million ticks/s", through, against: "grpc++, callbacks",
        bare, goal: .atLeast(0.9), isLater: true
    ).tell()
}
