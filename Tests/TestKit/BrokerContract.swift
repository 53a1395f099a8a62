import TradingModel

/// What every broker must do, whoever is behind it (R10.6). Each adapter's suite runs every scenario:
///
///     @Test(arguments: BrokerContract.Scenario.allCases)
///     func keepsTheContract(_ scenario: BrokerContract.Scenario) async throws {
///         #expect(try await contract.violations(in: scenario) == [])
///     }
package struct BrokerContract: Sendable {
    package enum Scenario: String, Hashable, Sendable, CaseIterable {
        case life, partialFills, unfilledEnd, cancelling, changing, clientIDs, unknownOrders
        case badOrders, funds
        case slowListener, waitingListener, randomDay
        case withdrawal, failures, failingCancels, failingChanges, failingQuestions, lagging
        case rateStress, ownRate, heartbeat, adoption, closing

        /// What of a bench it needs.
        package var wish: BenchWish {
            var wish = BenchWish()
            switch self {
            case .partialFills, .unfilledEnd, .randomDay, .slowListener: wish.inParts = true
            case .rateStress: wish.atOnce = 20
            case .ownRate: (wish.atOnce, wish.isKept) = (20, true)
            default: break
            }
            return wish
        }
    }
    private let seed: UInt64
    private let bench: @Sendable (BenchWish) async throws -> BrokerBench

    /// - Parameter bench: Makes a fresh bench.
    package init(
        seed: UInt64 = 1, bench: @escaping @Sendable (BenchWish) async throws -> BrokerBench
    ) {
        self.seed = seed
        self.bench = bench
    }

    /// Plays the scenario at a fresh bench.
    ///
    /// - Returns: What was broken, in the order seen; empty: nothing.
    package func violations(in scenario: Scenario) async throws -> [BrokerViolation] {
        let trial = BrokerTrial(try await bench(scenario.wish), seed: seed)
        switch scenario {
        case .life: await trial.life()
        case .partialFills: await trial.partialFills()
        case .unfilledEnd: await trial.unfilledEnd()
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
        case .failingCancels: await trial.failingCancels()
        case .failingChanges: await trial.failingChanges()
        case .failingQuestions: await trial.failingQuestions()
        case .lagging: await trial.lagging()
        case .rateStress: await trial.rateStress()
        case .ownRate: await trial.ownRate()
        case .heartbeat: await trial.heartbeat()
        case .adoption: await trial.adoption()
        case .closing: await trial.closing()
        }
        return trial.violations
    }
}
