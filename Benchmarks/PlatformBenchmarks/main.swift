import BenchmarkKit
import Platform

// The mailbox between two threads, and on one, against a plain array of the same elements.

let elements = 4_000_000

let rounds = Given.rounds(7)

func compare(_ name: String, _ body: () -> Int) {
    let figures = inTurns(rounds) {
        duration(body) / Double(elements)
    } ceiling: {
        duration(fillArray) / Double(elements)
    }
    Finding(
        "platform.mailbox.\(name)", unit: "ns an element", figures.ours, against: "an array",
        figures.ceiling
    ).tell()
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

/// The same elements through a plain array: what the mailbox is measured against.
func fillArray() -> Int {
    var queue: [Int] = []
    var sum = 0
    for start in stride(from: 0, to: elements, by: 1024) {
        for element in start..<min(start + 1024, elements) { queue.append(element) }
        for element in queue { sum &+= element }
        queue.removeAll(keepingCapacity: true)
    }
    return sum
}

compare("one-thread") {
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
    compare("\(producers)-producers") {
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
