import Host
import Kernel
import Platform
import Ports
import TradingModel

/// What votes in a run: as it was configured, and as it was changed since. A value.
struct LineUp {
    let assembly: RunAssembly
    let market: MarketPlan
    /// What the run began with.
    let first: KernelPlan
    /// By strategy, as the run began: who its server is.
    private let descriptions: [Int: ServerDescription]
    /// Strategies and rules as they are now.
    private(set) var configuration: HostConfiguration
    /// Of the sources, by number: a name keeps its own, whatever comes and goes.
    private(set) var names: [String]
    private var kinds: [SourcePlan.Kind]
    private var numbers: [String: Int] = [:]
    private(set) var changes: [PlanChange] = []

    init(
        _ assembly: RunAssembly, _ market: MarketPlan, _ first: KernelPlan,
        _ descriptions: [Int: ServerDescription] = [:]
    ) {
        self.descriptions = descriptions
        self.assembly = assembly
        self.market = market
        self.first = first
        configuration = assembly.configuration
        names = first.sources.map(\.name)
        kinds = first.sources.map(\.kind)
        numbers = places(names)
    }

    /// What can be changed: in any way, or come and go.
    var pieces: [Piece] { configuration.pieces }
    /// What can have other symbols.
    var servers: [Piece] { configuration.serverPieces }

    /// Of its servers: what they asked to hear.
    var inputs: [SourceID: [ServerInput]] {
        Dictionary(
            descriptions.map { (SourceID($0), $1.inputs) }, uniquingKeysWith: { first, _ in first })
    }

    /// Of everything that can be changed, whatever the order in which it came.
    var hash: String {
        var texts = pieces.sorted { $0.name < $1.name }.map(\.text)
        // As a run began with them they are no part of any change.
        texts += zip(servers, assembly.configuration.serverPieces).filter { $0 != $1 }.map(\.0.text)
            .sorted()
        if configuration.risk != assembly.configuration.risk {
            texts.append(configuration.risk.written.text)
        }
        return hex(assembly.digest.sha256(Array(texts.joined(separator: "\n").utf8)))
    }

    // MARK: Changing

    /// The line-up behind a change, which is taken as a whole or not at all.
    ///
    /// - Parameter file: As errors name the text.
    /// - Throws: ``ConfigurationError``, and ``RunError`` for what does not go in this run.
    func behind(_ text: String, of file: String) throws -> LineUp {
        let pieces = try ConfigurationLoader.pieces(text, of: file, in: assembly.configuration)
        let other = pieces.configuration
        var next = self
        try next.remove(pieces.removed)
        try next.put(other.strategies)
        try next.put(other.rules)
        if let risk = pieces.risk { next.configuration.risk = risk }
        let words = words(to: next)
        guard !words.isEmpty else {
            throw RunError(.refused, "nothing changes: this is what the run has already")
        }
        var taken = PieceText(
            removed: pieces.removed, pieces: other.pieces + other.serverPieces)
        taken.risk = pieces.risk?.written
        next.changes.append(
            PlanChange(
                number: (changes.last?.number ?? 0) + 1, text: taken.text, hash: next.hash,
                words: words))
        return next
    }

    /// The line-up behind a change of the log.
    ///
    /// - Throws: ``RunFailure`` where it comes to something else than it did.
    func behind(_ change: PlanChange) throws -> LineUp {
        let advice = "go on with the host that wrote it, or begin again with --fresh"
        try refuseSecond(change)
        do {
            var next = try behind(change.text, of: "change \(change.number)")
            guard next.hash == change.hash else {
                throw RunFailure.log(
                    what: "change \(change.number) of the log comes to other strategies and rules"
                        + " with this host", advice: advice)
            }
            next.changes[next.changes.count - 1] = change
            return next
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure.log(
                what: "change \(change.number) of the log is not understood: \(error)",
                advice: advice)
        }
    }

    /// A change of a server's symbols, where it has a second server since: that one would not hear of it.
    private func refuseSecond(_ change: PlanChange) throws(RunFailure) {
        guard
            let pieces = try? ConfigurationLoader.pieces(
                change.text, of: "change \(change.number)", in: assembly.configuration)
        else { return }
        for setting in pieces.configuration.strategies where setting.isServer {
            guard let own = configuration.strategies.first(where: { $0.name == setting.name }),
                own.standby != nil || own.candidate != nil
            else { continue }
            let second = own.standby != nil ? "standby" : "candidate"
            throw RunFailure.log(
                what: "'\(setting.name)' has a \(second) now, and its symbols were changed in this"
                    + " run",
                advice: "take the \(second) out until the next run")
        }
    }

    private mutating func remove(_ gone: [String]) throws(RunError) {
        guard !gone.isEmpty else { return }
        let known = Set(pieces.map(\.name))
        if let stranger = gone.first(where: { !known.contains($0) }) { throw unknown(stranger) }
        let gone = Set(gone)
        configuration.strategies.removeAll { gone.contains($0.name) }
        configuration.rules.removeAll { gone.contains($0.name) }
    }

    private mutating func put(_ settings: [StrategySetting]) throws(RunError) {
        let known = places(configuration.strategies.map(\.name))
        for setting in settings {
            if setting.isServer, let index = known[setting.name],
                configuration.strategies[index].isServer
            {
                try checkServer(configuration.strategies[index])
                // In another order they are the same.
                if Set(configuration.strategies[index].symbols) != Set(setting.symbols) {
                    configuration.strategies[index].symbols = setting.symbols
                }
                continue
            }
            guard configuration.piece(setting) != nil, let input = setting.input else {
                throw RunError(
                    .refused,
                    "'\(setting.name)': strategy servers and scanners are as the run began with them"
                        + "\n  write it into the configuration, and begin a run with it")
            }
            try check(setting.name, .builtIn, input)
            if let index = known[setting.name] {
                configuration.strategies[index] = setting
            } else {
                configuration.strategies.append(setting)
            }
        }
    }

    /// Why a server keeps the symbols that it began with.
    private func checkServer(_ setting: StrategySetting) throws(RunError) {
        let name = "'\(setting.name)'"
        func refuse(_ why: String, _ advice: String) -> RunError {
            RunError(
                .refused,
                "\(name) keeps the symbols that the run began with: \(why)\n  \(advice)")
        }
        let anew = "write them into the configuration, and begin a run with them"
        if assembly.speed == nil {
            throw refuse(
                "in a run as fast as possible a server is fed from the first event, and could not say the"
                    + " same again", anew)
        }
        if setting.shardPlan != nil {
            throw refuse("they are parted among several servers", anew)
        }
        if setting.standby != nil { throw refuse("it has a standby", anew) }
        if setting.candidate != nil { throw refuse("it has a candidate", anew) }
        // Its place in the run; what was taken out has moved it in the configuration.
        guard let description = numbers[setting.name].flatMap({ descriptions[$0] }) else {
            throw refuse("who its server is is not known", anew)
        }
        if description.readsAccount {
            throw refuse("its server reads its account, and would need a new history", anew)
        }
        if !description.independentInstruments {
            throw refuse(
                "its server does not judge each instrument alone (independent_instruments)",
                "say so in its Describe where that is true, or \(anew)")
        }
        if !description.followsInstruments {
            throw refuse(
                "its server does not hear of symbols that join and leave (follows_instruments)",
                "start it with the SDK of this host, or \(anew)")
        }
        guard
            market.mostEvents(of: assembly.configuration.instruments.count)
                < EventPosition.firstChangeIndex
        else {
            throw refuse("too many candles may close at once to leave a change its place", anew)
        }
    }

    private mutating func put(_ rules: [RuleSetting]) throws(RunError) {
        let known = places(configuration.rules.map(\.name))
        for rule in rules {
            try check(rule.name, .rule, rule.input)
            if let index = known[rule.name] {
                configuration.rules[index] = rule
            } else {
                configuration.rules.append(rule)
            }
        }
    }

    private func places(_ names: [String]) -> [String: Int] {
        Dictionary(
            names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private mutating func check(
        _ name: String, _ kind: SourcePlan.Kind, _ input: Attachment.Input
    ) throws(RunError) {
        if let index = numbers[name] {
            guard kinds[index] == kind else {
                throw RunError(
                    .refused,
                    "'\(name)' is \(Self.words(kinds[index])) of this run, and stays one\n"
                        + "  give what comes another name")
            }
        } else {
            numbers[name] = names.count
            names.append(name)
            kinds.append(kind)
        }
        guard case .candles(let interval) = input, !market.intervals.contains(interval) else {
            return
        }
        let built = market.intervals.map { "candles:\($0)" }.joined(separator: ", ")
        throw RunError(
            .refused,
            "'\(name)': on: this run builds no candles:\(interval)\n  it builds "
                + (built.isEmpty ? "none" : built)
                + "; name the interval under run: candles, and begin a run with it")
    }

    private static func words(_ kind: SourcePlan.Kind) -> String {
        switch kind {
        case .builtIn: "a strategy of the host"
        case .rule: "a rule"
        case .server: "a strategy server"
        }
    }

    /// What this run does not have, with what is near it.
    func unknown(_ name: String) -> RunError {
        if let index = numbers[name] {
            return RunError(
                .refused,
                kinds[index] == .server
                    ? "'\(name)' is a strategy server: it stays as long as the run does"
                    : assembly.configuration.hasScanner(name)
                        ? "'\(name)' is as the run began with it: a scanner"
                        : "'\(name)' was taken out of this run already")
        }
        let known = pieces.map(\.name)
        let near = nearestName(to: name, in: known).map { "   did you mean '\($0)'?" } ?? ""
        return RunError(
            .refused,
            "'\(name)' is no strategy or rule of this run\n  it has: "
                + (known.isEmpty ? "none" : known.joined(separator: ", ")) + near)
    }

    /// What differs, a line for each name.
    private func words(to next: LineUp) -> [String] {
        let old = pieces + servers
        let new = next.pieces + next.servers
        let known = Dictionary(
            old.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let stays = Set(new.map(\.name))
        return old.filter { !stays.contains($0.name) }.map { "took out \($0.name): \($0.words)" }
            + new.compactMap { piece in
                guard let was = known[piece.name] else {
                    return "loaded \(piece.name): \(piece.words)" + next.warmUp(of: piece)
                }
                let differences = was.differences(to: piece)
                return differences.isEmpty
                    ? nil : "changed \(piece.name): \(differences.joined(separator: ", "))"
            }
            + configuration.risk.differences(to: next.configuration.risk).map { "risk: \($0)" }
    }

    /// What it must have heard before it may say anything.
    private func warmUp(of piece: Piece) -> String {
        let count: Int? =
            switch piece.kind {
            case .server: nil
            case .rule: configuration.rules.last { $0.name == piece.name }?.condition.mayHoldFrom
            case .strategy:
                configuration.strategies.last { $0.name == piece.name }.flatMap { setting in
                    guard case .builtIn(let strategy) = setting.kind else { return nil }
                    return try? strategy.warmUp(parameters: setting.parameters)
                }
            }
        guard let count, count > 0 else { return "" }
        return "; it needs \(count) events of each, those of this run before it included"
    }

    // MARK: The kernel's plan

    /// Sources keep their numbers; those that are gone stay, with nothing attached.
    var plan: KernelPlan {
        var plan = first
        let settings = Dictionary(
            configuration.strategies.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let rules = Dictionary(
            configuration.rules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let begun = Dictionary(grouping: first.attachments, by: \.source)
        var attachments: [Attachment] = []
        for (index, name) in names.enumerated() {
            let source = SourceID(index)
            var known = index < plan.sources.count ? plan.sources[index] : nil
            if let setting = settings[name] {
                guard configuration.piece(setting) != nil else {
                    attachments += moved(begun[source] ?? [], to: setting)
                    continue
                }
                known = SourcePlan(
                    name: name, kind: .builtIn, weight: setting.weight, priority: setting.priority)
                attachments += assembly.attachments(of: setting, source)
            } else if let rule = rules[name] {
                known = SourcePlan(
                    name: name, kind: .rule, weight: rule.weight, priority: rule.priority)
                attachments += assembly.attachments(of: rule, source, market)
            }
            guard let known else { continue }
            if index < plan.sources.count {
                plan.sources[index] = known
            } else {
                plan.sources.append(known)
            }
        }
        plan.attachments = attachments
        plan.take(configuration.risk)
        return plan
    }
}

extension LineUp {
    /// What a run began with, on the symbols of now; only a server's are ever others.
    private func moved(_ begun: [Attachment], to setting: StrategySetting) -> [Attachment] {
        guard setting.isServer, let any = begun.first,
            Set(begun.map(\.instrument)) != Set(setting.symbols)
        else { return begun }
        return setting.symbols.map { instrument in
            var attachment = any
            attachment.instrument = instrument
            return attachment
        }
    }
}

extension HostConfiguration {
    fileprivate func hasScanner(_ name: String) -> Bool {
        strategies.contains { setting in
            if case .scanner = setting.kind { setting.name == name } else { false }
        }
    }
}
