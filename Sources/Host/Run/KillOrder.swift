import Platform
import Ports

/// The kill switch as somebody set it: all of its parts, for a later order replaces an earlier one.
package struct KillOrder: Hashable, Sendable, Codable {
    /// An account or a strategy that is stopped by itself.
    package struct Part: Hashable, Sendable, Codable {
        package var reason: String
        /// Of an account: whatever it holds is sold.
        package var flattens: Bool
        package init(reason: String, flattens: Bool = false) {
            self.reason = reason
            self.flattens = flattens
        }
    }
    /// Rises with each order of a folder: an answer names it.
    package var number: Int
    package var on: Bool
    package var reason: String
    /// Of the last order that spoke for all: one of a part lets go nothing else.
    package var numberOfAll: Int
    /// Why this order was given, whichever part it turned.
    package var said: String
    /// While it is on for all: whatever any account holds is sold.
    package var flattens = false
    /// While it is on for all: no exit fires.
    package var holdsExits = false
    /// By name.
    package var accounts: [String: Part] = [:]
    package var strategies: [String: Part] = [:]

    package init(number: Int, on: Bool, reason: String) {
        self.number = number
        self.on = on
        self.reason = reason
        said = reason
        numberOfAll = number
    }

    /// For all. On again, what is being sold still is, and exits that are held stay so.
    package mutating func turn(_ on: Bool) {
        self.on = on
        reason = said
        numberOfAll = number
        guard !on else { return }
        flattens = false
        holdsExits = false
    }

    /// - Parameter flattens: On again without it, what is being sold still is.
    package mutating func stop(account name: String, flattens: Bool) {
        accounts[name] = Part(
            reason: String(said.prefix(300)),
            flattens: flattens || accounts[name]?.flattens == true)
    }

    /// Of an older program it has no parts.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        number = try values.decode(Int.self, forKey: .number)
        on = try values.decode(Bool.self, forKey: .on)
        reason = try values.decode(String.self, forKey: .reason)
        numberOfAll = try values.decodeIfPresent(Int.self, forKey: .numberOfAll) ?? number
        said = try values.decodeIfPresent(String.self, forKey: .said) ?? reason
        flattens = try values.decodeIfPresent(Bool.self, forKey: .flattens) ?? false
        holdsExits = try values.decodeIfPresent(Bool.self, forKey: .holdsExits) ?? false
        accounts = try values.decodeIfPresent([String: Part].self, forKey: .accounts) ?? [:]
        strategies = try values.decodeIfPresent([String: Part].self, forKey: .strategies) ?? [:]
    }

    /// Whether anything is stopped.
    package var isAnyOn: Bool { on || !accounts.isEmpty || !strategies.isEmpty }

    func flattens(_ account: String) -> Bool {
        on && flattens || accounts[account]?.flattens == true
    }
    /// Why `account` is sold out.
    func reason(toFlatten account: String) -> String {
        on && flattens ? reason : accounts[account]?.reason ?? reason
    }
}

/// What a run did about an order.
package struct KillAnswer: Hashable, Sendable, Codable {
    /// Buys that were working or not sent yet.
    package var withdrawn = 0
    /// Positions that are sold by it, of all accounts.
    package var sold = 0
    /// The same by account; `nil`: of an older program.
    package var soldOf: [String: Int]?
    /// Positions that are to be sold, and wait until their symbol trades again.
    package var halted: Int?
    /// The same by account; `nil`: of an older program.
    package var haltedOf: [String: Int]?
    /// Whether all is stopped now, by whomever; `nil`: of an older program.
    package var stopsAll: Bool?
    /// Whether exits are held now, by whomever; `nil`: of an older program.
    package var holdsExits: Bool?
    /// Whether it let go of anything that was stopped; `nil`: of an older program.
    package var ended: Bool?
    /// What of it could not be done, in words.
    package var refusals: [String] = []
    package init() {}
}

/// Counters of kills by account and strategy, by name. Any thread.
package final class PartKills: Sendable {
    private struct Counters {
        var accounts: [String: KillCounter] = [:]
        var strategies: [String: KillCounter] = [:]
    }
    private let counters = Locked(Counters())

    /// Nothing that opens for one of these, and was approved before, passes the line before a socket any more.
    func raise(_ order: KillOrder) {
        counters.withLock { counters in
            for name in order.accounts.keys {
                counters.accounts[name, default: KillCounter()].raise()
            }
            for name in order.strategies.keys {
                counters.strategies[name, default: KillCounter()].raise()
            }
        }
    }

    func readings(account: String, strategy: String) -> [KillCounter.Reading] {
        counters.withLock { counters in
            let account = kept(account, &counters.accounts)
            let strategy = kept(strategy, &counters.strategies)
            return [account.reading(), strategy.reading()]
        }
    }
    private func kept(_ name: String, _ all: inout [String: KillCounter]) -> KillCounter {
        if let known = all[name] { return known }
        let new = KillCounter()
        all[name] = new
        return new
    }
}
