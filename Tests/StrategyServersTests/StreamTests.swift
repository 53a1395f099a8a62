import Ports
import StrategyWire
import TestKit
import Testing
import TradingModel

@testable import StrategyServers

/// A session at work: batches, credit, results. The test plays the server.
@Suite(.needsPython, .timeLimit(.minutes(1))) struct StreamTests {
    func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }

    // MARK: Events

    @Test func aLoneEventLeavesAtOnceAndTheRestGatherWhileTheServerIsBehind() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed()
            _ = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            for step in 1...4 as ClosedRange<UInt64> {
                feed.push([.tick(step)])
                let events = try await puppet.events()
                #expect((events.previous, events.steps) == ((step - 1) << 20, [step]))
            }
            // Four messages are unanswered: whatever comes now gathers.
            for step in 5...1_000 as ClosedRange<UInt64> { feed.push([.tick(step)]) }
            try await puppet.watermark(at(1))
            let batch = try await puppet.events()
            #expect((batch.previous, batch.steps) == (4 << 20, Array(5...260)))
            try await puppet.watermark(at(3))
            #expect(try await puppet.events().steps == Array(261...516))
            #expect(try await puppet.events().steps == Array(517...772))
            try await puppet.watermark(at(772))
            let rest = try await puppet.events()
            #expect((rest.previous, rest.steps) == (772 << 20, Array(773...1_000)))
        }
    }

    /// What is said of ticks is not to wait for a candle behind them that a model may think about.
    @Test(arguments: [true, false])
    func whatMayTakeLongerBeginsAMessage(_ hasOwn: Bool) async throws {
        try await Bench.with { bench in
            var description = Puppet.ticks
            description.inputs.append(PBInput(kind: .candles, intervalNs: 60_000_000_000))
            let puppet = try await Puppet.start(on: bench, description)
            var plan = bench.plan()
            plan.limits.deadline = .milliseconds(200)
            if hasOwn { plan.limits.deadlines = ClassDeadlines(candles: .seconds(2)) }
            func candle(_ step: UInt64) -> SessionEvent {
                SessionEvent(position: at(step), entryTime: .zero, kind: .candle(.at(60, 100)))
            }
            let events: [SessionEvent] = [
                .tick(1), .tick(2), candle(3), candle(4), .tick(5), candle(6), .tick(7),
            ]
            _ = try await bench.run(plan, ListFeed(events))
            let limits = try await puppet.accept().limits
            #expect(limits?.deadlineNs == 200_000_000)
            #expect(limits?.candlesDeadlineNs == (hasOwn ? 2_000_000_000 : 0))
            #expect(limits?.timersDeadlineNs == 0 && limits?.fillsDeadlineNs == 0)
            let parts = hasOwn ? [[1, 2], [3, 4, 5], [6, 7]] : [[1, 2, 3, 4, 5, 6, 7]]
            for part in parts {
                let events = try await puppet.events()
                #expect(events.steps == part.map(UInt64.init))
                #expect(events.previous >> 20 == UInt64(part[0] - 1))
            }
        }
    }

    @Test func creditOfOneIsOneEventAtATime() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            var plan = bench.plan()
            plan.limits.credit = 1
            let running = try await bench.run(plan, ListFeed(.ticks(1...20)))
            #expect(try await puppet.accept().limits?.credit == 1)
            for step in 1...20 as ClosedRange<UInt64> {
                let events = try await puppet.events()
                #expect((events.previous, events.steps) == ((step - 1) << 20, [step]))
                try await puppet.watermark(at(step))
            }
            try await running.inbox.wait(closed: at(20))
        }
    }

    @Test func creditCountsEventsBeyondTheWatermark() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            var plan = bench.plan()
            plan.limits.credit = 300
            _ = try await bench.run(plan, ListFeed(.ticks(1...1_000)))
            try await puppet.accept()
            #expect(try await puppet.events().steps == Array(1...256))
            #expect(try await puppet.events().steps == Array(257...300))
            try await puppet.watermark(at(100))
            #expect(try await puppet.events().steps == Array(301...400))
        }
    }

    @Test func theServersOwnLargestBatchIsKept() async throws {
        try await Bench.with { bench in
            var description = Puppet.ticks
            description.largestBatch = 7
            let puppet = try await Puppet.start(on: bench, description)
            _ = try await bench.run(bench.plan(), ListFeed(.ticks(1...10)))
            try await puppet.accept()
            #expect(try await puppet.events().steps == Array(1...7))
            #expect(try await puppet.events().steps == Array(8...10))
        }
    }

    /// What was left out was not sent: `previous` goes on from the last event that was.
    @Test func whatWasLeftOutIsSaidInItsPlace() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed(.ticks(1...20))
            feed.leaveOut(at(6), through: at(15))
            _ = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            guard case .skipped(let skipped) = try await puppet.message() else {
                throw BenchError("nothing was said of what was left out")
            }
            #expect(skipped.runs == [PBSkipped.Run(first: 6 << 20, last: 15 << 20)])
            #expect(skipped.reason == "the oldest were dropped")
            let events = try await puppet.events()
            #expect((events.previous, events.steps) == (0, Array(1...5) + Array(16...20)))
            try await puppet.watermark(at(20))
            feed.push(.ticks(21...21))
            #expect(try await puppet.events().previous == 20 << 20)
        }
    }

    @Test func eventsThatCannotBeReadEndTheSession() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed()
            let running = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            try await running.inbox.wait(.live)
            feed.fail("day.csv:7: no price")
            let words = try await running.inbox.wait(.quarantined)
            #expect(words.hasPrefix("its events cannot be read: day.csv:7: no price"))
        }
    }

    // MARK: Results

    @Test func resultsAreTakenAndBreachesTold() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed(.ticks(1...3)))
            try await puppet.accept()
            _ = try await puppet.events()
            let results = [(1, 0), (2, 0), (2, 9), (3, 1), (4, 0)].map { step, instrument in
                PBResult(
                    position: UInt64(step) << 20, instrument: UInt32(instrument), action: .buy,
                    confidence: 1)
            }
            try await puppet.say(.results(PBResults(results: results, watermark: 3 << 20)))
            let heard = try await running.inbox.wait(closed: at(3))
            #expect(heard.results.map(\.position) == [at(1), at(2), at(3)])
            #expect(heard.results.map(\.instrument.index) == [0, 0, 1])
            let refused = heard.reports.compactMap { report -> String? in
                guard case .refusedResults(1, let reason) = report else { return nil }
                return reason
            }
            #expect(
                refused == [
                    "instrument number 9; the session has 2",
                    "position 4.0 is beyond 3.0, the last event sent",
                ])
        }
    }

    @Test func aFloodForOneEventIsCutAtTheLimit() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]))
            try await puppet.accept()
            _ = try await puppet.events()
            for part in 0..<5 as Range<UInt32> {
                let results = (0..<20_000 as Range<UInt32>).map { index in
                    PBResult(position: 1 << 20, index: part * 20_000 + index, action: .buy)
                }
                try await puppet.say(.results(PBResults(results: results)))
            }
            try await puppet.watermark(at(1))
            let heard = try await running.inbox.heard.wait(for: "the refusals") { heard in
                heard.refused == 100_000 - 64
            }
            #expect(heard.results.count == 64)
        }
    }

    /// More than its rate is refused by name; and what comes next is not read before its time.
    @Test func aServerThatFloodsIsRefusedAndHeldBack() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            var plan = bench.plan()
            plan.limits.resultsPerSecond = 2
            let running = try await bench.run(plan, ListFeed([.tick(1)]))
            try await puppet.accept()
            _ = try await puppet.events()
            let clock = ContinuousClock()
            let begin = clock.now
            let flood = (0..<24 as Range<UInt32>).map { index in
                PBResult(position: 1 << 20, index: index, action: .buy)
            }
            try await puppet.say(.results(PBResults(results: flood)))
            try await puppet.watermark(at(1))
            let heard = try await running.inbox.wait(closed: at(1))
            // A burst is 20, and 4 a second are read.
            #expect(begin.duration(to: clock.now) >= .seconds(1))
            #expect((heard.results.count, heard.refused) == (20, 4))
            let reasons = heard.reports.compactMap { report in
                if case .refusedResults(_, let reason) = report { return reason }
                return nil
            }
            #expect(Set(reasons) == ["more than 2 results a second"])
            let isTold = heard.reports.contains {
                if case .log("warning", let text) = $0 { return text.hasPrefix("it floods") }
                return false
            }
            #expect(isTold)
        }
    }

    @Test func aFullInboxHoldsTheServerBack() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed(.ticks(1...3)))
            running.inbox.heard.change { $0.hasRoom = false }
            try await puppet.accept()
            _ = try await puppet.events()
            for step in 1...3 as ClosedRange<UInt64> {
                let result = PBResult(position: step << 20, action: .alert)
                try await puppet.say(.results(PBResults(results: [result])))
            }
            try await running.inbox.heard.wait(for: "the first result") { $0.results.count == 1 }
            running.inbox.makeRoom()
            try await running.inbox.heard.wait(for: "the others") { $0.results.count == 3 }
        }
    }

    /// Whatever breaks the stream's own rules ends the session for good, in words.
    static let breaches: [(words: String, message: PBServerMessage.Message?)] = [
        (
            "its watermark 2.0 is beyond 1.0, the last event sent",
            .watermark(PBWatermark(position: 2 << 20))
        ),
        ("it sent Ready twice", .ready(PBReady())),
        ("it sent a message this host does not know", nil),
    ]

    @Test(arguments: breaches.indices)
    func breachesOfTheStreamAreRefused(_ index: Int) async throws {
        let breach = Self.breaches[index]
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]))
            try await puppet.accept()
            _ = try await puppet.events()
            try await puppet.say(breach.message)
            let words = try await running.inbox.wait(.quarantined)
            #expect(words.hasPrefix(breach.words), "\(words)")
        }
    }

    @Test func aWatermarkThatGoesBackIsRefused() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed(.ticks(1...2)))
            try await puppet.accept()
            _ = try await puppet.events()
            try await puppet.watermark(at(2))
            try await puppet.watermark(at(1))
            let words = try await running.inbox.wait(.quarantined)
            #expect(words.hasPrefix("its watermark went back from 2.0 to 1.0"))
        }
    }

    @Test func aMessageThatIsTooLargeIsRefused() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]))
            try await puppet.accept()
            _ = try await puppet.events()
            let text = String(repeating: "x", count: 1_048_576)
            try await puppet.say(.log(PBLog(level: .info, text: text)))
            let words = try await running.inbox.wait(.quarantined)
            #expect(words.contains("larger than max"), "\(words)")
        }
    }

    @Test func snapshotsArePassedOver() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]))
            try await puppet.accept()
            _ = try await puppet.events()
            let part = PBSnapshotPart(position: 1 << 20, format: "f", last: true, data: [1, 2, 3])
            try await puppet.say(.snapshot(part))
            try await puppet.watermark(at(1))
            try await running.inbox.wait(closed: at(1))
            #expect(running.inbox.heard.value.life == [.connecting, .live])
        }
    }
}
