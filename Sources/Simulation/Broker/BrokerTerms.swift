package import Ports

/// What the port of one simulated broker is like: drawn for each seed.
package struct BrokerTerms: Hashable, Sendable {
    package var capabilities: BrokerCapabilities
    package var feeMicroBasisPoints: Int64
    package var sellTaxMicroBasisPoints: Int64
    package var partialFills: Bool
    /// Calls a second that it answers; past that it says so.
    package var callsPerSecond: Int64
    /// Its adapter reports what was placed as accepted, before anything else of it; without, the first word may be of a
    /// fill or of the end.
    package var tellsAcceptance = true
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
