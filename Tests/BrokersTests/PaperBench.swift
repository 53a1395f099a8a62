import Brokers
import PaperExchange
import Platform
import Ports
import TestKit
import TradingModel

/// A paper broker with two stocks of KRX steps at 70,000 won and cash for about 2,800 shares.
struct PaperBench {
    static let price = Price.won(70_000)
    static let cash = Money.won(200_000_000)
    static let instruments = (0..<2).map { index in
        Instrument(
            id: InstrumentID(index), symbol: "KR000\(index + 1)", market: "KR", currency: "KRW",
            ladder: .krx, lot: .shares(1), timeZone: "Asia/Seoul")
    }

    let clock = ManualClock()
    let paper: PaperBroker
    private var wish = BenchWish()

    init(
        _ wish: BenchWish, changes: BrokerCapabilities.Changes = .keepNumber, seed: UInt64 = 1,
        checksFunds: Bool = true
    ) {
        self.init(
            partialFills: wish.inParts, seed: seed, checksFunds: checksFunds, changes: changes)
        self.wish = wish
    }

    init(
        partialFills: Bool = false, seed: UInt64 = 1, fee: Int64 = 5_000_000,
        checksFunds: Bool = true,
        newsCapacity: Int = 65_536, changes: BrokerCapabilities.Changes = .keepNumber
    ) {
        let account = Self.account(
            partialFills: partialFills, seed: seed, fee: fee, checksFunds: checksFunds)
        paper = PaperBroker(account, clock: clock, newsCapacity: newsCapacity, changes: changes)
    }

    static func account(
        partialFills: Bool = false, seed: UInt64 = 1, fee: Int64 = 5_000_000,
        checksFunds: Bool = true
    ) -> PaperAccount {
        PaperAccount(
            .init(
                exchange: .init(feeMicroBasisPoints: fee, partialFills: partialFills, seed: seed),
                account: AccountID(0), currency: "KRW", cash: cash, checksFunds: checksFunds),
            instruments: instruments)
    }

    /// A bench whose line can fail.
    func bench() -> BrokerBench {
        let line = FaultyLine(to: limited)
        return bench(line, line)
    }

    /// What the paper broker stands behind: a limit of calls, where the scenario wants one.
    var limited: any Broker {
        wish.atOnce.map { LimitedLine(to: paper, atOnce: $0, clock: clock) } ?? paper
    }

    /// - Parameters:
    ///   - broker: What stands before the paper broker.
    ///   - line: That has its faults.
    func bench(_ broker: any Broker, _ line: FaultyLine) -> BrokerBench {
        let times = Locked<Int64>(0)
        let trade: @Sendable (InstrumentID, Price) async -> Void = { [paper] instrument, price in
            let time: Int64 = times.withLock { time in
                time += 1
                return time
            }
            let tick = Tick(
                instrument: instrument, feedTime: .seconds(time), price: price,
                quantity: .shares(1))
            _ = await paper.observe(.tick(tick))
        }
        var bench = BrokerBench(
            broker: broker, clock: clock, account: AccountID(0),
            instruments: Self.instruments, price: Self.price, cash: Self.cash, currency: "KRW",
            trade: trade, settle: {}, fail: { await line.fail($0) })
        bench.faults = FaultyLine.faults
        bench.lag = { await line.lag($0) }
        bench.endDay = { [paper] in await paper.endDay() }
        bench.atOnce = wish.atOnce
        if wish.atOnce != nil { bench.rest = { [clock] in clock.advance(by: 1_000_000_000) } }
        return bench
    }
}
