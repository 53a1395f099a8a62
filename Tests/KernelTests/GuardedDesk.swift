import TestKit
import TradingModel

@testable import Kernel

/// A desk by hand around one guard: what is held, what works, and what the guard had done.
struct GuardedDesk {
    struct Working: Equatable {
        let order: Order
        var open: Quantity
        var isCancelAsked = false
    }
    var position: PositionGuard
    var held = Quantity.zero
    var last: Price
    var now = Timestamp.seconds(0)
    var working: [Working] = []
    var isHalted = false
    var isHeld = false
    var floor: Price?
    var lot = Quantity.shares(1)
    var ladder = PriceLadder.krx
    private(set) var actions: [PositionGuard.Action] = []
    private var orders: UInt64 = 0
    /// How often a position began.
    private(set) var lives = 0

    init(_ plan: ExitPlan = .threeTier, shares: Int64, at won: Int64) {
        position = PositionGuard(plan, price: .won(won))
        last = .won(won)
        buy(shares, at: won)
    }

    var free: Quantity {
        Quantity(units: held.units - sells.reduce(0) { $0 + $1.open.units })
    }
    var sells: [Working] { working.filter { $0.order.side == .sell } }
    /// Shares and limits of what works at the exchange, in won.
    var book: [[Int64]] {
        sells.map {
            [$0.open.units / fixedPointScale, ($0.order.limit?.units ?? 0) / fixedPointScale]
        }
    }

    mutating func buy(_ shares: Int64, at won: Int64) {
        if held == .zero { lives += 1 }
        position.bought(.shares(shares), at: .won(won), held: held)
        held = Quantity(units: held.units + shares * fixedPointScale)
    }

    /// A tick, and all that the guard does at it.
    mutating func see(_ won: Int64) { see(Price.won(won)) }
    mutating func see(_ price: Price) {
        now = now.advanced(by: .seconds(1))
        let before = last
        last = price
        position.saw(price, before: before)
        tend(before: before)
    }
    mutating func see(candle prices: (Int64, Int64, Int64, Int64)) {
        now = now.advanced(by: .seconds(60))
        let candle = Candle.at(0, prices)
        let before = last
        last = candle.close
        position.saw(candle, before: before)
        tend(before: before, low: candle.low, high: candle.high)
    }

    /// `new` shares for one, told; a price that is doubted stays as it came.
    mutating func split(_ new: Int64) {
        let isNew = position.doubtedSince != nil
        position.split(new, for: 1, last: last)
        if !isNew { last = Price(units: last.units / new) }
        held = Quantity(units: held.units * new)
        tend()
    }

    mutating func tend(before: Price? = nil, low: Price? = nil, high: Price? = nil) {
        var before = before
        for _ in 0..<100 {
            guard let action = position.next(surroundings(before, low, high)) else { return }
            before = nil
            actions.append(action)
            take(action)
        }
        preconditionFailure("the guard never comes to rest: \(actions.suffix(4))")
    }

    func surroundings(_ before: Price?, _ low: Price?, _ high: Price?)
        -> PositionGuard.Surroundings
    {
        var view = PositionGuard.Surroundings(
            held: held, free: free, last: last, now: now, lot: lot, ladder: ladder)
        (view.low, view.high, view.before) = (low ?? last, high ?? last, before)
        (view.floor, view.isHalted, view.isHeld) = (floor, isHalted, isHeld)
        let own = Set(position.exits.map(\.number))
        let others = working.filter { !$0.isCancelAsked && !own.contains($0.order.number) }
        view.otherSells = others.filter { $0.order.side == .sell }.map(\.order.number)
        view.buys = others.filter { $0.order.side == .buy }.map(\.order.number)
        return view
    }

    private mutating func take(_ action: PositionGuard.Action) {
        switch action {
        case .doubt(let since): position.doubted(since: since)
        case .believe: position.believed()
        case .fire(let tier): position.fired(tier)
        case .place(let tier, let quantity, let limit):
            let order = work(.sell, quantity, limit)
            position.ordered(order, for: tier, at: now)
        case .cancel(let number, _):
            position.cancelAsked(number)
            for at in working.indices where working[at].order.number == number {
                working[at].isCancelAsked = true
            }
        }
    }

    @discardableResult
    mutating func work(_ side: Side, _ quantity: Quantity, _ limit: Price?) -> Order {
        orders += 1
        let order = Order(
            number: OrderNumber(orders), account: AccountID(0), instrument: InstrumentID(0),
            side: side, quantity: quantity, limit: limit)
        working.append(Working(order: order, open: quantity))
        return order
    }

    /// The exchange fills of the order at `index`, at its limit.
    mutating func fill(_ index: Int = 0, _ shares: Int64? = nil) {
        let order = working[index].order
        let quantity = shares.map { Quantity.shares($0) } ?? working[index].open
        working[index].open = Quantity(units: working[index].open.units - quantity.units)
        if working[index].open == .zero { working.remove(at: index) }
        if order.side == .buy {
            if held == .zero { lives += 1 }
            position.bought(quantity, at: order.limit ?? last, held: held)
            held = Quantity(units: held.units + quantity.units)
        } else {
            position.sold(quantity, by: order.number)
            held = Quantity(units: held.units - quantity.units)
        }
        tend()
    }
    /// The order at `index` ends without a further fill.
    mutating func end(_ index: Int = 0, _ end: ExitTries.End = .refused) {
        position.ended(working.remove(at: index).order.number, end)
        tend()
    }
}
