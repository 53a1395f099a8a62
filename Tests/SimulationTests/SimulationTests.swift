import Simulation
import TestKit
import Testing
import TradingModel

@Suite struct SimulationTests {
    @Test(arguments: seeds(1..<13, by: 10))
    func theSameSeedTellsTheSameHistory(_ seed: UInt64) {
        let one = Simulation.run(Simulation.Case(seed: seed))
        let two = Simulation.run(Simulation.Case(seed: seed))
        #expect(HistoryText(one.history).text() == HistoryText(two.history).text())
        #expect(one.history == two.history)
    }

    @Test func anotherSeedTellsAnother() {
        let one = Simulation.run(Simulation.Case(seed: 1))
        let two = Simulation.run(Simulation.Case(seed: 2))
        #expect(one.history != two.history)
    }

    @Test(arguments: seeds(1..<61, by: 10))
    func noPromiseIsBroken(_ seed: UInt64) {
        let outcome = Simulation.run(Simulation.Case(seed: seed))
        #expect(outcome.violations == [], "madang sim --seed \(seed) --history")
    }

    /// Orders that changed places with another's that looks the same, fees of fills that were listed late, changes that
    /// were written behind the end of their order, a sale that grew past what its broker held, and a step without an end.
    @Test(
        arguments: [
            61_054, 67_082, 83_191, 101_128, 124_397, 148_722, 969, 4_633, 9_398, 2_880, 159_501,
            590_410, 612_057, 633_573, 78_748, 85_098, 728_127, 5_657,
        ] as [UInt64])
    func whatWasOnceBrokenHolds(_ seed: UInt64) {
        let outcome = Simulation.run(Simulation.Case(seed: seed))
        #expect(outcome.violations == [], "madang sim --seed \(seed) --history")
    }

    @Test func withoutFaultsNothingStrikes() {
        let all = FaultPlan.Omissions(kinds: Set(Fault.allCases))
        for seed in seeds(1..<21, by: 10) {
            let outcome = Simulation.run(Simulation.Case(seed: seed, leavingOut: all))
            #expect(outcome.violations == [])
            let struck = outcome.history.entries.compactMap { entry -> Fault? in
                if case .struck(let fault, _) = entry.what { fault } else { nil }
            }
            // Of themselves: strategies disagree, and a small broker takes few calls in a second.
            #expect(struck.allSatisfy { $0 == .votesOpposed || $0 == .rateLimited })
        }
    }

    @Test func coverageCountsWhatHappened() {
        var coverage = Coverage()
        for seed in 1...40 as ClosedRange<UInt64> {
            coverage.add(Simulation.run(Simulation.Case(seed: seed)).history)
        }
        var twice = coverage
        twice.merge(coverage)
        #expect(coverage.seeds == 40)
        #expect(twice.rows.map(\.count) == coverage.rows.map { $0.count * 2 })
        #expect(Coverage().missing.count == Coverage.wanted.reduce(0) { $0 + $1.names.count })
        #expect(coverage.missing.count < 31)
    }

    @Test func linesOfAHistoryLineUp() throws {
        var made = HandMade()
        made.bought(HandMade.order(1, .buy, 10))
        made.rest(brokers: [11, 0])
        let text = HistoryText(made.history).text(made.violations)
        let lines = text.split(separator: "\n").dropFirst(2)
        #expect(lines.contains { $0.contains("BUY 10 S0 at 10") })
        #expect(text.contains("cash 900 KRW"))
        #expect(text.contains("VIOLATED: the books agree with the brokers"))
        let places = lines.map { String($0.dropFirst(12).prefix(6)) }
        #expect(places.allSatisfy { $0.first != " " })
    }
}
