import Kernel
import TradingModel

/// The kill switch in words.
enum KillWords {
    /// - Parameter part: `account demo`, `strategy cross`; `nil`: of all.
    static func text(_ on: Bool, _ part: String?, _ reason: String) -> String {
        "kill switch \(on ? "on" : "off")\(part.map { " for \($0)" } ?? ""): \(reason)"
    }

    static func part(_ scope: KillScope, _ plan: KernelPlan) -> String? {
        switch scope {
        case .all: nil
        case .account(let account): "account \(plan.accounts[Int(account.index)].name)"
        case .source(let source): "strategy \(plan.sources[Int(source.index)].name)"
        }
    }
}
