package import Ports

/// What is left of the plans of exits, from the risk events of a run: for people who look at what is held.
package struct ExitStanding: Sendable {
    /// A position's plan, tier by tier in the plan's order.
    package struct Plan: Hashable, Sendable {
        /// Still to come, such as `-5% all`; none behind a stop of all that is held, which withdraws the others.
        package var left: [String]
        /// Fired: sold, or asked for until it is.
        package var fired: [String] = []
    }
    private struct Place: Hashable {
        let account: String
        let symbol: String
    }
    private var plans: [Place: Plan] = [:]
    /// Whether a person holds every exit.
    package private(set) var isHeld = false

    /// - Parameter events: Of one run, in their order.
    package init(_ events: [RiskRow]) {
        for event in events where event.code == "EXIT" {
            let place = Place(account: event.account, symbol: event.symbol)
            switch event.rule {
            case "armed": plans[place] = Plan(left: ExitWords.tiers(armed: event.detail))
            case "fired":
                guard let tier = ExitWords.tier(fired: event.detail),
                    let index = plans[place]?.left.firstIndex(of: tier)
                else { continue }
                plans[place]?.left.remove(at: index)
                plans[place]?.fired.append(tier)
                // A stop's whole share is `all`, a target's is `rest`.
                if tier.hasSuffix(" all") { plans[place]?.left = [] }
            case "held": isHeld = true
            case "released": isHeld = false
            default: continue
            }
        }
    }

    /// Of what is held: a position that was closed keeps its last plan here. `nil`: nothing guards it.
    package func plan(_ account: String, _ symbol: String) -> Plan? {
        plans[Place(account: account, symbol: symbol)]
    }
}
