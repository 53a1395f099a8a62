import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension PacedTests {
    /// The kill switch of a run whose orders go to a broker outside: what is answered is what is.
    @Suite struct RoutedKillTests {
        private static func buys(_ seconds: Int64) -> (KernelPlan, MemoryFeed) {
            RoutedRun.plan(seconds) { _ in StrategyResult(.buy, size: .quantity(.shares(10))) }
        }

        /// An order without an approval came to the last hop: no order of a person opens anything in this process, and
        /// the next one opens when it is said there.
        @Test(.timeLimit(.minutes(1))) func behindAHaltOnlyAnotherProcessLetsGo() async throws {
            let (venue, log) = (StubVenue(), MemoryLog())
            var run = RoutedRun(StubBroker(venue))
            run.log = log
            run.speed = 200
            let (control, answers) = (run.control, Locked<[KillAnswer]>([]))
            let stray = Order(
                number: OrderNumber(77), account: AccountID(0), instrument: InstrumentID(0),
                side: .buy, quantity: .shares(1), limit: nil)
            run.onBegin = { hop in
                let client = ClientOrderID(high: 1, low: 77)
                let approved = ApprovedOrder(stray, as: client, opens: true, approvedAt: .zero)
                #expect(!hop.passes(approved, at: 0))
            }
            let off = KillOrder(number: 1, on: false, reason: "looked at")
            run.observer = Listener { notice in
                if notice.text.contains("the host halts") { control.kill(off) }
            }
            control.onHeard { _, did in
                answers.withLock { $0.append(did) }
                control.stop("heard")
            }
            let (plan, feed) = Self.buys(4_000)
            _ = try await run.run(plan, feed)
            let answer = try #require(answers.withLock { $0.first })
            #expect(answer.stopsAll == true)
            #expect(answer.refusals.first?.contains("start it anew") == true, "\(answer.refusals)")
            let before = try history(log.records).facts
            let letsGo = before.contains {
                if case .killed(false, .all, _) = $0 { true } else { false }
            }
            #expect(!letsGo)

            // In the next start the order that was heard counts for nothing, and a new one lets go.
            var next = RoutedRun(StubBroker(venue))
            next.log = MemoryLog(Array(log.records.prefix(Int(log.durableNumber))))
            next.speed = 200
            let again = next.control
            again.killHeard = off
            again.killAtStart = off
            let later = Locked<[KillAnswer]>([])
            again.onHeard { order, did in
                later.withLock { $0.append(did) }
                if order.number == 1 {
                    again.kill(KillOrder(number: 2, on: false, reason: "again"))
                } else {
                    again.stop("heard")
                }
            }
            again.kill(off)
            _ = try await next.run(plan, feed)
            #expect(later.withLock { $0.map(\.stopsAll) } == [true, false])
        }

        /// Kernel and desk that answer each other for ever, as they seem to where one answer is one too many: the step ends,
        /// what was decided in it is in the log, and the host halts and goes on.
        @Test(.timeLimit(.minutes(1))) func aStepThatDoesNotEndHaltsTheHost() async throws {
            let (venue, log, notes) = (StubVenue(), MemoryLog(), Notebook())
            var run = RoutedRun(StubBroker(venue))
            run.log = log
            run.speed = 200
            run.mostTurns = 1
            run.observer = notes
            let (plan, feed) = Self.buys(400)
            let summary = try await run.run(plan, feed)
            #expect(summary.end == "finished", "no standstill")
            let told = try history(log.records).minutes.flatMap(\.notes).map(\.note)
                .filter { $0.text.contains("a step did not end by itself, and the host halts") }
            #expect(told.map(\.code) == [.drift] && told.map(\.severity) == [.critical])
            #expect(told.first?.text.contains("answered each other 1 times") == true, "\(told)")
            let killed = try history(log.records).facts.contains {
                if case .killed(true, .all, _) = $0 { true } else { false }
            }
            #expect(killed && venue.orders.count < 400, "\(venue.orders.count)")
        }

        /// What is halted is not being sold, and positions are counted by account.
        @Test(.timeLimit(.minutes(1))) func whatIsHaltedIsNotBeingSold() async throws {
            var run = RoutedRun(StubBroker(StubVenue(fillsLimits: true)))
            run.speed = 200
            let (control, answers) = (run.control, Locked<[KillAnswer]>([]))
            let isAsked = Locked(false)
            run.observer = Listener { notice in
                let isFirst = isAsked.withLock { asked in
                    guard notice.text.contains("filled BUY"), !asked else { return false }
                    asked = true
                    return true
                }
                guard isFirst else { return }
                control.change(
                    ExitOrder(number: 1, .halt(symbol: "S0", true), reason: "news"))
            }
            control.onExits { _, answer in
                #expect(answer.isTaken, "\(answer.words)")
                var order = KillOrder(number: 1, on: true, reason: "out")
                order.flattens = true
                control.kill(order)
            }
            control.onHeard { _, did in
                answers.withLock { $0.append(did) }
                control.stop("heard")
            }
            var (plan, feed) = Self.buys(4_000)
            plan.exits.plans = [try ExitPlan(reading: ["-5% all"])]
            plan.exits.general = .plan(0)
            _ = try await run.run(plan, feed)
            let answer = try #require(answers.withLock { $0.first })
            #expect(answer.halted == 1 && answer.sold == 0)
            #expect(answer.soldOf == ["a0": 0])
            #expect(answer.stopsAll == true && answer.holdsExits == false)
        }
    }
}
