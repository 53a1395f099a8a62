import Foundation
import Kernel
import PaperExchange
import Platform
import Ports
import Strategies
import TestKit
import Testing
import TradingModel

@testable import Host

/// `oracles/backtest` through the whole run: candles in, ledger out.
@Suite struct BacktestOracleTests {
    static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "oracles/backtest")
    }
    static func rows(_ file: String) throws -> [[String]] {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8).split(separator: "\n")
            .dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
    static let symbols = ["KR0001", "KR0002", "KR0003", "KR0004"]

    static func bars() throws -> [Candle] {
        try rows("bars_5000.csv").map { row in
            Candle(
                instrument: InstrumentID(try #require(symbols.firstIndex(of: row[1]))),
                interval: .minute,
                openTime: Timestamp(nanoseconds: try #require(Int64(row[0]))),
                open: try #require(Price(row[2])),
                high: try #require(Price(row[3])), low: try #require(Price(row[4])),
                close: try #require(Price(row[5])), volume: try #require(Volume(row[6])))
        }
    }

    /// One account with all the cash, or one for each symbol.
    static func plan(accounts: Int) throws -> KernelPlan {
        let instruments = symbols.enumerated().map { index, symbol in
            Instrument(
                id: InstrumentID(index), symbol: symbol, market: "KR", currency: "KRW",
                ladder: .krx,
                lot: .shares(1), timeZone: "Asia/Seoul")
        }
        let attachments = try symbols.indices.map { index in
            Attached.sample(
                0, account: index % accounts, instrument: index, input: .candles(.minute),
                strategy: try BuiltInStrategy.named("ma_cross").make(parameters: [:]))
        }
        return KernelPlan(
            instruments: instruments, zones: Array(repeating: .seoul, count: 4),
            accounts: (0..<accounts).map {
                AccountPlan(
                    name: "a\($0)", currency: "KRW", cash: .won(400_000_000 / Int128(accounts)),
                    zone: .seoul)
            },
            sources: [SourcePlan(name: "ma_cross", kind: .builtIn)], attachments: attachments,
            arbiter: ArbiterPlan(policy: .confidenceWeighted), risk: RiskLimits())
    }

    static func run(_ plan: KernelPlan, _ candles: [Candle]) throws -> (RunSummary, [LedgerRow]) {
        let projections = MemoryProjections()
        let setup = RunSetup(
            head: RunHead(run: "r", identity: "i", market: "m", servers: [], host: "h"),
            folder: "memory",
            plan: plan, market: MarketPlan(zones: plan.zones),
            recording: MemoryFeed(candles.map { .candle($0) }),
            paper: .init(feeMicroBasisPoints: 5_000_000), log: MemoryLog(),
            projections: projections,
            digest: PlainSHA256(), clock: HostClock(), doorbell: Doorbell(), sessions: [],
            observer: Notebook())
        let summary = try LockstepRun(setup, journal: AccountJournal()).run {}
        return (summary, try projections.ledger())
    }

    /// Every round trip one by one, to the last 1/10000 won.
    @Test(arguments: [1, 4])
    func tradesAndResultsAreTheOracles(_ accounts: Int) throws {
        let candles = try Self.bars()
        let (summary, ledger) = try Self.run(try Self.plan(accounts: accounts), candles)
        let expected = try Self.rows("trades_ma_bars_5000.csv")
        var at = 0
        for (index, symbol) in Self.symbols.enumerated() {
            let times = candles.filter { $0.instrument == InstrumentID(index) }.map(\.openTime)
            let rows = ledger.filter { $0.symbol == symbol }
            for entry in stride(from: 0, to: rows.count, by: 2) {
                let buy = rows[entry]
                let sale = entry + 1 < rows.count ? rows[entry + 1] : nil
                let wanted = try #require(at < expected.count ? expected[at] : nil)
                at += 1
                #expect(buy.side == .buy && sale?.side != .buy)
                #expect(wanted[0] == symbol && Quantity(wanted[1]) == buy.quantity)
                #expect(wanted[2] == times.firstIndex(of: buy.time).map { "\($0)" })
                #expect(wanted[3] == "\(buy.time.nanoseconds)")
                #expect(Price(wanted[4]) == buy.price)
                #expect(
                    wanted[5]
                        == (sale.flatMap { times.firstIndex(of: $0.time) }.map { "\($0)" } ?? ""))
                #expect(wanted[6] == (sale.map { "\($0.time.nanoseconds)" } ?? ""))
                #expect(Price(wanted[7]) == sale?.price)
                #expect(Money(wanted[8]) == buy.fee + (sale?.fee ?? .zero))
                #expect(Money(wanted[9]) == sale?.realised)
            }
        }
        #expect(at == expected.count && at == 40)
        #expect(summary.fills == 79 && summary.orders == 79)
        #expect(Money(summary.fees) == Money("30400.6250"))
        let pnl = summary.pnl.values.compactMap { Money($0) }.reduce(Money.zero, +)
        let realised = summary.realisedPnl.values.compactMap { Money($0) }.reduce(Money.zero, +)
        #expect(pnl == Money("-64500.6250"))
        #expect(realised == Money("-64385.7500"))
    }
}
