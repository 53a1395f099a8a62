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
        if splits, isUp, isQuiet(which), self.splits[which].count < Self.mostSplits {
            split(which, .halving)
        }
    }

    mutating func holdExitsAtTheEnd() {
        guard kernel.hasExits, isUp else { return }
        begin()
        tellSplits()
        kernel.holdExits(true, reason: Self.calmReason, into: &effects)
        finish()
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
        case .halted(let instrument, let on):
            note(.tradingHalted(instrument, on, record: record))
        case .dayLimits(let instrument, let limits):
            note(.dayLimited(instrument, limits, record: record))
        case .armed, .doubted, .believed: break
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
