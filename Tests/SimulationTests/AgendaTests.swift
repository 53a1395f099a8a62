import Simulation
import Testing
import TradingModel

@Suite struct AgendaTests {
    @Test(arguments: 1...50 as ClosedRange<UInt64>)
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
        #expect(agenda.next() == 1)
        agenda.add(2, at: .zero)
        #expect(agenda.next() == 2)
        #expect(agenda.now == Timestamp.zero.advanced(by: .seconds(5)))
        #expect(agenda.next() == nil)
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
        #expect((0..<1_000).allSatisfy { _ in !draw.happens(0) })
        #expect((0..<1_000).allSatisfy { _ in draw.happens(1_000_000) })
    }

    @Test func kindsOfFaultsDrawApart() {
        let rates: [Fault: Int64] = [.crash: 500_000, .requestLost: 500_000]
        var all = FaultPlan(seed: 9, rates: rates, leavingOut: .init())
        var without = FaultPlan(seed: 9, rates: rates, leavingOut: .init(kinds: [.crash]))
        for _ in 0..<200 {
            _ = all.strikes(.crash)
            #expect(!without.strikes(.crash))
            #expect(all.strikes(.requestLost) == without.strikes(.requestLost))
        }
        all.isCalm = true
        #expect((0..<100).allSatisfy { _ in !all.strikes(.requestLost) })
    }

    @Test func aSingleFaultIsLeftOutByItsNumber() {
        let rates: [Fault: Int64] = [.offline: 1_000_000]
        var plan = FaultPlan(seed: 1, rates: rates, leavingOut: .init(numbers: [2]))
        #expect((0..<4).map { _ in plan.strikes(.offline) } == [true, false, true, true])
    }

    @Test func namesOfFaultsAreReadBack() {
        for fault in Fault.allCases { #expect(Fault(name: fault.name) == fault) }
        #expect(Fault(name: "nonsense") == nil)
    }
}
