/// How two values are compared; the sign is that of left - right.
enum Relation: UInt8, Hashable {
    case above, atLeast, below, atMost, equal, crossAbove, crossBelow

    init?(_ token: Token) {
        guard token.kind == .symbol else { return nil }
        switch token.text {
        case ">": self = .above
        case ">=": self = .atLeast
        case "<": self = .below
        case "<=": self = .atMost
        case "==": self = .equal
        default: return nil
        }
    }

    var isCrossing: Bool { self == .crossAbove || self == .crossBelow }

    /// The relation that holds exactly where this one does not; crossings and equality have none.
    var opposite: Relation? {
        switch self {
        case .above: .atMost
        case .atLeast: .below
        case .below: .atLeast
        case .atMost: .above
        case .equal, .crossAbove, .crossBelow: nil
        }
    }

    /// The same relation with both sides negated.
    var mirrored: Relation {
        switch self {
        case .above: .below
        case .atLeast: .atMost
        case .below: .above
        case .atMost: .atLeast
        case .equal: .equal
        case .crossAbove: .crossBelow
        case .crossBelow: .crossAbove
        }
    }
}
