import Platform
import Ports
import Synchronization
import TestKit
import Testing

@testable import Notifications

/// The outbox's log fails while messages are under way: people hear of everything, and of what a
/// restart may tell them again.
@Suite struct LostLogTests {
    private static let mark = "(may be a repetition)"

    private final class Store: OutboxStore {
        let log: MemoryLog
        let isLocked: Bool
        init(_ log: MemoryLog, isLocked: Bool) { (self.log, self.isLocked) = (log, isLocked) }
        func open() throws(StoreError) -> any EventLog {
            if isLocked { throw StoreError(.permission, "not yours", at: "outbox") }
            return log
        }
        func replace(with records: [[UInt8]]) throws(StoreError) -> any EventLog { log }
    }

    private final class Paper: MessageChannel {
        let limits = ChannelLimits(length: 4_096)
        let letters = Mutex<[String]>([])
        func deliver(_ letter: Letter) async -> Delivery {
            letters.withLock { $0.append(letter.text) }
            return .delivered(pause: 0)
        }
    }

    private func offer(_ number: Int, to service: NotificationService) {
        let message = Message(
            id: MessageID(source: "run", record: UInt64(number), index: 0), severity: .warning,
            topic: .order, clock: "")
        service.offer(message, to: [Route(to: "paper", text: "order \(number) ends")])
    }

    /// What letters told, by whether they were marked.
    private func told(_ letters: [String], marked: Bool) -> Set<Int> {
        let lines = letters.filter { $0.contains(Self.mark) == marked }
            .flatMap { $0.split(separator: "\n") }
        return Set(
            lines.compactMap { line in
                line.firstMatch(of: #/order (\d+) ends/#).flatMap { Int($0.1) }
            })
    }

    /// - Returns: The letters of a start, and how often the operator heard of the log.
    private func start(
        _ log: MemoryLog, telling numbers: ClosedRange<Int>, isLocked: Bool = false
    ) async -> ([String], Int) {
        let paper = Paper()
        let troubles = Atomic(0)
        let service = NotificationService(
            [.init(name: "paper", channel: paper, lane: 0, language: .en)],
            store: Store(log, isLocked: isLocked),
            clock: HostClock(), settings: .init(seed: 1)
        ) { notice in
            if case .store = notice { troubles.add(1, ordering: .relaxed) }
        }
        async let running: Void = service.run()
        for number in numbers { offer(number, to: service) }
        // It counts from here, and on a crowded machine the sending begins much later.
        _ = await service.drain(within: 3_600_000_000_000)
        await running
        #expect(service.standings.allSatisfy { $0.waiting == 0 })
        return (paper.letters.withLock { $0 }, troubles.load(ordering: .relaxed))
    }

    /// Wherever the log ends, a start behind it tells nothing as new that one before told as new.
    @Test(arguments: 0..<24)
    func nothingIsToldTwiceWithoutAWord(_ records: Int) async throws {
        let log = MemoryLog(failsAfter: records)
        let (first, troubles) = await start(log, telling: 1...5)
        #expect(told(first, marked: false).union(told(first, marked: true)) == Set(1...5))
        let (second, none) = await start(MemoryLog(log.records), telling: 1...5)
        let again = told(second, marked: false)
        #expect(again.isDisjoint(with: told(first, marked: false)), "\(first), then \(second)")
        #expect(none == 0)
        #expect(troubles <= 1)
        // A log without room for five messages, each queued, sent and delivered, has failed.
        if records < 7 { #expect(troubles == 1) }
    }

    /// Nobody's start fails by it: an outbox that cannot be opened or read is told once, and everything goes out as what
    /// may be a repetition.
    @Test(arguments: [true, false])
    func withoutALogMessagesGoOn(_ isLocked: Bool) async throws {
        let left: [[UInt8]] = isLocked ? [] : [[255, 1, 2]]
        let log = MemoryLog(left)
        let (letters, troubles) = await start(log, telling: 1...5, isLocked: isLocked)
        #expect(troubles == 1)
        #expect(told(letters, marked: true) == Set(1...5) && told(letters, marked: false).isEmpty)
        #expect(log.records == left, "as it was")
    }
}
