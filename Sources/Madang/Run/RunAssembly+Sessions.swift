import Foundation
import GRPCTransport
import Host
import Kernel
import Platform
import Ports
import StrategyServers
import TradingModel

/// The sessions of a run with its strategy servers.
extension RunAssembly {
    struct ServerPart {
        let index: Int
        var slot = VersionSlot.main
        /// Which of the strategy's servers; its setting has the symbols of this one alone.
        var shard = 0
        /// Which of two servers that stand for each other.
        var seat = ServerSeat.main
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
            try refuseOthers(in: standing, of: setting)
            if let plan = setting.shardPlan {
                return try server.shards.indices.flatMap {
                    try withStandby(
                        part(index, shard: $0, plan, standing, keeper), standing, keeper)
                }
            }
            var parts = try withStandby(
                part(index, .main, setting.name, setting, server, standing, keeper), standing,
                keeper)
            let candidate = candidates.map { $0[setting.name] } ?? setting.candidate
            if let candidate {
                parts.append(try part(index, candidate, standing, keeper))
            }
            return parts
        }
    }

    /// A server, and behind it who stands by for it.
    private func withStandby(
        _ main: ServerPart, _ standing: [String: QuarantineFile.Entry], _ keeper: QuarantineKeeper?
    ) throws -> [ServerPart] {
        guard var server = main.setting.standby else { return [main] }
        if !server.shards.isEmpty { server.address = server.shards[main.shard] }
        let name = StrategySetting.standbyName(of: main.name)
        var standby = try part(
            main.index, .main, name, main.setting, server, standing, keeper)
        (standby.shard, standby.seat) = (main.shard, .standby)
        return [main, standby]
    }

    /// A quarantine is no less one because the strategy was parted since, or is one server again.
    private func refuseOthers(
        in standing: [String: QuarantineFile.Entry], of setting: StrategySetting
    ) throws(RunError) {
        let parts = setting.shardPlan == nil ? [setting.name] : setting.shardNames
        let stem = "\(setting.name) shard "
        let isOther = { (name: String) in
            let isShard = name.hasPrefix(stem) && name.dropFirst(stem.count).allSatisfy(\.isNumber)
            return (name == setting.name || isShard) && !parts.contains(name)
        }
        guard let name = standing.keys.sorted().first(where: isOther) else { return }
        throw RunError(
            .refused,
            "strategy server '\(name)' is in quarantine, and '\(setting.name)' has other servers than"
                + " then\n  give it those it had, or release it: "
                + ServerQuarantine.release(name))
    }

    private func part(
        _ index: Int, shard: Int, _ plan: ShardPlan,
        _ standing: [String: QuarantineFile.Entry], _ keeper: QuarantineKeeper?
    ) throws -> ServerPart {
        var own = configuration.strategies[index]
        guard case .server(var server) = own.kind else { preconditionFailure("no server") }
        server.address = server.shards[shard]
        own.symbols = own.symbols.filter { plan.shard(of: $0) == shard }
        let name = StrategySetting.name(of: own.name, shard: shard)
        var part = try part(index, .main, name, own, server, standing, keeper)
        part.shard = shard
        return part
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
        if case .server(let main) = setting.kind {
            server.deadline = main.deadline
            server.deadlines = main.deadlines
        }
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

    /// Which server of which strategy answers for which symbol, where there are several.
    var shards: RunFolder.Shards {
        var all: RunFolder.Shards = [:]
        for setting in configuration.strategies {
            guard let plan = setting.shardPlan else { continue }
            for instrument in setting.symbols {
                let symbol = configuration.instruments[Int(instrument.index)].symbol
                all[setting.name, default: [:]][symbol] = plan.shard(of: instrument)
            }
        }
        return all
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
            guard RunFolder.makeFolder(folder) else { throw RunError.noFolder(folder) }
        }
        var limits = speed == nil ? SessionLimits.lockstep : SessionLimits()
        limits.credit = server.credit ?? limits.credit
        limits.resultsPerEvent = server.resultsPerEvent
        limits.resultsPerSecond = server.resultsPerSecond
        limits.deadline = speed == nil ? nil : server.deadline
        limits.deadlines = speed == nil ? nil : server.deadlines
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
