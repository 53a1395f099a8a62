import Kernel
import Platform
import Ports
import TradingModel

/// Events on their way to the sessions that hear them, new and recalled.
extension PacedRun {
    static func recall(_ step: borrowing Step, to feeds: [Feed]) {
        share(step, entry: step.time, among: feeds) { $0.ring.recall($1) }
    }

    static func recall(
        _ update: AccountUpdate, at position: EventPosition, of account: AccountID,
        to feeds: [Feed]
    ) {
        let event = SharedEvent(
            SessionEvent(position: position, entryTime: update.time, kind: .account(update)))
        for feed in feeds where hears(feed, update, of: account) { feed.ring.recall([event]) }
    }

    static func hears(
        _ feed: Feed, _ update: AccountUpdate, of account: AccountID
    ) -> Bool {
        let subscription = feed.link.subscription
        return subscription.readsAccount && subscription.account == account
            && subscription.hears(update.instrument)
    }

    /// Makes each event once for all who hear it.
    static func share(
        _ step: borrowing Step, entry: Timestamp, among feeds: [Feed],
        _ give: (Feed, [SharedEvent]) -> Void
    ) {
        var made = [SharedEvent?](repeating: nil, count: step.events.count)
        var heard: [SharedEvent] = []
        for feed in feeds {
            heard.removeAll(keepingCapacity: true)
            for index in made.indices where feed.link.subscription.hears(step.events[index]) {
                let event =
                    made[index] ?? SharedEvent(SessionEvent(step.events[index], entry: entry))
                made[index] = event
                heard.append(event)
            }
            give(feed, heard)
        }
    }
}
