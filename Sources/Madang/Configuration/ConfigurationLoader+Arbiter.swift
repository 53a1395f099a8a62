import Kernel
import Platform
import TradingModel

extension ConfigurationLoader {
    mutating func readArbiter(_ root: Section) {
        guard let section = root.section("arbiter") else { return }
        let policy = section.value(
            "policy", .choice("a policy", of: ArbiterPlan.Policy.self), default: .confidenceWeighted
        )
        let threshold = section.value(
            "threshold", Formats.share(0...1_000_000, "0 to 1"), default: 0)
        let conflict = section.value(
            "on_conflict", .choice("an answer to a conflict", [("policy", false), ("hold", true)]),
            default: false)
        let deadline = section.value(
            "round", .duration(in: 1_000_000...3_600_000_000_000), default: 200_000_000)
        let quorum = section.value("quorum", Self.quorum, default: .votes(1))
        if section.has("threshold"), !policy.weighs {
            section.report(
                "threshold", "'\(policy.rawValue)' does not weigh votes",
                advice: "leave it out, or take confidence_weighted or veto")
        }
        if section.has("quorum"), !policy.compares {
            section.report(
                "quorum", "'\(policy.rawValue)' listens to one vote",
                advice: "leave it out, or take a policy that compares votes")
        } else {
            checkReach(of: quorum, section)
        }
        set(
            ArbiterPlan(
                policy: policy, threshold: threshold, holdsOnConflict: conflict,
                roundDeadline: Nanoseconds(deadline), quorum: quorum))
    }

    private static var quorum: ValueFormat<ArbiterPlan.Quorum> {
        .parsed(
            "a whole number from 1 to 1000, or 'all'",
            show: { quorum in
                switch quorum {
                case .votes(let count): "\(count)"
                case .all: "all"
                }
            }
        ) { text in
            if text == "all" { return .all }
            guard let count = Int(text), (1...1_000).contains(count) else { return nil }
            return .votes(count)
        }
    }

    /// Where fewer sources vote than have to, nothing would ever be decided.
    private func checkReach(of quorum: ArbiterPlan.Quorum, _ section: Section) {
        guard case .votes(let needed) = quorum, needed > 1 else { return }
        for account in configuration.accounts.map(\.name) {
            for instrument in configuration.instruments {
                let voters =
                    configuration.strategies.count {
                        $0.account == account && $0.symbols.contains(instrument.id)
                    }
                    + configuration.rules.count {
                        $0.account == account && $0.symbols.contains(instrument.id)
                            && $0.action != .alert
                    }
                guard voters > 0, voters < needed else { continue }
                section.report(
                    "quorum",
                    "\(needed) votes can never stand on '\(instrument.symbol)' for '\(account)': it has"
                        + " \(voters) that \(voters == 1 ? "votes" : "vote")",
                    advice: "lower it, attach more strategies or rules there, or say quorum: all")
                return
            }
        }
    }
}

extension ArbiterPlan.Policy {
    /// Whether it adds up weight x confidence.
    fileprivate var weighs: Bool { self == .confidenceWeighted || self == .veto }
    fileprivate var compares: Bool { self != .first && self != .priority }
}
