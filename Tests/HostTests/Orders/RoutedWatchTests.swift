import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension PacedTests {
    /// R7.4: limits that prices pass, where orders go to a broker outside.
    @Suite struct RoutedWatchTests {
        /// Thirty held at 100, and a buy that rests in each time of 100; between them 130 is too much.
        private static func plan() -> (KernelPlan, MemoryFeed) {
            let rest = StrategyResult(.buy, size: .quantity(.shares(1)), limit: .won(90))
            let table: [Timestamp: StrategyResult] = [
                .seconds(1): StrategyResult(.buy, size: .quantity(.shares(30))),
                .seconds(22): rest, .seconds(42): rest, .seconds(62): rest,
            ]
            var plan = KernelPlan.sample(
                cash: .won(100_000_000), sources: [SourcePlan(name: "table", kind: .builtIn)],
                attachments: [.sample(0, adds: true, strategy: TableStrategy(table))],
                arbiter: ArbiterPlan(policy: .first))
            plan.risk.symbolValue = .won(3_600)
            let prices = (1...79).map { second in
                MarketInput.tick(.at(second, second % 20 < 10 ? 100 : 130))
            }
            return (plan, MemoryFeed(prices))
        }

        @Test func eachTimeThatALimitIsPassedBuysEndAtTheBroker() async throws {
            let venue = StubVenue()
            var run = RoutedRun(StubBroker(venue))
            let log = MemoryLog()
            run.log = log
            run.speed = 60
            let (plan, feed) = Self.plan()
            #expect(try await run.run(plan, feed).end == "finished")
            try check(venue, log.records)
            let facts = try history(log.records).facts
            let told = facts.count { if case .limitPassed = $0 { true } else { false } }
            #expect(told == 1)
            let reasons = facts.compactMap { fact in
                if case .cancelAsked(_, let reason) = fact { reason } else { nil }
            }
            #expect(reasons == Array(repeating: "symbol_value is passed", count: 3))
            #expect(venue.orders.map(\.isCancelled) == [false, true, true, true])
            let replay = try DecisionReplayTests.replay(routed: plan, feed, log.records)
            DecisionReplayTests.expectSame(
                replay, decided: ["signal", "order", "limit", "cancel", "end"])
        }

        /// A person's word comes between two steps: behind the step that caused nothing before it.
        @Test func whatPeopleSayOfTradingIsBetweenSteps() {
            let (one, exit) = (InstrumentID(0), ExitFact.self)
            let limits = DayLimits(lower: .won(1), upper: .won(2), day: 0)
            for fact in [
                exit.dayLimits(one, limits), .dayLimits(one, nil), .halted(one, true),
                .split(one, new: 2, old: 1), .held(true, reason: "r"),
            ] {
                let origin = RecordInput.origin(
                    of: [.exit(fact)], step: 9, .sample(), isRouted: false)
                #expect(origin == .between, "\(fact)")
            }
        }

        /// Such an end is the step's own, also where the desk takes the order back before it was sent.
        @Test func aCancelByTheWatchComesOfTheStep() {
            let number = OrderNumber(1)
            func origin(_ reason: String) -> RecordInput.Origin {
                RecordInput.origin(
                    of: [
                        .cancelAsked(number, reason: reason),
                        .orderEnded(number, .cancelled, reason: "withdrawn before it was sent"),
                    ], step: 9, .sample(), isRouted: true)
            }
            #expect(origin("symbol_value is passed") == .step)
            #expect(origin("asked for by hand") == .between)
        }
    }
}
