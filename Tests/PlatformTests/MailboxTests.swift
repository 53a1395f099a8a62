import Glibc
import Platform
import Testing

@Suite struct MailboxTests {
    @Test func elementsComeInOrderAndFullRefuses() {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect(mailbox.offer(1) == .taken)
        #expect(mailbox.offer(2) == .taken)
        #expect(mailbox.offer(3) == .full)
        #expect(mailbox.take(max: 1) == [1])
        #expect(mailbox.offer(4) == .taken)
        #expect(mailbox.take() == [2, 4])
    }

    @Test func closeKeepsWhatWasTaken() {
        let mailbox = Mailbox<Int>(capacity: 2)
        _ = mailbox.offer(1)
        mailbox.close()
        #expect(mailbox.offer(2) == .closed)
        #expect(mailbox.offerWaiting(2) == .closed)
        var elements: [Int] = []
        #expect(mailbox.take(into: &elements))
        #expect(elements == [1])
        #expect(!mailbox.take(into: &elements))
        #expect(mailbox.isDrained)
    }

    @Test func aPassedDeadlineDoesNotWait() {
        let mailbox = Mailbox<Int>(capacity: 1)
        #expect(mailbox.take(until: 0).isEmpty)
        #expect(mailbox.take(until: HostClock().monotonic() + 1_000_000).isEmpty)
        #expect(!mailbox.isDrained)
    }

    @Test func elementsLeftAtTheEndAreReleased() {
        final class Token: Sendable {}
        weak var left: Token?
        do {
            let mailbox = Mailbox<Token>(capacity: 3)
            let token = Token()
            left = token
            _ = mailbox.offer(token)
        }
        #expect(left == nil)
    }

    /// Every producer's elements arrive once and in its order, through a mailbox much smaller than
    /// the load.
    @Test(arguments: [1, 7, 64])
    func severalProducersLoseNothing(capacity: Int) {
        let mailbox = Mailbox<(producer: Int, number: Int)>(capacity: capacity)
        let producers = 4
        let each = 5_000
        let threads = (0..<producers).map { producer in
            TestThread {
                for number in 0..<each {
                    if number % 3 == 0, mailbox.offer((producer, number)) == .taken { continue }
                    _ = mailbox.offerWaiting((producer, number))
                }
            }
        }
        var next = [Int](repeating: 0, count: producers)
        var heard = 0
        while heard < producers * each {
            for element in mailbox.take(max: 16) {
                #expect(element.number == next[element.producer])
                next[element.producer] += 1
                heard += 1
            }
        }
        threads.forEach { $0.join() }
        #expect(mailbox.waiting == 0)
    }

    @Test func closeFreesWaitingProducersAndTheReader() {
        let full = Mailbox<Int>(capacity: 1)
        _ = full.offer(0)
        let answers = Locked<[Mailbox<Int>.Offer]>([])
        let threads = (0..<3).map { number in
            TestThread {
                let answer = full.offerWaiting(number)
                answers.withLock { $0.append(answer) }
            }
        }
        full.close()
        threads.forEach { $0.join() }
        #expect(answers.withLock { $0 } == [.closed, .closed, .closed])

        let empty = Mailbox<Int>(capacity: 1)
        let reader = TestThread { #expect(empty.take().isEmpty) }
        empty.close()
        reader.join()
    }

    @Test func aDoorbellServesTwoMailboxes() {
        let doorbell = Doorbell()
        let reports = Mailbox<Int>(capacity: 1, doorbell: doorbell)
        let ticks = Mailbox<Int>(capacity: 1, doorbell: doorbell)
        #expect(!doorbell.wait(until: 0))
        let producer = TestThread {
            for n in 0..<100 { _ = (n % 2 == 0 ? reports : ticks).offerWaiting(n) }
        }
        var heard: [Int] = []
        while heard.count < 100 {
            _ = doorbell.wait()
            heard += reports.take(until: 0) + ticks.take(until: 0)
        }
        producer.join()
        #expect(heard.sorted() == Array(0..<100))
    }
}

/// A real thread, for what must not be a task.
final class TestThread: @unchecked Sendable {
    private let body: @Sendable () -> Void
    private var id = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
        pthread_create(
            &id, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<TestThread>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
    }

    func join() { pthread_join(id, nil) }
}
