import CGRPC
import Glibc
import Synchronization

/// The thread that polls the C core, and an executor of tasks on that very thread.
///
/// Run what handles a stream in a task with `executorPreference: queue`: its messages are then read
/// and answered without changing threads. Such code must never block, for every stream on this
/// queue would wait. Everything else may use the streams from any task, at the price of a hop; a
/// thread that gives such tasks something to do spares them that hop by ``lend(_:)``. Whoever runs
/// them, they run one at a time.
///
/// The queue lives until ``shutdown()``.
package final class CompletionQueue: TaskExecutor {
    /// The C objects: made before the thread, freed by it at its end.
    private struct Core: @unchecked Sendable {
        // Safe because the queue is thread-safe, and freed only when the inbox is closed.
        let queue: OpaquePointer
        let lameChannel: OpaquePointer
        let lameCall: OpaquePointer
    }
    /// Jobs from other threads.
    private struct Inbox: ~Copyable {
        var jobs: [UnownedJob] = []
        /// A wake event is on its way, and will find the jobs.
        var isWakeUnderWay = false
        /// The C queue is gone: jobs go to the global pool.
        var isClosed = false
    }
    private struct Life: ~Copyable {
        var isClosing = false
        var isEnded = false
        var channels: [ObjectIdentifier: WeakChannel] = [:]
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private struct WeakChannel {
        weak var channel: Channel?
    }

    private let core: Core
    private let name: String
    private let wakeOwner: WakeOwner
    private let inbox = Guarded(Inbox())
    private let life = Guarded(Life())
    private let thread = Atomic<UInt>(0)
    private let stopRequested = Atomic<Bool>(false)
    private let calls = Atomic<Int>(0)
    /// Jobs enqueued by the thread itself. Only that thread touches them.
    private nonisolated(unsafe) var ownJobs: [UnownedJob] = []
    // Safe because ownJobs is used only where `isCurrentThread`.
    private nonisolated(unsafe) var runningJobs: [UnownedJob] = []
    // Safe because runningJobs is used only by `run()`, on the queue's thread.
    /// Held by whoever runs jobs and hears events: the queue's thread, or a lender.
    private let turn = Turn()
    private let lender = Atomic<UInt>(0)
    private nonisolated(unsafe) var lentJobs: [UnownedJob] = []
    // Safe because lentJobs is used only by the thread that `lender` names.
    /// More at once is work for the queue's own thread.
    private static let mostLent = 4

    /// Starts the thread.
    ///
    /// - Parameter name: Of the thread, as the system shows it: 15 bytes at most, the rest is cut.
    package init(name: String) {
        GRPCRuntime.start()
        guard let queue = grpc_completion_queue_create_for_next(nil),
            let lame = grpc_lame_client_channel_create("lame", GRPC_STATUS_UNAVAILABLE, "lame"),
            let call = host_grpc_call_create(lame, queue, "/wake", -1)
        else { preconditionFailure("the C core makes these or aborts") }
        core = Core(queue: queue, lameChannel: lame, lameCall: call)
        self.name = name
        wakeOwner = WakeOwner()
        wakeOwner.queue = self
        startThread()
    }

    /// Whether the caller is on this queue's thread.
    package var isCurrentThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Calls begun and not yet ended, over all channels of this queue.
    package var liveCalls: Int { calls.load(ordering: .relaxed) }

    /// Closes every channel, waits for their calls, ends the thread. Harmless when repeated.
    ///
    /// From then on channels cannot be opened. A job that still prefers this queue runs on the
    /// global pool. May be awaited on the queue's own thread too.
    package func shutdown() async {
        let open = life.withLock { life in
            life.isClosing = true
            return life.channels.values.compactMap(\.channel)
        }
        for channel in open { await channel.close() }
        stopRequested.store(true, ordering: .releasing)
        wake()
        await withCheckedContinuation { continuation in
            let ended = life.withLock { life in
                if !life.isEnded { life.waiters.append(continuation) }
                return life.isEnded
            }
            if ended { continuation.resume() }
        }
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrentThread {
            ownJobs.append(job)
            return
        }
        if lender.load(ordering: .relaxed) == UInt(pthread_self()) {
            lentJobs.append(job)
            if lentJobs.count > Self.mostLent { handLent() }
            return
        }
        hand([job])
    }

    /// To the queue's own thread; behind its end, to the global pool.
    private func hand(_ jobs: [UnownedJob]) {
        let closed = inbox.withLock { inbox in
            guard !inbox.isClosed else { return true }
            inbox.jobs.append(contentsOf: jobs)
            postWake(&inbox)
            return false
        }
        guard closed else { return }
        for job in jobs { globalConcurrentExecutor.enqueue(job) }
    }

    // MARK: Lending

    /// Runs `body`, and behind it, on the calling thread, what it made ready on this queue: a
    /// processor that sleeps takes tens of microseconds to wake, which a message then does not wait for.
    ///
    /// That is so for a few jobs, and while the queue's own thread is idle; otherwise they are its.
    /// What those jobs make ready in turn is the queue's thread's too. They cost the caller their
    /// time, some 20 us where each sends a message. One thread at a time lends itself; for another
    /// `body` alone is run.
    package func lend<Result, E: Error>(_ body: () throws(E) -> Result) throws(E) -> Result {
        let (isLender, _) = lender.compareExchange(
            expected: 0, desired: UInt(pthread_self()), ordering: .acquiring)
        guard isLender else { return try body() }
        defer { runLent() }
        return try body()
    }

    /// What the lender does not run itself.
    private func handLent() {
        hand(lentJobs)
        lentJobs.removeAll(keepingCapacity: true)
    }

    private func runLent() {
        let count = lentJobs.count
        if count > 0, turn.tryLock() {
            for index in 0..<count {
                lentJobs[index].runSynchronously(on: asUnownedTaskExecutor())
            }
            turn.unlock()
            lentJobs.removeFirst(count)
        }
        if !lentJobs.isEmpty { handLent() }
        lender.store(0, ordering: .releasing)
    }

    private func wake() {
        inbox.withLock { inbox in
            if !inbox.isClosed { postWake(&inbox) }
        }
    }

    /// Under the inbox's lock, so that nothing is posted to a queue that is being shut down.
    private func postWake(_ inbox: inout Inbox) {
        guard !inbox.isWakeUnderWay else { return }
        inbox.isWakeUnderWay = true
        let result = host_grpc_post(core.lameCall, wakeOwner.tag(.wake))
        precondition(result == GRPC_CALL_OK, "an empty batch is always taken")
    }

    fileprivate func collectJobs() {
        inbox.withLock { inbox in
            inbox.isWakeUnderWay = false
            swap(&inbox.jobs, &runningJobs)
        }
        ownJobs.append(contentsOf: runningJobs)
        runningJobs.removeAll(keepingCapacity: true)
    }

    // MARK: Thread

    private func startThread() {
        var id = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        // Retained for the thread, which takes it in its first line.
        let me = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(
            &id, &attributes,
            { me in
                guard let me else { return nil }
                Unmanaged<CompletionQueue>.fromOpaque(me).takeRetainedValue().run()
                return nil
            }, me)
        precondition(result == 0, "no thread for \(name): error \(result)")
    }

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        host_grpc_name_thread(String(name.prefix(15)))
        turn.lock()
        while true {
            runJobs()
            if stopRequested.load(ordering: .acquiring), closeInbox() { continue }
            turn.unlock()
            let event = host_grpc_next_event(core.queue, ownJobs.isEmpty ? 1 : 0)
            turn.lock()
            switch event.type {
            case GRPC_OP_COMPLETE: OperationOwner.complete(event)
            case GRPC_QUEUE_SHUTDOWN:
                turn.unlock()
                return end()
            default: break  // no event yet, but jobs are waiting
            }
        }
    }

    /// Runs the jobs that are there; those they enqueue wait for the next round, so that events
    /// have their turn.
    private func runJobs() {
        guard !ownJobs.isEmpty else { return }
        swap(&ownJobs, &runningJobs)
        for job in runningJobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        runningJobs.removeAll(keepingCapacity: true)
    }

    /// Once: nothing is posted from here on, and the C queue may be shut down.
    private func closeInbox() -> Bool {
        let first = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.isClosed = true
            ownJobs.append(contentsOf: inbox.jobs)
            inbox.jobs.removeAll()
            return true
        }
        guard first else { return false }
        grpc_call_unref(core.lameCall)
        grpc_channel_destroy(core.lameChannel)
        grpc_completion_queue_shutdown(core.queue)
        return true
    }

    private func end() {
        grpc_completion_queue_destroy(core.queue)
        // After this line `enqueue` sends every job to the global pool, where those left go too.
        thread.store(0, ordering: .relaxed)
        for job in ownJobs { globalConcurrentExecutor.enqueue(job) }
        ownJobs.removeAll()
        let waiters = life.withLock { life in
            life.isEnded = true
            return exchange(&life.waiters, with: [])
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: For channels and calls

    var raw: OpaquePointer { core.queue }

    /// - Returns: False when the queue is closing.
    func register(_ channel: Channel) -> Bool {
        life.withLock { life in
            guard !life.isClosing else { return false }
            life.channels[ObjectIdentifier(channel)] = WeakChannel(channel: channel)
            return true
        }
    }

    func forget(_ channel: ObjectIdentifier) {
        life.withLock { life in life.channels[channel] = nil }
    }

    func callBegan() { calls.add(1, ordering: .relaxed) }
    func callEnded() { calls.subtract(1, ordering: .relaxed) }
}

/// Hears the wake events of a queue.
private final class WakeOwner: OperationOwner, @unchecked Sendable {
    // Safe because `queue` is set before the thread starts and never again.
    weak var queue: CompletionQueue?

    override func completed(_ operation: Operation, ok: Bool) { queue?.collectJobs() }
}

/// The old value, after the new one has taken its place.
func exchange<Value>(_ place: inout Value, with new: Value) -> Value {
    let old = place
    place = new
    return old
}
