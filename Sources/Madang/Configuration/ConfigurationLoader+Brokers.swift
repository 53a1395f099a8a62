import PaperExchange
import Platform
import Ports
import TradingModel

extension ConfigurationLoader {
    mutating func readBrokers(_ root: Section) {
        for (name, section) in root.namedSections("brokers") {
            let kind = section.value(
                "kind", .choice("a kind of broker", [("paper", "paper"), ("sim", "sim")]),
                default: "paper")
            let fee = section.value(
                "fee_bps", Formats.share(0...10_000_000_000, "0 to 10000"), default: 0)
            // A backtest fills by them whatever the kind.
            let exchange = exchange(section, fee)
            if kind == "sim" {
                guard let place = simulated(section) else {
                    unreadBrokers.append(name)
                    continue
                }
                add(BrokerSetting(name: name, exchange: exchange, kind: .simulated(place)))
            } else {
                add(BrokerSetting(name: name, exchange: exchange, kind: .paper))
            }
        }
        if configuration.brokers.isEmpty, unreadBrokers.isEmpty {
            add(
                BrokerSetting(
                    name: "paper", exchange: .init(feeMicroBasisPoints: 0), kind: .paper))
        }
    }

    private func exchange(_ section: Section, _ fee: Int64) -> PaperExchange.Settings {
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
        exchange.candlePath = section.value(
            "candle_path",
            .choice(
                "the order of a candle's prices",
                [
                    ("low_first", .lowFirst), ("high_first", .highFirst),
                    ("nearer_first", .nearerFirst), ("close", .atClose),
                ]), default: .lowFirst)
        exchange.participation = section.optional(
            "volume_share", .percentage(in: 1...1_000_000))
        return exchange
    }

    /// `nil` where it is not known how to come in.
    private func simulated(_ section: Section) -> SimulatedSetting? {
        let http = section.value(
            "http", Self.address(["http", "https"]), default: "http://127.0.0.1:8800")
        let stream = section.value(
            "stream", Self.address(["ws", "wss"]), default: "ws://127.0.0.1:8801/v1/stream")
        let key = section.required("key", .secret)
        let secret = section.required("secret", .secret)
        let ids: [(String, BrokerCapabilities.ClientOrderIDs)] = [
            ("always", .always), ("open", .whileOpen), ("none", .none),
        ]
        let fills: [(String, BrokerCapabilities.FillHistory)] = [
            ("each", .each), ("totals", .totals),
        ]
        let clientIDs = section.value(
            "client_ids", .choice("what becomes of client order ids", ids), default: .always)
        let history = section.value(
            "fill_history", .choice("what can be asked of fills", fills), default: .each)
        let kinds: [(String, BrokerCapabilities.Changes)] = [
            ("keep", .keepNumber), ("new", .makeNumber), ("none", .none),
        ]
        let changes = section.value(
            "changes", .choice("what becomes of the number of a changed order", kinds),
            default: .keepNumber)
        let taking = taking(section)
        let rate = section.value("rate", .int(in: 1...10_000), default: 10)
        let short = 50_000_000 as Int64
        let answer = section.value(
            "answer_within", .duration(in: short...60_000_000_000), default: 10_000_000_000)
        let doubt = section.value(
            "doubt_over", .duration(in: short...600_000_000_000), default: 10_000_000_000)
        let validity = section.value(
            "validity", .duration(in: short...3_600_000_000_000), default: 30_000_000_000)
        let every = section.value(
            "reconcile_every", .duration(in: short...86_400_000_000_000), default: 60_000_000_000)
        let corrects = section.value("correct", Self.corrections, default: .nothing)
        let tolerance = section.optional("cash_tolerance", Formats.money)
        let starts: [(String, Bool)] = [("compare", true), ("open", false)]
        let compares = section.value(
            "at_start", .choice("whether what opens waits at a start", starts), default: true)
        guard let key, let secret else { return nil }
        return SimulatedSetting(
            http: http, stream: stream, key: key, secret: secret, clientIDs: clientIDs,
            fillHistory: history, changes: changes, takes: taking, rate: Int64(rate),
            answerWithin: Nanoseconds(answer),
            doubtOver: Nanoseconds(doubt), validity: Nanoseconds(validity),
            reconcileEvery: Nanoseconds(every),
            correctsPositions: corrects == .positions || corrects == .all,
            correctsCash: corrects == .cash || corrects == .all, cashTolerance: tolerance,
            comparesAtStart: compares)
    }

    private enum Correcting: Hashable, Sendable { case nothing, positions, cash, all }
    private static var corrections: ValueFormat<Correcting> {
        .choice(
            "what is corrected without a person",
            [("nothing", .nothing), ("positions", .positions), ("cash", .cash), ("all", .all)])
    }

    /// Without TLS on this machine alone: what goes over it is a credential and money.
    private static func address(_ schemes: [String]) -> ValueFormat<String> {
        .parsed(
            "an address \(schemes[1])://…; \(schemes[0])://… only of this machine, such as \(schemes[0])://127.0.0.1:8800"
        ) { text in
            guard !text.contains(where: { $0.isWhitespace || $0.isNewline }) else { return nil }
            let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
            let local = ["127.0.0.1", "localhost", "[::1]"].map { "\(schemes[0])://\($0)" }
            let isLocal = local.contains { host in
                trimmed.hasPrefix(host)
                    && [nil, ":", "/"].contains(trimmed.dropFirst(host.count).first)
            }
            let isSecure =
                trimmed.hasPrefix("\(schemes[1])://") && trimmed.count > schemes[1].count + 3
            return isLocal || isSecure ? trimmed : nil
        }
    }

    // MARK: Accounts

    mutating func readAccounts(_ root: Section) {
        let known = configuration.brokers.map(\.name) + unreadBrokers
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
            var account = AccountSetting(
                name: name, broker: broker, currency: currency, cash: cash, timeZone: zone)
            readRoutes(of: &account, section, known)
            add(account)
        }
        if !root.has("accounts") {
            root.report(
                "accounts", "at least one account is needed",
                advice:
                    "for example: accounts: [{ id: demo, broker: paper, currency: KRW, cash: 100000000 }]"
            )
        }
    }

    private func readRoutes(
        of account: inout AccountSetting, _ section: Section, _ known: [String]
    ) {
        account.secondary = section.optional("secondary", .string)
        account.failover = section.optional("failover", .string)
        for (key, name) in [("secondary", account.secondary), ("failover", account.failover)] {
            guard let name else { continue }
            if !known.contains(name) {
                section.reportUnknown(key, name, "a broker", allowed: known)
            } else if name == account.broker {
                section.report(key, "'\(name)' is its first broker already")
            }
        }
        for symbol in section.list("secondary_symbols", of: .string) ?? [] {
            guard let found = configuration.instruments.first(where: { $0.symbol == symbol }) else {
                section.reportUnknown(
                    "secondary_symbols", symbol, "a symbol",
                    allowed: configuration.instruments.map(\.symbol))
                continue
            }
            account.secondarySymbols.append(found.id)
        }
        if account.secondarySymbols.isEmpty != (account.secondary == nil) {
            section.report(
                account.secondary == nil ? "secondary_symbols" : "secondary",
                "a second broker and the symbols that go there belong together",
                advice: "give secondary and secondary_symbols, or neither")
        }
    }

    /// What brokers, accounts and feeds ask of each other.
    func checkBrokers(_ root: Section) {
        let outside = configuration.brokers.filter(\.isOutside)
        if configuration.brokers.count > 1, outside.count < configuration.brokers.count {
            root.report(
                "brokers", "a paper broker stands alone for now",
                advice: "keep the one that accounts use, or several of kind sim")
        }
        guard !outside.isEmpty else { return }
        if configuration.feeds.contains(where: { $0.speed == nil }) {
            root.report(
                "feeds", "'\(outside[0].name)' works in real time, and a feed as fast as possible",
                advice: "give the feeds a speed such as 1x; madang backtest fills on paper anyhow")
        }
        var users: [String: String] = [:]
        for account in configuration.accounts {
            for name in Set(account.brokers) {
                if let other = users.updateValue(account.name, forKey: name) {
                    root.report(
                        "accounts", "'\(other)' and '\(account.name)' share the broker '\(name)'",
                        advice: "a broker's key is one account there: give each its own")
                }
            }
        }
    }
}
