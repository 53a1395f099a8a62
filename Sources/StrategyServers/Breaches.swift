/// Messages whose results break the contract: in a row, and of those that came last. A value.
struct Breaches: Sendable {
    private var inARow = 0
    /// Of the last messages with results, whether one of each was refused; a ring.
    private var recent: [Bool] = []
    private var next = 0
    private var count = 0
    /// So many in a row end the session for good.
    static let mostInARow = 8
    /// So many of the last ``window`` do, whatever is good between them.
    static let most = 50
    static let window = 100

    /// A message of results was held against the contract.
    ///
    /// - Parameters:
    ///   - isBreach: One of them was refused.
    ///   - isEmpty: It held none: it ends a row, and is no good one among bad ones.
    /// - Returns: Which messages were too many, in words; `nil`: it goes on.
    mutating func note(_ isBreach: Bool, isEmpty: Bool = false) -> String? {
        inARow = isBreach ? inARow + 1 : 0
        if !isEmpty { remember(isBreach) }
        guard isBreach else { return nil }
        if inARow >= Self.mostInARow { return "eight messages in a row" }
        return count >= Self.most ? "\(count) of the last \(recent.count) messages" : nil
    }

    private mutating func remember(_ isBreach: Bool) {
        count += isBreach ? 1 : 0
        guard recent.count == Self.window else {
            recent.append(isBreach)
            return
        }
        count -= recent[next] ? 1 : 0
        recent[next] = isBreach
        next = (next + 1) % Self.window
    }
}
