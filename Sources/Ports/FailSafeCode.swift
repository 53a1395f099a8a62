/// What went wrong in the path of money, as people look it up: R11.1.
///
/// The one table: docs/SAFETY.md repeats it, and a test compares the two.
package enum FailSafeCode: String, Hashable, Sendable, CaseIterable {
    case executionFailed = "FS040"
    case fillsMissing = "FS041"
    case orderDelayed = "FS042"
    case unauthorized = "FS043"
    case rateLimited = "FS044"
    case brokerDown = "FS045"
    case notTradable = "FS046"
    case insufficient = "FS047"
    case priceRule = "FS048"
    case drift = "FS049"
    case conflict = "GR030"
    case riskLimit = "GR031"
    case staleData = "GR032"
    case invalidResult = "GR033"
    case orderRate = "GR034"

    package enum Severity: String, Hashable, Sendable, Comparable, CaseIterable {
        case info = "INFO"
        case warning = "WARNING"
        case critical = "CRITICAL"
        private var rank: Int {
            switch self {
            case .info: 0
            case .warning: 1
            case .critical: 2
            }
        }
        package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    }

    /// A row of the table.
    package struct Entry: Hashable, Sendable {
        package let name: String
        package let meaning: String
        /// The usual one.
        package let severity: Severity
        /// Others, and what they are of: a message is of no severity that stands in neither place.
        package var others: [Severity: String] = [:]
        package let whatToDo: String

        package func allows(_ severity: Severity) -> Bool {
            severity == self.severity || others[severity] != nil
        }
        /// `CRITICAL; WARNING: of cash`, the others as severe as they are.
        package var severities: String {
            ([severity.rawValue]
                + others.sorted { $0.key > $1.key }.map { "\($0.key.rawValue): \($0.value)" })
                .joined(separator: "; ")
        }
    }

    package var entry: Entry {
        switch self {
        case .executionFailed:
            Entry(
                name: "order failed",
                meaning: "The order was not accepted, and it is not tried again.",
                severity: .warning,
                whatToDo:
                    "Read the broker's words in the message; decide anew if it is still wanted.")
        case .fillsMissing:
            Entry(
                name: "fill data missing or odd",
                meaning:
                    "The broker's total and the fills that were told differ, or a fill came for an order that had ended.",
                severity: .warning,
                others: [
                    .critical: "what filled of an order that is over is not known",
                    .info: "reports may be missing, and everything is asked for",
                ],
                whatToDo:
                    "Nothing for a difference that was booked; compare the order with the broker's own page where the message asks for it."
            )
        case .orderDelayed:
            Entry(
                name: "order late or in doubt",
                meaning:
                    "The order's answer did not come in time, or its time ended before it was sent.",
                severity: .warning,
                others: [
                    .critical:
                        "a person is asked for, a sale lets no other out, a cancel is tried again and again, or a lockdown",
                    .info:
                        "a doubt or a wait is over, or the broker is asked for a number that a person named",
                ],
                whatToDo:
                    "Wait: the broker is asked. When the message asks for a person, look the order up at the broker and resolve it."
            )
        case .unauthorized:
            Entry(
                name: "credential or permission",
                meaning:
                    "The broker refused the key, the session or the permission, after one fresh login.",
                severity: .critical,
                others: [
                    .warning: "a change is refused for it"
                ],
                whatToDo:
                    "Check the key, its permissions and its expiry at the broker; then release the account."
            )
        case .rateLimited:
            Entry(
                name: "too many calls",
                meaning: "The broker's limit of calls was used up.",
                severity: .warning,
                whatToDo:
                    "Lower the rate in the settings of the broker, or use fewer programs with this key."
            )
        case .brokerDown:
            Entry(
                name: "broker closed or unreachable",
                meaning: "The broker said that it is closed for work, or its line is dead.",
                severity: .critical,
                others: [
                    .warning:
                        "one order or change is not taken for it, or the broker answers slowly",
                    .info: "it answers again",
                ],
                whatToDo:
                    "Look at the broker's notices. Nothing opens until it answers again; exits are still tried."
            )
        case .notTradable:
            Entry(
                name: "symbol not tradable",
                meaning:
                    "The broker does not take orders in this symbol: halted, unknown, closed at this hour, or not for this account.",
                severity: .warning,
                whatToDo:
                    "Look at the symbol's state and hours. A holding that cannot be sold is not guarded."
            )
        case .insufficient:
            Entry(
                name: "cash or holdings too small",
                meaning: "The broker says that cash or holdings do not cover the order.",
                severity: .warning,
                whatToDo:
                    "Compare cash and holdings with the broker's page: somebody else may have used them."
            )
        case .priceRule:
            Entry(
                name: "price not allowed",
                meaning: "The price is off the steps, outside the day's limits, or there is none.",
                severity: .warning,
                whatToDo: "Check the price steps of the instrument in the configuration.")
        case .drift:
            Entry(
                name: "books differ from the broker",
                meaning: "Orders, holdings or cash at the broker are not what the books say.",
                severity: .critical,
                others: [
                    .warning: "cash, an open order that is none of ours, or a correction"
                ],
                whatToDo:
                    "Compare both numbers of the message; find who traded besides, and correct what is wrong."
            )
        case .conflict:
            Entry(
                name: "signals in conflict",
                meaning: "Opposed votes stood in one round.", severity: .info,
                whatToDo: "Nothing; `madang why` tells how it was decided.")
        case .riskLimit:
            Entry(
                name: "risk limit",
                meaning:
                    "A limit refused an order before any broker saw it, or prices have passed it.",
                severity: .warning,
                others: [
                    .critical: "prices have passed a limit of an account"
                ],
                whatToDo: "Read the rule and its numbers; change `risk` only if the limit is wrong."
            )
        case .staleData:
            Entry(
                name: "data too old", meaning: "What a decision needs is older than allowed.",
                severity: .warning,
                others: [
                    .critical: "the clock jumped, at a broker outside",
                    .info: "data or results come again",
                ], whatToDo: "Look at the feed and at the clock.")
        case .invalidResult:
            Entry(
                name: "invalid result",
                meaning: "A strategy server sent what breaks the contract; it was not used.",
                severity: .warning, whatToDo: "Run `madang strategy check` against the server.")
        case .orderRate:
            Entry(
                name: "rate exceeded",
                meaning:
                    "More came than may come in this time: orders, or events for a slow server.",
                severity: .warning,
                whatToDo: "Find what sends so much; raise the limit only if it is right.")
        }
    }
}

extension BrokerError.Code {
    /// The code that people are told when a call ends with this; `nil`: it is no trouble of its own.
    package var failSafe: FailSafeCode? {
        switch self {
        case .rejected: .executionFailed
        case .insufficient: .insufficient
        case .priceRule: .priceRule
        case .notTradable: .notTradable
        case .notSent(.killed), .nothingToCancel: nil
        case .notSent(.late), .outcomeUnknown: .orderDelayed
        case .notSent(.closed), .offline, .maintenance: .brokerDown
        case .rateLimited: .rateLimited
        case .unauthorized: .unauthorized
        }
    }
}
