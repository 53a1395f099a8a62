import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension PacedTests {
    /// Orders of a paced run at a broker outside: once each, behind their record, over crashes (R8.2, R8.3).
    @Suite struct RoutedRunTests {
        private static func alternate(_ second: Int64) -> StrategyResult {
            StrategyResult(second % 2 == 1 ? .buy : .sell, size: .quantity(.shares(10)))
        }

        /// A sale's signal takes back what of the buys has not left yet: so they come one behind the other.
        private static func buysThenSales(_ second: Int64) -> StrategyResult {
            StrategyResult(second <= 14 ? .buy : .sell, size: .quantity(.shares(10)))
        }
        private static func withdrawn(_ facts: [Fact]) -> Int {
            facts.count {
                if case .orderEnded(_, .cancelled, let reason) = $0 {
                    reason.hasPrefix("withdrawn before it was sent")
                } else {
                    false
                }
            }
        }

        @Test func anOrderIsWrittenOnlyBehindItsRecord() async throws {
            let (log, early) = (MemoryLog(), Locked(0))
            let venue = StubVenue()
            let broker = StubBroker(
                venue,
                beforeWrite: { placement in
                    let durable = log.records.prefix(Int(log.durableNumber))
                    let known = (try? history(Array(durable)))?.facts ?? []
                    let isThere = known.contains {
                        if case .ordered(let decision) = $0 {
                            decision.order == placement.order
                        } else {
                            false
                        }
                    }
                    if !isThere { early.withLock { $0 += 1 } }
                })
            var run = RoutedRun(broker)
            run.log = log
            let left = Locked<Int?>(nil)
            run.onEnd = { hop in left.withLock { $0 = hop.known } }
            let (plan, feed) = RoutedRun.plan(30, Self.buysThenSales)
            let summary = try await run.run(plan, feed)
            #expect(summary.end == "finished")
            #expect(left.withLock { $0 } == 0, "the last hop remembers orders that are over")
            #expect(summary.orders > 10)
            #expect(early.withLock { $0 } == 0)
            let (facts, minutes) = try history(log.records)
            #expect(!log.isPatient, "an order waits for its record")
            #expect(venue.orders.count > 10)
            #expect(venue.orders.count + Self.withdrawn(facts) == summary.orders)
            #expect(summary.fills == venue.orders.count)
            #expect(minutes.flatMap(\.routes).map(\.order) == ordered(facts))
        }

        /// One account, two brokers: each carries the orders of its instruments, and each is heard.
        @Test func twoBrokersEachHaveTheirOwn() async throws {
            let venues = [StubVenue(), StubVenue()]
            var run = RoutedRun(StubBroker(venues[0]))
            run.second = StubBroker(venues[1])
            let log = MemoryLog()
            run.log = log
            var table: [Timestamp: StrategyResult] = [:]
            for second in 1...20 as ClosedRange<Int64> {
                table[.seconds(second)] = Self.buysThenSales(second)
            }
            let plan = KernelPlan.sample(
                instruments: 2, cash: .won(100_000_000),
                sources: [SourcePlan(name: "table", kind: .builtIn)],
                attachments: (0..<2).map {
                    .sample(0, instrument: $0, adds: true, strategy: TableStrategy(table))
                }, arbiter: ArbiterPlan(policy: .first))
            let feed = MemoryFeed(
                (1...20).flatMap { second in
                    (0..<2).map { .tick(.at(second, 100, of: $0)) }
                })
            let summary = try await run.run(plan, feed)
            #expect(summary.end == "finished")
            for (index, venue) in venues.enumerated() {
                #expect(venue.orders.count > 5)
                #expect(
                    venue.orders.allSatisfy { $0.order.instrument == InstrumentID(index) })
            }
            #expect(summary.fills == venues[0].orders.count + venues[1].orders.count)
        }

        /// The store fails behind any record, what was not flushed is lost, and a new host goes on with the same broker.
        @Test(arguments: seeds(0..<8, by: 10))
        func aCrashLosesAndDoublesNothing(_ seed: UInt64) async throws {
            var random = SeededRandom(seed)
            let venue = StubVenue()
            let (plan, feed) = RoutedRun.plan(150, Self.alternate)
            var records: [[UInt8]] = []
            for _ in 0..<4 {
                let log = MemoryLog(
                    records, failsAfter: records.count + Int.random(in: 3...24, using: &random))
                var run = RoutedRun(StubBroker(venue, habit: StubBroker.misbehaving(random.next())))
                run.log = log
                _ = try? await run.run(plan, feed)
                records = Array(log.records.prefix(Int(log.durableNumber)))
            }
            let log = MemoryLog(records)
            var last = RoutedRun(StubBroker(venue))
            last.log = log
            // The doubts of the lives before take their time.
            last.speed = 80
            let summary = try await last.run(plan, feed)
            #expect(summary.end == "finished")
            try check(venue, log.records)
            #expect(ordered(try history(log.records).facts).count > 5)
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, log.records))
        }

        /// Others are attached while orders are out, and the host ends there: the next goes on with both.
        @Test func whoComesInARunTradesWithTheSameBroker() async throws {
            let venue = StubVenue()
            let (plan, feed) = RoutedRun.plan(300, Self.alternate)
            var next = plan
            next.sources.append(SourcePlan(name: "later", kind: .builtIn))
            next.attachments = plan.attachments.map {
                .sample(1, adds: true, strategy: $0.strategy)
            }
            var first = RoutedRun(StubBroker(venue))
            let log = MemoryLog()
            first.log = log
            let control = first.control
            control.onChanged { _, _ in control.stop("changed") }
            control.change(
                PlanRequest(
                    PlanChange(number: 1, text: "later", hash: "", words: ["loaded later"]), next,
                    instead: plan, behind: 15))
            #expect(try await first.run(plan, feed).end == "stopped")
            var second = RoutedRun(StubBroker(venue))
            let whole = MemoryLog(log.records)
            second.log = whole
            second.changed = next
            second.speed = 150
            #expect(try await second.run(plan, feed).end == "finished")
            try check(venue, whole.records)
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, whole.records, changed: next))
            let sources = try history(whole.records).facts.compactMap { fact -> Int? in
                if case .ordered(let decision) = fact { Int(decision.source.index) } else { nil }
            }
            #expect(sources == sources.sorted(), "who went orders no more")
            #expect(sources.first == 0 && sources.count { $0 == 1 } > 5, "\(sources)")
            let changes = try whole.records.filter {
                if case .changed = try LogRecord($0) { true } else { false }
            }
            #expect(changes.count == 1)
        }

        /// An account's state that lets nothing open any more ends what works at the broker too, and not in the books alone.
        @Test(.timeLimit(.minutes(1))) func anAccountsStateEndsItsBuysAtTheBroker() async throws {
            let venue = StubVenue()
            let (plan, feed) = RoutedRun.plan(30_000) { second in
                second == 1
                    ? StrategyResult(.buy, size: .quantity(.shares(1)), limit: .won(90))
                    : StrategyResult(.alert)
            }
            var halted = plan
            halted.risk.state = .halted
            var run = RoutedRun(StubBroker(venue))
            let log = MemoryLog()
            run.log = log
            run.waitIsTold = 1_000_000
            let control = run.control
            run.observer = Listener { notice in
                if notice.text.hasPrefix("order 1 cancelled")
                    || notice.text.hasPrefix("the recording is through")
                {
                    control.stop("seen enough")
                }
            }
            control.change(
                PlanRequest(
                    PlanChange(number: 1, text: "halted", hash: "", words: ["state is halted"]),
                    halted, instead: plan, behind: 500))
            #expect(try await run.run(plan, feed).end == "stopped")
            #expect(venue.orders.map(\.isCancelled) == [true])
            #expect(venue.cancels.count == 1)
            try check(venue, log.records)
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, log.records, changed: halted),
                decided: ["signal", "risk", "order", "end"])
        }

        /// A run on paper says so to who asks for a broker.
        @Test func onPaperNobodyIsAskedInVain() throws {
            let scenario = Scenario.random(4, rows: 20)
            for isLockstep in [true, false] {
                let answers = Locked<[String]>([])
                let start = Scenario.Start()
                let ask: (inout RunSetup) -> Void = { setup in
                    setup.control.onAnswered { request, words, isDone in
                        answers.withLock { $0.append("\(request.number) \(isDone): \(words)") }
                    }
                    setup.control.ask(DeskRequest(number: 3, what: .cancel(order: 1)))
                }
                _ = try isLockstep ? scenario.run(start, ask) : scenario.runPaced(start, ask)
                #expect(
                    answers.withLock { $0 } == [
                        "3 false: this run fills its orders on paper: there is no broker outside to ask"
                    ])
            }
        }

        /// What changes nothing leaves no record of its own, and is answered all the same.
        @Test(.timeLimit(.minutes(1)))
        func aCancelThatIsOnItsWayIsAnsweredAgain() async throws {
            let asked = Locked<RunControl?>(nil)
            let broker = StubBroker(
                StubVenue(), hangsCancels: true,
                beforeWrite: { placement in
                    guard placement.order.number.value == 1 else { return }
                    let control = asked.withLock { $0 }
                    control?.ask(DeskRequest(number: 1, what: .cancel(order: 1)))
                })
            var run = RoutedRun(broker)
            let log = MemoryLog()
            run.log = log
            let (control, answers) = (run.control, Locked<[String]>([]))
            asked.withLock { $0 = control }
            control.onAnswered { request, words, isDone in
                let durable = Array(log.records.prefix(Int(log.durableNumber)))
                let facts = (try? history(durable))?.facts ?? []
                #expect(
                    facts.contains(.cancelAsked(OrderNumber(1), reason: "asked for by hand")),
                    "answered before it is on the disk")
                answers.withLock { $0.append("\(request.number) \(isDone): \(words)") }
                if request.number == 1 {
                    control.ask(DeskRequest(number: 2, what: .cancel(order: 1)))
                } else {
                    control.stop("seen enough")
                }
            }
            let (plan, feed) = RoutedRun.plan(200) { second in
                second == 1
                    ? StrategyResult(.buy, size: .quantity(.shares(1)), limit: .won(90))
                    : StrategyResult(.sell, size: .quantity(.shares(1)))
            }
            #expect(try await run.run(plan, feed).end == "stopped")
            #expect(
                answers.withLock { $0 } == [
                    "1 true: the end of order 1 is asked for",
                    "2 true: the end of order 1 is asked for",
                ])
        }

        /// A broker that never says what became of an order holds up the end of the run; that is told, again and again.
        @Test(.timeLimit(.minutes(1))) func whoWaitsForABrokerSaysSo() async throws {
            var run = RoutedRun(StubBroker(StubVenue(), habit: { _ in .loseRequest }))
            run.desk.pollsOver = .seconds(600)
            run.waitIsTold = 1_000_000
            let control = run.control
            let told = Locked<[String]>([])
            run.observer = Listener { notice in
                guard notice.text.hasPrefix("the recording is through") else { return }
                let count = told.withLock { told in
                    told.append(notice.text)
                    return told.count
                }
                if count == 3 { control.stop("seen enough") }
            }
            let (plan, feed) = RoutedRun.plan(2) { second in
                second == 1
                    ? StrategyResult(.buy, size: .quantity(.shares(10))) : StrategyResult(.alert)
            }
            #expect(try await run.run(plan, feed).end == "stopped")
            let first = told.withLock { $0.first }
            #expect(first?.contains("said no end of order 1: waiting") == true)
        }

        /// A person's word ends a doubt that the broker cannot.
        @Test func aPersonResolvesAndReleases() async throws {
            let venue = StubVenue()
            var run = RoutedRun(StubBroker(venue, habit: { _ in .loseRequest }))
            let log = MemoryLog()
            run.log = log
            run.desk.pollsOver = .seconds(600)
            // On a busy machine a person needs more than the fifth of a second that the recording takes.
            run.speed = 100
            run.desk.escalation.consecutive = 1
            let answers = Locked<[String]>([])
            let control = run.control
            control.onAnswered { request, words, isDone in
                answers.withLock { $0.append("\(isDone): \(words)") }
                switch request.number {
                case 1: control.ask(DeskRequest(number: 2, what: .release(account: "a0")))
                case 2: control.ask(DeskRequest(number: 3, what: .release(account: "a0")))
                case 3: control.ask(DeskRequest(number: 4, what: .resolve(order: 1, as: nil)))
                default: control.stop("seen enough")
                }
            }
            let isAsked = Locked(false)
            run.observer = Listener { notice in
                guard notice.text.hasPrefix("FS042"), notice.text.contains("order 1 "),
                    // It is said again while the doubt lasts.
                    !isAsked.withLock({ isAsked in
                        defer { isAsked = true }
                        return isAsked
                    })
                else { return }
                control.ask(DeskRequest(number: 1, what: .resolve(order: 1, as: nil)))
            }
            // One order, so that no other locks the account down again.
            let (plan, feed) = RoutedRun.plan(200) { second in
                StrategyResult(second == 1 ? .buy : .sell, size: .quantity(.shares(10)))
            }
            let summary = try await run.run(plan, feed)
            #expect(summary.end == "stopped")
            #expect(
                answers.withLock { $0 } == [
                    "true: order 1 is not accepted", "true: account 'a0' is released",
                    "false: account 'a0' is not locked down",
                    "false: order 1 is not in doubt: it is failed",
                ])
            #expect(venue.orders.isEmpty)
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, log.records),
                decided: ["signal", "risk", "order", "doubt", "end"])
        }
    }
}
