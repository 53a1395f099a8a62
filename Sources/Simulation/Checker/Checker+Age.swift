import Kernel
import TradingModel

/// Limit orders that work for longer than they may: the host asks for the end of each, and of no other for this.
extension Checker {
    /// Longer than the host lets pass between two looks, with an event in each of them.
    private static let patience = Nanoseconds.seconds(12)

    mutating func wished(_ number: OrderNumber, _ reason: String, _ record: UInt64) {
        if OrderAge.says(reason), let most = terms.limits.orderAge, let intent = intents[number],
            now.since(intent.time) < most
        {
            violate(
                .age,
                "intent \(number) is said to be too old \(now.since(intent.time)) after it came")
        }
        if intents[number]?.wished == nil { intents[number]?.wished = record }
    }

    /// The host has an event: what is too old is asked to end at once, but for exits and what is in doubt.
    mutating func checkAges() {
        guard let most = terms.limits.orderAge else { return }
        for (number, intent) in intents where intent.open > 0 && intent.wished == nil {
            guard intent.approval.order.limit != nil, !intent.isExit, !intent.isDoubtful,
                now.since(intent.time) >= most
            else {
                intents[number]?.overdue = nil
                continue
            }
            let overdue = intent.overdue ?? now
            intents[number]?.overdue = overdue
            guard now.since(overdue) > Self.patience else { continue }
            violate(.age, "intent \(number) works since \(intent.time), and nobody ends it")
            intents[number]?.wished = 0
        }
    }
}
