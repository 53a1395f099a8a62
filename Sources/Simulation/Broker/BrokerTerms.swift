package import Ports

/// What the port of one simulated broker is like: drawn for each seed.
package struct BrokerTerms: Hashable, Sendable {
    package var capabilities: BrokerCapabilities
    package var feeMicroBasisPoints: Int64
    package var sellTaxMicroBasisPoints: Int64
    package var partialFills: Bool
    /// Calls a second that it answers; past that it says so.
    package var callsPerSecond: Int64
    package var seed: UInt64

    package init(
        capabilities: BrokerCapabilities, feeMicroBasisPoints: Int64,
        sellTaxMicroBasisPoints: Int64, partialFills: Bool, callsPerSecond: Int64, seed: UInt64
    ) {
        self.capabilities = capabilities
        self.feeMicroBasisPoints = feeMicroBasisPoints
        self.sellTaxMicroBasisPoints = sellTaxMicroBasisPoints
        self.partialFills = partialFills
        self.callsPerSecond = callsPerSecond
        self.seed = seed
    }
}
