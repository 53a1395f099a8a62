import BenchmarkKit
import Foundation
import Ports
import Storage

// The log against a bare loop of write and fdatasync of the same sizes into a file written ahead, on
// the same disk, in pairs. What the disk calls durable is the disk's affair, the same for both.

let rounds = Given.rounds(11)
let recordBytes = 64
/// In the file a record has a frame: the bare loop writes as much.
let framedBytes = recordBytes + 24
let folder = "\(Given.text("BENCH_FOLDER"))/log-\(getpid())"
let identity = LogIdentity(kernelVersion: 1, configurationHash: "bench", runID: "bench")
let record = (0..<recordBytes).map { UInt8(truncatingIfNeeded: $0 &* 37) }

func remove() { try? FileManager.default.removeItem(atPath: folder) }

/// One group after the other: append, flush, wait. ns of each.
func logGroups(_ group: Int, _ flushes: Int) throws -> [Double] {
    remove()
    let log = try SegmentedLog.create(in: folder, identity: identity)
    defer { remove() }
    var times: [Double] = []
    for flush in 0..<flushes + flushes / 10 {
        let begun = wallTime()
        for _ in 0..<group { try log.append(record) }
        try log.flush()
        if flush >= flushes / 10 { times.append(Double(wallTime() - begun)) }
    }
    guard log.durableNumber == UInt64(group * (flushes + flushes / 10)) else {
        giveUp("log: records are missing")
    }
    try log.close()
    return times
}

/// The same by two system calls a group.
func bareGroups(_ bytes: Int, _ flushes: Int) throws -> [Double] {
    remove()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { remove() }
    let total = flushes + flushes / 10
    let file = open("\(folder)/bare", O_CREAT | O_RDWR, 0o600)
    guard file >= 0 else { giveUp("log: \(folder) cannot be written") }
    defer { close(file) }
    let zeros = [UInt8](repeating: 0, count: bytes)
    let group = [UInt8](repeating: 0x5a, count: bytes)
    for _ in 0..<total { guard write(file, zeros, bytes) == bytes else { giveUp("log: full?") } }
    fsync(file)
    lseek(file, 0, SEEK_SET)
    var times: [Double] = []
    for flush in 0..<total {
        let begun = wallTime()
        guard write(file, group, bytes) == bytes, fdatasync(file) == 0 else {
            giveUp("log: the disk refuses: \(String(cString: strerror(errno)))")
        }
        if flush >= flushes / 10 { times.append(Double(wallTime() - begun)) }
    }
    return times
}

/// Appends as fast as the log takes: records a second, and records a flush.
func logStream(_ records: Int) throws -> (rate: Double, group: Int) {
    remove()
    let log = try SegmentedLog.create(in: folder, identity: identity)
    defer { remove() }
    let flushes = Counter()
    log.onDurable { _ in flushes.add() }
    let begun = wallTime()
    for _ in 0..<records { try log.append(record) }
    try log.flush()
    let rate = Double(records) / Double(wallTime() - begun) * 1e9
    try log.close()
    return (rate, max(1, records / max(1, flushes.value)))
}

for (group, flushes) in [(1, 800), (8, 800), (64, 500), (512, 300)] {
    var ours: [[Double]] = []
    var bare: [[Double]] = []
    for round in 0..<rounds {
        if round % 2 == 0 { ours.append(try logGroups(group, flushes)) }
        bare.append(try bareGroups(group * framedBytes, flushes))
        if round % 2 == 1 { ours.append(try logGroups(group, flushes)) }
    }
    for (what, share) in [("p50", 0.5), ("p99", 0.99)] {
        Finding(
            "log.flush.\(group).\(what)", unit: "us", ours.map { quantile($0, share) / 1_000 },
            against: "write + fdatasync", bare.map { quantile($0, share) / 1_000 }
        ).tell()
    }
}

let records = 1_000_000
var rates: [Double] = []
var bareRates: [Double] = []
var groups: [Double] = []
for _ in 0..<rounds {
    let (rate, group) = try logStream(records)
    rates.append(rate / 1e6)
    groups.append(Double(group))
    // As many bytes in groups of the same size.
    let times = try bareGroups(group * framedBytes, max(10, records / group))
    bareRates.append(Double(group * times.count) / times.reduce(0, +) * 1e3)
}
Finding(
    "log.appends", unit: "million/s", rates, against: "write + fdatasync", bareRates
).tell()
Finding("log.appends.group", unit: "records a flush", groups).tell()
