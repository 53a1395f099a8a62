import Foundation
import Kernel
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
    /// Brokers whose own keys are wrong: named, and told once.
    var unreadBrokers: [String] = []
    /// Where `no_data` stands, to be held against the feeds.
    var dataSpans: [(section: Section, span: Patience, instruments: [Int]?)] = []

    /// - Parameters:
    ///   - variables: What `${NAME}` stands for.
    ///   - speaks: Whether it is read to speak to brokers, channels and servers: then their secrets must be there.
    /// - Throws: ``ConfigurationError``.
    init(
        path: String, variables: [String: String] = ProcessInfo.processInfo.environment,
        speaks: Bool = true
    ) throws(ConfigurationError) {
        self.speaks = speaks
        let document = try YAMLDocument(path: path)
        reader = ConfigurationReader(
            document, variables: variables,
            lacking: speaks ? [] : ["brokers", "channels", "strategies"])
        base = URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    /// Whether it is read to run.
    private var speaks = true

    /// Strategy servers of the run that pieces are for: other symbols of theirs are read.
    private(set) var runningServers: [StrategySetting] = []

    /// For pieces of a configuration that is there but for its strategies and rules.
    init(_ document: YAMLDocument, in frame: HostConfiguration, variables: [String: String]) {
        reader = ConfigurationReader(document, variables: variables)
        base = ""
        configuration = frame
        runningServers = frame.strategies.filter(\.isServer)
        configuration.strategies = []
        configuration.rules = []
    }

    /// - Throws: ``ConfigurationError`` with every problem.
    mutating func loadPieces() throws(ConfigurationError) -> Pieces {
        let removed = reader.root.list("removed", of: Formats.name, default: [])
        let risk = risk(reader.root)
        readStrategies(reader.root)
        readRules(reader.root)
        checkCurrencies(reader.root)
        try reader.finish()
        return Pieces(configuration: configuration, removed: removed, risk: risk)
    }

    /// What a change says.
    struct Pieces {
        /// With its strategies and rules, and no others.
        var configuration: HostConfiguration
        var removed: [String]
        /// `nil`: limits stay as they are.
        var risk: RiskSetting?
    }

    /// - Throws: ``ConfigurationError`` with every problem.
    mutating func load() throws(ConfigurationError) -> HostConfiguration {
        let root = reader.root
        readInstruments(root)
        readBrokers(root)
        readAccounts(root)
        readFeeds(root)
        readWatch(root)
        checkBrokers(root)
        readStore(root)  // sockets lie in its folder unless they are said to lie elsewhere
        readChannels(root)
        readStrategies(root)
        readRules(root)
        // A run of before that trades so is looked at all the same.
        if speaks { checkCurrencies(root) }
        readChanges(root)
        readArbiter(root)
        configuration.risk = risk(root) ?? RiskSetting()
        readExits(root)
        checkTaking(root)
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
            let saysHours = section.has("hours") || section.has("odd_days")
            let noData = section.optional("no_data", Formats.patience(in: Patience.data))
            let first = configuration.instruments.count
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
                if !saysHours { configuration.unwrittenHours.insert(configuration.hours.count) }
                configuration.hours.append(hours)
                configuration.noData.append(noData)
            }
            if let noData {
                dataSpans.append(
                    (section, noData, Array(first..<configuration.instruments.count)))
            }
        }
        if configuration.instruments.isEmpty {
            root.report(
                "instruments", "at least one instrument is needed",
                advice: "for example: instruments: [{ symbols: [\"005930\"], market: KR }]")
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
            if speaks { checkCurrencies(section) }
            for setting in configuration.strategies where configuration.piece(setting) == nil {
                section.report(
                    "strategies",
                    "'\(setting.name)': strategy servers and scanners are as the run began with them"
                )
            }
            text.pieces = configuration.pieces
            text.risk = risk(section)?.written
            configuration.changes.append(
                ScheduledChange(behind: behind, text: text, path: section.path))
        }
        configuration.strategies = begun.strategies
        configuration.rules = begun.rules
    }

    // MARK: Run, store

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
        configuration.segment = section.value(
            "segment", .size(in: 1 << 13...1 << 40), default: 64 << 20)
        configuration.bars = section.list("bars", of: Formats.interval, default: [])
        if let server = section.section("postgres") { readPostgres(server) }
    }

    // MARK: For the extensions

    mutating func add(_ broker: BrokerSetting) { configuration.brokers.append(broker) }
    mutating func add(_ account: AccountSetting) { configuration.accounts.append(account) }
    mutating func add(_ feed: FeedSetting) { configuration.feeds.append(feed) }
    mutating func add(_ strategy: StrategySetting) { configuration.strategies.append(strategy) }
    mutating func add(_ channel: ChannelSetting) { configuration.channels.append(channel) }
    mutating func set(_ watch: WatchSetting) { configuration.watch = watch }
    mutating func note(
        _ hours: MarketHours, _ session: MarketHours.Session?, odd days: Set<Int64>, isKRX: Bool
    ) {
        configuration.sessions[hours] = session
        if !days.isEmpty { configuration.oddDays[hours] = days }
        if isKRX { configuration.krxHours.insert(hours) }
    }
    mutating func set(_ arbiter: ArbiterPlan) { configuration.arbiter = arbiter }
    mutating func set(_ exits: ExitsSetting) { configuration.exits = exits }
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
