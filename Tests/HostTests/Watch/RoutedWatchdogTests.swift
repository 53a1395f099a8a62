import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension PacedTests {
    /// R11.4 at a broker outside: no fills, a slow broker.
    @Suite struct RoutedWatchdogTests {
        private static func run(
            _ broker: StubBroker, _ control: (RunControl) -> any RunObserver,
            _ change: (inout RoutedRun) -> Void
        ) -> (RoutedRun, MemoryLog) {
            var run = RoutedRun(broker)
            let log = MemoryLog()
            run.log = log
            run.observer = control(run.control)
            change(&run)
            return (run, log)
        }

        /// Four buys: at the market, far below it, at the last price, and through it. None of them fills; the second need not,
        /// and the third may stand behind others.
        @Test func anOrderThatShouldFillIsTold() async throws {
            let table: [Int64: StrategyResult] = [
                1: StrategyResult(.buy, size: .quantity(.shares(10))),
                2: StrategyResult(.buy, size: .quantity(.shares(11)), limit: .won(90)),
                3: StrategyResult(.buy, size: .quantity(.shares(13)), limit: .won(100)),
                4: StrategyResult(.buy, size: .quantity(.shares(12)), limit: .won(110)),
            ]
            var (plan, _) = RoutedRun.plan(1) { _ in StrategyResult(.alert) }
            var said: [Timestamp: StrategyResult] = [:]
            for (second, result) in table { said[.seconds(second)] = result }
            plan.attachments = [.sample(0, adds: true, strategy: TableStrategy(said))]
            let feed = MemoryFeed((1...200_000).map { .tick(.at($0, 100)) })
            let told = Locked<[RunNotice]>([])
            let (run, log) = Self.run(
                StubBroker(StubVenue(fillsNone: true)),
                { control in
                    Listener { notice in
                        guard notice.text.contains("fill for") else { return }
                        let count = told.withLock { told in
                            told.append(notice)
                            return told.count
                        }
                        if count == 2 { control.stop("told") }
                    }
                }
            ) { run in
                run.watch.noFills = .milliseconds(150)
                run.watch.lookEvery = 20_000_000
            }
            #expect(try await run.run(plan, feed).end == "stopped")
            let texts = told.withLock { $0 }
            #expect(texts.count == 2, "\(texts)")
            #expect(texts.allSatisfy { $0.source == "stub" && $0.symbol == "S0" })
            #expect(texts.first?.text.hasPrefix("FS042: order 1 has no fill for ") == true)
            #expect(
                texts.first?.text.contains("BUY 10 S0 at the market. stub has taken it") == true)
            #expect(texts.last?.text.hasPrefix("FS042: order 4 has no fill for ") == true)
            #expect(
                texts.last?.text.contains(
                    "BUY 12 S0 at 110, which the last price 100 has passed") == true)
            let rows = try run.projections.riskEvents().filter { $0.code == "FS042" }
            #expect(rows.map(\.rule) == ["no fills, order 1", "no fills, order 4"])
            #expect(rows.allSatisfy { $0.account == "a0" })
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, log.records), decided: ["order"])
        }

        /// In the auction that closes a session nothing fills, and nobody is told; where there is none, he is.
        @Test(arguments: [true, false])
        func anAuctionFillsNothing(_ hasAuction: Bool) async throws {
            let session = MarketHours.Session(open: 32_400_000_000_000, close: 55_800_000_000_000)
            let hours = MarketHours(session)
            // 15:20 in Seoul on the first day of 1970, a Thursday.
            let auction: Int64 = 22_800
            var (plan, _) = RoutedRun.plan(1) { _ in StrategyResult(.alert) }
            plan.hours = [hours]
            let table = TableStrategy([
                .seconds(auction + 5): StrategyResult(.buy, size: .quantity(.shares(10)))
            ])
            plan.attachments = [.sample(0, adds: true, strategy: table)]
            let feed = MemoryFeed((auction + 1...auction + 590).map { .tick(.at($0, 100)) })
            let told = Locked<[String]>([])
            let (run, _) = Self.run(
                StubBroker(StubVenue(fillsNone: true)),
                { control in
                    Listener { notice in
                        guard notice.text.hasPrefix("FS042: order 1 has no fill") else { return }
                        told.withLock { $0.append(notice.text) }
                        control.stop("told")
                    }
                }
            ) { run in
                run.watch.noFills = .milliseconds(100)
                run.watch.lookEvery = 20_000_000
                if hasAuction { run.watch.closingAuctions = [hours: .seconds(600)] }
            }
            let end = try await run.run(plan, feed).end
            #expect(end == (hasAuction ? "finished" : "stopped"))
            #expect(told.withLock { $0.count } == (hasAuction ? 0 : 1))
        }

        /// The broker takes three seconds for each order, by the line's clock, until it was told.
        @Test func aSlowBrokerIsToldUntilItIsWell() async throws {
            let (clock, isSlow) = (ManualClock(), Locked(true))
            let broker = StubBroker(
                StubVenue(),
                beforeWrite: { _ in
                    if isSlow.withLock({ $0 }) { clock.advance(by: 3_000_000_000) }
                })
            let told = Locked<[RunNotice]>([])
            let (run, log) = Self.run(
                broker,
                { control in
                    Listener { notice in
                        guard notice.text.hasPrefix("FS045") else { return }
                        told.withLock { $0.append(notice) }
                        isSlow.withLock { $0 = false }
                        if notice.text.hasPrefix("FS045 INFO") { control.stop("told") }
                    }
                }
            ) { run in
                run.watch.slowBroker = .seconds(2)
                run.brokerClock = clock
            }
            let (plan, feed) = RoutedRun.plan(20_000) { second in
                StrategyResult(second % 2 == 1 ? .buy : .sell, size: .quantity(.shares(10)))
            }
            #expect(try await run.run(plan, feed).end == "stopped")
            let notices = told.withLock { $0 }
            #expect(notices.count == 2, "\(notices)")
            #expect(
                notices.first?.text.hasPrefix(
                    "FS045: stub answers slowly: most of its last 5 answers took ")
                    == true)
            #expect(notices.first?.text.hasSuffix("past 2s is slow") == true)
            #expect(notices.last?.text.hasPrefix("FS045 INFO: stub answers in time again") == true)
            let rows = try run.projections.riskEvents().filter { $0.rule == "slow broker" }
            #expect(rows.count == 2 && rows.allSatisfy { $0.account == "a0" })
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan, feed, log.records), decided: ["order"])
        }
    }
}
