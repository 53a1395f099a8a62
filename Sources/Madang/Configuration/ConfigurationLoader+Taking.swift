import Platform
import Ports
import TradingModel

/// What a broker outside takes, and whether anything that is configured could ever be sent there.
extension ConfigurationLoader {
    func taking(_ section: Section) -> SimulatedTaking {
        var taking = SimulatedTaking()
        let kinds: [(String, Set<BrokerCapabilities.OrderType>)] = [
            ("both", [.market, .limit]), ("market", [.market]), ("limit", [.limit]),
        ]
        taking.orderTypes = section.value(
            "order_types", .choice("which orders are taken", kinds), default: [.market, .limit])
        taking.unit = section.optional("unit", Formats.quantity)
        taking.hours = section.optional("hours", Self.sessionFormat)
        return taking
    }

    private static var sessionFormat: ValueFormat<MarketHours.Session> {
        .parsed("hours such as 09:00-15:30") { text in
            guard case .within(let session)? = Hours(text, canClose: false) else { return nil }
            return session
        }
    }

    /// What can never work is refused before anything runs, and not order by order.
    func checkTaking(_ root: Section) {
        for broker in configuration.brokers {
            guard case .simulated(let simulated) = broker.kind else { continue }
            let users = Set(
                configuration.accounts.filter { $0.brokers.contains(broker.name) }.map(\.name))
            let traders = configuration.traders(of: users)
            checkTypes(root, broker.name, simulated.takes, traders)
            checkUnits(root, broker.name, simulated.takes, traders)
            checkHours(root, broker.name, simulated.takes, traders)
        }
    }

    /// Rules and strategies in the host make orders without a limit, and no others; exits have one.
    private func checkTypes(
        _ root: Section, _ broker: String, _ takes: SimulatedTaking,
        _ traders: [HostConfiguration.Trader]
    ) {
        if !takes.orderTypes.contains(.market), let trader = traders.first(where: \.isInHost) {
            root.report(
                "brokers",
                "'\(broker)' takes no market orders, and '\(trader.name)' makes no others",
                advice:
                    "order_types: both, where the broker has them; a strategy server may give its orders a limit"
            )
        }
        if !takes.orderTypes.contains(.limit), configuration.exits.isAnywhere {
            root.report(
                "brokers", "'\(broker)' takes no limit orders, and exits make no others",
                advice: "order_types: both, where the broker has them, or no exits")
        }
    }

    private func checkUnits(
        _ root: Section, _ broker: String, _ takes: SimulatedTaking,
        _ traders: [HostConfiguration.Trader]
    ) {
        guard let unit = takes.unit, unit.isPositive else { return }
        let odd = Set(traders.flatMap(\.symbols)).sorted { $0.index < $1.index }
            .map { configuration.instruments[Int($0.index)] }
            .first { !$0.lot.isPositive || $0.lot.units % unit.units != 0 }
        guard let odd else { return }
        root.report(
            "brokers",
            "'\(broker)' takes quantities in multiples of \(unit), and '\(odd.symbol)' has a lot of \(odd.lot)",
            advice: "give its instruments a lot of \(unit)")
    }

    private func checkHours(
        _ root: Section, _ broker: String, _ takes: SimulatedTaking,
        _ traders: [HostConfiguration.Trader]
    ) {
        guard let hours = takes.hours else { return }
        for symbol in Set(traders.flatMap(\.symbols)).sorted(by: { $0.index < $1.index }) {
            let instrument = configuration.instruments[Int(symbol.index)]
            // Two clocks cannot be compared by their hands.
            guard instrument.timeZone == SimulatedTaking.zone,
                let session = configuration.sessions[configuration.hours[Int(symbol.index)]],
                session.close <= hours.open || hours.close <= session.open
            else { continue }
            return root.report(
                "brokers",
                "'\(broker)' takes orders \(Hours.within(hours).text), and '\(instrument.symbol)' is traded"
                    + " \(Hours.within(session).text)",
                advice: "give the broker the hours in which it takes orders, as its --hours")
        }
    }
}

extension HostConfiguration {
    /// Who makes orders.
    struct Trader {
        var name: String
        var symbols: [InstrumentID]
        /// Not a strategy server, which says itself what it wants.
        var isInHost: Bool
        var isRule = false
    }

    func traders(of accounts: Set<String>) -> [Trader] {
        let strategies = strategies.filter { accounts.contains($0.account) }.map { setting in
            let isServer = if case .server = setting.kind { true } else { false }
            return Trader(name: setting.name, symbols: setting.symbols, isInHost: !isServer)
        }
        let rules = rules.filter { accounts.contains($0.account) && $0.action != .alert }
            .map { Trader(name: $0.name, symbols: $0.symbols, isInHost: true, isRule: true) }
        return strategies + rules
    }
}
