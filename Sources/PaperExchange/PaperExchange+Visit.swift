public import TradingModel

/// One print and the orders that wait for it, one by one: what an order spends the next one lacks.
extension PaperExchange {
    /// A print on its way through the orders of its instrument.
    public struct Visit: Sendable {
        let print: Print
        var at = 0
        /// For the order that stands at `at`.
        var price: Price?
        /// Whether orders that are done stand among those that wait; `next` takes them away behind the last one.
        var hasDone = false
        /// What orders may still take of it: each side its own; `nil`: whatever they want.
        var left: (buy: Quantity, sell: Quantity)?
    }

    /// Begins a visit.
    ///
    /// - Returns: `nil` where the input fills nothing.
    public mutating func visit(_ input: MarketInput) -> Visit? {
        note(input)
        guard let print = Print(input), openOrders(print.instrument) > 0 else { return nil }
        return visit(print)
    }

    /// The same for a tick; where nothing waits, there is no next order.
    public mutating func visit(_ tick: Tick) -> Visit {
        note(tick)
        return visit(Print(tick))
    }

    /// The same for a final candle, for what is sold inside of it by ``sell(_:of:at:in:)`` comes later.
    public mutating func visit(_ candle: Candle) -> Visit {
        note(.candle(candle))
        return visit(Print(candle))
    }

    @inline(__always)
    private func visit(_ print: Print) -> Visit {
        let left = settings.participation.map { share in
            (print.offered(to: .buy, share), print.offered(to: .sell, share))
        }
        return Visit(print: print, left: left)
    }

    /// The next order that the print fills, until ``fill(_:funds:reports:)`` is called: then the one after it.
    ///
    /// A visit ends where there is none: who begins it asks until then.
    public mutating func next(of visit: inout Visit) -> Order? {
        let index = Int(visit.print.instrument.index)
        guard working.indices.contains(index) else { return nil }
        while visit.at < working[index].count {
            if !visit.print.began(before: working[index][visit.at]) {
                let order = working[index][visit.at].order
                visit.price = visit.print.price(
                    for: order, rests: working[index][visit.at].rests
                ).map { worsened($0, for: order) }
                if visit.print.meets(order.side) { working[index][visit.at].rests = true }
                if visit.price != nil { return order }
            }
            visit.at += 1
        }
        if visit.hasDone {
            visit.hasDone = false
            working[index].removeAll { !$0.open.isPositive }
            visit.at = working[index].count
        }
        return nil
    }

    /// What became of an order at a print: a fill, the rest cancelled, both or neither.
    public struct Outcome: Sendable {
        public internal(set) var fill: Fill?
        /// Cash for less than the print would fill: the rest is cancelled.
        public internal(set) var shortage: Shortage?
    }
    public struct Shortage: Sendable {
        let affords: Quantity
        let wanted: Quantity
        let price: Price
        public var reason: String { "the cash affords \(affords) of \(wanted) at \(price)" }
    }

    /// Fills the order that ``next(of:)`` gave.
    ///
    /// - Parameter funds: What a buy may take, fee included; `nil`: whatever it takes.
    public mutating func fill(_ visit: inout Visit, funds: Money?, reports: inout [BrokerReport]) {
        let index = Int(visit.print.instrument.index)
        guard working[index].indices.contains(visit.at) else { return }
        let number = working[index][visit.at].order.number
        let outcome = fill(&visit, funds: funds)
        if let fill = outcome.fill { reports.append(.filled(fill)) }
        if let shortage = outcome.shortage {
            reports.append(.cancelled(number, reason: shortage.reason))
        }
    }

    /// The same, without reports.
    public mutating func fill(_ visit: inout Visit, funds: Money?) -> Outcome {
        var outcome = Outcome()
        let index = Int(visit.print.instrument.index)
        guard let price = visit.price, working[index].indices.contains(visit.at) else {
            return outcome
        }
        visit.price = nil
        let order = working[index][visit.at]
        let side = order.order.side
        let share = settings.partialFills ? share(of: order) : order.open
        let wanted = min(share, visit.left(for: side, lot: lots[index]))
        guard wanted.isPositive, let whole = cost(price, wanted, side) else {
            visit.at += 1
            return outcome
        }
        var (quantity, cost) = (wanted, whole)
        if side == .buy, let funds, !isAffordable(wanted, at: price, whole.fee, by: funds) {
            quantity = affordable(wanted, at: price, by: funds, of: order.order.instrument)
            cost = self.cost(price, quantity, side) ?? .none
        }
        if quantity.isPositive {
            visit.take(quantity, side)
            let fill = Fill(
                order: order.order.number, id: order.fills + 1, price: price, quantity: quantity,
                fee: cost.fee, time: visit.print.time, tax: cost.tax)
            outcome.fill = fill
        }
        if quantity < wanted {
            outcome.shortage = Shortage(affords: quantity, wanted: wanted, price: price)
        } else if quantity < order.open {
            apply(quantity, at: visit.at, of: index)
            visit.at += 1
            return outcome
        }
        if visit.at == working[index].count - 1 {
            working[index].removeLast()
        } else {
            // The others would have to move up, each time: they do so once, when the visit ends.
            working[index][visit.at].open = .zero
            visit.hasDone = true
            visit.at += 1
        }
        return outcome
    }

    /// Fills a working sale inside of the candle that is visited, behind what waited for the candle.
    ///
    /// - Parameters:
    ///   - price: Where the candle stands when the order comes. Below its limit nothing is sold, and it waits on.
    ///   - slips: Whether ``Settings/slippage`` makes the price worse, down to the order's limit.
    public mutating func sell(
        _ number: OrderNumber, of instrument: InstrumentID, at price: Price, slips: Bool,
        in visit: inout Visit
    ) -> Outcome {
        let index = Int(instrument.index)
        guard working.indices.contains(index),
            let at = working[index].lastIndex(where: { $0.order.number == number })
        else { return Outcome() }
        let order = working[index][at].order
        guard price >= order.limit ?? price else { return Outcome() }
        visit.at = at
        visit.price = slips ? max(slipped(price, for: order), order.limit ?? price) : price
        defer { visit.at = working[index].count }
        return fill(&visit, funds: nil)
    }

    private func isAffordable(
        _ quantity: Quantity, at price: Price, _ fee: Money, by funds: Money
    ) -> Bool {
        Money(price, times: quantity) + max(fee, .zero) <= funds
    }

    /// The most of `wanted`, in whole lots, that costs no more than `funds`.
    private mutating func affordable(
        _ wanted: Quantity, at price: Price, by funds: Money, of instrument: InstrumentID
    ) -> Quantity {
        let lot = max(lots[Int(instrument.index)].units, 1)
        var (most, least) = (wanted.units / lot, Int64(0))
        while least < most {
            let middle = most - (most - least) / 2
            let quantity = Quantity(units: middle * lot)
            if let cost = cost(price, quantity, .buy),
                isAffordable(quantity, at: price, cost.fee, by: funds)
            {
                least = middle
            } else {
                most = middle - 1
            }
        }
        return Quantity(units: least * lot)
    }

    mutating func apply(_ quantity: Quantity, at: Int, of index: Int) {
        // A log may say more than is open.
        working[index][at].open = Quantity(
            units: max(0, working[index][at].open.units - quantity.units))
        working[index][at].fills += 1
    }

    /// What a fill costs. The tax is within the fee: a buy's is zero; `nil` where sales have none either, and
    /// where the rest is a rebate, so that it is no part of the sum.
    fileprivate struct Cost {
        let fee: Money
        let tax: Money?
        static let none = Cost(fee: .zero, tax: nil)
    }

    /// - Returns: `nil` when value or fee leave their range.
    // Mutating though nothing changes, as what calls it: else each call would be handed a copy of the exchange.
    fileprivate mutating func cost(_ price: Price, _ quantity: Quantity, _ side: Side) -> Cost? {
        let value = Money(price, times: quantity)
        guard value <= Self.largestValue,
            let fee = try? value.fee(microBasisPoints: settings.feeMicroBasisPoints),
            fee <= Self.largestValue
        else { return nil }
        guard settings.sellTaxMicroBasisPoints != 0 else { return Cost(fee: fee, tax: nil) }
        guard side == .sell else { return Cost(fee: fee, tax: fee >= .zero ? .zero : nil) }
        guard let tax = try? value.fee(microBasisPoints: settings.sellTaxMicroBasisPoints),
            tax <= Self.largestValue
        else { return nil }
        return Cost(fee: fee + tax, tax: fee >= .zero ? tax : nil)
    }

    /// A market order's price with its slippage.
    fileprivate func worsened(_ price: Price, for order: Order) -> Price {
        order.limit == nil ? slipped(price, for: order) : price
    }
    private func slipped(_ price: Price, for order: Order) -> Price {
        guard settings.slippage != .none else { return price }
        let index = Int(order.instrument.index)
        let ladder = ladders.indices.contains(index) ? ladders[index] : .fixed(.zero)
        return settings.slippage.worsened(price, for: order.side, on: ladder)
    }

    /// With ``Settings/partialFills``.
    fileprivate func share(of order: Working) -> Quantity {
        var hasher = StateHasher()
        hasher.combine(settings.seed)
        hasher.combine(order.order.number.value)
        hasher.combine(UInt64(order.fills))
        let quarters = Int64(hasher.value % 4) + 1
        let lot = lots[Int(order.order.instrument.index)]
        let part = Quantity(units: order.open.units / 4 * quarters).roundedDown(toMultipleOf: lot)
        let least = max(lot, Quantity(units: 1))
        return quarters == 4 ? order.open : min(order.open, max(part, least))
    }
}

extension PaperExchange.Visit {
    /// In whole lots.
    func left(for side: Side, lot: Quantity) -> Quantity {
        guard let left else { return Quantity(units: .max) }
        let most = side == .buy ? left.buy : left.sell
        return most.roundedDown(toMultipleOf: lot)
    }

    mutating func take(_ quantity: Quantity, _ side: Side) {
        guard let before = left else { return }
        let all = print.isTrade
        func rest(_ quantity: Quantity, of left: Quantity, _ isTaken: Bool) -> Quantity {
            isTaken ? Quantity(units: left.units - quantity.units) : left
        }
        // What traded is one quantity for both sides; a quote offers each its own.
        left = (
            rest(quantity, of: before.buy, all || side == .buy),
            rest(quantity, of: before.sell, all || side == .sell)
        )
    }
}
