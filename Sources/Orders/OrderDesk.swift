package import Ports
package import TradingModel

/// One account's dealings with one broker, between approved orders and the port `Broker`.
///
/// A value without clock, tasks or randomness. ``handle(_:at:)`` takes what happens; ``takeOutbox()`` is what is to
/// be done about it: calls to make, reports for the kernel, notes for people; ``wake`` is when it wants to be
/// asked again. Desk time is UTC at the start plus the monotonic time since: it never goes back in a start.
package struct OrderDesk: Sendable {
    package let account: AccountID
    package let capabilities: BrokerCapabilities
    package let settings: DeskSettings
    private(set) package var now: Timestamp
    var outbox = DeskOutbox()

    /// - Parameter restart: What the log knows; every order in it without a final answer is in doubt.
    package init(
        account: AccountID, capabilities: BrokerCapabilities,
        settings: DeskSettings = DeskSettings(), restart: DeskRestart = DeskRestart(),
        at now: Timestamp
    ) {
        self.account = account
        self.capabilities = capabilities
        self.settings = settings
        self.now = now
    }

    /// - Parameter now: Desk time; one that goes back counts as the last.
    package mutating func handle(_ input: DeskInput, at now: Timestamp) {
        self.now = max(self.now, now)
    }

    /// When it wants `.wake` at the latest; `nil`: only when something happens.
    package var wake: Timestamp? { nil }

    /// Everything asked for since the last call.
    package mutating func takeOutbox() -> DeskOutbox {
        let taken = outbox
        outbox = DeskOutbox()
        return taken
    }
}
