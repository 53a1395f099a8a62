import Ports
import TradingModel

/// A change of one order as the desk sees it, from its approval to its answer.
struct DeskChange: Hashable, Sendable {
    enum Stage: Hashable, Sendable {
        case waiting(notBefore: Timestamp)
        case calling(CallID)
        /// Written, and no answer: price and quantity of the order tell.
        case inDoubt(Doubt)
    }
    struct Doubt: Hashable, Sendable {
        let since: Timestamp
        /// The request may be on its way until then: an answer before it proves nothing.
        let conclusiveFrom: Timestamp
        /// Its call, whose own answer may come yet.
        let call: CallID?
        /// What the last answers in a row said, how many they are, and when the first came.
        var saysTaken: Bool?
        var answers = 0
        var first: Timestamp?
    }
    let approved: ApprovedChange
    var stage: Stage
    /// Calls made.
    var tries = 0

    init(_ approved: ApprovedChange, at now: Timestamp) {
        self.approved = approved
        stage = .waiting(notBefore: now)
    }
    /// Of a former process.
    init(_ approved: ApprovedChange, doubtSince now: Timestamp, conclusiveFrom: Timestamp) {
        self.approved = approved
        stage = .inDoubt(Doubt(since: now, conclusiveFrom: conclusiveFrom, call: nil))
    }
    var to: OrderChange { approved.change }
    var doubt: Doubt? { if case .inDoubt(let doubt) = stage { doubt } else { nil } }
    var isWritten: Bool { if case .waiting = stage { false } else { true } }
    /// One that is held back waits for an answer, which has a time of its own.
    func wake(after now: Timestamp) -> Timestamp? {
        guard case .waiting(let notBefore) = stage else { return nil }
        guard notBefore <= now else { return min(notBefore, approved.validUntil ?? notBefore) }
        return approved.validUntil
    }
}

extension DeskEntry {
    var isFullByEitherTerms: Bool {
        guard let change else { return isFull }
        return bookedUnits >= Int128(min(order.quantity, change.to.quantity).units)
    }
}
