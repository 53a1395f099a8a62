import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension PacedTests {
    /// A person's change of an order at a broker outside: asked, judged, written down, carried out, told (R8.8).
    @Suite(.timeLimit(.minutes(1))) struct RoutedChangeTests {
        private let one = OrderNumber(1)
        private let wish = OrderChange(limit: .won(91), quantity: .shares(2))

        /// One buy at 90 that rests; then nobody says anything. The end of the recording would cancel it: each run is stopped
        /// long before, however busy the machine.
        private func plan() -> (KernelPlan, MemoryFeed) {
            RoutedRun.plan(30_000) { second in
                second == 1
                    ? StrategyResult(.buy, size: .quantity(.shares(1)), limit: .won(90))
                    : StrategyResult(.alert)
            }
        }

        /// Asks from the write of order 1 on until it is done, and stops where the log says what became of it.
        private func run(
            _ venue: StubVenue, _ habit: StubBroker.Habit, _ log: MemoryLog,
            limit: Int64? = nil, stopsAtAnswer: Bool = false
        ) async throws -> [String] {
            let (asked, answers) = (Locked<RunControl?>(nil), Locked<[String]>([]))
            let what = DeskRequest.What.modify(
                order: 1, limit: limit ?? wish.limit.units, quantity: wish.quantity.units)
            let broker = StubBroker(
                venue, changeHabit: habit,
                beforeWrite: { _ in
                    let control = asked.withLock { $0 }
                    control?.ask(DeskRequest(number: 1, what: what))
                })
            var run = RoutedRun(broker)
            run.log = log
            let control = run.control
            asked.withLock { $0 = control }
            control.onAnswered { request, words, isDone in
                answers.withLock { $0.append("\(isDone): \(words)") }
                // Until the broker has the order there is nothing to change.
                if !isDone, words.contains("try again") {
                    control.ask(DeskRequest(number: request.number + 1, what: what))
                } else if stopsAtAnswer {
                    control.stop("asked for")
                }
            }
            run.observer = Listener { notice in
                // With the number: that it is unknown whether it "is 2 @ 91 now" is told before.
                if notice.text.contains("is 2 @ 91 now, as")
                    || notice.text.contains("was not taken")
                {
                    control.stop("seen enough")
                }
            }
            let (plan, feed) = plan()
            _ = try await run.run(plan, feed)
            return answers.withLock { $0 }
        }
        private func changes(_ log: MemoryLog) throws -> [ChangeFact] {
            try history(log.records).facts.compactMap {
                if case .change(let fact) = $0 { fact } else { nil }
            }
        }

        @Test(arguments: [StubBroker.Habit.answer, .loseReply, .loseRequest])
        func itIsWhatTheBrokerDid(_ habit: StubBroker.Habit) async throws {
            let (venue, log) = (StubVenue(), MemoryLog())
            let answers = try await run(venue, habit, log)
            #expect(
                answers.last
                    == "true: order 1 is to be 2 @ 91: madang order list shows when it is")
            let facts = try changes(log)
            guard facts.count == 2, case .asked(let decision) = facts[0] else {
                Issue.record("\(facts)")
                return
            }
            #expect(decision.after == wish && decision.opens && decision.rule == "all")
            if case .loseRequest = habit {
                guard case .refused(one, wish, _) = facts[1] else {
                    Issue.record("\(facts)")
                    return
                }
                #expect(venue.orders.first?.order.terms == decision.before)
            } else {
                #expect(facts[1] == .taken(one, wish, BrokerOrderID("v1'")))
                #expect(venue.orders.first?.order.terms == wish)
            }
            let (plan, feed) = plan()
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, log.records),
                decided: ["signal", "round", "risk", "order", "modify"])
        }

        @Test func whatTheGateRefusesReachesNoBroker() async throws {
            let (venue, log) = (StubVenue(), MemoryLog())
            let answers = try await run(
                venue, .answer, log, limit: Price.won(80_000_000).units, stopsAtAnswer: true)
            #expect(answers.last?.hasPrefix("false: order 1 stays as it is: cash") == true)
            guard case .notApproved(let decision)? = try changes(log).first else {
                Issue.record("it is not in the log")
                return
            }
            #expect(decision.rule == "cash")
            #expect(venue.orders.first?.former == [])
        }

        /// Between two prices time goes on for limits over spans of it, and a change is judged by that time, in a replay
        /// too: by the last price's, what was bought before a silence was bought just now for as long as it lasts.
        @Test func aSilentMarketDoesNotStopTheClockOfLimits() async throws {
            var limits = RiskLimits()
            limits.duplicateWithin = .milliseconds(100)
            let bid = StrategyResult(.buy, size: .quantity(.shares(1)), limit: .won(90))
            let plan = KernelPlan.sample(
                cash: .won(100_000), sources: [SourcePlan(name: "table", kind: .builtIn)],
                attachments: [
                    .sample(0, adds: true, strategy: TableStrategy([.seconds(1): bid]))
                ], arbiter: ArbiterPlan(policy: .first), risk: limits)
            // Two seconds of the wall from the first price to the next.
            let feed = MemoryFeed([1, 2_001, 2_002].map { .tick(.at($0, 100)) })
            @Sendable func ask(_ number: Int, _ limit: Int64) -> DeskRequest {
                DeskRequest(
                    number: number,
                    what: .modify(order: 1, limit: Price.won(limit).units, quantity: nil))
            }
            let (asked, log) = (Locked<RunControl?>(nil), MemoryLog())
            let broker = StubBroker(
                StubVenue(), changeHabit: .answer,
                beforeWrite: { _ in asked.withLock { $0 }?.ask(ask(1, 80)) })
            var run = RoutedRun(broker)
            run.log = log
            let control = run.control
            asked.withLock { $0 = control }
            control.onAnswered { request, words, isDone in
                // Back to what was bought, which adds again.
                let isBack = isDone && request.what == ask(1, 90).what
                guard isBack else {
                    let waits = words.contains("try again") || words.contains("on its way")
                    let limit: Int64 = request.what == ask(1, 80).what && waits ? 80 : 90
                    return control.ask(ask(request.number + 1, limit))
                }
                control.stop("asked for")
            }
            _ = try await run.run(plan, feed)
            let decisions = try changes(log).compactMap {
                if case .asked(let decision) = $0 { decision } else { nil }
            }
            #expect(decisions.map(\.after.limit) == [.won(80), .won(90)])
            #expect(decisions.last?.position.step == 1, "before the next price")
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, log.records),
                decided: ["signal", "round", "risk", "order", "modify"])
        }

        /// Stopped with the change on its way: the next start finds it under its new number.
        @Test func aNewStartAsksWhatBecameOfIt() async throws {
            let (venue, log) = (StubVenue(), MemoryLog())
            _ = try await run(venue, .loseReply, log, stopsAtAnswer: true)
            guard try changes(log).count == 1 else { return }  // its answer was faster
            _ = try await run(venue, .answer, log)
            let facts = try changes(log)
            #expect(facts.last == .taken(one, wish, BrokerOrderID("v1'")))
            #expect(facts.count { if case .asked = $0 { true } else { false } } == 1)
        }
    }
}
