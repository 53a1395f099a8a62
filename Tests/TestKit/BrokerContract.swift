import TradingModel

/// What every broker must do, whoever is behind it (R10.6). Each adapter's suite runs every scenario:
///
///     @Test(arguments: BrokerContract.Scenario.allCases)
///     func keepsTheContract(_ scenario: BrokerContract.Scenario) async throws {
///         #expect(try await contract.violations(in: scenario) == [])
///     }
package struct BrokerContract: Sendable {
    package enum Scenario: String, Hashable, Sendable, CaseIterable {
        case life, partialFills, cancelling, changing, clientIDs, unknownOrders
        case badOrders, funds
        case slowListener, waitingListener, randomDay
        case withdrawal, failures, heartbeat, adoption, closing
    }
    private let seed: UInt64
    private let bench: @Sendable (_ partialFills: Bool) async throws -> BrokerBench

    /// - Parameter bench: Makes a fresh bench; with `partialFills` its market fills orders in parts.
    package init(
        seed: UInt64 = 1,
        bench: @escaping @Sendable (_ partialFills: Bool) async throws -> BrokerBench
    ) {
        self.seed = seed
        self.bench = bench
    }

    /// Plays the scenario at a fresh bench.
    ///
    /// - Returns: What was broken, in the order seen; empty: nothing.
    package func violations(in scenario: Scenario) async throws -> [BrokerViolation] {
        let inParts = [.partialFills, .randomDay, .slowListener].contains(scenario)
        let trial = BrokerTrial(try await bench(inParts), seed: seed)
        switch scenario {
        case .life: await trial.life()
        case .partialFills: await trial.partialFills()
        case .cancelling: await trial.cancelling()
        case .changing: await trial.changing()
        case .clientIDs: await trial.clientIDs()
        case .unknownOrders: await trial.unknownOrders()
        case .badOrders: await trial.badOrders()
        case .funds: await trial.funds()
        case .slowListener: await trial.slowListener()
        case .waitingListener: await trial.waitingListener()
        case .randomDay: await trial.randomDay()
        case .withdrawal: await trial.withdrawal()
        case .failures: await trial.failures()
        case .heartbeat: await trial.heartbeat()
        case .adoption: await trial.adoption()
        case .closing: await trial.closing()
        }
        return trial.violations
    }
}
