import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// A run at a pace whose server's instruments change: what its queue holds, over a crash too.
@Suite struct InstrumentRunTests {
    /// `alpha` on the instruments that the last change names.
    private static func plan(_ base: KernelPlan, _ changes: [PlanChange]) -> KernelPlan {
        guard let text = changes.last?.text else { return base }
        var plan = base
        guard let any = base.attachments.first(where: { $0.source == SourceID(0) }) else {
            return base
        }
        plan.attachments.removeAll { $0.source == SourceID(0) }
        for word in text.split(separator: ",") {
            var attachment = any
            attachment.instrument = InstrumentID(Int(word) ?? 0)
            plan.attachments.append(attachment)
        }
        return plan
    }
    private static func change(_ number: Int, _ text: String) -> PlanChange {
        PlanChange(number: number, text: text, hash: "", words: ["change \(number)"])
    }

    private static let base: KernelPlan = {
        KernelPlan.sample(
            instruments: 3, sources: [SourcePlan(name: "alpha", kind: .server)],
            attachments: [.sample(0, instrument: 0), .sample(0, instrument: 1)])
    }()
    private static let feed = MemoryFeed(
        (1...90).map { .tick(.at(Int64($0), 100, of: Int($0 % 3))) })

    private struct Begun {
        let setup: RunSetup
        let link: SessionLink
        let ring: RingFeed

        init(_ log: MemoryLog) {
            let doorbell = Doorbell()
            let clock = HostClock()
            var description = Scenario.description("alpha", [.ticks], readsAccount: false)
            description.inputs = [ServerInput(.ticks, warmUp: 4)]
            let base = InstrumentRunTests.base
            let wanted = [0, 1].map { InstrumentID($0) }
            let subscription = Subscription(
                description, instruments: wanted, of: base.instruments.count, account: nil,
                roster: SessionRoster(
                    Array(base.instruments.prefix(2)), of: base.instruments.count))
            link = SessionLink(
                name: "alpha", source: SourceID(0), description: description,
                subscription: subscription,
                lane: SessionLane(
                    SourceID(0), clock: clock, doorbell: doorbell, isLockstep: false))
            ring = RingFeed(subscription, inputs: description.inputs)
            var setup = RunSetup(
                head: RunHead(
                    run: "r", identity: "i", market: "m", servers: ["alpha 1"], host: "h"),
                folder: "memory", plan: base,
                market: MarketPlan(zones: base.zones, intervals: [], timers: []),
                recording: InstrumentRunTests.feed, paper: .init(feeMicroBasisPoints: 0), log: log,
                projections: MemoryProjections(), digest: PlainSHA256(), clock: clock,
                doorbell: doorbell, sessions: [link], observer: Notebook())
            setup.speed = 1
            setup.replan = { InstrumentRunTests.plan(base, $0) }
            self.setup = setup
        }

        /// - Returns: Where the session goes on.
        func run() throws -> EventPosition {
            let after = Locked(EventPosition.start)
            let run = PacedRun(setup, feeds: [PacedRun.Feed(link: link, ring: ring)], speed: 1e15)
            _ = try run.run { after.withLock { $0 = link.lane.resumePoint().watermark } }
            return after.withLock { $0 }
        }

        func events(after position: EventPosition) -> [SessionEvent] {
            var events: [SessionEvent] = []
            _ = ring.pull(after: position, limit: 1_000, into: &events)
            return events
        }
    }
    private static func changes(_ events: [SessionEvent]) -> [(EventPosition, InstrumentChange)] {
        events.compactMap { event in
            if case .instrument(let change) = event.kind { (event.position, change) } else { nil }
        }
    }

    @Test func aChangeIsOneOfTheEventsAtTheSamePlaceBehindACrash() throws {
        let first = Begun(MemoryLog())
        let one = Self.change(1, "1,2")
        let next = Self.plan(Self.base, [one])
        first.setup.control.change(
            PlanRequest(
                one, next, instead: Self.base, behind: 30,
                inputs: [SourceID(0): first.link.description.inputs]))
        _ = try first.run()
        let whole = first.events(after: .start)
        let told = Self.changes(whole)
        #expect(
            told.map(\.0)
                == [0, 1].map {
                    EventPosition(step: 30, index: EventPosition.firstChangeIndex + $0)
                })
        #expect(told.map(\.1.joins) == [false, true] && told.map(\.1.number) == [0, 2])
        // Of instrument 2 the last four before: steps 20, 23, 26, 29.
        #expect(told.last?.1.history?.map(\.position.step) == [20, 23, 26, 29])
        // Nothing of what left behind it, nothing of what joined before it, and no gap.
        let ticks = whole.compactMap { event in
            if case .tick(let tick) = event.kind {
                (event.position.step, tick.instrument)
            } else {
                nil
            }
        }
        let due = (1...90 as ClosedRange<UInt64>).filter { step in
            let number = step % 3
            return number == 1 || (step <= 30 ? number == 0 : number == 2)
        }
        #expect(ticks.map(\.0) == due)

        // Cut behind the change, started again, and another change before anything else.
        let records = first.setup.log as? MemoryLog
        let all = try #require(records).records
        let place = try #require(
            all.firstIndex { record in
                if case .changed = try? LogRecord(record) { true } else { false }
            })
        let again = Begun(MemoryLog(all.prefix(place + 1)))
        let two = Self.change(2, "0,1,2")
        again.setup.control.change(
            PlanRequest(
                two, Self.plan(Self.base, [one, two]), instead: next,
                inputs: [SourceID(0): again.link.description.inputs]))
        let after = try again.run()
        let resumed = again.events(after: .start)
        #expect(resumed.prefix(22).map(\.position) == whole.prefix(22).map(\.position))
        #expect(Self.changes(resumed).prefix(2).map(\.0) == told.map(\.0))
        #expect(after == .start, "nobody has answered: all of it is asked again")
        // It lies beyond all that was there, and is the next that one hears who had answered that.
        let newest = EventPosition(step: 30, index: EventPosition.firstChangeIndex + 1)
        let behind = again.events(after: newest)
        #expect(
            behind.first?.position
                == EventPosition(step: 30, index: EventPosition.firstChangeIndex + 2))
        #expect(Self.changes(behind).map(\.1.number) == [0])
        #expect(Self.changes(behind).first?.1.history?.map(\.position.step) == [21, 24, 27, 30])
        #expect(again.ring.instruments?.numbers(asOf: newest) == [1, 2])
        #expect(again.ring.instruments?.numbers(asOf: .endOfStep(31)) == [0, 1, 2])
    }

    /// It was made ready with the symbols of the run's start.
    @Test func aVersionThatComesInTheMomentOfAChangeIsRefused() throws {
        let begun = Begun(MemoryLog())
        let control = begun.setup.control
        let one = Self.change(1, "1,2")
        let (main, ring) = (begun.link, begun.ring)
        let link = SessionLink(
            name: "alpha candidate", source: main.source, slot: .candidate,
            description: main.description, subscription: main.subscription,
            lane: SessionLane(
                main.source, clock: begun.setup.clock, doorbell: begun.setup.doorbell,
                isLockstep: false))
        let came = Locked(false)
        let refused = Locked<[String?]>([])
        control.onChanged { [weak control] _, _ in
            var order = VersionRequest(
                number: 1, strategy: "alpha", plan: VersionPlan(live: .main, other: .shadow),
                reason: "test")
            order.joining = JoiningVersion(link, ring: ring) { came.withLock { $0 = true } }
            control?.change(order)
        }
        control.onVersion { order in refused.withLock { $0.append(order.refused) } }
        control.change(
            PlanRequest(one, Self.plan(Self.base, [one]), instead: Self.base, behind: 30))
        _ = try begun.run()
        #expect(refused.withLock { $0 } == ["its symbols were changed while it started"])
        #expect(!came.withLock { $0 })
    }
}
