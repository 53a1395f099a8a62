import Foundation
import Platform
import Ports
import Testing
import TradingModel

@testable import Brokers
@testable import Madang

/// What can never work at a broker is refused before anything runs.
@Suite struct TakingTests {
    private static func reading(
        _ taking: String, instruments: String = "{ symbols: [A], market: KR, hours: krx }",
        strategy: String =
            "rules: [{ name: dip, when: \"price < 5\", then: buy, on: ticks, quantity: 1 }]",
        more: String = ""
    ) throws -> HostConfiguration {
        let text = """
            accounts: [{ id: demo, broker: sim, currency: KRW, cash: 1000 }]
            brokers: { sim: { kind: sim, key: "${K}", secret: "${K}"\(taking.isEmpty ? "" : ", " + taking) } }
            feeds: [{ path: ticks.csv, what: ticks, speed: 1x }]
            instruments: [\(instruments)]
            \(strategy)
            \(more)
            """
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-taking-\(UUID().uuidString).yaml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var loader = try ConfigurationLoader(path: file.path, variables: ["K": "demo"])
        return try loader.load()
    }
    private static func refusal(
        _ taking: String, instruments: String = "{ symbols: [A], market: KR, hours: krx }",
        strategy: String =
            "rules: [{ name: dip, when: \"price < 5\", then: buy, on: ticks, quantity: 1 }]",
        more: String = ""
    ) -> String {
        do {
            _ = try reading(taking, instruments: instruments, strategy: strategy, more: more)
            return ""
        } catch { return "\(error)" }
    }
    private static let server =
        "strategies: [{ name: far, kind: server, address: \"127.0.0.1:9\" }]"

    @Test func whatIsSaidReachesTheAdapter() throws {
        let plain = try Self.reading("")
        guard case .simulated(let usual) = plain.brokers[0].kind else { throw Missing() }
        #expect(usual.takes == SimulatedTaking() && usual.takes.tradingHours == .always)
        let configuration = try Self.reading(
            "unit: 1, hours: \"08:30-15:30\", order_types: limit", strategy: Self.server)
        guard case .simulated(let simulated) = configuration.brokers[0].kind else {
            throw Missing()
        }
        let capabilities = SimulatedBroker.Settings(
            simulated, AccountID(0), configuration.instruments
        ).capabilities
        #expect(capabilities.orderTypes == [.limit])
        #expect(capabilities.units == .fractions(of: Quantity(units: 100_000_000)))
        #expect(capabilities.hours.words == "08:30-15:30 (Asia/Seoul)")
    }
    private struct Missing: Error {}

    /// A file that is traded with is backtested by what it costs there.
    @Test func aBacktestFillsByTheSameKeysAsOnPaper() throws {
        let keys =
            "fee_bps: 1.5, sell_tax_bps: 18, slippage: 1 tick, volume_share: 10%,"
            + " partial_fills: true, seed: 7, candle_path: high_first"
        let exchange = try Self.reading(keys).brokers[0].exchange
        let paper = try HostConfiguration.reading(
            instruments: ["{ symbols: [A], market: KR }"], broker: "{ kind: paper, \(keys) }")
        #expect(exchange == paper.brokers[0].exchange)
        #expect(exchange.sellTaxMicroBasisPoints == 18_000_000 && exchange.partialFills)
        let refusal = Self.refusal(
            "slippage: 1 tick", instruments: "{ symbols: [A], market: KR, tick_size: any }")
        #expect(refusal.contains("'A' has no price steps to slip by"), "\(refusal)")
    }

    @Test func aRuleWithoutMarketOrdersIsRefused() {
        let refusal = Self.refusal("order_types: limit")
        #expect(
            refusal.contains("'sim' takes no market orders, and 'dip' makes no others"),
            "\(refusal)")
        #expect(Self.refusal("order_types: market").isEmpty)
        // A server gives its orders a limit, or not: that is told order by order.
        #expect(Self.refusal("order_types: limit", strategy: Self.server).isEmpty)
        let alerts = "rules: [{ name: dip, when: \"price < 5\", then: alert, on: ticks }]"
        #expect(Self.refusal("order_types: limit", strategy: alerts).isEmpty)
    }

    @Test func exitsWithoutLimitOrdersAreRefused() {
        let refusal = Self.refusal("order_types: market", more: "exits: { plan: three_tier }")
        #expect(
            refusal.contains("'sim' takes no limit orders, and exits make no others"), "\(refusal)")
    }

    @Test func aLotOffTheUnitIsRefused() {
        let refusal = Self.refusal("unit: 10")
        #expect(
            refusal.contains(
                "'sim' takes quantities in multiples of 10, and 'A' has a lot of 1"), "\(refusal)")
        #expect(
            Self.refusal("unit: 10", instruments: "{ symbols: [A], market: KR, lot: 20 }").isEmpty)
    }

    @Test func hoursThatNeverMeetAreRefused() {
        let refusal = Self.refusal("hours: \"16:00-20:00\"")
        #expect(
            refusal.contains("'sim' takes orders 16:00-20:00, and 'A' is traded 09:00-15:30"),
            "\(refusal)")
        #expect(Self.refusal("hours: \"15:00-20:00\"").isEmpty)
        #expect(
            Self.refusal("hours: \"16:00-20:00\"", instruments: "{ symbols: [A], market: KR }")
                .isEmpty)
        #expect(Self.refusal("hours: never").contains("hours such as 09:00-15:30"))
    }
}
