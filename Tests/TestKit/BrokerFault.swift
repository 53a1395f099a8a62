import Ports

/// What may go wrong with a call, by what can be concluded from it.
package struct BrokerFault: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It is done, and no answer says so.
        case loseReply
        /// It is not done, and no answer says so.
        case loseRequest
        case rateLimit, offline, maintenance, unauthorized
        /// It is done and answered: late, or behind a fresh login.
        case slow
    }
    package enum Call: String, Hashable, Sendable, CaseIterable {
        case place, cancel, modify, question
    }
    package let kind: Kind
    /// The next of these meets it.
    package let call: Call
    /// In the bench's own words, where it knows several of a kind.
    package let way: String
    /// Nobody answers for as long as is waited.
    package let hangs: Bool

    package init(_ kind: Kind, on call: Call, way: String = "", hangs: Bool = false) {
        self.kind = kind
        self.call = call
        self.way = way
        self.hangs = hangs
    }

    package var description: String { way.isEmpty ? kind.rawValue : "\(kind.rawValue) by \(way)" }

    /// Whether the broker has done what was asked.
    package var isDone: Bool { kind == .loseReply || kind == .slow }

    /// Whether that is what an adapter has to say of it. `nil` is a yes.
    func isTold(by error: BrokerError?) -> Bool {
        guard let error else { return kind == .slow }
        let isUnanswered = kind == .loseReply || kind == .loseRequest
        return switch error.code {
        // A question may be asked again at will, so no outcome of it is unknown.
        case .outcomeUnknown: isUnanswered && call != .question
        case .offline: kind == .offline || isUnanswered && call == .question
        case .maintenance: kind == .maintenance
        case .unauthorized: kind == .unauthorized
        case .rateLimited(let wait): kind == .rateLimit && wait > .zero
        default: false
        }
    }
}
