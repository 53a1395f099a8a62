package import Kernel
package import Strategies
package import TradingModel

extension Instrument {
    package static func sample(_ index: Int, lot: Quantity = .shares(1)) -> Instrument {
        Instrument(
            id: InstrumentID(index), symbol: "S\(index)", market: "KR", currency: "KRW",
            ladder: .fixed(.won(1)), lot: lot, timeZone: "Asia/Seoul")
    }
}

extension KernelPlan {
    /// Accounts with the same cash, instruments with a step of one won, no limits.
    package static func sample(
        instruments: Int = 1, accounts: Int = 1, cash: Money = .won(1_000_000),
        zone: ZoneOffsets = .seoul, sources: [SourcePlan] = [], attachments: [Attachment] = [],
        arbiter: ArbiterPlan = ArbiterPlan(policy: .confidenceWeighted),
        risk: RiskLimits = RiskLimits()
    ) -> KernelPlan {
        KernelPlan(
            instruments: (0..<instruments).map { .sample($0) },
            zones: Array(repeating: zone, count: instruments),
            accounts: (0..<accounts).map {
                AccountPlan(name: "a\($0)", currency: "KRW", cash: cash, zone: zone)
            },
            sources: sources, attachments: attachments, arbiter: arbiter, risk: risk)
    }
}

extension Attachment {
    package static func sample(
        _ source: Int, account: Int = 0, instrument: Int = 0, input: Input = .ticks,
        quantity: Quantity = .shares(10), adds: Bool = false, strategy: (any Strategy)? = nil
    ) -> Attachment {
        Attachment(
            source: SourceID(source), account: AccountID(account),
            instrument: InstrumentID(instrument), input: input, quantity: quantity,
            addsToPosition: adds, strategy: strategy)
    }
}

/// Says what a table holds for an event's time.
package struct TableStrategy: Strategy {
    private let table: [Timestamp: StrategyResult]
    private var heard = 0
    package init(_ table: [Timestamp: StrategyResult]) { self.table = table }
    package mutating func onTick(_ tick: Tick) -> StrategyResult? {
        heard += 1
        return table[tick.feedTime]
    }
    package mutating func onCandle(_ candle: Candle) -> StrategyResult? {
        heard += 1
        return table[candle.closeTime]
    }
    package func hash(into hasher: inout StateHasher) { hasher.combine(heard) }
}

/// Signals now and then, by a draw that depends on what it has seen.
package struct MoodyStrategy: Strategy {
    private var state: UInt64
    private let onceIn: Int
    package init(seed: UInt64, onceIn: Int) {
        state = seed
        self.onceIn = onceIn
    }
    package mutating func onTick(_ tick: Tick) -> StrategyResult? { draw(tick.price) }
    package mutating func onCandle(_ candle: Candle) -> StrategyResult? { draw(candle.close) }
    package func hash(into hasher: inout StateHasher) { hasher.combine(state) }

    private mutating func draw(_ price: Price) -> StrategyResult? {
        var random = SeededRandom(state ^ UInt64(bitPattern: price.units))
        state = random.next()
        return random.oneIn(onceIn) ? .random(near: price, &random) : nil
    }
}

extension StrategyResult {
    /// Any result that a checked server may send.
    package static func random(near price: Price, _ random: inout SeededRandom) -> StrategyResult {
        let sizes: [Size] = [
            .attachment, .attachment, .quantity(.shares(Int64.random(in: 0...30, using: &random))),
            .targetWeight(millionths: Int64.random(in: 0...1_000_000, using: &random)),
            .fraction(millionths: Int64.random(in: 0...1_000_000, using: &random)),
        ]
        let away = Int64.random(in: -5...5, using: &random) * fixedPointScale
        let limit: Price? = random.oneIn(3) ? Price(units: price.units &+ away) : nil
        let span = Nanoseconds.seconds(Int64.random(in: 1...400, using: &random))
        return StrategyResult(
            random.oneIn(12) ? .alert : random.oneIn(2) ? .buy : .sell, size: random.pick(sizes),
            limit: limit, confidence: .of(Int64.random(in: 0...1_000_000, using: &random)),
            validity: random.oneIn(2) ? .untilNextCandle : .duration(span), message: "mood",
            reasons: random.oneIn(2) ? [] : ["a", "b"])
    }
}
