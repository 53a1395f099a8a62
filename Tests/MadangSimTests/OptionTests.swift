import Platform
import Testing

@testable import MadangSim

/// What is typed behind `madang-sim`.
@Suite struct OptionTests {
    private static func exchange(_ words: [String]) throws -> (fee: Int64, tax: Int64) {
        let options = try SimulatorOptions(try SimulatorOptions.command.parse(words))
        let exchange = options.settings.account.exchange
        return (exchange.feeMicroBasisPoints, exchange.sellTaxMicroBasisPoints)
    }

    /// Of fees and taxes parts of a basis point are usual: 1.5 bps at Korean brokers.
    @Test func partsOfABasisPointAreTaken() throws {
        #expect(try Self.exchange([]) == (5_000_000, 0))
        #expect(
            try Self.exchange(["--fee-bps", "1.5", "--sell-tax-bps", "0.000001"])
                == (1_500_000, 1))
        #expect(try Self.exchange(["--fee-bps", "1000"]).fee == 1_000_000_000)
    }

    @Test(arguments: ["-1", "1000.1", "0.0000001", "1,5", "x", ""])
    func whatIsNoneIsRefused(_ text: String) throws {
        let error = try #require(throws: OptionError.self) {
            _ = try Self.exchange(["--fee-bps", text])
        }
        #expect(
            error.description
                == "--fee-bps is a number from 0 to 1000, up to six decimals; see madang-sim --help"
        )
    }
}
