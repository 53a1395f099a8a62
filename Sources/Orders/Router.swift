package import TradingModel

/// Chooses the broker of an order, once for each intent: R10.7.
///
/// A value. What it chose stands for ever: an intent never goes to a second broker, for one that is thought
/// dead may have taken it. Failover is for the orders that follow, only where they open, and only while nothing is
/// in doubt: what reduces goes where the holding is.
package struct Router: Sendable {
    package struct Settings: Hashable, Sendable {
        /// Index of a broker.
        package var primary: Int
        /// Where an instrument's orders go instead.
        package var secondary: [InstrumentID: Int] = [:]
        /// Who takes opening orders while another is down; `nil`: nobody, they are refused.
        package var failover: Int?
        /// Of the brokers, for who reads of it.
        package var names: [String] = []
        package init(primary: Int) { self.primary = primary }

        func name(of broker: Int) -> String {
            names.indices.contains(broker) ? names[broker] : "broker \(broker)"
        }
    }
    /// What is known of a broker at the moment.
    package struct Health: Hashable, Sendable {
        package var isDown: Bool
        package var isLockedDown: Bool
        /// Orders whose outcome is unknown.
        package var inDoubt: Int
        package init(isDown: Bool = false, isLockedDown: Bool = false, inDoubt: Int = 0) {
            self.isDown = isDown
            self.isLockedDown = isLockedDown
            self.inDoubt = inDoubt
        }
    }
    package enum Route: Hashable, Sendable {
        case broker(Int)
        case refused(String)
    }
    package let settings: Settings
    /// Numbers with their choice, sorted; ended ones are dropped by ``forget(_:)``.
    private var chosen: [(number: OrderNumber, broker: Int)] = []

    /// - Parameter chosen: What the log says of orders that have not ended.
    package init(_ settings: Settings, chosen: [OrderNumber: Int] = [:]) {
        self.settings = settings
        self.chosen = chosen.map { ($0.key, $0.value) }.sorted { $0.number < $1.number }
    }

    /// - Parameters:
    ///   - holder: Who keeps what an order reduces; `nil` for one that opens.
    ///   - health: By index of the broker.
    package mutating func route(
        _ order: Order, opens: Bool, holder: Int?, health: [Health]
    ) -> Route {
        if let known = broker(of: order.number) { return .broker(known) }
        let usual = settings.secondary[order.instrument] ?? settings.primary
        guard health.indices.contains(usual) else {
            return .refused("there is no broker \(usual)")
        }
        if !opens { return choose(holder ?? usual, order.number) }
        guard health[usual].isDown || health[usual].isLockedDown else {
            return choose(usual, order.number)
        }
        guard let other = settings.failover, other != usual else {
            let why = health[usual].isLockedDown ? "locked down" : "down"
            return .refused("\(settings.name(of: usual)) is \(why), and failover is off")
        }
        if let doubtful = health.firstIndex(where: { $0.inDoubt > 0 }) {
            return .refused(
                "\(settings.name(of: usual)) is down, and \(health[doubtful].inDoubt) orders at \(settings.name(of: doubtful)) are in doubt: no failover"
            )
        }
        guard health.indices.contains(other), !health[other].isDown, !health[other].isLockedDown
        else {
            return .refused(
                "\(settings.name(of: usual)) and \(settings.name(of: other)) are down")
        }
        return choose(other, order.number)
    }

    private mutating func choose(_ broker: Int, _ number: OrderNumber) -> Route {
        let at = chosen.firstIndex { $0.number > number } ?? chosen.endIndex
        chosen.insert((number, broker), at: at)
        return .broker(broker)
    }

    package func broker(of number: OrderNumber) -> Int? {
        chosen.first { $0.number == number }?.broker
    }

    /// An order has ended, and its intent can come no more.
    package mutating func forget(_ number: OrderNumber) {
        chosen.removeAll { $0.number == number }
    }
}
