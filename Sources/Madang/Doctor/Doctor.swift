import Platform

/// Runs the checks side by side and hands out what each found, in their order.
struct Doctor {
    struct Result: Hashable, Sendable {
        let check: String
        let findings: [Finding]
        /// ns.
        let took: Int64
    }
    static let checks = checks(sendingTo: [])

    /// - Parameter channels: Those that are sent a test message; see ``ChannelCheck/tested``.
    static func checks(sendingTo channels: [String]) -> [any DoctorCheck] {
        [
            ConfigurationCheck(), LibraryCheck(), StoreCheck(), DiskCheck(), FeedCheck(),
            ClockCheck(), PythonCheck(), ServerCheck(), BrokerCheck(),
            ChannelCheck(tested: channels),
        ]
    }

    let checks: [any DoctorCheck]
    let environment: DoctorEnvironment

    /// - Parameter tell: Called for each check, in the order of the list, as soon as those before it are
    ///   through.
    func run(_ tell: (Result) -> Void) async -> [Result] {
        let running = checks.map { check in
            let outcome = CheckOutcome()
            start(check, outcome)
            return outcome
        }
        var results: [Result] = []
        for outcome in running {
            let result = await outcome.result()
            tell(result)
            results.append(result)
        }
        return results
    }

    /// The first thing that is wrong, in the order of the checks, says how the program ends.
    static func code(of results: [Result]) -> ExitCode {
        results.flatMap(\.findings).first { $0.level == .wrong }?.code ?? .good
    }

    private func start(_ check: any DoctorCheck, _ outcome: CheckOutcome) {
        let clock = environment.clock
        let began = clock.monotonic()
        @Sendable func end(_ findings: [Finding]) {
            outcome.end(
                Result(check: check.name, findings: findings, took: clock.monotonic() - began))
        }
        let thread = CheckThread(named: check.name)
        let work = Task(executorPreference: thread) { [environment] in
            end(await check.run(environment))
            thread.end()
        }
        // A check that blocks for good keeps its thread; the process ends without it.
        Task {
            try? await Task.sleep(for: check.timeout)
            work.cancel()
            end([
                .wrong(
                    "no answer in \(check.timeout)",
                    next: "something that it asked hangs: a disk, a network folder, a server",
                    check.code)
            ])
        }
    }
}

/// Takes the first of a check's two ends: its own, or that of its time.
private final class CheckOutcome: Sendable {
    private struct State {
        var result: Doctor.Result?
        var waiting: CheckedContinuation<Doctor.Result, Never>?
    }
    private let state = Locked(State())

    func end(_ result: Doctor.Result) {
        let waiting = state.withLock { state -> CheckedContinuation<Doctor.Result, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            return state.waiting.take()
        }
        waiting?.resume(returning: result)
    }

    func result() async -> Doctor.Result {
        await withCheckedContinuation { continuation in
            let result = state.withLock { state -> Doctor.Result? in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let result { continuation.resume(returning: result) }
        }
    }
}

/// One thread for one check, which may block it.
private final class CheckThread: TaskExecutor {
    private let jobs = Mailbox<UnownedJob>(capacity: 256)

    init(named name: String) {
        let jobs = jobs
        let executor = Locked<UnownedTaskExecutor?>(nil)
        self.executor = executor
        HostThread.start(named: "check \(name)") {
            var batch: [UnownedJob] = []
            while jobs.take(into: &batch, max: 16) {
                guard let executor = executor.withLock({ $0 }) else { return }
                for job in batch { job.runSynchronously(on: executor) }
                batch.removeAll(keepingCapacity: true)
            }
        }
    }
    private let executor: Locked<UnownedTaskExecutor?>

    func enqueue(_ job: consuming ExecutorJob) {
        executor.withLock { $0 = $0 ?? asUnownedTaskExecutor() }
        _ = jobs.offerWaiting(UnownedJob(job))
    }

    /// No job will come any more.
    func end() { jobs.close() }
}
