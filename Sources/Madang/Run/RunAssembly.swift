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
                SourcePlan(
                    name: setting.name, kind: .server, weight: setting.weight,
                    priority: setting.priority,
                    deadline: isPaced ? server.deadline : nil)
            }
        }
            + configuration.rules.map {
                SourcePlan(name: $0.name, kind: .rule, weight: $0.weight, priority: $0.priority)
            }
    }

    private func account(_ name: String) -> AccountID {
        AccountID(configuration.accounts.firstIndex { $0.name == name } ?? 0)
    }

    // MARK: Plans

    func marketPlan(_ descriptions: [Int: ServerDescription]) -> MarketPlan {
        var intervals = Set(configuration.candles)
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
                    zone: market.zones[Int(instrument.index)]))
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

    // MARK: Sessions

    struct ServerPart {
        let index: Int
        var slot = VersionSlot.main
        /// As people call it.
        let name: String
        let setting: StrategySetting
        let server: ServerSetting
        let session: StrategySession
        /// Number of the order that deployed it; 0: the configuration names it.
        var order = 0
        /// From an earlier start.
        var quarantine: ServerQuarantine?
    }

    /// - Parameters:
    ///   - keeper: Of quarantines; without one none is known, and none is kept.
    ///   - candidates: By strategy, those that are to run; `nil`: as configured.
    func serverParts(
        _ keeper: QuarantineKeeper? = nil, candidates: [String: CandidateSetting]? = nil
    ) throws -> [ServerPart] {
        let standing = speed == nil ? [:] : try keeper?.standing() ?? [:]
        return try configuration.strategies.enumerated().flatMap { index, setting in
            guard case .server(let server) = setting.kind else { return [ServerPart]() }
            var parts = [
                try part(index, .main, setting.name, setting, server, standing, keeper)
            ]
            let candidate = candidates.map { $0[setting.name] } ?? setting.candidate
            if let candidate {
                parts.append(try part(index, candidate, standing, keeper))
            }
            return parts
        }
    }

    /// A candidate of a strategy, as the configuration names it or as it was deployed.
    func part(
        _ index: Int, _ candidate: CandidateSetting,
        _ standing: [String: QuarantineFile.Entry] = [:], _ keeper: QuarantineKeeper?
    ) throws -> ServerPart {
        var other = configuration.strategies[index]
        other.parameters = candidate.parameters
        var part = try part(
            index, .candidate, candidate.name(of: other.name), other, candidate.server, standing,
            keeper)
        part.order = candidate.order
        return part
    }

    private func part(
        _ index: Int, _ slot: VersionSlot, _ name: String, _ setting: StrategySetting,
        _ server: ServerSetting, _ standing: [String: QuarantineFile.Entry],
        _ keeper: QuarantineKeeper?
    ) throws -> ServerPart {
        let known = try standing[name].map { try self.known($0, setting) }
        var server = server
        if case .server(let main) = setting.kind { server.deadline = main.deadline }
        let session = StrategySession(
            try sessionPlan(setting, server, name), on: queue, nursery: nursery, clock: clock,
            digest: digest, quarantine: known
        ) { why, description in
            await keeper?.keep(name, why, parameters: setting.parameters, description)
        }
        return ServerPart(
            index: index, slot: slot, name: name, setting: setting, server: server,
            session: session, quarantine: known?.quarantine)
    }

    /// Who it was then, as it is not asked now.
    private func known(_ entry: QuarantineFile.Entry, _ setting: StrategySetting) throws(RunError)
        -> KnownQuarantine
    {
        guard let description = entry.server.description, entry.parameters == setting.parameters
        else {
            throw RunError(
                .refused,
                "strategy server '\(entry.name)' is in quarantine, and its parameters are others"
                    + " than then\n  give it those it had, or release it: "
                    + ServerQuarantine.release(entry.name))
        }
        return KnownQuarantine(entry.quarantine, of: description)
    }

    private func sessionPlan(
        _ setting: StrategySetting, _ server: ServerSetting, _ name: String
    ) throws -> SessionPlan {
        guard let address = ServerAddress(server.address) else {
            throw RunError(.configuration, "'\(server.address)' is no address")
        }
        let target = address.target(in: base)
        if case .unix(let path) = target, !server.launch.isEmpty {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            guard RunFolder.makeFolder(folder) else {
                throw RunError(
                    .store, "\(folder): the folder for the server's socket cannot be made")
            }
        }
        var limits = speed == nil ? SessionLimits.lockstep : SessionLimits()
        limits.credit = server.credit ?? limits.credit
        limits.resultsPerEvent = server.resultsPerEvent
        limits.resultsPerSecond = server.resultsPerSecond
        limits.deadline = speed == nil ? nil : server.deadline
        limits.startWithin = server.startWithin
        limits.patience = configuration.patience
        return SessionPlan(
            name: name, session: "\(identity.prefix(12))/\(name)", target: target,
            security: try security(server),
            token: server.token.map { $0.withText { BearerToken($0) } },
            launch: server.launch.isEmpty ? nil : try launchPlan(name, server),
            mode: speed == nil ? .backtest : .replay, parameters: setting.parameters,
            account: setting.account,
            instruments: setting.symbols.map { configuration.instruments[Int($0.index)] },
            limits: limits, life: server.life)
    }

    private func launchPlan(_ name: String, _ server: ServerSetting) throws -> LaunchPlan {
        let setting = LaunchSetting(
            server, base: base, host: ProcessInfo.processInfo.environment)
        if let cpus = server.cpus { try check(cpus, of: name) }
        var plan = LaunchPlan(
            command: setting.command, folder: setting.folder, environment: setting.environment)
        plan.memory = server.memory
        plan.nice = server.nice
        plan.cpus = server.cpus
        if keepsRecords { plan.record = "\(records)/\(name)\(Leftovers.ending)" }
        return plan
    }

    /// Of the processes that this host has started.
    var records: String { root + "/servers" }

    private func check(_ cpus: CPUSet, of name: String) throws {
        let allowed = CPUSet.allowed()
        let missing = cpus.subtracting(allowed)
        guard !missing.numbers.isEmpty else { return }
        throw RunError(
            .configuration,
            "strategy '\(name)': cpus: \(missing) \(missing.numbers.count == 1 ? "is" : "are")"
                + " not among the processors that this host may use: \(allowed)"
                + "\n  name some of those, or leave cpus out")
    }

    private func security(_ server: ServerSetting) throws -> Security {
        guard let roots = server.tlsRoots else { return .insecure }
        func read(_ path: String) throws -> [UInt8] {
            let whole = path.hasPrefix("/") ? path : base + "/" + path
            guard let data = FileManager.default.contents(atPath: whole) else {
                throw RunError(.configuration, "\(whole): the certificate file cannot be read")
            }
            return [UInt8](data)
        }
        var identity: Security.Identity?
        if let certificate = server.tlsCertificate, let key = server.tlsKey {
            identity = Security.Identity(chain: try read(certificate), key: try read(key))
        }
        return .tls(
            Security.TLS(roots: try read(roots), identity: identity, serverName: server.serverName))
    }
}

/// Why a command failed, with its exit code.
struct RunError: Error, CustomStringConvertible {
    let code: ExitCode
    let description: String
    init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ failure: RunFailure) {
        let code: ExitCode =
            switch failure {
            case .feed: .feed
            case .store, .log: .store
            case .server: .server
            case .stopped: .stopped
            }
        self.init(code, "\(failure)")
    }
}

extension RunAssembly {
    /// A path of the configuration, counted from its folder.
    func path(_ written: String) -> String {
        let whole = written.hasPrefix("/") ? written : base + "/" + written
        return URL(fileURLWithPath: whole).standardizedFileURL.path
    }
}
