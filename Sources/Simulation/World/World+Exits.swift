import Kernel
import Ports
import TradingModel

/// Exits: who holds them, what the exchange does to a share, and what the history tells of guards.
extension World {
    static let calmReason = "nobody wants anything any more"

    // MARK: People

    /// Now and then somebody holds the exits or lets them go, or the exchange splits a share.
    mutating func exitsAct() {
        guard scenario.exits != nil, !isCalm else { return }
        let (holds, splits) = (exitTalk.oneIn(9), exitTalk.oneIn(6))
        let which = Int(exitTalk.number(0...Int64(scenario.instruments.count - 1)))
        if holds || kernel.areExitsHeld && exitTalk.oneIn(2) {
            begin()
            kernel.holdExits(!kernel.areExitsHeld, reason: "by hand", into: &effects)
            finish()
        }
        if splits, isUp, isQuiet(which) { split(which) }
    }

    mutating func holdExitsAtTheEnd() {
        guard kernel.hasExits, isUp else { return }
        begin()
        tellSplits()
        kernel.holdExits(true, reason: Self.calmReason, into: &effects)
        finish()
    }

    // MARK: Splits

    /// A share is split where nobody has an order or waits for a price, and everybody knows what is held:
    /// overnight.
    private func isQuiet(_ instrument: Int) -> Bool {
        guard outgoing.isEmpty, underway[instrument] == 0, log.durable == log.last,
            kernel.workingOrders().isEmpty,
            splits[instrument] == toldSplits[instrument],
            lines.allSatisfy({ $0.floor.openOrders.isEmpty && $0.open.isEmpty })
        else { return false }
        let there = lines.reduce(Int64(0)) { $0 + $1.floor.held[instrument].units }
        let key = DeskKey(account: AccountID(0), instrument: InstrumentID(instrument))
        let price = market.price(of: instrument).units
        return there == kernel.position(of: key)?.held.units ?? 0 && price > 4_000 * fixedPointScale
    }

    /// Prices halve at once; the host hears of it when trading opens again.
    private mutating func split(_ instrument: Int) {
        note(.split(InstrumentID(instrument), new: 2, old: 1))
        splits[instrument] += 1
        market.split(instrument, 2, 1)
        for broker in lines.indices {
            lines[broker].floor.split(instrument, 2, 1)
            lines[broker].floor.setHalted(true, instrument)
        }
        let wait = exitTalk.span(Nanoseconds.milliseconds(40)...Nanoseconds.seconds(6))
        agenda.add(.tellSplit(instrument: instrument), after: wait)
    }

    mutating func tellSplit(_ instrument: Int) {
        for broker in lines.indices { lines[broker].floor.setHalted(false, instrument) }
        guard isUp else { return }
        begin()
        tellSplits()
        finish()
        noteGuards()
    }

    /// What the exchange did and the log does not have, perhaps for a crash.
    mutating func tellSplits() {
        for instrument in splits.indices where toldSplits[instrument] < splits[instrument] {
            for _ in toldSplits[instrument]..<splits[instrument] {
                kernel.split(InstrumentID(instrument), new: 2, old: 1, into: &effects)
            }
        }
    }

    // MARK: What is told

    mutating func tell(_ fact: ExitFact) {
        remember(fact)
        switch fact {
        case .fired(let key, ExitSettings.everything, _, let price):
            note(.soldOut(key.instrument, price: price, record: record))
        case .flattening(_, let on, _): note(.flattening(on, record: record))
        case .fired(let key, _, let tier, let price):
            note(.exitFired(key.instrument, tier: tier, price: price, record: record))
        case .held(let on, _): note(.exitsHeld(on, record: record))
        case .split(let instrument, let new, let old):
            note(.rescaled(instrument, new: new, old: old, record: record))
        case .assigned(_, let order, _, _): note(.assigned(order))
        case .armed, .doubted, .believed, .halted: break
        }
    }

    mutating func remember(_ fact: ExitFact) {
        guard case .split(let instrument, let new, let old) = fact else { return }
        let index = Int(instrument.index)
        toldSplits[index] += 1
        for broker in holdings.indices {
            holdings[broker][index] = holdings[broker][index] / old * new
        }
    }

    /// Told when it changes, and after every start.
    mutating func noteGuards() {
        guard isUp, scenario.exits != nil else { return }
        for instrument in scenario.instruments {
            let key = DeskKey(account: AccountID(0), instrument: instrument.id)
            let isGuarded = kernel.positionGuard(of: key) != nil
            guard isGuarded != notedGuards[Int(instrument.id.index)] else { continue }
            notedGuards[Int(instrument.id.index)] = isGuarded
            note(.guarded(instrument.id, isGuarded))
        }
    }
}
