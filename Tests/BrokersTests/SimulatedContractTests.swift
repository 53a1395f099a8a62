import Brokers
import Ports
import TestKit
import Testing
import TradingModel

/// The adapter of madang-sim against the process, over real sockets, in every mode.
@Suite(.timeLimit(.minutes(15))) struct SimulatedContractTests {
    @Test(arguments: SimulatorMode.all, BrokerContract.Scenario.allCases)
    func keepsTheContract(_ mode: SimulatorMode, _ scenario: BrokerContract.Scenario) async throws {
        let contract = BrokerContract { try await SimulatedBench(mode, $0).bench() }
        let violations = try await contract.violations(in: scenario)
        #expect(violations.isEmpty, "\("\(violations.prefix(5))".prefix(2000))")
    }

    /// Some findings name the paper broker's own numbers, or happen inside it.
    static let mistakes = Mistake.allCases.filter {
        ![.forgetsClientIDs, .forgetsThemOnceClosed].contains($0)
    }

    /// Over sockets too each wrong adapter is found, for what it is.
    @Test(arguments: mistakes)
    func findsWhatIsWrong(_ mistake: Mistake) async throws {
        let contract = BrokerContract { wish in
            let right = try await SimulatedBench(
                .plain, wish, checksFunds: mistake != .lendsMoney)
            let wrong = WrongBroker(mistake, before: right.broker)
            return right.bench(wrong, wrong.faulty)
        }
        let finding = mistake.finding
        let violations = try await contract.violations(in: finding.scenario)
        let first = try #require(violations.first, "\(mistake) passes for right")
        #expect(first.rule == finding.rule)
        #expect(first.what.contains(finding.words), "\(first)")
    }
    @Test func thereAreMoreThanTen() { #expect(Self.mistakes.count > 30) }
}
