import Platform

// The mailbox between two threads, and on one, against a plain array of the same elements.

let elements = 4_000_000
let clock = HostClock()

func measure(_ name: String, against ceiling: Double?, _ body: () -> Int) -> Double {
    var times: [Double] = []
    var kept = 0
    for round in 0..<6 {
        let start = clock.monotonic()
        kept &+= body()
        if round > 0 { times.append(Double(clock.monotonic() - start) / Double(elements)) }
    }
    let median = times.sorted()[times.count / 2]
    let ratio = ceiling.map { ", \((median / $0 * 10).rounded() / 10) x the array" } ?? ""
    print(
        "\(name): \((median * 10).rounded() / 10) ns an element\(ratio)",
        kept == 0 ? "(nothing)" : "")
    return median
}

/// Adds up everything that comes until the mailbox is closed.
func drain(_ mailbox: Mailbox<Int>) -> Int {
    var sum = 0
    var batch: [Int] = []
    while mailbox.take(into: &batch, max: 1024) {
        for element in batch { sum &+= element }
        batch.removeAll(keepingCapacity: true)
    }
    return sum
}

let ceiling = measure("platform.array", against: nil) {
    var queue: [Int] = []
    var sum = 0
    for start in stride(from: 0, to: elements, by: 1024) {
        for element in start..<min(start + 1024, elements) { queue.append(element) }
        for element in queue { sum &+= element }
        queue.removeAll(keepingCapacity: true)
    }
    return sum
}

_ = measure("platform.mailbox.one-thread", against: ceiling) {
    let mailbox = Mailbox<Int>(capacity: 1024)
    var batch: [Int] = []
    var sum = 0
    for start in stride(from: 0, to: elements, by: 1024) {
        for element in start..<min(start + 1024, elements) { _ = mailbox.offer(element) }
        _ = mailbox.take(into: &batch, until: 0)
        for element in batch { sum &+= element }
        batch.removeAll(keepingCapacity: true)
    }
    return sum
}

for producers in [1, 3] {
    _ = measure("platform.mailbox.\(producers)-producers", against: ceiling) {
        let mailbox = Mailbox<Int>(capacity: 16_384)
        let threads = (0..<producers).map { producer in
            HostThread.start(named: "producer") {
                for element in stride(from: producer, to: elements, by: producers) {
                    _ = mailbox.offerWaiting(element)
                }
            }
        }
        let closer = HostThread.start(named: "closer") {
            threads.forEach { $0.join() }
            mailbox.close()
        }
        defer { closer.join() }
        return drain(mailbox)
    }
}
