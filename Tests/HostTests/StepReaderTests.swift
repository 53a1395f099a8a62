import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct StepReaderTests {
    static let market = MarketPlan(
        zones: [.seoul, .seoul, .seoul], intervals: [.minute], timers: [.seconds(300)])

    static func steps(_ feed: MemoryFeed, _ plan: MarketPlan = market) throws -> [Step] {
        let reader = try StepReader(feed, plan)
        var step = Step()
        var steps: [Step] = []
        while try reader.read(into: &step) { steps.append(step) }
        return steps
    }

    @Test(arguments: seeds(0..<4, by: 10))
    func twoReadersGiveTheSameSteps(_ seed: UInt64) throws {
        let feed = Scenario.random(seed, rows: 3_000).feed
        let first = try Self.steps(feed)
        let second = try Self.steps(feed)
        #expect(first.map(\.number) == Array(1...UInt64(first.count)))
        #expect(first.map(\.events) == second.map(\.events))
        #expect(first.map(\.time) == second.map(\.time))
        #expect(first.compactMap(\.input) == feed.rows)
        for (before, after) in zip(first, first.dropFirst()) { #expect(before.time <= after.time) }
        #expect(
            first.allSatisfy { step in step.events.allSatisfy { $0.position.step == step.number } })
    }

    @Test func theTimeOfTheNextStepIsToldWithoutTakingIt() throws {
        let reader = try StepReader(
            MemoryFeed([.tick(.at(1, 1)), .candle(.at(50, 1)), .tick(.at(70, 2))]), Self.market)
        var step = Step()
        var told: [Timestamp?] = []
        repeat { told.append(try reader.peekTime()) } while try reader.read(into: &step)
        // The candle begins before the close at 60 s that it ends behind: it comes first.
        #expect(told == [.seconds(1), .seconds(110), .seconds(60), .seconds(70), nil])
        #expect(reader.step == 4)
        #expect(try !reader.read(into: &step) && reader.step == 4)
    }

    @Test func aBadRowEndsTheReadingBehindTheGoodOnes() throws {
        let reader = try StepReader(
            MemoryFeed((1...5).map { .tick(.at($0, 1)) }, badRow: 3), Self.market)
        var step = Step()
        var inputs = 0
        #expect(throws: FeedError.self) {
            while try reader.read(into: &step) { inputs += step.input == nil ? 0 : 1 }
        }
        #expect(inputs == 3)
        #expect(throws: FeedError.self, "asked again, it fails again") {
            try reader.read(into: &step)
        }
    }

    @Test func noRowsMakeNoSteps() throws {
        #expect(try Self.steps(MemoryFeed([])).isEmpty)
        #expect(try StepReader(MemoryFeed([]), Self.market).peekTime() == nil)
    }
}
