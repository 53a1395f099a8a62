import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

/// A session whose instruments change while it goes on. The test plays the server.
@Suite(.needsPython, .timeLimit(.minutes(1))) struct InstrumentStreamTests {
    private static let other = Instrument(
        id: InstrumentID(5), symbol: "C", market: "KR", currency: "KRW", ladder: .krx,
        lot: Quantity(units: fixedPointScale), timeZone: "Asia/Seoul")

    private static func at(_ step: UInt64) -> EventPosition {
        EventPosition(step: step, index: EventPosition.firstChangeIndex)
    }
    private static func change(
        _ instrument: Instrument, _ number: Int, joins: Bool, at step: UInt64,
        history: [SessionEvent]? = nil
    ) -> SessionEvent {
        SessionEvent(
            position: at(step), entryTime: .zero,
            kind: .instrument(
                InstrumentChange(instrument, number: number, joins: joins, history: history)))
    }
    /// Instrument 0 leaves at 4, another joins at 2.
    private static var timeline: InstrumentTimeline {
        var timeline = InstrumentTimeline(Bench.instruments)
        _ = timeline.change(other, joins: true, at: at(2))
        _ = timeline.change(Bench.instruments[0], joins: false, at: at(4))
        return timeline
    }
    private static var events: [SessionEvent] {
        let history = [SessionEvent.tick(1, of: 5), .tick(2, of: 5)]
        return [
            .tick(2), change(other, 2, joins: true, at: 2, history: history), .tick(3, of: 5),
            .tick(4), change(Bench.instruments[0], 0, joins: false, at: 4), .tick(5, of: 5),
        ]
    }

    @Test func whatJoinsComesBehindItsOwnHistory() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed(Self.events)
            feed.follow(Self.timeline)
            let running = try await bench.run(bench.plan(), feed)
            let configure = try await puppet.accept()
            #expect(configure.instruments.map(\.number) == [0, 1])
            let before = try await puppet.events()
            #expect(before.steps == [2] && before.instrumentChanges == nil)
            guard case .warmUp(let part) = try await puppet.message() else {
                throw BenchError("no history of what joins")
            }
            #expect(part.instruments.map(\.number) == [2] && part.last && part.position == 0)
            #expect(part.events?.steps == [1, 2] && part.events?.ticks?.instrument == [2, 2])
            let behind = try await puppet.events()
            #expect(behind.previous == 2 << 20)
            #expect(
                try behind.rows().map(\.position)
                    == Self.events.dropFirst().map(\.position))
            #expect(behind.instrumentChanges?.added == [true, false])
            #expect(behind.ticks?.instrument == [2, 0, 2])
            // Each is read by the list of its position; what has left is no fault.
            let results = [(2, 2), (3, 2), (4, 0), (5, 0), (5, 2)].map { step, number in
                PBResult(
                    position: UInt64(step) << 20, instrument: UInt32(number), action: .buy,
                    confidence: 1)
            }
            try await puppet.say(.results(PBResults(results: results, watermark: 5 << 20)))
            let heard = try await running.inbox.wait(closed: EventPosition(5 << 20))
            #expect(heard.results.map(\.instrument.index) == [5, 0, 0, 5])
            let refused = heard.reports.compactMap { report -> String? in
                guard case .refusedResults(1, let reason) = report else { return nil }
                return reason
            }
            #expect(refused == ["instrument number 2 joins behind 2.0"])
        }
    }

    /// Runs that were left out stand before the message that they belong to.
    @Test func whatWasLeftOutStaysInItsPlace() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            var events = Self.events
            events.insert(.tick(1), at: 0)
            events.append(.tick(9, of: 5))
            let feed = ListFeed(events)
            feed.follow(Self.timeline)
            feed.leaveOut(
                EventPosition(step: 5, index: 0), through: EventPosition(step: 5, index: 0))
            _ = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            #expect(try await puppet.events().steps == [1, 2])
            guard case .warmUp = try await puppet.message(),
                case .skipped(let skipped) = try await puppet.message()
            else { throw BenchError("not in the order") }
            #expect(skipped.runs == [PBSkipped.Run(first: 5 << 20, last: 5 << 20)])
            #expect(try await puppet.events().steps == [2, 3, 4, 4, 9])
        }
    }

    /// The list is that of the watermark; a full history begins with what changed since.
    @Test func aFullHistoryBeginsWithTheChangesSince() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed(Self.events)
            feed.follow(Self.timeline)
            feed.lose(
                through: EventPosition(step: 5, index: 0),
                history: [.tick(1, of: 5), .tick(5, of: 5)])
            let inbox = NoteInbox()
            inbox.watermark(EventPosition(step: 3, index: 0))
            _ = try await bench.run(bench.plan(), feed, into: inbox)
            let configure = try await puppet.configure()
            #expect(configure.instruments.map(\.number) == [0, 1, 2])
            try await puppet.ready(configure) { $0.state = .needsWarmUp(true) }
            guard case .warmUp(let changes) = try await puppet.message(),
                case .warmUp(let history) = try await puppet.message()
            else { throw BenchError("no history") }
            #expect(changes.instruments.isEmpty && !changes.last)
            #expect(try changes.events?.rows().map(\.kind) == [.leaves(0)])
            #expect(history.last && history.position == 5 << 20)
            #expect(history.events?.ticks?.instrument == [2, 2])
        }
    }
}
