import Kernel
import Platform
import Ports
import TradingModel

/// A change of an open order as people read it, without the order's name.
struct ChangeWords {
    let text: String
    let code: String
    let isRefusal: Bool

    init(_ fact: ChangeFact) {
        switch fact {
        case .asked(let decision):
            (code, isRefusal) = ("approved", false)
            text =
                "is to be \(decision.after), it was \(decision.before): \(decision.rule),"
                + " \(decision.detail)"
        case .notApproved(let decision):
            (code, isRefusal) = (FailSafeCode.riskLimit.rawValue, true)
            text =
                "stays \(decision.before): \(decision.after) is not approved by \(decision.rule),"
                + " \(decision.detail)"
        case .taken(_, let change, let id):
            (code, isRefusal) = ("MODIFY", false)
            text = "is \(change) now, as \(id) at the broker"
        case .refused(_, let change, let reason):
            (code, isRefusal) = ("MODIFY", true)
            text = "stays what it was: \(change) was not taken, \(oneLine(reason))"
        }
    }
}
