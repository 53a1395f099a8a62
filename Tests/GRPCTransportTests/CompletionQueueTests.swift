import Glibc
import Synchronization
import TestKit
import Testing

@testable import GRPCTransport

@Suite(.timeLimit(.minutes(2)))
struct CompletionQueueTests {
    @Test func tasksThatPreferTheQueueRunOnItsThread() async {
        let queue = CompletionQueue(name: "executor")
        #expect(!queue.isCurrentThread)
        let onThread = await Task(executorPreference: queue) {
            let before = queue.isCurrentThread
            await Task.yield()
            return before && queue.isCurrentThread
        }.value
        #expect(onThread)
        await queue.shutdown()
    }

    @Test func jobsFromManyThreadsAllRunThere() async {
        let queue = CompletionQueue(name: "executor")
        let runsThere = await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    var runs = 0
                    for _ in 0..<40 {
                        runs += await withTaskExecutorPreference(queue) {
                            queue.isCurrentThread ? 1 : 0
                        }
                    }
                    return runs
                }
            }
            return await group.reduce(0, +)
        }
        #expect(runsThere == 2000)
        await queue.shutdown()
    }

    @Test func messagesOfAStreamAreReadOnTheQueuesThread() async throws {
        guard Python.isExpected else { return }
        try await SharedServer.withChannel { channel in
            try await withTaskExecutorPreference(channel.queue) {
                try await channel.withStream("/test.Echo/Stream") { stream in
                    for number in 0..<20 {
                        try await stream.send(bytes(number))
                        #expect(channel.queue.isCurrentThread)
                        #expect(try await stream.nextBytes() == bytes(number))
                        #expect(channel.queue.isCurrentThread)
                    }
                }
            }
        }
    }

    @Test func yieldingTasksDoNotStarveEvents() async throws {
        guard Python.isExpected else { return }
        try await SharedServer.withChannel { channel in
            let spinner = Task(executorPreference: channel.queue) {
                while !Task.isCancelled { await Task.yield() }
            }
            let reply = try await channel.unary("/test.Echo/Unary", [5], timeout: .seconds(20))
            #expect(reply.copyBytes() == [5])
            spinner.cancel()
            await spinner.value
        }
    }

    /// Whether as many tasks as that ran on the lending thread, of those that one lending made ready.
    private func lent(_ count: Int, to queue: CompletionQueue) async -> [Bool] {
        let (lender, tasks) = queue.lend {
            (
                pthread_self(),
                (0..<count).map { _ in
                    Task<pthread_t, Never>(executorPreference: queue) { pthread_self() }
                }
            )
        }
        var there: [Bool] = []
        for task in tasks { there.append(await task.value == lender) }
        return there
    }

    @Test(arguments: 1...4) func lentThreadRunsWhatItMadeReady(_ count: Int) async {
        let queue = CompletionQueue(name: "lent")
        // The queue's own thread may be about its last event yet; soon it is idle.
        var there = await lent(count, to: queue)
        for _ in 0..<1_000 where there.contains(false) { there = await lent(count, to: queue) }
        #expect(there == Array(repeating: true, count: count))
        await queue.shutdown()
    }

    @Test func manyJobsAreForTheQueuesThread() async {
        let queue = CompletionQueue(name: "lent")
        for _ in 0..<100 {
            let there = await lent(5, to: queue)
            #expect(there == Array(repeating: false, count: 5))
        }
        await queue.shutdown()
    }

    @Test func whatLentJobsMakeReadyIsForTheQueuesThread() async {
        let queue = CompletionQueue(name: "lent")
        for _ in 0..<100 {
            let task = queue.lend {
                Task(executorPreference: queue) {
                    await Task.yield()
                    return queue.isCurrentThread
                }
            }
            #expect(await task.value)
        }
        await queue.shutdown()
    }

    private final class Counting: Sendable {
        private let running = Atomic(0)
        let overlaps = Atomic(0)

        func run() {
            if running.add(1, ordering: .relaxed).newValue > 1 {
                overlaps.add(1, ordering: .relaxed)
            }
            running.subtract(1, ordering: .relaxed)
        }
    }

    @Test func lentThreadsAndTheQueueRunOneJobAtATime() async {
        let queue = CompletionQueue(name: "lent")
        let counting = Counting()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<100 {
                        await queue.lend {
                            Task<Void, Never>(executorPreference: queue) { counting.run() }
                        }.value
                    }
                }
            }
        }
        #expect(counting.overlaps.load(ordering: .relaxed) == 0)
        await queue.shutdown()
    }

    @Test func lendingToAnEndedQueueLosesNothing() async {
        let queue = CompletionQueue(name: "ended")
        await queue.shutdown()
        let task = queue.lend { Task(executorPreference: queue) { 42 } }
        #expect(await task.value == 42)
    }

    @Test func shutdownMayBeAwaitedOnTheQueuesOwnThread() async {
        let queue = CompletionQueue(name: "own")
        await Task(executorPreference: queue) { await queue.shutdown() }.value
        await queue.shutdown()
    }

    @Test func jobsAfterTheEndRunElsewhere() async {
        let queue = CompletionQueue(name: "ended")
        await queue.shutdown()
        let onThread = await Task(executorPreference: queue) { queue.isCurrentThread }.value
        #expect(!onThread)
    }

    @Test func taskThatSpinsDoesNotHoldUpTheEnd() async {
        let queue = CompletionQueue(name: "spun")
        let spinner = Task(executorPreference: queue) {
            while !Task.isCancelled { await Task.yield() }
            return queue.isCurrentThread
        }
        await queue.shutdown()
        spinner.cancel()
        #expect(await spinner.value == false)
    }

    @Test func endedQueueTakesNoChannel() async throws {
        let queue = CompletionQueue(name: "ended")
        await queue.shutdown()
        let error = #expect(throws: RPCError.self) {
            _ = try Channel(ChannelConfiguration(target: .unix(path: "/x")), on: queue)
        }
        #expect(error?.trouble == .closedHere)
    }

    @Test func hundredQueuesComeAndGo() async {
        for _ in 0..<100 {
            let queue = CompletionQueue(name: "brief")
            let answer = await Task(executorPreference: queue) { 42 }.value
            #expect(answer == 42)
            await queue.shutdown()
        }
    }
}
