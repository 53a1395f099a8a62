package import Host
package import Kernel
package import Ports
package import TradingModel

/// Counts a run's fills against its recording: worth at every event, round trips, statistics. A value.
///
/// It reads nothing that was decided but the fills, and marks what is held at the price of each row: a
/// second opinion on the kernel's books, which the command compares.
package struct Accounting: Sendable {
    /// Accounts whose amounts add up.
    package struct Purse: Hashable, Sendable {
        package let currency: String
        package let accounts: [AccountID]
        package var whole: EquityCurve
        /// Around the split, where there is one.
        package var before: EquityCurve?
        package var after: EquityCurve?
    }
    package struct Mark: Hashable, Sendable {
        package let instrument: InstrumentID
        package let index: Int
        package let side: Side
        package let price: Price
        package let time: Timestamp
    }
    package private(set) var purses: [Purse]
    package private(set) var trips = RoundTrips()
    /// A chart's line for each instrument.
    package private(set) var prices: [Trace]
    package private(set) var marks: [Mark] = []
    /// Rows, whatever they are.
    package private(set) var events = 0
    /// At rows outside of their instrument's hours.
    package internal(set) var outsideHours = OutsideHours()

    /// Ticks by instrument, and final candles by instrument and interval.
    private var ticks: [Int]
    private var candles: [[(interval: Interval, count: Int)]]

    let plan: KernelPlan
    let split: Timestamp?
    private var isBehindSplit = false
    private var rows: [Int]
    private var last: [Price?]
    /// By account, then instrument.
    private var held: [Int64]
    private var holding: [Int]
    private var equity: [Money]
    private var purseOf: [Int]
    private(set) var sums: [Sums]
    private(set) var sumsBefore: [Sums]?
    struct Sums: Hashable {
        var traded = Money.zero
        var fees = Money.zero
        var tax = Money.zero
        var slippage = Money.zero
    }

    /// - Parameter split: From here on it is another part, told apart.
    package init(_ plan: KernelPlan, split: Timestamp? = nil) {
        self.plan = plan
        self.split = split
        let count = plan.instruments.count
        rows = Array(repeating: 0, count: count)
        ticks = rows
        candles = Array(repeating: [], count: count)
        last = Array(repeating: nil, count: count)
        held = Array(repeating: 0, count: count * plan.accounts.count)
        holding = plan.accounts.map { _ in 0 }
        equity = plan.accounts.map(\.cash)
        prices = plan.instruments.map { _ in Trace() }
        var purses: [Purse] = []
        for currency in plan.accounts.map(\.currency)
        where !purses.contains(where: { $0.currency == currency }) {
            let accounts = plan.accounts.indices.filter { plan.accounts[$0].currency == currency }
            let cash = accounts.reduce(Money.zero) { $0 + plan.accounts[$1].cash }
            purses.append(
                Purse(
                    currency: currency, accounts: accounts.map { AccountID($0) },
                    whole: EquityCurve(start: cash, zone: Self.zone(plan, accounts[0]))))
        }
        purseOf = plan.accounts.map { account in
            purses.firstIndex { $0.currency == account.currency } ?? 0
        }
        sums = purses.map { _ in Sums() }
        if split != nil { for at in purses.indices { purses[at].before = purses[at].whole } }
        self.purses = purses
    }

    /// Reads the recording once more, and takes each fill at its step.
    ///
    /// - Parameter last: The run's last step: what comes behind it nobody has decided upon.
    package mutating func read(
        _ recording: any RecordedFeed, _ market: MarketPlan, _ fills: [BookedFill],
        through last: UInt64 = .max
    ) throws(FeedError) {
        let reader = try StepReader(recording, market)
        var step = Step()
        var next = 0
        while try reader.read(into: &step), step.number <= last {
            for index in step.events.indices { count(step.events[index]) }
            guard let input = step.input else { continue }
            pass(step.time)
            while next < fills.count, fills[next].step <= step.number {
                noteHours(fills[next], input)
                book(fills[next])
                next += 1
            }
            take(input, at: step.time)
        }
    }

    private mutating func count(_ event: MarketEvent) {
        switch event.kind {
        case .tick(let tick): ticks[Int(tick.instrument.index)] += 1
        case .candle(let candle):
            guard candle.isFinal else { return }
            let index = Int(candle.instrument.index)
            if let at = candles[index].firstIndex(where: { $0.interval == candle.interval }) {
                candles[index][at].count += 1
            } else {
                candles[index].append((candle.interval, 1))
            }
        case .quote, .timer: break
        }
    }

    /// How many events of an input an instrument had.
    package func events(of instrument: InstrumentID, _ input: Attachment.Input) -> Int {
        let index = Int(instrument.index)
        return switch input {
        case .ticks: ticks[index]
        case .candles(let interval): candles[index].first { $0.interval == interval }?.count ?? 0
        }
    }

    /// A fill at the row that comes next.
    package mutating func book(_ booked: BookedFill) {
        let (order, fill) = (booked.order, booked.fill)
        let account = Int(order.account.index)
        let instrument = Int(order.instrument.index)
        trips.book(booked, index: rows[instrument])
        marks.append(
            Mark(
                instrument: order.instrument, index: rows[instrument], side: order.side,
                price: fill.price, time: fill.time))
        let at = account * plan.instruments.count + instrument
        let value = Money(fill.price, times: fill.quantity)
        let change = fill.quantity.units * order.side.sign
        let mark = last[instrument] ?? fill.price
        if last[instrument] == nil { last[instrument] = mark }
        if held[at] == 0 { holding[account] += 1 }
        held[at] += change
        if held[at] == 0 { holding[account] -= 1 }
        equity[account] += Money(
            units: Int128(change) * Int128(mark.units) - Int128(order.side.sign) * value.units)
        equity[account] -= fill.fee
        let purse = purseOf[account]
        sums[purse].traded += value
        sums[purse].fees += fill.fee
        sums[purse].tax += fill.tax ?? .zero
        let worse = Int128(fill.price.units - booked.reference.units) * Int128(change)
        sums[purse].slippage += Money(units: worse)
    }

    /// A row: what is held is worth its price now.
    package mutating func take(_ input: MarketInput, at time: Timestamp) {
        events += 1
        let instrument = Int(input.instrument.index)
        pass(time)
        if let price = mark(input) {
            let before = last[instrument] ?? price
            if price != before {
                let move = Int128(price.units) - Int128(before.units)
                for account in equity.indices {
                    let quantity = held[account * plan.instruments.count + instrument]
                    if quantity != 0 {
                        equity[account] += Money(units: Int128(quantity) * move)
                    }
                }
            }
            last[instrument] = price
            prices[instrument].add(Int128(price.units), at: time)
        } else if let before = last[instrument] {
            prices[instrument].add(Int128(before.units), at: time)
        }
        rows[instrument] += 1
        for at in purses.indices { note(at, time) }
    }

    private mutating func note(_ at: Int, _ time: Timestamp) {
        var sum = Money.zero
        var isHolding = false
        for account in purses[at].accounts {
            sum += equity[Int(account.index)]
            isHolding = isHolding || holding[Int(account.index)] > 0
        }
        purses[at].whole.add(sum, at: time, isHolding: isHolding)
        guard split != nil else { return }
        if isBehindSplit {
            purses[at].after?.add(sum, at: time, isHolding: isHolding)
        } else {
            purses[at].before?.add(sum, at: time, isHolding: isHolding)
        }
    }

    /// Before the first row at the split, and before what fills at it: what comes is told apart.
    private mutating func pass(_ time: Timestamp) {
        guard let split, !isBehindSplit, time >= split else { return }
        isBehindSplit = true
        sumsBefore = sums
        for at in purses.indices {
            let zone = Self.zone(plan, Int(purses[at].accounts[0].index))
            purses[at].after = EquityCurve(start: purses[at].whole.equity, zone: zone)
        }
    }

    /// Whose midnight parts days: the exchange's, where all instruments have one, for an account elsewhere sees a
    /// session go over its own; else the account's.
    private static func zone(_ plan: KernelPlan, _ account: Int) -> ZoneOffsets {
        guard let first = plan.zones.first, plan.zones.allSatisfy({ $0 == first }) else {
            return plan.accounts[account].zone
        }
        return first
    }

    /// As the kernel takes them: a quote is no price, nor is a candle that still grows.
    private func mark(_ input: MarketInput) -> Price? {
        switch input {
        case .tick(let tick): tick.price
        case .candle(let candle): candle.isFinal ? candle.close : nil
        case .quote: nil
        }
    }
}
