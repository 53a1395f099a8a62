import Brokers
import Host
import Orders
import Ports
import TradingModel

/// Adapters behind the port, and which account goes to which.
extension RunAssembly {
    /// `nil` where orders are filled on paper in the host.
    func brokerSetup() -> BrokerSetup? {
        guard speed != nil else { return nil }
        let links = outside.map(link)
        guard !links.isEmpty else { return nil }
        let places = Dictionary(
            links.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let routes = configuration.accounts.map { account in
            var route = Router.Settings(primary: places[account.broker] ?? links.count)
            if let secondary = account.secondary.flatMap({ places[$0] }) {
                for symbol in account.secondarySymbols { route.secondary[symbol] = secondary }
            }
            route.names = links.map(\.name)
            route.failover = account.failover.flatMap { places[$0] }
            return route
        }
        return BrokerSetup(links: links, routes: routes)
    }

    /// As a log of this configuration knows them, by their places; `nil` where orders are filled on paper in the host.
    var brokerPlaces: [BrokerPlace]? {
        guard speed != nil, !outside.isEmpty else { return nil }
        return outside.map { BrokerPlace(name: $0.setting.name, account: $0.account) }
    }

    /// Whether orders of this run go to a broker outside: as fast as possible none do.
    var isOutside: Bool { speed != nil && !outside.isEmpty }

    /// Brokers outside that an account goes to, each with its account, in their order.
    private var outside: [(setting: BrokerSetting, simulated: SimulatedSetting, account: AccountID)]
    {
        configuration.brokers.compactMap { setting in
            guard case .simulated(let simulated) = setting.kind,
                let account = configuration.accounts.firstIndex(where: {
                    $0.brokers.contains(setting.name)
                })
            else { return nil }
            return (setting, simulated, AccountID(account))
        }
    }

    private func link(
        _ setting: BrokerSetting, _ simulated: SimulatedSetting, _ account: AccountID
    ) -> BrokerLink {
        let broker = SimulatedBroker(
            .init(simulated, account, configuration.instruments), clock: clock)
        var desk = DeskSettings()
        desk.limits.order = simulated.answerWithin
        desk.limits.question = min(simulated.answerWithin, desk.limits.question)
        desk.limits.heartbeat = min(simulated.answerWithin, desk.limits.heartbeat)
        desk.pollsOver = simulated.doubtOver
        desk.reconcileEvery = simulated.reconcileEvery
        desk.comparesAtStart = simulated.comparesAtStart
        let cash = configuration.accounts[Int(account.index)].cash
        desk.cashTolerance = simulated.cashTolerance ?? Money(units: cash.units / 10_000)
        desk.feeMicroBasisPoints = setting.exchange.feeMicroBasisPoints
        desk.sellTaxMicroBasisPoints = setting.exchange.sellTaxMicroBasisPoints
        var link = BrokerLink(
            name: setting.name, account: account, broker: broker,
            callsPerSecond: simulated.rate, desk: desk, validity: simulated.validity
        ) { await broker.run() }
        link.takes = TakenOrders(
            setting.name, broker.capabilities,
            zone: Zones.offsets(of: SimulatedTaking.zone) ?? .utc,
            lots: configuration.instruments.map(\.lot))
        link.correctsPositions = simulated.correctsPositions
        link.correctsCash = simulated.correctsCash
        return link
    }
}

extension SimulatedBroker.Settings {
    /// How a run reaches it, and whoever else asks.
    init(_ simulated: SimulatedSetting, _ account: AccountID, _ instruments: [Instrument]) {
        self.init(
            http: simulated.http, stream: simulated.stream, key: simulated.key.withText { $0 },
            secret: simulated.secret, account: account, instruments: instruments,
            clientOrderIDs: simulated.clientIDs, fillHistory: simulated.fillHistory,
            changes: simulated.changes)
        capabilities.orderTypes = simulated.takes.orderTypes
        if let unit = simulated.takes.unit { capabilities.units = .fractions(of: unit) }
        capabilities.hours = simulated.takes.tradingHours
        // The limiter before the desks spaces calls; this one stands behind it for logins.
        rate = Int(simulated.rate) * 2
    }
}
