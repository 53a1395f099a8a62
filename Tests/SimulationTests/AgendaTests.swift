import Simulation
import TestKit
import Testing
import TradingModel

@Suite struct AgendaTests {
    @Test(arguments: seeds(1..<51))
    func everythingComesInTheOrderOfItsTime(_ seed: UInt64) {
        var draw = SeededStream(seed: seed, .market)
        var agenda = Agenda<Int>(start: .zero, ties: SeededStream(seed: seed, .ties))
        var times: [Int64] = []
        for index in 0..<200 {
            let time = draw.number(0...40)
            times.append(time)
            agenda.add(index, at: Timestamp(nanoseconds: time))
        }
        var heard: [Int64] = []
        while let index = agenda.next() {
            #expect(agenda.now == Timestamp(nanoseconds: times[index]))
            heard.append(times[index])
        }
        #expect(heard == times.sorted())
    }

    @Test func whatIsPastHappensNow() {
        var agenda = Agenda<Int>(start: .zero, ties: SeededStream(seed: 1, .ties))
        agenda.add(1, after: .seconds(5))
        let first = agenda.next()
        agenda.add(2, at: .zero)
        let second = agenda.next()
        #expect([first, second] == [1, 2])
        #expect(agenda.now == Timestamp.zero.advanced(by: .seconds(5)))
        #expect(agenda.isEmpty)
    }

    @Test func tiesAreDrawnAndTheSameForOneSeed() {
        func order(_ seed: UInt64) -> [Int] {
            var agenda = Agenda<Int>(start: .zero, ties: SeededStream(seed: seed, .ties))
            for index in 0..<20 { agenda.add(index, at: .zero) }
            var heard: [Int] = []
            while let index = agenda.next() { heard.append(index) }
            return heard
        }
        #expect(order(1) == order(1))
        #expect(order(1) != order(2))
        #expect(order(1).sorted() == Array(0..<20))
    }

    @Test func aDrawStaysInItsRange() {
        var draw = SeededStream(seed: 3, .faults)
        let drawn = (0..<1_000).map { _ in draw.number(-3...3) }
        #expect(Set(drawn) == Set(-3...3))
        let never = (0..<1_000).map { _ in draw.happens(0) }
        let always = (0..<1_000).map { _ in draw.happens(1_000_000) }
        #expect(!never.contains(true) && !always.contains(false))
    }

    @Test func kindsOfFaultsDrawApart() {
        let rates: [Fault: Int64] = [.crash: 500_000, .requestLost: 500_000]
        var all = FaultPlan(seed: 9, rates: rates, leavingOut: .init())
        var without = FaultPlan(seed: 9, rates: rates, leavingOut: .init(kinds: [.crash]))
        for _ in 0..<200 {
            _ = all.strikes(.crash)
            let crashes = without.strikes(.crash)
            let (one, other) = (all.strikes(.requestLost), without.strikes(.requestLost))
            #expect(!crashes && one == other)
        }
        all.isCalm = true
        let calm = (0..<100).map { _ in all.strikes(.requestLost) }
        #expect(!calm.contains(true))
    }

    @Test func aSingleFaultIsLeftOutByItsNumber() {
        let rates: [Fault: Int64] = [.offline: 1_000_000]
        var plan = FaultPlan(seed: 1, rates: rates, leavingOut: .init(numbers: [2]))
        let struck = (0..<4).map { _ in plan.strikes(.offline) }
        #expect(struck == [true, false, true, true])
    }

    @Test func namesOfFaultsAreReadBack() {
        for fault in Fault.allCases { #expect(Fault(name: fault.name) == fault) }
        #expect(Fault(name: "nonsense") == nil)
    }
}
