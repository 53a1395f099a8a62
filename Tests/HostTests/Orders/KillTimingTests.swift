import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension PacedTests {
    /// From a kill to nothing that opens within a second, and to all cancels within five (R11.3).
    @Suite struct KillTimingTests {
        /// Each flush takes its time.
        private final class SlowLog: EventLog {
            let inner = MemoryLog()
            private let span: Int64
            private let bell = Doorbell()
            init(_ span: Int64) { self.span = span }
            var nextNumber: UInt64 { inner.nextNumber }
            var durableNumber: UInt64 { inner.durableNumber }
            func append(_ record: [UInt8]) throws(StoreError) -> UInt64 { try inner.append(record) }
            func flushWhenAsked() {}
            func onDurable(_ wake: @escaping @Sendable (Result<UInt64, StoreError>) -> Void) {
                inner.onDurable(wake)
            }
            func flush() throws(StoreError) {
                _ = bell.wait(until: HostClock().monotonic() + span)
                try inner.flush()
            }
            func forEach(_ body: (UInt64, [UInt8]) throws -> Bool) throws {
                try inner.forEach(body)
            }
            func close() throws(StoreError) { try inner.close() }
        }

        /// Orders rest at the broker, wait for the disk and hang on their way, when the switch is thrown.
        @Test(arguments: [0, 300] as [Int64])
        func nothingOpensBehindItAndEverythingIsCancelled(_ flushMilliseconds: Int64) async throws {
            let venue = StubVenue()
            let (clock, killedAt) = (HostClock(), Locked<Int64?>(nil))
            let (control, count) = (Locked<RunControl?>(nil), Counter())
            let broker = StubBroker(
                venue, habit: { $0.number.value % 5 == 3 ? .hang : .answer },
                beforeWrite: { _ in
                    // The worst moment: this one has passed the permit, others wait everywhere.
                    guard count.next() == 6 else { return }
                    killedAt.withLock { $0 = clock.monotonic() }
                    control.withLock { $0 }?.kill(KillOrder(number: 1, on: true, reason: "test"))
                })
            var run = RoutedRun(broker)
            let heardAt = Locked<Int64?>(nil)
            run.control.onHeard { _, _ in heardAt.withLock { $0 = clock.monotonic() } }
            control.withLock { [control = run.control] in $0 = control }
            run.speed = 50
            let log = SlowLog(flushMilliseconds * 1_000_000)
            run.log = log
            let (plan, feed) = RoutedRun.plan(60) { _ in
                StrategyResult(.buy, size: .quantity(.shares(1)), limit: .won(90))
            }
            _ = try await run.run(plan, feed)
            let killed = try #require(killedAt.withLock { $0 })
            let behind = venue.writes.filter { $0.at > killed }
            // The one in hand was past the line.
            #expect(behind.count <= 1)
            #expect(behind.allSatisfy { $0.at - killed < 1_000_000_000 })
            #expect(venue.orders.count == 6)
            #expect(venue.orders.allSatisfy { $0.isCancelled })
            let last = try #require(venue.cancels.map(\.at).max())
            #expect(last - killed < 5_000_000_000)
            #expect(heardAt.withLock { $0 } != nil)
            // By the kill, and not by the end of the recording.
            let reasons = try history(log.inner.records).facts.compactMap { fact in
                if case .cancelAsked(_, let reason) = fact { reason } else { nil }
            }
            #expect(!reasons.isEmpty && reasons.allSatisfy { $0 == "the kill switch: test" })
            let facts = try history(log.inner.records).facts
            let at = try #require(facts.firstIndex(of: .killed(true, .all, reason: "test")))
            #expect(!facts[at...].contains { if case .ordered = $0 { true } else { false } })
            let replay = try DecisionReplayTests.replay(routed: plan, feed, log.inner.records)
            DecisionReplayTests.expectSame(replay, decided: ["signal", "order", "cancel", "end"])
            #expect(DecisionReplayTests.count("kill", replay.inputs) == 1)
        }
    }
}
