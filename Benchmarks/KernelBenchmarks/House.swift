import Kernel
import PaperExchange
import Strategies
import TradingModel

/// The house that the ceiling models: four instruments, a 20/60 cross on the ticks of each, one
/// share, five basis points; and limits that are all checked and refuse nothing.
enum House {
    static let cash: Int128 = 400_000_000
    static let zone = ZoneOffsets(fixed: .seconds(9 * 3_600))

    /// - Parameters:
    ///   - accounts: Each has the cross on every instrument.
    ///   - withStrategies: Else nobody looks at the ticks.
    static func plan(
        instruments count: Int = 4, accounts: Int = 1, withStrategies: Bool = true
    ) -> KernelPlan {
        let instruments = (0..<count).map { index in
            Instrument(
                id: InstrumentID(index), symbol: "KR000\(index + 1)", market: "KR", currency: "KRW",
                ladder: .krx, lot: Quantity(units: 100_000_000), timeZone: "Asia/Seoul")
        }
        let attachments = (0..<count).flatMap { index in
            (0..<accounts).map { account in
                Attachment(
                    source: SourceID(0), account: AccountID(account),
                    instrument: InstrumentID(index), input: .ticks,
                    quantity: Quantity(units: 100_000_000),
                    strategy: withStrategies ? MACross(fast: 20, slow: 60) : nil)
            }
        }
        return KernelPlan(
            instruments: instruments, zones: Array(repeating: zone, count: count),
            accounts: (0..<accounts).map {
                AccountPlan(name: "demo \($0)", currency: "KRW", cash: won(cash), zone: zone)
            },
            sources: [SourcePlan(name: "cross", kind: withStrategies ? .builtIn : .server)],
            attachments: attachments,
            arbiter: ArbiterPlan(policy: .confidenceWeighted, threshold: 600_000),
            risk: RiskLimits(
                orderValue: won(10_000_000), symbolValue: won(50_000_000), symbolWeight: 500_000,
                symbols: 10, priceBand: 30_000, dayLoss: 900_000))
    }
    static func market(instruments: Int = 4) -> MarketPlan {
        MarketPlan(
            zones: Array(repeating: zone, count: instruments),
            intervals: [Interval(seconds: 60)].compactMap { $0 })
    }
    static let startingCash = won(cash)
    static let paper = PaperExchange.Settings(feeMicroBasisPoints: 5_000_000)

    private static func won(_ amount: Int128) -> Money { Money(units: amount * Money.scale) }
}
