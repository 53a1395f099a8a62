import Kernel
import Rules
import TradingModel

/// A kernel with rules, and ticks for one instrument of it.
struct House {
    /// Instruments; the ticks are of the last ones.
    static let instruments = 1_010
    static let ticking = 10

    /// Ten thousand rules on the first thousand instruments: indicators, changes, bounds.
    static func mixed(_ count: Int) -> Kernel {
        let texts = [
            "cross_above(sma(20), sma(60)) and rsi(14) < 30", "volume > 1.5 * sma(volume, 20)",
            "change(20) <= -5%", "price > bollinger_upper", "price > 70000",
            "time in 09:00-09:30 and price > resistance(20)", "macd_histogram > 0",
            "price < 50000", "price > ema(12) * 1.02", "adx > 25",
        ]
        return kernel(
            (0..<count).map { index in (texts[index % texts.count], index / texts.count) })
    }

    /// So many bounds on the price of the last instrument, a won apart around the ticks.
    static func bounds(_ count: Int) -> Kernel {
        kernel(
            (0..<count).map { index in
                ("price > \(70_000 - count / 2 + index)", instruments - 1)
            })
    }

    private static func kernel(_ rules: [(text: String, instrument: Int)]) -> Kernel {
        let zone = ZoneOffsets(fixed: .seconds(9 * 3_600))
        let all = (0..<instruments).map { index in
            Instrument(
                id: InstrumentID(index), symbol: "KR\(index)", market: "KR", currency: "KRW",
                ladder: .krx, lot: Quantity(units: fixedPointScale), timeZone: "Asia/Seoul")
        }
        var compiled: [String: CompiledRule] = [:]
        let attachments = rules.enumerated().compactMap { index, rule -> Attachment? in
            guard let condition = compiled[rule.text] ?? (try? Rule.compile(rule.text)) else {
                return nil
            }
            compiled[rule.text] = condition
            return Attachment(
                source: SourceID(index), account: AccountID(0),
                instrument: InstrumentID(rule.instrument), input: .ticks,
                quantity: Quantity(units: fixedPointScale),
                strategy: RuleStrategy(
                    condition, action: .alert, confidence: .full, every: .crossing,
                    coolDown: .zero, zone: zone))
        }
        precondition(attachments.count == rules.count, "a rule of the benchmark is none")
        return Kernel(
            KernelPlan(
                instruments: all, zones: all.map { _ in zone },
                accounts: [
                    AccountPlan(
                        name: "demo", currency: "KRW", cash: Money(units: 0), zone: zone)
                ],
                sources: rules.indices.map { SourcePlan(name: "r\($0)", kind: .rule) },
                attachments: attachments,
                arbiter: ArbiterPlan(policy: .confidenceWeighted), risk: RiskLimits()))
    }

    /// - Parameter last: Of the last instrument alone; else in turn of the last ten.
    static func ticks(_ count: Int, last: Bool) -> [Tick] {
        var state: UInt64 = 7
        var price: Int64 = 70_000
        return (0..<count).map { index in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            price += Int64(state >> 33) % 3 - 1
            return Tick(
                instrument: InstrumentID(instruments - 1 - (last ? 0 : index % ticking)),
                feedTime: Timestamp(nanoseconds: 1_704_153_600_000_000_000 + Int64(index) * 1_000),
                price: Price(units: price * fixedPointScale),
                quantity: Quantity(units: fixedPointScale))
        }
    }

    /// - Returns: ns a tick, and how often a rule spoke.
    static func pass(_ kernel: consuming Kernel, _ ticks: [Tick], _ time: () -> Int64) -> (
        Double, Int
    ) {
        var kernel = kernel
        var effects = Effects()
        var said = 0
        var step: UInt64 = 0
        let start = time()
        for tick in ticks {
            step += 1
            kernel.handle(
                tick, at: EventPosition(step: step, index: 0), entry: tick.feedTime, into: &effects)
            if !effects.facts.isEmpty {
                for case .signal in effects.facts { said += 1 }
                effects.removeAll()
            }
        }
        return (Double(time() - start) / Double(ticks.count), said)
    }
}
