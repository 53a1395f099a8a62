public import TradingModel

/// The checks before every order. A value: the same numbers in, the same answer out.
public struct RiskGate: Sendable {
    /// What an account looks like at the moment of the check.
    public struct View: Sendable {
        /// What is told of an order whose outcome is unknown.
        // Not its machine: a view is made for each order, and as plain memory.
        public struct Doubt: Sendable {
            public let number: OrderNumber
            public let side: Side
            public let quantity: Quantity
            public let filled: Quantity
            public init(_ machine: OrderMachine) {
                number = machine.order.number
                side = machine.order.side
                quantity = machine.order.quantity
                filled = machine.filled
            }
        }
        /// What the kill switch stops it by.
        public var killed: KillScope?
        /// Cash less what working orders hold.
        public var freeCash: Money
        /// `nil` when it leaves 128 bits; a sale does not ask.
        public var equity: Money?
        public var equityAtDayStart: Money
        public var held: Quantity
        /// Of working orders, on the same side as the new one.
        public var workingBuys: Quantity
        public var workingSells: Quantity
        /// An order of the account in the instrument whose outcome is unknown.
        public var inDoubt: Doubt?
        /// Instruments held or being bought, this one not counted.
        public var otherSymbols: Int
        public var last: Price?
        /// The highest equity that a day began with.
        public var peak: Money = .zero
        /// Of fills of the account's day.
        public var boughtToday: Money = .zero
        /// Held by the account's working buys.
        public var reserved: Money = .zero
        /// Of the vote, at 10⁻⁶; `nil` where nobody voted.
        public var confidence: Int64?
        /// Passed in the account's day, by an order or by none.
        public var isPastDayLoss = false
        public var isPastDrawdown = false
        /// Buys of the last minute, and how long ago the same buy and a failure in the instrument were; read
        /// where a limit asks.
        public var recentBuys = 0
        public var twinAge: Nanoseconds?
        public var failureAge: Nanoseconds?
        /// Of the last price, by the market's time; read where a limit asks.
        public var priceAge: Nanoseconds?
        /// Somebody said that the instrument does not trade.
        public var isHalted = false
        /// It was split, and no price has come since: the last one is made of another.
        public var awaitsPrice = false
        /// Those that hold today, where they are known.
        public var dayLimits: DayLimits?
    }
    public let limits: RiskLimits
    /// At 10⁻⁶ of a basis point of a fill's value.
    public let feeMicroBasisPoints: Int64
    public init(_ limits: RiskLimits, feeMicroBasisPoints: Int64 = 0) {
        self.limits = limits
        self.feeMicroBasisPoints = feeMicroBasisPoints
    }

    /// The cash that a buy takes when it fills at `price`, its fee too; `nil` out of range.
    func need(_ price: Price, _ quantity: Quantity) -> Money? {
        let value = Money(price, times: quantity)
        guard value <= Self.largestAmount,
            let fee = try? value.fee(microBasisPoints: feeMicroBasisPoints),
            fee <= Self.largestAmount
        else { return nil }
        return value + max(fee, .zero)
    }

    /// Amounts past this are refused.
    static var largestAmount: Money { .largestAmount }
    /// What cash, costs and profits may come to: two of them and an amount still fit.
    public static var largestSum: Money { Money(units: 1_000 * largestAmount.units) }

    /// - Returns: The rule that refuses with its numbers, or `nil`: approved.
    public func refusal(of order: Order, _ view: View) -> (rule: String, detail: String)? {
        var (gate, view) = (self, view)
        return gate.judge(order, &view)
    }

    /// The same, of what stays where it stands.
    // Mutating though nothing changes: else each call would be handed copies of both.
    mutating func judge(_ order: Order, _ view: inout View) -> (rule: String, detail: String)? {
        guard order.quantity.isPositive else { return ("quantity", "quantity \(order.quantity)") }
        guard let last = view.last, last.units > 0 else { return ("price", "no price seen yet") }
        if let limit = order.limit, let refusal = outsideBand(limit, last) { return refusal }
        if limits.state == .halted { return ("state", "the account is halted") }
        if limits.state == .marketOnly, order.limit != nil {
            return ("state", "the account takes no limit orders")
        }
        if order.side == .sell {
            let free = max(0, view.held.units) - view.workingSells.units
            guard order.quantity.units <= free else {
                return ("holdings", "sell \(order.quantity) > free \(Quantity(units: free))")
            }
            return nil
        }
        if let scope = view.killed { return ("kill", "the kill switch \(scope.words)is on") }
        if limits.state == .reducing {
            return ("state", "the account only reduces its positions")
        }
        if let limit = order.limit, let day = view.dayLimits,
            let refusal = outsideDay(limit, day)
        {
            return refusal
        }
        if view.isHalted { return ("halted", "it does not trade, as somebody said") }
        if view.awaitsPrice { return ("price", "no price seen since its split") }
        if let most = limits.priceAge, let age = view.priceAge,
            age.count.magnitude > most.count.magnitude
        {
            return ("price_age", "its last price is more than \(seconds(most)) old")
        }
        if let doubt = view.inDoubt { return ("in_doubt", Self.words(of: doubt)) }
        if let refusal = refusalByHistory(&view) { return refusal }
        return refusalOfBuy(order, &view, price: order.limit ?? last)
    }

    private static func words(of doubt: View.Doubt) -> String {
        let side = doubt.side == .buy ? "BUY" : "SELL"
        return "the outcome of order \(doubt.number) is unknown: \(side) \(doubt.quantity), "
            + "\(doubt.filled) of it filled"
    }

    private func outsideBand(_ limit: Price, _ last: Price) -> (String, String)? {
        guard limit.units > 0 else { return ("price_band", "limit price \(limit)") }
        guard let band = limits.priceBand else { return nil }
        let distance = (Int128(limit.units) - Int128(last.units)).magnitude * 1_000_000
        guard distance > (Int128(last.units) * Int128(band)).magnitude else { return nil }
        return ("price_band", "limit \(limit) is more than \(percent(band)) from \(last)")
    }

    /// The exchange would refuse it. A sale is its to refuse: whoever told the limits may be wrong.
    private func outsideDay(_ limit: Price, _ day: DayLimits) -> (String, String)? {
        guard limit < day.lower || limit > day.upper else { return nil }
        return ("price_limit", "limit \(limit) is outside of today's \(day.lower) to \(day.upper)")
    }

    /// What the vote and the account's last orders say.
    private mutating func refusalByHistory(_ view: inout View) -> (String, String)? {
        if let least = limits.confidence, let has = view.confidence, has < least {
            return ("confidence", "confidence \(percent(has)) < \(percent(least))")
        }
        if let most = limits.ordersPerMinute, view.recentBuys >= most {
            return (
                "orders_per_minute", "\(most) buys within a minute are made already"
            )
        }
        if let span = limits.duplicateWithin, let age = view.twinAge, age < span {
            return ("duplicate_within", "the same was bought less than \(seconds(span)) ago")
        }
        if let span = limits.coolDown, let age = view.failureAge, age < span {
            return ("cool_down", "an order in it failed less than \(seconds(span)) ago")
        }
        return nil
    }

    /// Without what changes from one refusal to the next: people are told of each text once.
    private func seconds(_ span: Nanoseconds) -> String {
        decimalString(Int128(span.count / 1_000_000), scale: 3) + " s"
    }

    private mutating func refusalOfBuy(
        _ order: Order, _ view: inout View, price: Price
    ) -> (String, String)? {
        let value = Money(price, times: order.quantity)
        guard value <= Self.largestAmount else {
            return ("order_value", "value \(value) is out of range")
        }
        if let most = limits.orderValue, value > most {
            return ("order_value", "order value \(value) > \(most)")
        }
        let after =
            Int128(view.held.units) + Int128(view.workingBuys.units) + Int128(order.quantity.units)
        guard let quantity = Int64(exactly: after) else {
            return ("position", "position out of range")
        }
        let exposure = Money(price, times: Quantity(units: quantity))
        guard exposure <= Self.largestAmount else {
            return ("position", "position value out of range")
        }
        if let detail = symbolValue(exposure) { return ("symbol_value", detail) }
        if let most = limits.dayValue {
            // What works may all fill today.
            let bought = view.boughtToday + view.reserved
            if bought + value > most {
                return (
                    "day_value",
                    "order value \(value) and \(bought) of today's buys > \(most)"
                )
            }
        }
        if let most = limits.symbols, view.held == .zero, view.workingBuys == .zero,
            view.otherSymbols >= most
        {
            return ("symbols", "\(view.otherSymbols) symbols held, at most \(most)")
        }
        guard let equity = view.equity else { return ("equity", "equity out of range") }
        if let detail = symbolWeight(exposure, of: equity) { return ("symbol_weight", detail) }
        if let detail = dayLoss(equity, since: view.equityAtDayStart) {
            return ("day_loss", detail)
        }
        if let detail = drawdown(equity, below: view.peak) { return ("drawdown", detail) }
        if view.isPastDayLoss { return ("day_loss", "it was passed today") }
        if view.isPastDrawdown { return ("drawdown", "it was passed today") }
        guard let need = need(price, order.quantity) else {
            return ("cash", "the fee of \(value) is out of range")
        }
        if need > view.freeCash { return ("cash", "needs \(need), free \(view.freeCash)") }
        return nil
    }

    // MARK: Limits that prices pass too; `nil`: they hold

    @inline(__always) func symbolValue(_ exposure: Money) -> String? {
        guard let most = limits.symbolValue, exposure > most else { return nil }
        return "position value \(exposure) > \(most)"
    }
    @inline(__always) func symbolWeight(_ exposure: Money, of equity: Money) -> String? {
        guard let most = limits.symbolWeight, isMore(exposure, than: most, of: equity) else {
            return nil
        }
        return "position value \(exposure) > \(percent(most)) of equity \(equity)"
    }
    @inline(__always) func dayLoss(_ equity: Money, since start: Money) -> String? {
        guard let most = limits.dayLoss else { return nil }
        let loss = lost(from: start, to: equity)
        guard isMore(loss, than: most, of: start) else { return nil }
        return "lost \(loss) today, more than \(percent(most)) of \(start)"
    }
    @inline(__always) func drawdown(_ equity: Money, below peak: Money) -> String? {
        guard let most = limits.drawdown else { return nil }
        guard isMore(lost(from: peak, to: equity), than: most, of: peak) else { return nil }
        return "equity \(equity) is more than \(percent(most)) below its peak \(peak)"
    }

    /// Past 128 bits the most that they hold, or the least: it stands to every limit as what was lost does.
    @inline(__always) private func lost(from before: Money, to now: Money) -> Money {
        let (loss, overflow) = before.units.subtractingReportingOverflow(now.units)
        return Money(units: overflow ? (now < before ? .max : .min) : loss)
    }

    /// Whether part > whole x millionths, exact; in 256 bits where 128 do not do.
    @inline(__always)
    private func isMore(_ part: Money, than millionths: Int64, of whole: Money) -> Bool {
        let (near, far) = (
            part.units.multipliedReportingOverflow(by: 1_000_000),
            whole.units.multipliedReportingOverflow(by: Int128(millionths))
        )
        if !near.overflow, !far.overflow { return near.partialValue > far.partialValue }
        return isMoreInFull(part, than: millionths, of: whole)
    }
    @inline(never)
    private func isMoreInFull(
        _ part: Money, than millionths: Int64, of whole: Money
    ) -> Bool {
        let left = part.units.multipliedFullWidth(by: 1_000_000)
        let right = whole.units.multipliedFullWidth(by: Int128(millionths))
        return (left.high, left.low) > (right.high, right.low)
    }

    private func percent(_ millionths: Int64) -> String {
        decimalString(Int128(millionths), scale: 4) + " %"
    }
}
