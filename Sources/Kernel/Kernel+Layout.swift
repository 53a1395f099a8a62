import Strategies
import TradingModel

/// Attachments that change between two steps.
///
/// Positions, orders, cash and the votes of those who stay are as they were. Sources keep their numbers: a
/// plan may have more of them than the one before, never others.
extension Kernel {
    /// Ends the votes of those who are not there in `next`, or are there with another recipe.
    ///
    /// Before ``layOut(_:)``; in recovery the log has these facts.
    public mutating func endVotes(outside next: KernelPlan, into effects: inout Effects) {
        let now = plan.byKey
        let then = next.byKey
        for desk in 0..<desks.count where !desks[desk].votes.isEmpty {
            for vote in desks[desk].votes {
                let key = SeatKey(vote.key)
                if let was = now[key], let will = then[key], will.goesOn(from: was) { continue }
                let name = plan.sources[Int(vote.source.index)].name
                let what = then[key] == nil ? "was taken out of the run" : "was changed"
                emit(
                    .voteEnded(vote.key, .expired, detail: .words("\(name) \(what)")),
                    into: &effects)
            }
        }
    }

    /// Makes books, seats and desks anew for another plan.
    ///
    /// - Parameter entrants: Fed with every event so far.
    public mutating func layOut(_ entrants: Entrants) {
        var working: [SeatKey: StrategySlot] = [:]
        for seat in 0..<seats.count { working[SeatKey(seats[seat].terms)] = slots[seat] }
        entrants.begin(instead: working, plan)
        working.merge(entrants.slots) { $1 }

        var known: [DeskKey: Desk] = [:]
        for desk in 0..<desks.count { known[desks[desk].key] = desks[desk] }
        let layout = Layout(entrants.plan, keeping: Array(known.keys), working: working)
        var made = layout.desks
        for index in made.indices {
            guard var desk = known[made[index].key] else { continue }
            desk.voters = made[index].voters
            made[index] = desk
        }
        var open: [Int] = []
        for (index, desk) in made.enumerated() where desk.round != nil { open.append(index) }
        for account in 0..<accounts.count { accounts[account].active = [] }
        for (index, desk) in made.enumerated() where desk.isActive {
            accounts[Int(desk.key.account.index)].active.append(index)
        }
        var shelves = layout.books
        for index in shelves.indices {
            shelves[index].last = books[index].last
            shelves[index].lastTime = books[index].lastTime
            shelves[index].awaitsPrice = books[index].awaitsPrice
            shelves[index].candles = books[index].candles
            shelves[index].hasTicks = books[index].hasTicks
        }
        if exits.isOn { exits.move(from: (0..<desks.count).map { desks[$0].key }, to: made) }
        books = Column(shelves)
        seats = Column(layout.seats)
        slots = layout.slots
        watches = Column(layout.watches)
        desks = Column(made)
        serverSeats = layout.serverSeats
        openRounds = open
        for source in entrants.plan.sources.dropFirst(plan.sources.count) {
            coverage.append(Self.coverageAtStart(of: source))
            isLive.append(Self.livesAtStart(source))
        }
        plan = entrants.plan
        arbiter = Arbiter(plan.arbiter, sources: plan.sources)
        let gates = Self.gates(plan)
        forgetPassed(by: gates)
        self.gates = Column(gates)
        isWatching = Self.isWatching(gates)
        quietLength = 0
        ageDue = Timestamp(nanoseconds: .min)
        if exits.isOn {
            for index in 0..<books.count { rearm(index) }
        }
    }
}
