package import TradingModel

/// Why a call at a broker failed, in the host's terms whatever the broker.
package struct BrokerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What may be done about it.
    package enum Retry: Hashable, Sendable {
        /// Nothing was accepted, and the same again would get the same answer.
        case never
        /// Nothing was accepted, and the same call under the same client order id may succeed, not before this.
        case later(atLeast: Nanoseconds)
        /// It may have been accepted: ask for the order; send nothing until that is known.
        case askFirst
    }

    package enum Code: Hashable, Sendable {
        /// The broker said no, for a reason that has no code of its own. Retry: never.
        case rejected
        /// Cash or holdings do not cover it. Retry: never. FS047.
        case insufficient
        /// Off the price steps, outside the day's limits, or no price at all. Retry: never. FS048.
        case priceRule
        /// Unknown there, halted, closed at this hour, or not for this account. Retry: never. FS046.
        case notTradable
        /// Withdrawn before the write: nobody outside has seen it. Certain and final. Retry: never, whatever
        /// the reason; who still wants the order decides anew.
        case notSent(Withdrawal)
        /// Too many calls, and the broker did not look at this one. Retry: later, after the wait. FS044.
        case rateLimited(wait: Nanoseconds)
        /// No connection, so nothing was written; or a question without an answer. Retry: later.
        case offline
        /// The broker said that it is closed for work. Retry: later. FS045.
        case maintenance(wait: Nanoseconds?)
        /// Credential, session or permission, after one fresh login. Retry: never; a person is needed. FS043.
        case unauthorized
        /// A cancel or a change found nothing open: ended before, or never known. Retry: never; ask for the order.
        case nothingToCancel
        /// Written, and no answer that says yes or no: lost reply, 5xx, a time-out. It is neither a reject nor a
        /// success, and nothing may be concluded from it. Retry: ask first. FS042.
        case outcomeUnknown

        /// For people, in front of the broker's own words.
        package var words: String {
            switch self {
            case .rejected: "rejected"
            case .insufficient: RefusalWords.notCovered
            case .priceRule: "not a price there"
            case .notTradable: "not tradable"
            case .notSent: "not sent"
            case .rateLimited: "too many calls"
            case .offline: "offline"
            case .maintenance: "closed for maintenance"
            case .unauthorized: "not let in"
            case .nothingToCancel: "nothing to cancel"
            case .outcomeUnknown: "no clear answer"
            }
        }
    }

    package let code: Code
    /// The other side's words, unchanged, without credentials.
    package let brokerMessage: String

    package init(_ code: Code, _ brokerMessage: String) {
        self.code = code
        self.brokerMessage = brokerMessage
    }

    /// Shortest waits before a retry, where the broker names none.
    package static let offlineWait = Nanoseconds.seconds(1)
    package static let maintenanceWait = Nanoseconds.seconds(60)
    /// The longest that a broker's word keeps us from asking again: a nonsense one must not silence a cancel for ever.
    package static let longestWait = Nanoseconds.seconds(3_600)

    package var retry: Retry {
        switch code {
        case .rejected, .insufficient, .priceRule, .notTradable, .notSent, .unauthorized,
            .nothingToCancel:
            .never
        case .rateLimited(let wait): .later(atLeast: min(wait, Self.longestWait))
        case .offline: .later(atLeast: Self.offlineWait)
        case .maintenance(let wait):
            .later(atLeast: min(wait ?? Self.maintenanceWait, Self.longestWait))
        case .outcomeUnknown: .askFirst
        }
    }

    /// Whether it is certain that the broker accepted nothing.
    package var isCertain: Bool { retry != .askFirst }

    /// Whether the broker, or we for it, looked at the order and will not have it.
    package var isRefusal: Bool {
        switch code {
        case .rejected, .insufficient, .priceRule, .notTradable: true
        default: false
        }
    }

    package var description: String { "\(code.words): \(brokerMessage)" }
}
