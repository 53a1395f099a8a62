import BenchmarkKit
import Foundation

// From an intent to the call of a broker's adapter: decided, logged, flushed, handed over. Against one bare
// write and fdatasync of as many bytes on the same disk, in the same round. Then how many orders a second pass the gate and
// the log when they come as fast as they may, flushed in groups: on paper, and through the last hop to a broker outside.

let rounds = Given.rounds(7)
let folder = "\(Given.text("BENCH_FOLDER"))/orders-\(getpid())"
/// Between two orders, ns.
let apart: Int64 = 3_000_000
func remove() { try? FileManager.default.removeItem(atPath: folder) }

/// One order after the other. ns from the intent to the call of the adapter.
func sentTimes(_ count: Int) async throws -> [Double] {
    remove()
    defer { remove() }
    let run = try PacedOrders(count, every: apart, in: folder)
    return try await run.times().dropFirst(count / 10).map { Double($0) }
}

/// The same bytes by two system calls.
func bareTimes(_ count: Int, _ bytes: Int) throws -> [Double] {
    remove()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { remove() }
    let file = open("\(folder)/bare", O_CREAT | O_RDWR, 0o600)
    guard file >= 0 else { giveUp("orders: \(folder) cannot be written") }
    defer { close(file) }
    let record = [UInt8](repeating: 0x5a, count: bytes)
    for _ in 0..<count { guard write(file, record, bytes) == bytes else { giveUp("full?") } }
    fsync(file)
    lseek(file, 0, SEEK_SET)
    return (0..<count).map { _ in
        let begun = wallTime()
        guard write(file, record, bytes) == bytes, fdatasync(file) == 0 else {
            giveUp("orders: the disk refuses: \(String(cString: strerror(errno)))")
        }
        let took = Double(wallTime() - begun)
        // As far apart as the orders are: a disk at rest answers otherwise.
        Thread.sleep(until: Date(timeIntervalSinceNow: Double(apart) / 1e9))
        return took
    }
}

var (ours50, ours99, bare50, bare99): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
for round in 0..<rounds {
    // Which goes first alternates.
    var bare = round % 2 == 1 ? try bareTimes(300, 512) : []
    let ours = try await sentTimes(300)
    if bare.isEmpty { bare = try bareTimes(300, 512) }
    ours50.append(quantile(ours, 0.5) / 1e3)
    ours99.append(quantile(ours, 0.99) / 1e3)
    bare50.append(quantile(bare, 0.5) / 1e3)
    bare99.append(quantile(bare, 0.99) / 1e3)
}
Finding("orders.sent.p50", unit: "us", ours50, against: "write + fdatasync", bare50).tell()
Finding("orders.sent.p99", unit: "us", ours99, against: "write + fdatasync", bare99).tell()

var (paper, outside): ([Double], [Double]) = ([], [])
for _ in 0..<rounds {
    remove()
    paper.append(try await PacedOrders(20_000, every: 1, in: folder).rate())
    remove()
    outside.append(try await PacedOrders(20_000, every: 1, in: folder).rate(FillingBroker()))
    remove()
}
Finding("orders.gate.paper", unit: "orders/s", paper, goal: .atLeast(20_000)).tell()
// No broker takes a hundredth of it: how far the way to the socket is from what the gate itself does.
Finding(
    "orders.gate.outside", unit: "orders/s", outside, goal: .atLeast(20_000), isLater: true
).tell()

// A day of a million ticks and a hundred thousand orders at a broker in memory, stopped in order near its end. From the opening
// of its log until the broker is asked for its open orders: what reading costs, and no more than that. A whole start, behind
// a kill and at a broker that has something, is `recovery.venue`.
remove()
let events = 1_000_000
let decided = try await PacedOrders(events, every: 1, in: folder, apart: 10, stopAt: events - 5_000)
    .begin()
guard decided > events / 11 else { giveUp("orders: \(decided) orders in the day") }
var starts: [Double] = []
for _ in 0..<min(rounds, 3) {
    let begun = wallTime()
    // Each start leaves a record or two.
    let run = try PacedOrders(events, every: 1, in: folder, apart: 10, goesOn: true)
    starts.append(Double(try await run.goOn() - begun) / 1e9)
}
remove()
Finding("orders.log-read", unit: "s", starts).tell()

// What one thing that happens costs a desk with so many open orders, and one list of all of them. Their other side is a tenth
// of them: ten times as many cost a step ten times as much, and a list should not cost a hundred times.
let (many, few) = (try OpenOrders(2_000), try OpenOrders(200))
var (steps, lists, fewerSteps, fewerLists): ([Double], [Double], [Double], [Double]) =
    ([], [], [], [])
for _ in 0..<rounds {
    steps.append(many.stepTime() / 1e3)
    fewerSteps.append(few.stepTime() / 1e3)
    lists.append(many.listTime() / 1e3)
    fewerLists.append(few.listTime() / 1e3)
}
Finding("orders.desk.step.2000", unit: "us", steps, against: "with 200", fewerSteps).tell()
Finding("orders.desk.list.2000", unit: "us", lists, against: "with 200", fewerLists).tell()
