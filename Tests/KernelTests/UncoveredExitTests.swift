import Kernel
import TestKit
import Testing
import TradingModel

/// A broker that does not cover a sale: somebody else's holds a part of it back there, or it holds less than the books.
@Suite struct UncoveredExitTests {
    /// A broker of which `free` shares can be sold, and at no price above the last.
    private struct Counter {
        var desk: GuardedDesk
        var free: Int64
        var sold: Int64 = 0
        var asked: [Int64] = []
        /// What it takes at least.
        var least: Int64 = 1
        private var taken: Set<OrderNumber> = []
        /// Less what is being sold.
        private var left: Int64 {
            desk.working.reduce(free) {
                taken.contains($1.order.number) ? $0 - $1.open.units / fixedPointScale : $0
            }
        }

        init(_ plan: ExitPlan = .threeTier, shares: Int64, free: Int64) {
            desk = GuardedDesk(plan, shares: shares, at: 10_000)
            self.free = free
        }

        /// A price each second. What is sold comes in pieces of at most `piece`.
        mutating func serve(at price: Int64 = 9_000, for seconds: Int, piece: Int64 = .max) {
            for _ in 0..<seconds {
                desk.see(price)
                var seen: Set<OrderNumber> = []
                while let at = desk.working.firstIndex(where: {
                    seen.insert($0.order.number).inserted
                }) {
                    let order = desk.working[at]
                    let shares = order.open.units / fixedPointScale
                    let isNew = !taken.contains(order.order.number)
                    if isNew { asked.append(shares) }
                    if order.isCancelAsked {
                        desk.end(at, .other)
                    } else if isNew, shares > left || shares < least {
                        desk.end(at, shares > left ? .uncovered : .refused)
                    } else {
                        taken.insert(order.order.number)
                        guard let limit = order.order.limit, limit <= desk.last else { continue }
                        let part = min(shares, piece)
                        free -= part
                        sold += part
                        desk.fill(at, part)
                    }
                }
            }
        }
    }

    /// Whatever is free is sold, never more, and soon, also where it fills in pieces.
    @Test func aStopSellsWhatIsFree() {
        for seed in 0..<trials(300 as UInt64) {
            var random = SeededRandom(seed)
            let held = Int64.random(in: 1...5_000, using: &random)
            let free = Int64.random(in: 0...held, using: &random)
            var counter = Counter(shares: held, free: free)
            if random.oneIn(2) { counter.desk.lot = .shares(10) }
            let lot = counter.desk.lot.units / fixedPointScale
            let all = held / lot * lot
            let can = min(free, all) / lot * lot
            counter.serve(for: 300, piece: random.oneIn(2) ? .max : held / 3 + 1)
            #expect(counter.sold == can, "seed \(seed): of \(held) held \(free) are free")
            #expect(counter.asked.count < 110, "seed \(seed): \(counter.asked)")
        }
    }

    @Test func eachAsksForHalfAndTheRestIsAskedForAgainAtOnce() {
        var counter = Counter(shares: 10, free: 3)
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

    /// Each is as far below the last price as a stop is, and made anew where the price leaves it.
    @Test func eachHasTheRoomOfAStop() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(9_500)
        desk.end(0, .uncovered)
        desk.see(9_400)
        #expect(desk.book == [[5, 9_310]])
        desk.see(9_200)
        #expect(desk.sells.map(\.isCancelAsked) == [true] && desk.working.count == 1)
        desk.end()
        #expect(desk.book == [[5, 9_110]])
    }

    /// Orders do not rain: neither with prices nor with pieces of a fill.
    @Test func oneIsAtWorkAtATime() {
        var counter = Counter(shares: 1_000, free: 500)
        counter.serve(for: 30, piece: 2)
        #expect(counter.asked == [1_000, 500])
        counter.serve(for: 300, piece: 2)
        #expect(counter.sold == 500 && counter.asked.count < 20, "\(counter.asked)")
    }

    @Test func aStopDoesNotWaitForATargetsPart() throws {
        let plan = try ExitPlan(reading: ["-3% half", "+4% half"])
        var counter = Counter(plan, shares: 10, free: 4)
        counter.serve(at: 10_400, for: 1)
        counter.desk.see(10_390)
        #expect(counter.desk.book == [[2, 10_400]])
        counter.desk.see(9_600)
        #expect(counter.desk.book == [[2, 10_400], [5, 9_510]])
    }

    /// A target's day ends in the evening: the stop is what it was.
    @Test(arguments: [ExitTries.End.other, .refused, .uncovered])
    func whatBecameOfATargetSaysNothingOfAStop(_ end: ExitTries.End) {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(10_400)
        desk.end(0, end)
        for price: Int64 in [9_800, 9_490] { desk.see(price) }
        while let at = desk.working.firstIndex(where: \.isCancelAsked) { desk.end(at) }
        #expect(desk.book.reduce(0) { $0 + $1[0] } == 10, "\(desk.book)")
        #expect(desk.book.allSatisfy { $0[1] == 9_400 }, "\(desk.book)")
    }

    /// The last price is for whom the day's limit refused, and not for good.
    @Test func onlyARefusedStopOffersTheLastPrice() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(9_500)
        desk.end(0, .other)
        desk.see(9_490)
        #expect(desk.book == [[10, 9_400]])
        desk.end(0, .refused)
        for _ in 0..<2 { desk.see(9_480) }
        #expect(desk.book == [[10, 9_480]])
        desk.see(9_400)
        desk.end()
        desk.see(9_400)
        #expect(desk.book == [[10, 9_310]])
    }

    /// What was refused for two minutes was a halt: the first that is taken and left behind is made anew at once, with its
    /// room, and what is not covered then is halved each second.
    @Test func aHaltThatNobodyToldLeavesNoPauseBehind() {
        var desk = GuardedDesk(shares: 64, at: 10_000)
        func refuse() {
            desk.see(9_500)
            for _ in 0..<130 {
                if !desk.working.isEmpty { desk.end() }
                desk.see(9_500)
            }
            while desk.working.isEmpty { desk.see(9_500) }
        }
        refuse()
        desk.see(9_300)
        #expect(desk.sells.map(\.isCancelAsked) == [true])
        desk.end(0, .other)
        #expect(desk.book == [[64, 9_210]])

        desk = GuardedDesk(shares: 64, at: 10_000)
        refuse()
        var asked: [Int64] = []
        for _ in 0..<5 {
            asked += desk.book.map { $0[0] }
            desk.end(0, .uncovered)
            desk.see(9_500)
            desk.see(9_500)
        }
        #expect(asked == [64, 32, 16, 8, 4])
    }

    /// A stop goes before a target of its own plan also where somebody else's sale holds what is short.
    @Test func aPartStopTakesWhatATargetHolds() throws {
        let plan = try ExitPlan(reading: ["-3% half", "+4% half"])
        var counter = Counter(plan, shares: 10, free: 7)
        counter.serve(at: 10_399, for: 1)
        counter.desk.see(10_400)
        #expect(counter.desk.book == [[5, 10_400]])
        // The broker counts it as taken: two are free to others.
        counter.free = 2
        counter.desk.see(9_700)
        counter.desk.end(1, .uncovered)
        for _ in 0..<2 { counter.desk.see(9_700) }
        #expect(counter.desk.sells.first?.isCancelAsked == true)
        counter.desk.end(0, .other)
        #expect(counter.desk.book.reduce(0) { $0 + $1[0] } >= 5, "\(counter.desk.book)")
        #expect(counter.desk.book.allSatisfy { $0[1] < 9_700 }, "\(counter.desk.book)")
    }

    /// Pieces of one tier's fill say nothing of another's.
    @Test func eachTierHasItsOwnPauses() throws {
        let plan = try ExitPlan(reading: ["-3% half", "-5% all"])
        var counter = Counter(plan, shares: 1_000, free: 500)
        counter.serve(at: 9_690, for: 20, piece: 2)
        counter.serve(at: 9_490, for: 300, piece: 2)
        #expect(counter.sold == 500 && counter.asked.count < 60, "\(counter.asked.count)")
    }

    /// Whatever a broker did, once it takes everything a stop has sold all, and never rained orders before.
    @Test func calmEndsWhatever() throws {
        let plans = [["-5% all", "+4% half", "+8% rest"], ["-3% half", "-5% all"], ["-4% all"]]
        for seed in 0..<trials(200 as UInt64) {
            var random = SeededRandom(seed)
            let plan = try ExitPlan(reading: random.pick(plans))
            var desk = GuardedDesk(plan, shares: .random(in: 1...2_000, using: &random), at: 10_000)
            var price: Int64 = 10_000
            var orders = 0
            for _ in 0..<400 {
                price += Int64.random(in: -60...60, using: &random)
                let known = Set(desk.working.map(\.order.number))
                desk.see(price)
                orders += desk.working.count { !known.contains($0.order.number) }
                for _ in desk.working.indices where random.oneIn(2) && !desk.working.isEmpty {
                    let at = Int.random(in: desk.working.indices, using: &random)
                    if desk.working[at].isCancelAsked {
                        desk.end(at, .other)
                    } else if desk.working[at].open == desk.working[at].order.quantity {
                        desk.end(at, random.pick([.refused, .uncovered, .uncovered, .other]))
                    } else if random.oneIn(3) {
                        desk.fill(at, 1)
                    }
                }
            }
            #expect(orders < 500, "seed \(seed): \(orders) orders in 400 s")
            for step in 0..<200 {
                desk.see(max(4_000, 9_000 - Int64(step % 7) * 10))
                while let at = desk.working.firstIndex(where: \.isCancelAsked) {
                    desk.end(at, .other)
                }
                while let at = desk.working.firstIndex(where: {
                    ($0.order.limit ?? .zero) <= desk.last
                }) {
                    desk.fill(at)
                }
            }
            #expect(desk.held == .zero, "seed \(seed): \(desk.held) are left")
        }
    }

    /// A part that is too small for the broker is refused at both prices: everything is asked for again then, at pauses
    /// that grow.
    @Test func aPartThatIsTooSmallEndsTheHalving() {
        var counter = Counter(shares: 64, free: 3)
        counter.least = 10
        counter.serve(for: 600)
        #expect(counter.sold == 0 && counter.asked.count < 80, "\(counter.asked)")
        counter.free = 64
        counter.serve(for: 3 * 66)
        #expect(counter.desk.held == .zero)
    }

    /// The kernel knows it by how the reason begins, and recovery by the same fact.
    @Test(arguments: [("not covered: 4 are free", 5), ("the symbol is halted", 10)])
    func theReasonTells(_ reason: String, _ next: Int64) {
        var holder = ExitHolder()
        holder.buy()
        holder.tick(940)
        #expect(holder.effects.orders.map(\.quantity) == [.shares(10)])
        guard let stop = holder.effects.orders.first else { return }
        holder.effects.removeAll()
        holder.kernel.handle(.rejected(stop.number, reason: reason), into: &holder.effects)
        #expect(holder.effects.facts == [.orderEnded(stop.number, .rejected, reason: reason)])
        holder.effects.removeAll()
        for _ in 0..<2 { holder.tick(940) }
        #expect(holder.effects.orders.map(\.quantity) == [.shares(next)])
    }
}
