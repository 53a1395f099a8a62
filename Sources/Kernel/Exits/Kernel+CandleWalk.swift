public import TradingModel

/// A candle as guards walk through it: the prices at which they are asked, one after the other.
public struct CandleWalk: Sendable {
    let instrument: Int
    let points: [Price]
    /// Index of the point that is walked to.
    var to = 0
    /// Where the walk is; `nil`: before the open.
    var price: Price?
    /// The highest price so far.
    var peak = Price(units: .min)
    /// The instrument's last price before the candle, until somebody has compared the open with it.
    var before: Price?
    /// Desks whose position was opened or grew inside of the candle: their targets wait for the next one.
    let entrants: [Int]
}

/// Exits inside of a candle, where the exchange is simulated and a rule says in which order its prices came.
extension Kernel {
    /// Begins a walk, once the candle has filled what waited for it and before strategies hear of it.
    ///
    /// Positions that it opened are guarded from here on: one bought at the open from the open, one whose limit was
    /// reached inside of the candle by its stops alone, for they lie below that limit and come after it. One that grew
    /// so is asked by its stops alone too: what was bought below was not there yet when a high came before it.
    /// - Returns: `nil` where no guard reads the candle.
    public mutating func walk(
        _ candle: Candle, into effects: inout Effects
    ) -> CandleWalk? {
        guard exits.isOn, candle.isFinal else { return nil }
        let index = Int(candle.instrument.index)
        guard index < books.count else { return nil }
        // Its prices come before the candle itself does.
        marketTime = max(marketTime, candle.openTime)
        let before = books[index].last
        guardsObserve(candle, before: before)
        var entrants: [Int] = []
        for desk in books[index].desks {
            let isNew = exits.openings[desk] != nil
            if isNew && exits.entrances[desk] != candle.openTime
                || exits.limitBuys[desk] == candle.openTime
            {
                entrants.append(desk)
            }
            if isNew { arm(desk, into: &effects) }
        }
        let points = candlePath.points(of: candle)
        guard !points.isEmpty, books[index].isSeenBy(candle),
            books[index].desks.contains(where: { exits.guards[$0] != nil })
        else { return nil }
        return CandleWalk(
            instrument: index, points: points, before: before, entrants: entrants)
    }

    /// The next price at which guards are to be asked, until the close has been one.
    public func next(_ walk: inout CandleWalk) -> Price? {
        guard walk.to < walk.points.count else { return nil }
        let end = walk.points[walk.to]
        let met = walk.price.flatMap { meeting($0, end, walk) }
        if met == nil { walk.to += 1 }
        let price = met ?? end
        walk.price = price
        walk.peak = max(walk.peak, price)
        return price
    }

    /// The first price on the way at which an exit of any desk fires.
    private func meeting(_ from: Price, _ end: Price, _ walk: CandleWalk) -> Price? {
        let ladder = plan.instruments[walk.instrument].ladder
        var found: Price?
        for desk in books[walk.instrument].desks {
            guard let guarded = exits.guards[desk]?.position,
                let price = guarded.meeting(
                    from, end, peak: walk.peak, on: ladder,
                    targets: !walk.entrants.contains(desk))
            else { continue }
            guard let known = found else {
                found = price
                continue
            }
            found = end < from ? max(known, price) : min(known, price)
        }
        return found
    }

    /// Asks the guards at the price where the walk is.
    public mutating func meet(
        _ walk: inout CandleWalk, at position: EventPosition, now: Timestamp,
        into effects: inout Effects
    ) {
        guard let price = walk.price else { return }
        for desk in books[walk.instrument].desks where exits.guards[desk] != nil {
            var sight = Sight(before: walk.before, low: price, high: price)
            sight.inside = (price, walk.peak)
            sight.targetsWait = walk.entrants.contains(desk)
            tend(desk, sight, at: position, now: now, into: &effects)
        }
        walk.before = nil
        rearm(walk.instrument)
    }

    /// Whether the order is a stop's, which sells at whatever is paid; a target's sells at its price.
    public func isStop(_ order: Order) -> Bool {
        guard let desk = desk(of: order), let entry = exits.guards[desk],
            let exit = entry.position.exits.first(where: { $0.number == order.number })
        else { return false }
        return entry.position.plan.tiers[exit.tier].trigger.isStop
    }
    /// Of the order that was made last; zero: none was.
    public var newestOrder: OrderNumber { OrderNumber(lastOrder) }
}

extension PositionGuard {
    /// The first price on the way from one price to another at which a tier fires that did not at the first.
    ///
    /// A stop's on the way down, a target's on the way up: on the steps of the exchange, and never beyond `end`.
    /// - Parameters:
    ///   - peak: The highest price of the walk so far.
    ///   - targets: Whether they are asked.
    func meeting(
        _ from: Price, _ end: Price, peak: Price, on ladder: PriceLadder, targets: Bool
    ) -> Price? {
        guard !isOver, doubtedSince == nil, !isRestStopped else { return nil }
        let isFall = end < from
        var found: Price?
        for tier in plan.tiers.indices {
            guard !isFired[tier], plan.tiers[tier].trigger.isStop == isFall, isFall || targets
            else { continue }
            if isFall {
                let level = level(of: tier, high: high(within: peak))
                guard level >= end else { continue }
                let sold = level.roundedDown(toMultipleOf: ladder.step(at: level))
                let price = max(sold, end)
                if price < from { found = max(found ?? price, price) }
            } else {
                let level = level(of: tier)
                guard level <= end else { continue }
                let price = min(ladder.rounded(level, for: .sell), end)
                if price > from { found = min(found ?? price, price) }
            }
        }
        return found
    }

    /// The highest price since the entry on a walk that came as high as `peak`, and was at `highBefore` before it:
    /// ``saw(_:before:)`` has raised `high` to the candle's, unless nobody believes that.
    func high(within peak: Price) -> Price { max(highBefore, min(peak, high)) }

    /// Bought at a candle's open: what traded in it came later.
    mutating func sawEntry(_ high: Price) { saw(high, before: self.high) }
}
