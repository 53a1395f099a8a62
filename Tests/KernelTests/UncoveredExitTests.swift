import Kernel
import TestKit
import Testing
import TradingModel

/// A broker that does not cover a sale: somebody else's holds a part of it back there, or it holds less than the books.
@Suite struct UncoveredExitTests {
    /// A broker of which `free` shares can be sold. Looks until nothing has been tried for longer than a pause lasts.
    private struct Counter {
        var desk: GuardedDesk
        var free: Int64
        var refusals = 0
        var sold: Int64 = 0
        var asked: [Int64] = []

        mutating func serve(for seconds: Int) {
            for _ in 0..<seconds {
                while let order = desk.working.first {
                    let shares = order.open.units / fixedPointScale
                    asked.append(shares)
                    if shares <= free {
                        free -= shares
                        sold += shares
                        desk.fill()
                    } else {
                        refusals += 1
                        desk.end(isUncovered: true)
                    }
                }
                desk.see(9_000)
            }
        }
    }

    /// Whatever is free is sold, never more, and soon.
    @Test func aStopSellsWhatIsFree() {
        for seed in 0..<trials(300 as UInt64) {
            var random = SeededRandom(seed)
            let held = Int64.random(in: 1...5_000, using: &random)
            let free = Int64.random(in: 0...held, using: &random)
            var counter = Counter(desk: GuardedDesk(shares: held, at: 10_000), free: free)
            counter.desk.see(9_000)
            counter.serve(for: 120)
            #expect(counter.sold == free, "seed \(seed): of \(held) held \(free) are free")
        }
    }

    @Test func eachAsksForHalfAndTheRestIsAskedForAgainAtOnce() {
        var counter = Counter(desk: GuardedDesk(shares: 10, at: 10_000), free: 3)
        counter.desk.see(9_500)
        counter.serve(for: 5)
        #expect(counter.asked.prefix(4) == [10, 5, 2, 8])
        counter.serve(for: 60)
        #expect(counter.sold == 3 && counter.desk.held == .shares(7))
        // One at a time from there on, at pauses that grow: whoever holds the rest back may let go of it.
        let before = counter.asked.count
        counter.serve(for: 640)
        #expect(counter.asked[before...].allSatisfy { $0 == 1 })
        #expect(counter.asked.count - before <= 12)
        counter.free = 7
        counter.serve(for: 66)
        #expect(counter.desk.held == .zero)
    }

    @Test func aTargetSellsWhatIsFreeToo() {
        var counter = Counter(desk: GuardedDesk(shares: 10, at: 10_000), free: 3)
        counter.desk.see(10_400)
        counter.desk.end(isUncovered: true)
        counter.desk.see(10_410)
        #expect(counter.desk.book == [[2, 10_400]])
        counter.desk.fill()
        #expect(counter.desk.book == [[3, 10_400]])
    }

    /// Whoever holds a part back must not make orders rain: the next part waits for what becomes of this one.
    @Test func oneIsAtWorkAtATime() {
        var desk = GuardedDesk(shares: 1_000, at: 10_000)
        desk.see(9_500)
        desk.end(isUncovered: true)
        for _ in 0..<100 { desk.see(9_450) }
        #expect(desk.book == [[500, 9_450]])
        // Its price is left: the next is as large.
        desk.see(9_200)
        #expect(desk.sells.map(\.isCancelAsked) == [true])
        desk.end()
        desk.see(9_200)
        #expect(desk.book.map { $0[0] } == [500])
        desk.fill(0, 1)
        #expect(desk.book.map { $0[0] } == [499, 500])
    }

    @Test func whoseRefusalSaysSomethingElseAsksForEverythingAgain() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(9_500)
        desk.end()
        desk.see(9_500)
        #expect(desk.book.map { $0[0] } == [10])
    }

    /// The kernel knows it by how the reason begins, and recovery by the same fact.
    @Test(
        arguments: [("not covered: 4 are free", 5), ("the symbol is halted", 10)]
            as [(String, Int64)])
    func theReasonTells(_ reason: String, _ next: Int64) {
        var holder = ExitHolder()
        holder.buy()
        holder.tick(940)
        #expect(holder.effects.orders.map(\.quantity) == [.shares(10)])
        guard let stop = holder.effects.orders.first else { return }
        holder.effects.removeAll()
        holder.kernel.handle(
            .rejected(stop.number, reason: reason), into: &holder.effects)
        let facts = holder.effects.facts
        #expect(
            facts == [.orderEnded(stop.number, .rejected, reason: reason)])
        holder.effects.removeAll()
        for _ in 0..<2 { holder.tick(940) }
        #expect(holder.effects.orders.map(\.quantity) == [.shares(next)])
    }
}
