import Foundation
import Kernel
import PaperExchange
import Platform
import Storage
import Strategies
import TradingModel

/// Reads a configuration file; everything that is wrong is told at once, with its place.
struct ConfigurationLoader {
    let reader: ConfigurationReader
    private(set) var configuration = HostConfiguration()
    /// The folder that relative paths in the file count from.
    let base: String

    /// - Throws: ``ConfigurationError``.
    init(path: String) throws(ConfigurationError) {
        let document = try YAMLDocument(path: path)
        reader = ConfigurationReader(document, variables: ProcessInfo.processInfo.environment)
        base = URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    /// For pieces of a configuration that is there but for its strategies and rules.
    init(_ document: YAMLDocument, in frame: HostConfiguration, variables: [String: String]) {
        reader = ConfigurationReader(document, variables: variables)
        base = ""
        configuration = frame
        configuration.strategies = []
        configuration.rules = []
    }

    /// - Throws: ``ConfigurationError`` with every problem.
    mutating func loadPieces() throws(ConfigurationError) -> (HostConfiguration, [String]) {
        let removed = reader.root.list("removed", of: Formats.name, default: [])
        readStrategies(reader.root)
        readRules(reader.root)
        try reader.finish()
        return (configuration, removed)
    }

    /// - Throws: ``ConfigurationError`` with every problem.
    mutating func load() throws(ConfigurationError) -> HostConfiguration {
        let root = reader.root
        readInstruments(root)
        readAccounts(root)
        readFeeds(root)
        readStore(root)  // sockets lie in its folder unless they are said to lie elsewhere
        readChannels(root)
        readStrategies(root)
        readRules(root)
        readChanges(root)
        readArbiter(root)
        readRisk(root)
        readRun(root)
        try reader.finish()
        return configuration
    }

    // MARK: Instruments

    private mutating func readInstruments(_ root: Section) {
        var seen: [String: String] = [:]
        for section in root.sections("instruments") {
            let symbols = section.requiredList("symbols", of: .string(limit: 32)) ?? []
            let market = section.value("market", .string(limit: 16), default: "KR")
            let defaults = MarketDefaults(market)
            let currency = section.value("currency", .string(limit: 8), default: defaults.currency)
            let ladder = section.value("tick_size", Formats.ladder, default: defaults.ladder)
            let lot = section.value("lot", Formats.quantity, default: defaults.lot)
            let zone = section.value("time_zone", Formats.zone, default: defaults.timeZone)
            let hours = hours(section)
            for symbol in symbols {
                if let before = seen[symbol] {
                    section.report("symbols", "'\(symbol)' is listed already, in \(before)")
                    continue
                }
                seen[symbol] = section.path
                configuration.instruments.append(
                    Instrument(
                        id: InstrumentID(configuration.instruments.count), symbol: symbol,
                        market: market,
                        currency: currency, ladder: ladder, lot: lot, timeZone: zone))
                configuration.hours.append(hours)
            }
        }
        if configuration.instruments.isEmpty {
            root.report(
                "instruments", "at least one instrument is needed",
                advice: "for example: instruments: [{ symbols: [\"005930\"], market: KR }]")
        }
    }

    // MARK: Accounts and brokers

    private mutating func readAccounts(_ root: Section) {
        for (name, section) in root.namedSections("brokers") {
            _ = section.value(
                "kind", .choice("a kind of broker", [("paper", "paper")]), default: "paper")
            let fee = section.value(
                "fee_bps", Formats.share(0...10_000_000_000, "0 to 10000"), default: 0)
            _ = section.value(
                "fill", .choice("a rule of filling", [("next_event", "next_event")]),
                default: "next_event")
            let partial = section.value("partial_fills", .bool, default: false)
            let seed = section.value("seed", .int(in: 0...Int.max), default: 1)
            var exchange = PaperExchange.Settings(
                feeMicroBasisPoints: fee, partialFills: partial, seed: UInt64(seed))
            exchange.sellTaxMicroBasisPoints = section.value(
                "sell_tax_bps", Formats.share(0...10_000_000_000, "0 to 10000"), default: 0)
            exchange.slippage = section.value("slippage", Formats.slippage, default: .none)
            if case .steps(1...) = exchange.slippage,
                let smooth = configuration.instruments.first(where: { $0.ladder == .fixed(.zero) })
            {
                section.report(
                    "slippage", "'\(smooth.symbol)' has no price steps to slip by",
                    advice: "give its instruments a tick_size, or say the slippage in bps")
            }
            exchange.participation = section.optional(
                "volume_share", .percentage(in: 1...1_000_000))
            configuration.brokers.append(PaperSetting(name: name, exchange: exchange))
        }
        if configuration.brokers.isEmpty {
            configuration.brokers = [
                PaperSetting(name: "paper", exchange: .init(feeMicroBasisPoints: 0))
            ]
        }
        if configuration.brokers.count > 1 {
            root.report(
                "brokers", "one broker at a time for now", advice: "keep the one that accounts use")
        }
        let known = configuration.brokers.map(\.name)
        for section in root.sections("accounts") {
            guard let name = section.required("id", Formats.name) else { continue }
            let broker = section.value("broker", .string, default: "paper")
            if !known.contains(broker) {
                section.reportUnknown("broker", broker, "a broker", allowed: known)
            }
            if configuration.accounts.contains(where: { $0.name == name }) {
                section.report("id", "'\(name)' is an account already")
            }
            let currency = section.value("currency", .string(limit: 8), default: "KRW")
            guard let cash = section.required("cash", Formats.money) else { continue }
            let zone = section.value(
                "time_zone", Formats.zone, default: MarketDefaults.zone(ofCurrency: currency))
            configuration.accounts.append(
                AccountSetting(
                    name: name, broker: broker, currency: currency, cash: cash, timeZone: zone))
        }
        if !root.has("accounts") {
            root.report(
                "accounts", "at least one account is needed",
                advice:
                    "for example: accounts: [{ id: demo, broker: paper, currency: KRW, cash: 100000000 }]"
            )
        }
    }

    // MARK: Changes

    /// Each read as though it were the file's only strategies and rules, for its names may be theirs.
    private mutating func readChanges(_ root: Section) {
        let begun = configuration
        var last: UInt64 = 0
        for section in root.sections("changes") {
            configuration.strategies = []
            configuration.rules = []
            let behind = UInt64(
                section.required("behind", .int(in: 0...Int.max)) ?? 0)
            if behind < last {
                section.report(
                    "behind", "comes before the change above it", advice: "put them in order")
            }
            last = max(last, behind)
            var text = PieceText(removed: section.list("removed", of: Formats.name, default: []))
            readStrategies(section)
            readRules(section)
            for setting in configuration.strategies where configuration.piece(setting) == nil {
                section.report(
                    "strategies",
                    "'\(setting.name)': strategy servers and scanners are as the run began with them"
                )
            }
            text.pieces = configuration.pieces
            configuration.changes.append(
                ScheduledChange(behind: behind, text: text, path: section.path))
        }
        configuration.strategies = begun.strategies
        configuration.rules = begun.rules
    }

    // MARK: Risk, store

    private mutating func readRisk(_ root: Section) {
        guard let section = root.section("risk") else { return }
        configuration.risk = RiskLimits(
            orderValue: section.optional("order_value", Formats.money),
            symbolValue: section.optional("symbol_value", Formats.money),
            symbolWeight: section.optional("symbol_weight", .percentage(in: 0...1_000_000)),
            symbols: section.optional("symbols", .int(in: 1...100_000)),
            priceBand: section.optional("price_band", .percentage(in: 0...1_000_000)),
            dayLoss: section.optional("day_loss", .percentage(in: 0...1_000_000)))
    }

    private mutating func readRun(_ root: Section) {
        guard let section = root.section("run") else { return }
        configuration.patience = section.value(
            "patience", .duration(in: 1_000_000_000...3_600_000_000_000), default: 60_000_000_000)
        configuration.candles = section.list("candles", of: Formats.interval, default: [])
    }

    private mutating func readStore(_ root: Section) {
        guard let section = root.section("store") else { return }
        configuration.folder = section.value("folder", .string, default: ".madang")
        configuration.database = section.value(
            "sqlite", .string, default: configuration.folder + "/madang.db")
        if let server = section.section("postgres") { readPostgres(server) }
    }

    // MARK: For the extensions

    mutating func add(_ feed: FeedSetting) { configuration.feeds.append(feed) }
    mutating func add(_ strategy: StrategySetting) { configuration.strategies.append(strategy) }
    mutating func add(_ channel: ChannelSetting) { configuration.channels.append(channel) }
    mutating func set(_ arbiter: ArbiterPlan) { configuration.arbiter = arbiter }
    mutating func set(_ store: PostgresSettings) { configuration.postgres = store }
    mutating func add(_ rule: RuleSetting) { configuration.rules.append(rule) }

    /// A path as written, counted from the configuration's folder.
    func path(_ written: String) -> String {
        URL(fileURLWithPath: written.hasPrefix("/") ? written : base + "/" + written)
            .standardizedFileURL.path
    }
}

/// What follows from a market's or a currency's name.
struct MarketDefaults {
    var currency = "USD"
    var ladder = PriceLadder.fixed(.zero)
    var lot = Quantity(units: 1)
    var timeZone = "UTC"

    init(_ market: String) {
        let share = Quantity(units: fixedPointScale)
        switch market {
        case "KR":
            currency = "KRW"
            ladder = .krx
            lot = share
            timeZone = "Asia/Seoul"
        case "US":
            ladder = .fixed(Price(units: fixedPointScale / 100))
            lot = share
            timeZone = "America/New_York"
        default: break
        }
    }

    static func zone(ofCurrency currency: String) -> String {
        switch currency {
        case "KRW": "Asia/Seoul"
        case "USD": "America/New_York"
        default: "UTC"
        }
    }
}
