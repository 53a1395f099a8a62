import Host
import Kernel
import Platform
import Ports
import Rules
import Strategies
import StrategyServers
import TradingModel

extension ConfigurationLoader {
    mutating func readStrategies(_ root: Section) {
        let kinds = BuiltInStrategy.all.map(\.name) + ["scanner", "server"]
        for section in root.sections("strategies") {
            let name = section.required("name", Formats.name) ?? ""
            checkFree(name, section)
            if let server = runningServers.first(where: { $0.name == name }) {
                readSymbols(section, of: server)
                continue
            }
            guard
                let kind = section.required(
                    "kind", .choice("a kind of strategy", kinds.map { ($0, $0) }))
            else {
                section.leave()
                continue
            }
            let parameters = Dictionary(
                section.scalars("parameters").map { ($0.key, $0.value.text) },
                uniquingKeysWith: { $1 })
            var setting = StrategySetting(
                name: name, account: account(section), symbols: symbols(section), input: nil,
                quantity: section.value(
                    "quantity", Formats.quantity, default: Quantity(units: fixedPointScale)),
                addsToPosition: section.value("adds_to_position", .bool, default: false),
                weight: section.value(
                    "weight", Formats.share(0...1_000_000_000, "0 to 1000"), default: 1_000_000),
                priority: section.value("priority", .int(in: 1...1_000), default: 100),
                parameters: parameters, kind: .server(ServerSetting()))
            if kind == "server" {
                var server = server(section, name: name)
                server.shards = shards(section, of: setting, server)
                setting.kind = .server(server)
                setting.expectResults = section.optional(
                    "expect_results", .duration(in: Patience.data)
                ).map(Nanoseconds.init)
                setting.candidate = candidate(section, of: setting)
                setting.standby = standby(section, of: setting)
            } else if kind == "scanner" {
                setting.input = section.required("on", Formats.input)
                if !parameters.isEmpty {
                    section.report(
                        "parameters", "a scanner has none",
                        advice: "minimum, scale and its other keys stand beside kind")
                }
                guard let scanner = scanner(section, setting.symbols) else { continue }
                setting.kind = .scanner(scanner)
            } else if let strategy = builtIn(kind, section, &setting) {
                setting.kind = .builtIn(strategy)
            } else {
                continue
            }
            add(setting)
        }
    }

    /// Other symbols for a server of a run in hand.
    private mutating func readSymbols(_ section: Section, of server: StrategySetting) {
        var setting = server
        let known = ["name", "kind", "symbols"]
        if section.has("kind") {
            _ = section.required("kind", .choice("what it is", [("server", "server")]))
        }
        for key in section.keys where !known.contains(key) {
            section.report(
                key, "of a strategy server that runs, other symbols alone are taken",
                advice: "leave it out, or begin a run with it")
        }
        section.leave()
        guard section.has("symbols") else {
            return section.report(
                "symbols", "is missing", advice: "name the symbols that the server is to have")
        }
        setting.symbols = symbols(section)
        if setting.symbols.isEmpty {
            section.report(
                "symbols", "a strategy server needs one at least",
                advice: "name one, or begin a run without the server")
        }
        add(setting)
    }

    private func builtIn(
        _ kind: String, _ section: Section, _ setting: inout StrategySetting
    ) -> BuiltInStrategy? {
        setting.input = section.required("on", Formats.input)
        do {
            let strategy = try BuiltInStrategy.named(kind)
            _ = try strategy.make(parameters: setting.parameters)
            return strategy
        } catch {
            section.report("parameters", "\(error)")
            return nil
        }
    }

    private func candidate(_ strategy: Section, of setting: StrategySetting) -> CandidateSetting? {
        guard let section = strategy.section("candidate") else { return nil }
        let given = section.scalars("parameters").map { ($0.key, $0.value.text) }
        var plan = VersionPlan(live: .main, other: .shadow)
        let isCanary = section.value(
            "role", .choice("a role", [("shadow", false), ("canary", true)]), default: false)
        let share = section.optional("share", Formats.canaryShare)
        switch (isCanary, share) {
        case (true, let share?): plan.other = .canary(share: share)
        case (true, nil):
            section.report(
                "role", "a canary needs its share of the instruments",
                advice: "for example share: 10%")
        case (false, .some):
            section.report(
                "share", "a shadow is heard nowhere", advice: "say role: canary, or leave it out")
        case (false, nil): break
        }
        let symbols = setting.symbols.map { configuration.instruments[Int($0.index)].symbol }
        if let advice = CanaryShare.emptiness(plan, of: setting.name, symbols) {
            section.report("share", "no instrument falls into it", advice: advice)
        }
        let name = setting.name + " candidate"
        checkFree(name, section)
        return CandidateSetting(
            server: server(section, name: name, isCandidate: true),
            parameters: section.has("parameters")
                ? Dictionary(given, uniquingKeysWith: { $1 }) : setting.parameters, plan: plan)
    }

    /// - Parameter isCandidate: It is one beside the strategy's own, and late by that one's clock.
    func server(
        _ section: Section, name: String, isCandidate: Bool = false
    ) -> ServerSetting {
        var setting = ServerSetting()
        setting.address = section.value(
            "address", addressFormat, default: "unix:\(configuration.folder)/\(name).sock")
        setting.launch = section.list("launch", of: .string, default: [])
        setting.folder = section.value("folder", .string, default: ".")
        for (key, value) in section.scalars("environment") { setting.environment[key] = value.text }
        readLimits(section, &setting)
        // A strategy's servers are late by one clock.
        if !isCandidate {
            setting.deadline = Nanoseconds(
                section.value(
                    "deadline", .duration(in: 1_000_000...3_600_000_000_000), default: 200_000_000))
            setting.deadlines = deadlines(section)
        }
        setting.overflow = section.value(
            "overflow", .choice("a policy", of: OverflowPolicy.self), default: .dropOldest)
        setting.queue = section.value(
            "queue", .int(in: 16...1_000_000), default: RingFeed.capacity)
        setting.credit = section.optional("credit", .int(in: 1...1_000_000))
        setting.resultsPerEvent = section.value(
            "results_per_event", .int(in: 1...10_000), default: 64)
        setting.resultsPerSecond = section.value(
            "results_per_second", .int(in: 0...1_000_000),
            default: SessionLimits().resultsPerSecond)
        setting.startWithin = section.value(
            "start_within", .duration(in: 1_000_000_000...600_000_000_000), default: 30_000_000_000)
        setting.life = life(section)
        setting.token = section.optional("token", .secret)
        if let tls = section.section("tls") {
            setting.tlsRoots = tls.required("ca", .string)
            setting.tlsCertificate = tls.optional("certificate", .string)
            setting.tlsKey = tls.optional("key", .string)
            setting.serverName = tls.optional("server_name", .string)
            if (setting.tlsCertificate == nil) != (setting.tlsKey == nil) {
                tls.report(nil, "certificate and key go together", advice: "give both, or neither")
            }
        }
        return setting
    }

    private func deadlines(_ strategy: Section) -> ClassDeadlines? {
        guard let section = strategy.section("deadlines") else { return nil }
        let span = ValueFormat<Int64>.duration(in: 1_000_000...3_600_000_000_000)
        return ClassDeadlines(
            ticks: section.optional("ticks", span).map(Nanoseconds.init),
            candles: section.optional("candles", span).map(Nanoseconds.init),
            timers: section.optional("timers", span).map(Nanoseconds.init),
            fills: section.optional("fills", span).map(Nanoseconds.init))
    }

    /// Defaults are those of the policy itself.
    private func life(_ section: Section) -> LifePolicy {
        var life = LifePolicy()
        if let restart = section.section("restart") {
            life.restart.first = restart.value(
                "first", .duration(in: 1_000_000...60_000_000_000), default: life.restart.first)
            life.restart.longest = restart.value(
                "longest", .duration(in: 1_000_000...3_600_000_000_000),
                default: life.restart.longest)
            if life.restart.longest < life.restart.first {
                restart.report(
                    "longest", "is shorter than 'first'", advice: "give a longer one, or neither")
            }
        }
        if let circuit = section.section("circuit") {
            life.circuit.failures = circuit.value(
                "failures", .int(in: 1...1_000), default: life.circuit.failures)
            life.circuit.probe = circuit.value(
                "probe", .duration(in: 10_000_000...3_600_000_000_000), default: life.circuit.probe)
            life.circuit.hung = circuit.value(
                "hung", .duration(in: 10_000_000...3_600_000_000_000), default: life.circuit.hung)
        }
        if let quarantine = section.section("quarantine") {
            life.quarantine.breaks = quarantine.value(
                "breaks", .int(in: 1...10_000), default: life.quarantine.breaks)
            life.quarantine.violations = quarantine.value(
                "violations", .int(in: 1...10_000), default: life.quarantine.violations)
            life.quarantine.within = quarantine.value(
                "within", .duration(in: 1_000_000_000...86_400_000_000_000),
                default: life.quarantine.within)
        }
        return life
    }

    /// What its process may use. A server that somebody else starts is theirs to hold.
    private func readLimits(_ section: Section, _ setting: inout ServerSetting) {
        setting.memory = section.optional("memory", .size(in: 16 << 20...1 << 50))
        setting.nice = section.optional("nice", .int(in: 0...19)).map { Int32($0) }
        setting.cpus = section.optional("cpus", Formats.cpus)
        let given = [
            ("memory", setting.memory != nil), ("nice", setting.nice != nil),
            ("cpus", setting.cpus != nil),
        ]
        for (key, isGiven) in given where isGiven && setting.launch.isEmpty {
            section.report(
                key, "the host holds only what it starts itself",
                advice: "give launch, the command that starts it, or leave \(key) out")
        }
    }

    var addressFormat: ValueFormat<String> {
        .parsed("'unix:PATH' or 'HOST:PORT'") { ServerAddress($0) == nil ? nil : $0 }
    }

    // MARK: Rules

    mutating func readRules(_ root: Section) {
        for section in root.sections("rules") {
            let name = section.required("name", Formats.name) ?? ""
            checkFree(name, section)
            let text = section.required("when", .string)
            let action = section.value(
                "then", .choice("an action", [("alert", .alert), ("buy", .buy), ("sell", .sell)]),
                default: Action.alert)
            let input = section.required("on", Formats.input)
            let every = section.value(
                "every", .choice("a way to repeat", of: RuleRepeat.self), default: .crossing)
            let coolDown = section.value("cool_down", .duration(), default: 0)
            let millionths = section.value(
                "confidence", Formats.share(0...1_000_000, "0 to 1"), default: 1_000_000)
            let quantity = section.value(
                "quantity", Formats.quantity, default: Quantity(units: fixedPointScale))
            let weight = section.value(
                "weight", Formats.share(0...1_000_000_000, "0 to 1000"), default: 1_000_000)
            let priority = section.value("priority", .int(in: 1...1_000), default: 100)
            let account = account(section)
            let symbols = symbols(section)
            let channels = channels(section, of: action == .alert)
            guard let text, let input, let condition = compile(text, section) else { continue }
            add(
                RuleSetting(
                    name: name, condition: condition, action: action, account: account,
                    symbols: symbols,
                    input: input, quantity: quantity, weight: weight, priority: priority,
                    confidence: Confidence(millionths: millionths) ?? .full, every: every,
                    coolDown: Nanoseconds(coolDown), channels: channels))
        }
    }

    private func compile(_ text: String, _ section: Section) -> CompiledRule? {
        do {
            return try Rule.compile(text)
        } catch {
            section.report(
                "when", "column \(error.column): \(error.what)", advice: error.hint ?? "")
            return nil
        }
    }

    // MARK: What both have

    func checkFree(_ name: String, _ section: Section) {
        let taken =
            configuration.strategies.map(\.name) + configuration.rules.map(\.name)
            + configuration.strategies.filter { $0.candidate != nil }.map { $0.name + " candidate" }
            + configuration.strategies.flatMap { $0.shardNames + $0.standbyNames }
        if taken.contains(name) {
            section.report(
                "name", "'\(name)' is taken", advice: "strategies and rules need names of their own"
            )
        }
    }

    private func account(_ section: Section) -> String {
        let known = configuration.accounts.map(\.name)
        guard let first = known.first else { return "" }
        let name = section.value("account", .string, default: first)
        if !known.contains(name) {
            section.reportUnknown("account", name, "an account", allowed: known)
        }
        return name
    }

    private func symbols(_ section: Section) -> [InstrumentID] {
        let names = section.list("symbols", of: .string(limit: 32), default: ["all"])
        if names == ["all"] { return configuration.instruments.map(\.id) }
        var ids: [InstrumentID] = []
        for name in names {
            if let found = configuration.instruments.first(where: { $0.symbol == name }) {
                if !ids.contains(found.id) { ids.append(found.id) }
            } else {
                section.reportUnknown(
                    "symbols", name, "a symbol of 'instruments'",
                    allowed: configuration.instruments.map(\.symbol))
            }
        }
        return ids.sorted()
    }
}

extension ServerSetting {
    init() {
        self.init(
            address: "", launch: [], folder: ".", environment: [:], token: nil, tlsRoots: nil,
            tlsCertificate: nil, tlsKey: nil, serverName: nil, deadline: .milliseconds(200),
            overflow: .dropOldest, queue: RingFeed.capacity, credit: nil,
            resultsPerEvent: 64, resultsPerSecond: SessionLimits().resultsPerSecond,
            startWithin: 30_000_000_000, memory: nil, nice: nil, cpus: nil)
    }
}
