import Foundation
import Platform
import Ports
import Testing
import TradingModel

@testable import Madang

/// What the doctor says of a broker outside, by what it answers.
@Suite struct BrokerCheckTests {
    static let account = "accounts: [{ id: demo, broker: sim, currency: KRW, cash: 1000 }]"
    static let sim = "{ kind: sim, key: \"${SIM_KEY}\", secret: \"${SIM_SECRET}\" }"
    static let good = DoctorEnvironment.BrokerAnswer(
        name: "madang-sim", brokerTime: Timestamp(nanoseconds: 1_795_138_266_000_000_000),
        balances: [
            BrokerBalance(
                currency: "KRW", cash: Money(units: 990_000_000_000_000_000_000_000),
                available: Money(units: 990_000_000_000_000_000_000_000))
        ],
        positions: [position("A", InstrumentID(0))], openOrders: [], took: 3_000_000)

    static func position(_ symbol: String, _ instrument: InstrumentID?) -> BrokerPosition {
        BrokerPosition(
            instrument: instrument, symbol: symbol, quantity: Quantity(units: 1_000_000_000),
            available: Quantity(units: 1_000_000_000), averagePrice: nil)
    }

    private func environment(
        _ answer: Result<DoctorEnvironment.BrokerAnswer, BrokerError>,
        _ exits: String = ""
    ) throws -> DoctorEnvironment {
        let text = """
            \(Self.account)
            brokers: { sim: \(Self.sim), idle: \(Self.sim) }
            feeds:
              - { kind: csv, path: /house/ticks.csv, what: ticks, speed: 1x, time: { unit: ns },
                  columns: { time: ts, symbol: symbol, price: price } }
            instruments: [{ symbols: [A, B], market: KR }]
            strategies: [{ name: ma, kind: ma_cross, on: ticks, quantity: 1 }]
            \(exits)
            """
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-brokers-\(UUID().uuidString).yaml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var loader = try ConfigurationLoader(
            path: file.path, variables: ["SIM_KEY": "demo", "SIM_SECRET": "demo"])
        var environment = DoctorEnvironment.sample()
        environment.configuration = try loader.load()
        environment.askBroker = { (index) throws(BrokerError) in
            if index != 0 { Issue.record("a broker that no account goes to was asked") }
            return try answer.get()
        }
        return environment
    }

    @Test func aBrokerThatAnswersIsGood() async throws {
        let findings = await BrokerCheck().run(try environment(.success(Self.good)))
        #expect(findings.map(\.level) == [.good])
        #expect(
            findings.first?.what
                == "sim: madang-sim has cash 99,000,000 KRW, 1 position, 0 open orders; answered in 3.0 ms"
        )
    }

    @Test func aLineOfReportsThatDoesNotStandIsWrong() async throws {
        var answer = Self.good
        answer.isHeard = false
        let findings = await BrokerCheck().run(try environment(.success(answer)))
        #expect(findings.map(\.level) == [.good, .wrong])
        #expect(findings.last?.next.contains("stream of brokers.sim") == true)
    }

    @Test func paperIsNotAsked() async {
        let findings = await BrokerCheck().run(.sample())
        #expect(findings.map(\.level) == [.skipped])
    }

    @Test func clocksSlownessStrangersAndMissingStopsAreWarnings() async throws {
        var answer = Self.good
        answer.brokerTime = Timestamp(nanoseconds: 1_795_138_276_000_000_000)
        answer.positions.append(Self.position("ZZZ", nil))
        answer.took = 1_500_000_000
        let findings = await BrokerCheck().run(
            try environment(.success(answer), "exits: { tiers: [-5% all] }"))
        #expect(findings.map(\.level) == [.warning, .warning, .warning, .warning])
        let words = findings.map(\.what).joined(separator: "\n")
        for part in ["answered in 1.5 s", "10.0 s apart", "holds ZZZ", "no stop rests there"] {
            #expect(words.contains(part), "\(part) in \(words)")
        }
        #expect(findings.allSatisfy { !$0.next.isEmpty })
    }

    /// What the tables of the last run have otherwise is a warning, and what they agree on is none.
    @Test func whatTheTablesHaveOtherwiseIsTold() async throws {
        var environment = try environment(.success(Self.good))
        let name = try #require(environment.configuration?.accounts.first?.name)
        let ten = Quantity(units: 1_000_000_000)
        var books = DoctorEnvironment.AccountBooks(account: name, holdings: ["A": ten])
        environment.books = { [books] in .init(accounts: [books]) }
        #expect(await BrokerCheck().run(environment).map(\.level) == [.good])
        books.holdings = ["A": .zero, "B": ten]
        books.inDoubt = [OrderNumber(3)]
        environment.books = { [books] in .init(accounts: [books]) }
        let findings = await BrokerCheck().run(environment)
        #expect(findings.map(\.level) == [.good, .warning, .warning])
        #expect(findings[1].what.contains("order 3 is unknown"))
        #expect(
            findings[2].what.contains(
                "has 10 A, in the tables of the last run 0, 0 B, in the tables of the last run 10"))
        #expect(findings[2].next.contains("madang positions correct"))
    }

    @Test(
        arguments: [
            (BrokerError(.unauthorized, "bad secret"), Finding.Level.wrong, "key and secret"),
            (BrokerError(.offline, "connection refused"), .wrong, "is it there"),
            (BrokerError(.maintenance(wait: nil), "closed"), .warning, "wait"),
            (
                BrokerError(.rateLimited(wait: .seconds(1)), "slow down"), .warning,
                "another program"
            ),
            (BrokerError(.outcomeUnknown, "half an answer"), .wrong, "what the broker says"),
        ])
    func whatFailsIsToldWithTheNextStep(
        _ error: BrokerError, _ level: Finding.Level, _ next: String
    ) async throws {
        let findings = await BrokerCheck().run(try environment(.failure(error)))
        #expect(findings.map(\.level) == [level])
        #expect(findings.first?.what.contains(error.brokerMessage) == true)
        #expect(findings.first?.next.contains(next) == true)
        #expect(findings.first?.code == (level == .wrong ? .broker : .good))
    }
}
