import TradingModel

/// One run of everything from one seed.
package enum Simulation {
    /// What is run: the seed, and what is left out of it.
    package struct Case: Hashable, Sendable {
        package var seed: UInt64
        package var omissions: FaultPlan.Omissions
        /// Strategies are heard up to this step; from there on nobody wants anything.
        package var until: UInt64
        package init(
            seed: UInt64, leavingOut omissions: FaultPlan.Omissions = .init(),
            until: UInt64 = .max
        ) {
            self.seed = seed
            self.omissions = omissions
            self.until = until
        }
    }
    package struct Outcome: Sendable {
        package let history: History
        package let violations: [Violation]
        /// Faults that struck.
        package let faults: UInt64
        /// Steps of the host in its last life.
        package let steps: UInt64
    }

    package static func run(_ what: Case) -> Outcome {
        var world = World(
            Scenario(seed: what.seed), leavingOut: what.omissions, until: what.until)
        world.run()
        return Outcome(
            history: world.history, violations: Checker.check(world.history),
            faults: world.faults.count, steps: world.number)
    }
}
