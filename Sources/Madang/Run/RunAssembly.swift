import Foundation
import GRPCTransport
import Host
import Kernel
import PaperExchange
import Platform
import Ports
import Rules
import Storage
import Strategies
import StrategyServers
import TradingModel
import Vault

/// Turns a configuration into the parts of a run. The one place that knows every room.
struct RunAssembly {
    let configuration: HostConfiguration
    let identity: String
    let base: String
    /// What it would be with another version of the kernel, as far as that was told by the same words.
    var formerIdentity: @Sendable (UInt32) -> String = { _ in "" }
    /// Where the configuration stands, and its text with secrets masked: kept with each run.
    var file = ""
    var text = ""
    /// Whether processes that it starts are written down, for the next host of the folder: by who
    /// owns the folder alone.
    var keepsRecords = false
    let digest = OpenSSLDigest()
    let clock = HostClock()
    let doorbell = Doorbell()
    let queue = CompletionQueue(name: "sessions")
    let nursery = ProcessNursery()

    var speed: Double? { configuration.feeds.first?.speed }
    var root: String { path(configuration.folder) }

    /// How the paper exchange fills, and what it takes.
    var paper: PaperExchange.Settings {
        configuration.brokers.first?.exchange ?? .init(feeMicroBasisPoints: 0)
    }

    // MARK: Sources

    /// Sources in the order of the configuration: strategies, then rules.
    var sources: [SourcePlan] {
        let isPaced = speed != nil
        return configuration.strategies.map { setting in
            switch setting.kind {
            case .builtIn, .scanner:
                SourcePlan(
                    name: setting.name, kind: .builtIn, weight: setting.weight,
                    priority: setting.priority)
            case .server(let server):
                Self.source(
                    SourcePlan(
                        name: setting.name, kind: .server, weight: setting.weight,
                        priority: setting.priority,
                        deadline: isPaced ? server.deadline : nil,
                        deadlines: isPaced ? server.deadlines : nil), setting.shardPlan)
            }
        }
            + configuration.rules.map {
                SourcePlan(name: $0.name, kind: .rule, weight: $0.weight, priority: $0.priority)
            }
    }

    private static func source(_ plan: SourcePlan, _ shards: ShardPlan?) -> SourcePlan {
        var plan = plan
        plan.shards = shards
        return plan
    }

    private func account(_ name: String) -> AccountID {
        AccountID(configuration.accounts.firstIndex { $0.name == name } ?? 0)
    }

    // MARK: Plans

    func marketPlan(_ descriptions: [Int: ServerDescription]) -> MarketPlan {
        var intervals = Set(configuration.candles + configuration.bars)
        var timers: Set<Interval> = []
        var unfinished: Set<Interval> = []
        func add(_ input: Attachment.Input?) {
            if case .candles(let interval) = input { intervals.insert(interval) }
        }
        for strategy in configuration.strategies { add(strategy.input) }
        for rule in configuration.rules { add(rule.input) }
        for change in configuration.changes {
            for piece in change.text.pieces {
                add(piece.fields.first { $0.key == "on" }.flatMap { Formats.parseInput($0.text) })
            }
        }
        for description in descriptions.values {
            for input in description.inputs {
                switch input.kind {
                case .candles(let interval, let isUnfinishedToo):
                    intervals.insert(interval)
                    if isUnfinishedToo { unfinished.insert(interval) }
                case .timers(let interval): timers.insert(interval)
                case .ticks, .quotes: break
                }
            }
        }
        return MarketPlan(
            zones: zones, intervals: Array(intervals), timers: Array(timers),
            unfinished: Array(unfinished), hours: configuration.hours)
    }

    private var zones: [ZoneOffsets] {
        var known: [String: ZoneOffsets] = [:]
        return configuration.instruments.map { instrument in
            if let zone = known[instrument.timeZone] { return zone }
            let zone = Zones.offsets(of: instrument.timeZone) ?? .utc
            known[instrument.timeZone] = zone
            return zone
        }
    }

    func kernelPlan(_ descriptions: [Int: ServerDescription], _ market: MarketPlan) -> KernelPlan {
        var attachments: [Attachment] = []
        for (index, setting) in configuration.strategies.enumerated() {
            if case .builtIn = setting.kind {
                attachments += self.attachments(of: setting, SourceID(index))
                continue
            }
            var made = setting.symbols.map {
                attachment(setting, SourceID(index), $0, descriptions[index])
            }
            if case .scanner(let scanner) = setting.kind { give(scanner, to: &made, market) }
            attachments += made
        }
        for (index, rule) in configuration.rules.enumerated() {
            let source = SourceID(configuration.strategies.count + index)
            attachments += self.attachments(of: rule, source, market)
        }
        var plan = KernelPlan(
            instruments: configuration.instruments, zones: market.zones,
            accounts: configuration.accounts.map { setting in
                AccountPlan(
                    name: setting.name, currency: setting.currency, cash: setting.cash,
                    zone: Zones.offsets(of: setting.timeZone) ?? .utc)
            }, sources: sources, attachments: attachments, arbiter: configuration.arbiter,
            risk: configuration.risk.limits, feeMicroBasisPoints: paper.feeMicroBasisPoints)
        plan.hours = configuration.hours
        plan.take(configuration.risk)
        plan.exits = configuration.exits.settings(sources.map(\.name))
        return plan
    }

    /// Of a rule, one for each of its instruments.
    func attachments(
        of rule: RuleSetting, _ source: SourceID, _ market: MarketPlan
    ) -> [Attachment] {
        let recipe = configuration.piece(rule).recipe
        return rule.symbols.map { instrument in
            var attachment = Attachment(
                source: source, account: account(rule.account), instrument: instrument,
                input: rule.input, quantity: rule.quantity,
                strategy: RuleStrategy(
                    rule.condition, action: rule.action,
                    confidence: rule.confidence, every: rule.every, coolDown: rule.coolDown,
                    zone: market.zones[Int(instrument.index)],
                    hours: configuration.hours[Int(instrument.index)]))
            attachment.recipe = recipe
            return attachment
        }
    }

    /// Of a built-in strategy, one for each of its instruments.
    func attachments(of setting: StrategySetting, _ source: SourceID) -> [Attachment] {
        let recipe = configuration.piece(setting)?.recipe ?? ""
        return setting.symbols.map {
            var attachment = attachment(setting, source, $0, nil)
            attachment.recipe = recipe
            return attachment
        }
    }

    /// Parts what was found by instrument, once for all of them.
    private func give(
        _ scanner: ScannerSetting, to attachments: inout [Attachment], _ market: MarketPlan
    ) {
        let found = Dictionary(grouping: scanner.list?.candidates ?? [], by: \.instrument)
        for index in attachments.indices {
            let instrument = attachments[index].instrument
            let at = Int(instrument.index)
            attachments[index].strategy = CandidateScanner(
                found[instrument] ?? [], scanner.terms, hours: configuration.hours[at],
                zone: market.zones[at])
        }
    }

    private func attachment(
        _ setting: StrategySetting, _ source: SourceID, _ instrument: InstrumentID,
        _ description: ServerDescription?
    ) -> Attachment {
        var strategy: (any Strategy)?
        var input = setting.input ?? .ticks
        switch setting.kind {
        case .builtIn(let builtIn): strategy = try? builtIn.make(parameters: setting.parameters)
        case .scanner: break  // by what was found, which is parted once for all of its symbols
        case .server:
            // What "until the next candle" means for it: its shortest candles.
            let intervals = description?.inputs.compactMap { input -> Interval? in
                if case .candles(let interval, _) = input.kind { return interval }
                return nil
            }
            if let shortest = intervals?.min() { input = .candles(shortest) }
        }
        return Attachment(
            source: source, account: account(setting.account), instrument: instrument, input: input,
            quantity: setting.quantity, addsToPosition: setting.addsToPosition, strategy: strategy)
    }
}

extension RunAssembly {
    /// A path of the configuration, counted from its folder.
    func path(_ written: String) -> String {
        let whole = written.hasPrefix("/") ? written : base + "/" + written
        return URL(fileURLWithPath: whole).standardizedFileURL.path
    }
}
