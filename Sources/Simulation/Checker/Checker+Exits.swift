import Kernel
import TradingModel

/// What an instrument's guard should know, from the fills and splits that no crash has undone.
struct ExitBooks {
    enum Deed {
        case bought(Int64, at: Int64, by: SourceID)
        case sold(Int64)
        case rescaled(new: Int64, old: Int64)
        case fired(Int)
        case soldOut
        /// Nothing is sold out any more: what is left has its plan from the start.
        case letGo
        case corrected(by: Int64)
    }
    private var deeds: [(what: Deed, record: UInt64)] = []
    private(set) var held: Int64 = 0
    private(set) var average: Int64 = 0
    /// Whose fill began the position.
    private(set) var opener = SourceID(0)
    private(set) var fired: Set<Int> = []
    /// Fired because everything is sold: until the position begins anew nothing else does.
    private(set) var isSoldOut = false
    /// Held by a correction where nothing was: whose plan it would be, nobody knows until it is gone.
    private(set) var isOwnerless = false
    var isGuarded = false
    /// Splits at the exchange and in the host's books: prices are the exchange's.
    var factor: (new: Int64, old: Int64) = (1, 1)
    private(set) var told: (new: Int64, old: Int64) = (1, 1)
    /// Splits at the exchange when the host saw its last price, the one that an exit fires at: no print is under way
    /// when a share is split. And those in its books then; `nil`: a crash may have taken that price, or it was doubted
    /// when the books were rescaled, and stayed as it came.
    private var seen: (new: Int64, old: Int64) = (1, 1)
    private var toldWhenSeen: (new: Int64, old: Int64)? = (1, 1)
    /// Of the price before, and the record of the last one, which a crash may take back.
    private var seenBefore: (new: Int64, old: Int64) = (1, 1)
    private var seenAt: UInt64 = 0

    /// Of the price that the host has: it rescales that with its books, also where it was of behind the split already.
    private var scale: (new: Int64, old: Int64) {
        guard let then = toldWhenSeen else {
            return factor.new * told.old == told.new * factor.old ? factor : seen
        }
        return (seen.new * told.new * then.old, seen.old * told.old * then.new)
    }
    /// Whether the host's books have another scale than the price that it has.
    var isSplitUntold: Bool { scale.new * told.old != told.new * scale.old }
    /// In the scale of that price.
    var marketAverage: Int64 {
        let scale = scale
        return
            Int64(
                Int128(average) * Int128(scale.old) * Int128(told.new)
                    / (Int128(scale.new) * Int128(told.old)))
    }

    /// A price came: whatever fires from here on fires at it.
    mutating func saw(_ record: UInt64) {
        (seenBefore, seenAt) = (seen, record)
        (seen, toldWhenSeen) = (factor, told)
    }
    mutating func willRescale() { if held > 0 { toldWhenSeen = nil } }

    mutating func add(_ deed: Deed, _ record: UInt64) {
        deeds.append((deed, record))
        apply(deed)
    }
    mutating func crashed(_ kept: UInt64) {
        if deeds.contains(where: { $0.record > kept }) { toldWhenSeen = nil }
        if seenAt > kept { (seen, toldWhenSeen, seenAt) = (seenBefore, nil, 0) }
        deeds.removeAll { $0.record > kept }
        (held, average, fired, told, isOwnerless) = (0, 0, [], (1, 1), false)
        isSoldOut = false
        for deed in deeds { apply(deed.what) }
    }

    private mutating func apply(_ deed: Deed) {
        switch deed {
        case .bought(let quantity, let price, let source):
            if held <= 0 {
                (fired, average, isOwnerless, isSoldOut) = ([], price, false, false)
                opener = source
            }
            let before = Int128(max(0, held))
            let cost = Int128(average) * before + Int128(price) * Int128(quantity)
            average = Int64(cost / (before + Int128(quantity)))
            held += quantity
        case .sold(let quantity): held -= quantity
        case .rescaled(let new, let old):
            held = held / old * new
            average = Int64(Int128(average) * Int128(old) / Int128(new))
            told = (told.new * new, told.old * old)
        case .fired(let tier): fired.insert(tier)
        case .soldOut: isSoldOut = true
        case .letGo: (fired, isSoldOut) = ([], false)
        case .corrected(let change):
            if held <= 0 { isOwnerless = true }
            held += change
        }
    }
}

/// Positions are guarded, and nothing fires but at its price.
extension Checker {
    mutating func note(_ fill: Fill, _ order: Order, of source: SourceID, _ record: UInt64) {
        let index = Int(order.instrument.index)
        exits[index].add(
            order.side == .buy
                ? .bought(fill.quantity.units, at: fill.price.units, by: source)
                : .sold(fill.quantity.units),
            record)
    }

    mutating func split(_ instrument: InstrumentID, _ new: Int64, _ old: Int64) {
        let index = Int(instrument.index)
        let before = exits[index].factor
        exits[index].factor = (before.new * new, before.old * old)
        for broker in held.indices { held[broker][index] = held[broker][index] / old * new }
    }

    mutating func rescaled(
        _ instrument: InstrumentID, _ new: Int64, _ old: Int64, _ record: UInt64
    ) {
        let index = Int(instrument.index)
        exits[index].willRescale()
        exits[index].add(.rescaled(new: new, old: old), record)
        position[index] = exits[index].held
    }

    mutating func fired(
        _ instrument: InstrumentID, _ tier: Int, _ price: Price, _ record: UInt64
    ) {
        let index = Int(instrument.index)
        let books = exits[index]
        guard let plan = terms.exits, plan.tiers.indices.contains(tier) else {
            return violate(.exits, "\(symbol(instrument)): there is no exit \(tier + 1)")
        }
        if books.isSoldOut {
            violate(.exits, "\(symbol(instrument)): exit \(tier + 1) fires while it is sold out")
        }
        guard !books.isOwnerless else { return exits[index].add(.fired(tier), record) }
        if books.opener == terms.bare {
            violate(
                .exits, "\(symbol(instrument)): exit \(tier + 1) fires, and its opener has no plan")
        }
        if books.fired.contains(tier) {
            violate(
                .exits, "\(symbol(instrument)): \(plan.tiers[tier]) fires a second time")
        }
        let average = books.marketAverage
        let isReached: Bool =
            switch plan.tiers[tier].trigger {
            case .loss(let part): isAt(price, below: average, 1_000_000 - part)
            case .gain(let part):
                isAt(Price(units: -price.units), below: -average, 1_000_000 + part)
            case .trailing: !books.isSplitUntold
            case .always: false
            }
        if !isReached {
            violate(
                .exits,
                "\(symbol(instrument)): \(plan.tiers[tier]) fires at \(price), bought for "
                    + "\(Price(units: average)) in the scale of that price")
        }
        exits[index].add(.fired(tier), record)
    }

    mutating func flattening(_ on: Bool, _ record: UInt64) {
        flattenings.append((on, record))
        guard !on else { return }
        for index in exits.indices { exits[index].add(.letGo, record) }
    }

    mutating func soldOut(_ instrument: InstrumentID, _ record: UInt64) {
        let index = Int(instrument.index)
        if !isFlattening {
            violate(.exits, "\(symbol(instrument)) is sold out, and nobody asked for that")
        }
        exits[index].add(.soldOut, record)
    }

    /// Exact but for the rounding of an average and of splits, some units of 10⁻⁸.
    private func isAt(_ price: Price, below average: Int64, _ part: Int64) -> Bool {
        Int128(price.units) * 1_000_000 <= (Int128(average) + Self.rounding) * Int128(part)
    }

    /// One for the average and one for each split, ten times as much behind one of ten shares for one.
    private static var rounding: Int128 { 40 }

    mutating func saw(_ instrument: InstrumentID, _ price: Price) {
        let books = exits[Int(instrument.index)]
        if isFlattening, books.held > 0, !books.isSoldOut {
            violate(
                .exits,
                "\(symbol(instrument)): everything is to be sold, and \(Quantity(units: books.held)) are"
                    + " held that nothing sells")
        }
        guard let plan = terms.exits, !books.isSoldOut else { return }
        guard books.held > 0, !books.isOwnerless else { return }
        guard books.opener != terms.bare else {
            if books.isGuarded, !isFlattening {
                violate(
                    .guarded,
                    "\(symbol(instrument)): opened by one without a plan, and another's guards it")
            }
            return
        }
        if !books.isGuarded {
            violate(
                .guarded,
                "\(symbol(instrument)): \(Quantity(units: books.held)) are held and nothing guards them"
            )
        }
        guard !books.isSplitUntold, holds.last?.on != true else { return }
        let isSettled = books.fired.contains {
            plan.tiers[$0].trigger.isStop && plan.tiers[$0].share == .rest
        }
        for (tier, terms) in plan.tiers.enumerated() where !isSettled {
            guard case .loss(let part) = terms.trigger, !books.fired.contains(tier) else {
                continue
            }
            let isReached =
                Int128(price.units) * 1_000_000 < (Int128(books.average) - Self.rounding)
                * Int128(1_000_000 - part)
            if isReached {
                violate(
                    .guarded,
                    "\(symbol(instrument)) stands at \(price), bought for "
                        + "\(Price(units: books.average)), and \(terms) has not fired")
            }
        }
    }

    mutating func crashedExits(_ kept: UInt64) {
        for index in exits.indices {
            exits[index].crashed(kept)
            exits[index].isGuarded = false
        }
        holds.removeAll { $0.record > kept }
    }
}
