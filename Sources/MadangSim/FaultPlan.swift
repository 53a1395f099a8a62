import TradingModel

/// How a request or a report may be treated. `wait` in ns.
enum Fault: Hashable, Sendable {
    // Requests, and nothing was done.
    case loseRequest, hang, errorBefore, rateLimit(wait: Int64), maintenance(wait: Int64)
    case unauthorized, expireToken
    // Requests, and it was done.
    case loseReply, timeOut, errorAfter, half, garbage
    case delay(Int64)
    /// Questions: answered from a copy that was made when the fault was set.
    case lag
    // Reports.
    case double, reorder, lose, drop

    static let names = [
        "lose_request", "hang", "error_before", "rate_limit", "maintenance", "unauthorized",
        "expire_token", "lose_reply", "time_out", "error_after", "half", "garbage", "delay", "lag",
        "double", "reorder", "lose", "drop",
    ]
    /// - Parameter wait: Of those that have one, ns.
    init?(_ name: String, wait: Int64) {
        switch name {
        case "lose_request": self = .loseRequest
        case "hang": self = .hang
        case "error_before": self = .errorBefore
        case "rate_limit": self = .rateLimit(wait: wait)
        case "maintenance": self = .maintenance(wait: wait)
        case "unauthorized": self = .unauthorized
        case "expire_token": self = .expireToken
        case "lose_reply": self = .loseReply
        case "time_out": self = .timeOut
        case "error_after": self = .errorAfter
        case "half": self = .half
        case "garbage": self = .garbage
        case "delay": self = .delay(wait)
        case "lag": self = .lag
        case "double": self = .double
        case "reorder": self = .reorder
        case "lose": self = .lose
        case "drop": self = .drop
        default: return nil
        }
    }
    func suits(_ place: FaultPlace) -> Bool {
        switch self {
        case .delay: true
        case .double, .reorder, .lose, .drop: place == .stream
        case .lag: place == .question
        default: place != .stream
        }
    }
}

/// What may meet a fault.
enum FaultPlace: String, Hashable, Sendable, CaseIterable {
    case login, place, cancel, modify, question, stream
}

/// Faults that were ordered, and which of them strikes: seeded, so the same day fails the same way.
struct FaultPlan: Sendable {
    struct Rule: Hashable, Sendable {
        var fault: Fault
        var name: String
        var place: FaultPlace
        /// How often it strikes still; `nil`: without end.
        var left: Int?
        /// In millionths.
        var chance: Int
    }
    private var random: SplitMix64
    private(set) var rules: [Rule] = []
    /// By name and place: how often each has struck.
    private(set) var struck: [String: Int] = [:]

    init(seed: UInt64) { random = SplitMix64(seed ^ 0x6661_756c_7473) }

    /// The last one that was ordered is asked first.
    mutating func add(_ rule: Rule) { rules.insert(rule, at: 0) }
    mutating func clear() { rules = [] }

    /// The first rule that strikes here.
    mutating func meet(_ place: FaultPlace) -> Fault? {
        for index in rules.indices where rules[index].place == place {
            if rules[index].chance < 1_000_000,
                random.next() % 1_000_000 >= UInt64(max(0, rules[index].chance))
            {
                continue
            }
            let rule = rules[index]
            if let left = rule.left {
                rules[index].left = left - 1
                if left <= 1 { rules.remove(at: index) }
            }
            struck["\(place.rawValue)/\(rule.name)", default: 0] += 1
            return rule.fault
        }
        return nil
    }
}
