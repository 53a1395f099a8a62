import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension PacedTests {
    /// Where a server that reads its account goes on behind a restart, with orders at a broker outside: that tells fills
    /// between two steps, and behind the last one of the log too.
    ///
    /// The recording is two ticks long, and its end waits for the server, so nothing but the broker goes on meanwhile.
    @Suite(.timeLimit(.minutes(1))) struct ResumeOutsideTests {
        private static let reader = SourceID(1)
        private static let resting = EventPosition(step: 1, index: 0)
        private static let filling = EventPosition(step: 2, index: 0)
        private static let key = SessionKey(source: reader, slot: .main)

        /// A buy of S1 at 90 that rests, and one of S0 that rests too or fills at once: one at each tick.
        private static func plan(rests: Bool) -> KernelPlan {
            var server = SourcePlan(name: "reader", kind: .server)
            server.deadline = .seconds(3_600)
            let size = Size.quantity(.shares(10))
            let bid = StrategyResult(.buy, size: size, limit: .won(90))
            return KernelPlan.sample(
                instruments: 2, cash: .won(100_000_000),
                sources: [SourcePlan(name: "table", kind: .builtIn), server],
                attachments: [
                    .sample(0, instrument: 1, strategy: TableStrategy([.seconds(1): bid])),
                    .sample(
                        0, instrument: 0,
                        strategy: TableStrategy([
                            .seconds(2): rests ? bid : StrategyResult(.buy, size: size)
                        ])),
                ], arbiter: ArbiterPlan(policy: .first))
        }

        /// What a life of the host had at hand for the server.
        private struct Life {
            var log: MemoryLog
            /// What the server was asked about, from the start of the run on.
            var events: [SessionEvent] = []
            /// Where it went on.
            var point = EventPosition.start
            /// Those behind it that were at hand when it could begin.
            var owed: [EventPosition] = []
            var fills: [EventPosition] { events.filter(\.isFill).map(\.position) }
        }

        /// - Parameters:
        ///   - rests: Whether both orders do.
        ///   - answers: Which of its events the server answers as soon as it has them.
        ///   - endsAtWrite: Of so many orders; of one, long before the second tick: the host ends there.
        ///   - isOver: By all of its events: the host ends there.
        private static func live(
            _ records: [[UInt8]], at venue: StubVenue, ticks: Int = 2, rests: Bool = false,
            answers: @escaping @Sendable (SessionEvent) -> Bool = { _ in false },
            endsAtWrite: Int = 0,
            until isOver: @escaping @Sendable ([SessionEvent]) -> Bool = { _ in false }
        ) async throws -> Life {
            let (asked, written) = (Locked<RunControl?>(nil), Locked(0))
            let broker = StubBroker(
                venue,
                beforeWrite: { _ in
                    let count = written.withLock { written in
                        written += 1
                        return written
                    }
                    if count == endsAtWrite { asked.withLock { $0 }?.stop("test") }
                })
            var run = RoutedRun(broker)
            let log = MemoryLog(records)
            run.log = log
            let control = run.control
            asked.withLock { $0 = control }
            if endsAtWrite == 1 {
                (run.speed, run.longestPause) = (1e-6, 3_600_000_000_000)
            }
            let plan = plan(rests: rests)
            let made = Locked<PacedRun.Feed?>(nil)
            let life = Locked(Life(log: log))
            run.feeds = { doorbell in
                let description = Scenario.description("reader", [.ticks], readsAccount: true)
                let lane = SessionLane(
                    reader, clock: HostClock(), doorbell: doorbell, isLockstep: false)
                let link = SessionLink(
                    name: "reader", source: reader, description: description,
                    subscription: Subscription(
                        description, instruments: plan.instruments.map(\.id), of: 2,
                        account: AccountID(0)), lane: lane)
                let ring = RingFeed(link.subscription, inputs: [])
                ring.onMore {
                    var events: [SessionEvent] = []
                    _ = ring.pull(after: .start, limit: 1_000, into: &events)
                    life.withLock { $0.events = events }
                    if let last = events.last, answers(last) { lane.watermark(last.position) }
                    if isOver(events) { control.stop("test") }
                }
                let feed = PacedRun.Feed(link: link, ring: ring)
                made.withLock { $0 = feed }
                return [feed]
            }
            run.onReady = {
                guard let feed = made.withLock({ $0 }) else { return }
                feed.link.lane.report(.state(.live, detail: ""))
                var owed: [SessionEvent] = []
                let point = feed.link.lane.resumePoint().watermark
                _ = feed.ring.pull(after: point, limit: 1_000, into: &owed)
                life.withLock { ($0.point, $0.owed) = (point, owed.map(\.position)) }
                if isOver(owed) { control.stop("test") }
            }
            let feed = MemoryFeed((0..<ticks).map { .tick(.at(Int64($0 + 1), 100, of: 1 - $0)) })
            _ = try await run.run(plan, feed)
            return life.withLock { $0 }
        }

        private static func answered(_ log: MemoryLog) throws -> EventPosition? {
            var position: EventPosition?
            for bytes in log.records {
                guard case .answered(let positions) = try LogRecord(bytes) else { continue }
                position = positions[key] ?? position
            }
            return position
        }

        /// A fill that comes behind a restart has the number behind that of the fill before it, though no step lies
        /// between them: with the same number it would be what the server has already.
        @Test func numbersOfFillsGoOnBehindARestart() async throws {
            let venue = StubVenue()
            let first = try await Self.live([], at: venue, rests: true, endsAtWrite: 2)
            #expect(first.fills.isEmpty && venue.orders.count == 2)
            venue.fillOneThatRests()
            let second = try await Self.live(
                first.log.records, at: venue, rests: true, until: { $0.contains { $0.isFill } })
            let fills = (0..<2).map {
                EventPosition(step: 2, index: EventPosition.firstAccountIndex + $0)
            }
            #expect(second.fills == Array(fills.prefix(1)))
            venue.fillOneThatRests()
            let third = try await Self.live(
                second.log.records, at: venue, rests: true,
                until: { $0.count { $0.isFill } == 2 })
            #expect(third.fills == fills)
            // The log brings them back with the same numbers.
            let fourth = try await Self.live(
                third.log.records, at: venue, rests: true, until: { _ in true })
            #expect(fourth.owed == [Self.resting, Self.filling] + fills)
        }

        /// Its step was answered whole, and the fill behind it was not: that is asked again.
        @Test func whatIsAnsweredStopsBeforeAFillThatIsNot() async throws {
            let venue = StubVenue()
            let first = try await Self.live(
                [], at: venue, answers: { !$0.isFill }, until: { $0.contains { $0.isFill } })
            let fill = try #require(first.fills.first)
            #expect(try Self.answered(first.log) == Self.filling)
            let second = try await Self.live(
                first.log.records, at: venue, until: { _ in true })
            #expect(second.point == Self.filling && second.owed == [fill])
        }

        /// The log said that the step was answered before anybody knew of the fill, and a host ended between them.
        @Test func whatWasAnsweredBeforeAFillDoesNotHoldIt() async throws {
            let venue = StubVenue()
            let first = try await Self.live(
                [], at: venue, answers: { _ in true }, endsAtWrite: 1)
            let before = try #require(try Self.answered(first.log))
            #expect(before >= Self.resting)
            venue.fillOneThatRests()
            let second = try await Self.live(
                first.log.records, at: venue, ticks: 1, until: { $0.contains { $0.isFill } })
            let fill = try #require(second.fills.first)
            #expect(try #require(try Self.answered(second.log)) < fill)
            let third = try await Self.live(
                second.log.records, at: venue, ticks: 1, until: { _ in true })
            #expect(third.point < fill && third.owed.contains(fill))
        }
    }
}

extension SessionEvent {
    fileprivate var isFill: Bool { if case .account = kind { true } else { false } }
}

extension StubVenue {
    /// At its limit, when no host looks.
    fileprivate func fillOneThatRests() {
        let now = Timestamp(nanoseconds: HostClock().utc())
        state.withLock { state in
            guard let at = state.entries.firstIndex(where: { !$0.isFilled }) else { return }
            let order = state.entries[at].order
            state.entries[at].isFilled = true
            state.entries[at].fill = Fill(
                order: order.number, id: 1, price: order.limit ?? .won(100),
                quantity: order.quantity, fee: .zero, time: now)
        }
    }
}
