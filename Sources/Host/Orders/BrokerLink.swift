package import Orders
package import Ports
package import TradingModel

/// A broker as a log knows it: by its place among those of its run.
package struct BrokerPlace: Hashable, Sendable {
    /// As the configuration has it.
    package let name: String
    package let account: AccountID
    package init(name: String, account: AccountID) {
        self.name = name
        self.account = account
    }
}

/// A broker behind its port, and the account that trades there.
package struct BrokerLink: Sendable {
    /// As the configuration has it.
    package var name: String
    package var account: AccountID
    package var broker: any Broker
    /// What the adapter does by itself, such as listening; ends with its task.
    package var service: @Sendable () async -> Void
    /// Of the key: calls a second, evenly spaced.
    package var callsPerSecond: Int64
    package var desk: DeskSettings
    /// An order that was not written within this from its approval is withdrawn.
    package var validity: Nanoseconds
    /// What of its orders is sent at all.
    package var takes: TakenOrders
    /// Holdings that differ for long enough are corrected without a person.
    package var correctsPositions = false
    /// The same of cash.
    package var correctsCash = false

    package init(
        name: String, account: AccountID, broker: any Broker, callsPerSecond: Int64,
        desk: DeskSettings = DeskSettings(), validity: Nanoseconds = .seconds(30),
        service: @escaping @Sendable () async -> Void = {}
    ) {
        self.name = name
        self.account = account
        self.broker = broker
        self.callsPerSecond = callsPerSecond
        self.desk = desk
        self.validity = validity
        takes = TakenOrders(name, broker.capabilities)
        self.service = service
    }

    var place: BrokerPlace { BrokerPlace(name: name, account: account) }
}

/// Where a run's orders go; a run without it fills them at its own paper exchange.
package struct BrokerSetup: Sendable {
    package var links: [BrokerLink]
    /// By account; brokers by their place in `links`.
    package var routes: [Router.Settings]
    package init(links: [BrokerLink], routes: [Router.Settings]) {
        self.links = links
        self.routes = routes
    }
}

/// Desk time: UTC at the start plus the monotonic time since. It never goes back in a start.
struct DeskClock: Hashable, Sendable {
    var utc: Int64 = 0
    var monotonic: Int64 = 0

    func time(_ monotonic: Int64) -> Timestamp {
        Timestamp(nanoseconds: utc &+ (monotonic &- self.monotonic))
    }
    func monotonic(_ time: Timestamp) -> Int64 { monotonic &+ (time.nanoseconds &- utc) }
}
