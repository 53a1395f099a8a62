import Kernel
import TradingModel

/// What the exchange does to a share, and when the host is told.
extension World {
    /// `new` shares for `old`.
    struct Split: Hashable {
        let new, old: Int64
        /// The last price that the host had before it.
        var seen: Price?

        static let halving = Split(new: 2, old: 1)
        static let all = [
            halving, Split(new: 3, old: 2), Split(new: 5, old: 4), Split(new: 1, old: 10),
        ]

        init(new: Int64, old: Int64) { (self.new, self.old) = (new, old) }

        /// Its first price lies so far below the last one that exits doubt it: the host may be told later. A price that
        /// rises, or falls by less, is the market's to who has prices alone.
        var isDoubted: Bool { new * 7 > old * 10 }
    }
    /// Of one share in a run by chance, and of one that is held: ratios are multiplied in the checker.
    static let mostSplits = 6
    private static let mostOfHeld = 3

    func isSplitUntold(_ instrument: Int) -> Bool {
        splits[instrument].count != toldSplits[instrument]
    }

    /// Now and then, in some seeds, where something is held and nothing is at work.
    mutating func splitWhatIsHeld() {
        guard scenario.splitsHeld, !isCalm, splitTalk.oneIn(8), isUp else { return }
        let which = Int(splitTalk.number(0...Int64(scenario.instruments.count - 1)))
        let wanted = splitTalk.pick(Split.all)
        guard splits[which].count < Self.mostOfHeld, isQuiet(which),
            lines.contains(where: { $0.floor.held[which].isPositive }),
            // What would be left over is paid in cash, at a price that nobody here knows.
            lines.allSatisfy({ $0.floor.held[which].units % (wanted.old * fixedPointScale) == 0 }),
            wanted.new > wanted.old
                || market.price(of: which).units < 100_000 * fixedPointScale
        else { return }
        split(which, wanted)
    }

    /// A share is split where nobody has an order or waits for a price, and everybody knows what is held:
    /// overnight.
    func isQuiet(_ instrument: Int) -> Bool {
        guard outgoing.isEmpty, underway[instrument] == 0, log.durable == log.last,
            kernel.workingOrders().isEmpty,
            !isSplitUntold(instrument),
            lines.allSatisfy({ $0.floor.openOrders.isEmpty && $0.open.isEmpty })
        else { return false }
        let there = lines.reduce(Int64(0)) { $0 + $1.floor.held[instrument].units }
        let key = DeskKey(account: AccountID(0), instrument: InstrumentID(instrument))
        let price = market.price(of: instrument).units
        return there == kernel.position(of: key)?.held.units ?? 0 && price > 4_000 * fixedPointScale
    }

    /// Prices change at once; the host hears of it when trading opens again.
    mutating func split(_ instrument: Int, _ what: Split) {
        note(.split(InstrumentID(instrument), new: what.new, old: what.old))
        var what = what
        what.seen = kernel.lastPrice(of: InstrumentID(instrument))
        splits[instrument].append(what)
        market.split(instrument, what.new, what.old)
        for broker in lines.indices {
            lines[broker].floor.split(instrument, what.new, what.old)
            lines[broker].floor.setHalted(true, instrument)
        }
        guard what.isDoubted else { return tellSplit(instrument) }
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

    /// A price so near the one of before the split that exits would take it for the market's: somebody says so first.
    mutating func tellBefore(_ tick: Tick) {
        let index = Int(tick.instrument.index)
        guard isSplitUntold(index), let what = splits[index].last, let seen = what.seen,
            Int128(tick.price.units) * 100 >= Int128(seen.units) * 69
        else { return }
        tellSplit(index)
    }

    /// What the exchange did and the log does not have, perhaps for a crash.
    mutating func tellSplits() {
        for instrument in splits.indices {
            for what in splits[instrument].dropFirst(toldSplits[instrument]) {
                kernel.split(InstrumentID(instrument), new: what.new, old: what.old, into: &effects)
            }
        }
    }
}
