import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension PacedTests {
    /// Exits whose orders go to a broker outside (R9.2, R9.3): guarded from the first fill, never over-selling,
    /// through lost answers and crashes.
    @Suite struct RoutedExitTests {
        private static let tiers = ["-5% all", "+4% half", "+8% rest"]

        /// Up by 8 % and back five times, with a buy at each foot; then down by 12 %.
        private static func price(_ second: Int64) -> Int64 {
            guard second < 150 else { return max(88, 100 - (second - 150)) }
            let at = second % 30
            return 100 + (at < 15 ? min(8, at) : min(8, 29 - at))
        }

        private static func plan(
            _ seconds: Int64 = 260, buys: [Int64] = [1, 31, 61, 91, 121, 149]
        ) throws -> (KernelPlan, MemoryFeed) {
            let buy = StrategyResult(.buy, size: .quantity(.shares(10)))
            let table = Dictionary(uniqueKeysWithValues: buys.map { (Timestamp.seconds($0), buy) })
            var plan = KernelPlan.sample(
                cash: .won(100_000_000), sources: [SourcePlan(name: "table", kind: .builtIn)],
                attachments: [.sample(0, adds: true, strategy: TableStrategy(table))],
                arbiter: ArbiterPlan(policy: .first))
            plan.exits.plans = [try ExitPlan(reading: tiers)]
            plan.exits.general = .plan(0)
            return (plan, MemoryFeed((1...seconds).map { .tick(.at($0, price($0))) }))
        }

        /// What was sold by exits, by tier.
        private func fired(_ facts: [Fact]) -> [Int: Int] {
            var count: [Int: Int] = [:]
            for case .exit(.fired(_, _, let tier, _)) in facts { count[tier, default: 0] += 1 }
            return count
        }

        private func checkExits(_ venue: StubVenue, _ records: [[UInt8]]) throws {
            try check(venue, records)
            // R12.4: with what brokers said, the rest comes again.
            let (plan, feed) = try Self.plan(860)
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, records),
                decided: ["signal", "risk", "order", "fill", "exit"])
            for case .filled(let fill, let booking) in try history(records).facts {
                #expect(booking.positionAfter.units >= 0, "over-sold by order \(fill.order)")
            }
            #expect(venue.held() == 0, "the price is below every stop, and something is held")
        }

        @Test func everyTierSellsAtTheBroker() async throws {
            let venue = StubVenue(fillsLimits: true)
            let log = MemoryLog()
            var run = RoutedRun(StubBroker(venue))
            run.log = log
            run.speed = 100
            let (plan, feed) = try Self.plan()
            #expect(try await run.run(plan, feed).end == "finished")
            try checkExits(venue, log.records)
            let fired = fired(try history(log.records).facts)
            #expect(fired[0, default: 0] >= 1)
            #expect(fired[1, default: 0] >= 3)
            #expect(fired[2, default: 0] >= 3)
            let sales = venue.orders.filter { $0.order.side == .sell }
            #expect(sales.count >= 7)
        }

        /// The broker fills no limit: the stop that rests at the end is cancelled, and no other comes instead.
        @Test(.timeLimit(.minutes(1)))
        func aStopThatRestsAtTheEndIsCancelledAndNotMadeAnew() async throws {
            let (venue, log, written) = (StubVenue(), MemoryLog(), Locked(0))
            let stop = Locked<RunControl?>(nil)
            let broker = StubBroker(
                venue,
                beforeWrite: { _ in
                    let count = written.withLock { written in
                        written += 1
                        return written
                    }
                    // A few for the tiers, and one for each second of the fall.
                    if count > 60 { stop.withLock { $0 }?.stop("one order follows another") }
                })
            var run = RoutedRun(broker)
            let control = run.control
            stop.withLock { $0 = control }
            run.log = log
            run.speed = 200
            let (plan, feed) = try Self.plan()
            #expect(try await run.run(plan, feed).end == "finished")
            let sales = venue.orders.filter { $0.order.side == .sell }
            #expect(!sales.isEmpty && sales.allSatisfy(\.isCancelled))
            let facts = try history(log.records).facts
            let through = facts.firstIndex {
                if case .cancelAsked(_, "the recording is through") = $0 { true } else { false }
            }
            let later = facts.dropFirst(try #require(through))
            #expect(ordered(Array(later)).isEmpty)
        }

        /// Two new shares for one: the stop sells what is held in the new scale, at the broker that holds it.
        @Test(.timeLimit(.minutes(1)))
        func behindASplitTheStopSellsAllOfIt() async throws {
            let venue = StubVenue(fillsLimits: true)
            let log = MemoryLog()
            var run = RoutedRun(StubBroker(venue))
            run.log = log
            run.speed = 100
            let (plan, _) = try Self.plan(buys: [1])
            let feed = MemoryFeed(
                (1...200).map { .tick(.at($0, $0 < 60 ? 100 : $0 < 120 ? 50 : 40)) })
            let (control, isAsked) = (run.control, Locked(false))
            run.observer = Listener { notice in
                guard notice.text.contains("exits wait"), !isAsked.withLock({ $0 }) else { return }
                isAsked.withLock { $0 = true }
                let split = ExitOrder.Wish.split(symbol: "S0", new: 2, old: 1)
                control.change(ExitOrder(number: 1, split, reason: "told"))
            }
            #expect(try await run.run(plan, feed).end == "finished")
            let facts = try history(log.records).facts
            #expect(facts.contains { if case .exit(.split) = $0 { true } else { false } })
            var held: Int64 = 0
            for case .filled(_, let booking) in facts { held = booking.positionAfter.units }
            #expect(held == 0, "a stop sold what it guards")
        }

        /// What a replay decides is not what it was given: a forged record is named, and another plan of exits.
        @Test func aReplayFindsWhatIsForged() async throws {
            let log = MemoryLog()
            var run = RoutedRun(StubBroker(StubVenue(fillsLimits: true)))
            run.log = log
            run.speed = 150
            let (plan, feed) = try Self.plan()
            #expect(try await run.run(plan, feed).end == "finished")
            var forged = 0
            for (index, bytes) in log.records.enumerated() {
                guard
                    case .routed(let step, let entry, let facts, let minutes, let notes) =
                        try LogRecord(bytes),
                    let at = facts.firstIndex(where: Self.isDecided)
                else { continue }
                forged += 1
                var fewer = facts
                let gone = fewer.remove(at: at)
                var pen = ByteWriter()
                var records = log.records
                records[index] = LogRecord.routed(
                    step, entry: entry, facts: fewer, minutes, notes: notes
                ).encoded(with: &pen)
                let replay = try DecisionReplayTests.replay(routed: plan, feed, records)
                #expect(replay.first?.record == UInt64(index + 1))
                #expect(replay.first?.replay?.kind == gone.kind)
            }
            #expect(forged > 10)
            var other = plan
            other.exits.plans = [try ExitPlan(reading: ["-5% all", "+3% half", "+8% rest"])]
            let replay = try DecisionReplayTests.replay(routed: other, feed, log.records)
            // It fires at 103 already; where that price was passed by before the fill, its limit is lower.
            let words = replay.first?.replay?.text ?? ""
            #expect(words.contains("fired at 103") || words.contains("exit +3% half"), "\(words)")
        }
        private static func isDecided(_ fact: Fact) -> Bool {
            switch fact {
            case .risk, .ordered, .exit(.fired), .exit(.assigned): true
            default: false
            }
        }

        /// The store fails behind any record, answers and orders are lost, and a new host goes on.
        @Test(arguments: seeds(0..<4, by: 10))
        func aCrashLosesNoStopAndSellsNothingTwice(_ seed: UInt64) async throws {
            var random = SeededRandom(seed)
            let venue = StubVenue(fillsLimits: true)
            let (plan, feed) = try Self.plan()
            var records: [[UInt8]] = []
            for _ in 0..<4 {
                let log = MemoryLog(
                    records, failsAfter: records.count + Int.random(in: 5...40, using: &random))
                var run = RoutedRun(
                    StubBroker(venue, habit: StubBroker.misbehaving(random.next())))
                run.log = log
                run.speed = 200
                _ = try? await run.run(plan, feed)
                records = Array(log.records.prefix(Int(log.durableNumber)))
                if let end = records.last, case .finished = try LogRecord(end) {
                    records.removeLast()
                }
            }
            let log = MemoryLog(records)
            var last = RoutedRun(StubBroker(venue))
            last.log = log
            // Its stop may have failed before, and then waits a second or two, whatever the market's pace.
            last.speed = 150
            #expect(try await last.run(plan, try Self.plan(860).1).end == "finished")
            try checkExits(venue, log.records)
            #expect(fired(try history(log.records).facts).values.reduce(0, +) > 0)
        }
    }
}
