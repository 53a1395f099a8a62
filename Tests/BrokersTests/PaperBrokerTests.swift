import Brokers
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@Suite struct PaperContractTests {
    @Test(arguments: BrokerContract.Scenario.allCases)
    func keepsTheContract(_ scenario: BrokerContract.Scenario) async throws {
        let contract = BrokerContract { PaperBench(partialFills: $0).bench() }
        #expect(try await contract.violations(in: scenario) == [])
    }

    @Test(arguments: 1..<20 as Range<UInt64>)
    func keepsItOnRandomDays(_ seed: UInt64) async throws {
        let contract = BrokerContract(seed: seed) {
            PaperBench(partialFills: $0, seed: seed).bench()
        }
        #expect(try await contract.violations(in: .randomDay) == [])
    }
}
