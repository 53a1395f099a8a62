import Testing

@testable import GRPCTransport

@Suite struct LingeringTests {
    /// What a thousand waits come to when every answer takes so long: looks, and time in them.
    private func waits(
        _ count: Int, answeredAfter: (Int) -> Int64, with lingering: inout Lingering
    ) -> (looks: Int, hits: Int, time: Int64) {
        var total = (looks: 0, hits: 0, time: Int64(0))
        for index in 0..<count {
            let span = lingering.begins()
            guard span > 0 else { continue }
            let answer = answeredAfter(index)
            let isFound = answer <= span
            lingering.ended(found: isFound ? answer : nil)
            total.looks += 1
            total.hits += isFound ? 1 : 0
            total.time += min(answer, span)
        }
        return total
    }

    @Test func quickAnswersAreLookedForEveryTime() {
        var lingering = Lingering()
        let total = waits(10_000, answeredAfter: { _ in 12_000 }, with: &lingering)
        #expect(total.looks == 10_000)
        #expect(total.hits == 10_000)
    }

    /// A server that sleeps until it is asked answers late at first, and soon from then on.
    @Test func tryOutlastsAServerThatIsStillAsleep() {
        var lingering = Lingering()
        let total = waits(
            1_000, answeredAfter: { $0 < Lingering.tries / 2 ? 55_000 : 12_000 }, with: &lingering)
        #expect(total.hits == 1_000)
    }

    /// A third may come late, but not more.
    @Test(arguments: [(10, true), (4, true), (2, false)])
    func mixedAnswersAreLookedForWhereMostComeSoon(oneLateIn: Int, stays: Bool) {
        var lingering = Lingering()
        _ = waits(Lingering.tries, answeredAfter: { _ in 12_000 }, with: &lingering)
        let total = waits(
            4_000, answeredAfter: { $0 % oneLateIn == 0 ? 90_000 : 12_000 }, with: &lingering)
        #expect((total.looks == 4_000) == stays)
    }

    /// The price of a server that is never quick: a microsecond a wait.
    @Test(arguments: [Int64(30_000), 100_000, .max])
    func lateAnswersCostAMicrosecondAWaitAtMost(after: Int64) {
        var lingering = Lingering()
        let count = 100_000
        let total = waits(count, answeredAfter: { _ in after }, with: &lingering)
        #expect(total.time <= Int64(count) * 1_000)
        #expect(total.looks > 0)
    }

    @Test func serverThatBecomesSlowIsLetBeSoon() {
        var lingering = Lingering()
        _ = waits(1_000, answeredAfter: { _ in 12_000 }, with: &lingering)
        let total = waits(1_000, answeredAfter: { _ in .max }, with: &lingering)
        #expect(total.looks <= Lingering.mostCredit / Lingering.price)
    }

    @Test func serverThatBecomesQuickIsNoticed() {
        var lingering = Lingering()
        _ = waits(5_000, answeredAfter: { _ in .max }, with: &lingering)
        _ = waits(
            Lingering.pause + Lingering.tries, answeredAfter: { _ in 12_000 }, with: &lingering)
        let total = waits(1_000, answeredAfter: { _ in 12_000 }, with: &lingering)
        #expect(total.hits == 1_000)
    }
}
