import Host
import Platform
import Ports
import TradingModel

/// Every strategy server: launched or reached, asked who it is, and ended again.
struct ServerCheck: DoctorCheck {
    let name = "servers"
    let code = ExitCode.server
    /// A server may take its time to start; each has its own limit within this.
    let timeout = Duration.seconds(90)
    /// An answer after this makes every start of the host slow.
    static let slow: Int64 = 10_000_000_000

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        guard let configuration = environment.configuration else {
            return [.skipped("not looked at without a good configuration")]
        }
        let servers = configuration.strategies.indices.filter {
            if case .server = configuration.strategies[$0].kind { true } else { false }
        }
        guard !servers.isEmpty else { return [.skipped("no strategy server is configured")] }
        return await withTaskGroup(of: (Int, [Finding]).self) { group in
            for index in servers {
                group.addTask { (index, await ask(index, configuration, environment)) }
            }
            var found: [Int: [Finding]] = [:]
            for await (index, findings) in group { found[index] = findings }
            return quarantined(environment) + servers.flatMap { found[$0] ?? [] }
        }
    }

    /// A run leaves them alone; they are asked here all the same, for somebody wants to know.
    private func quarantined(_ environment: DoctorEnvironment) -> [Finding] {
        do {
            return try environment.quarantined(environment.folder).filter { !$0.isReleased }.map {
                .warning(
                    "\($0.name) is in quarantine since \(QuarantineWords.time($0.quarantine)):"
                        + " \(oneLine($0.quarantine.words))",
                    next: "mend it, then \(ServerQuarantine.release($0.name))")
            }
        } catch {
            return [.wrong("\(error)", else: "see the file", .store)]
        }
    }

    private func ask(
        _ index: Int, _ configuration: HostConfiguration, _ environment: DoctorEnvironment
    ) async -> [Finding] {
        let name = configuration.strategies[index].name
        do {
            let answer = try await environment.describe(index)
            let coverage = FeedCoverage(configuration: configuration)
            return [told(name, answer)] + standby(of: name, answer)
                + coverage.unheard(name, answer.description).map {
                    .warning($0, next: "give it a feed of that kind, or ask for another input")
                }
                + configuration.strategies[index].idleDeadlines(of: answer.description).map {
                    .warning($0, next: "leave it out of its deadlines, or ask for that input")
                }
        } catch {
            return [
                .wrong(
                    "\(error)", else: "start it by hand and look, or see its own log", .server)
            ]
        }
    }

    private func standby(of name: String, _ answer: DoctorEnvironment.ServerAnswer) -> [Finding] {
        guard let standby = answer.standby else { return [] }
        let own = StrategySetting.standbyName(of: name)
        guard let description = standby.description else {
            return [
                .wrong(
                    "nobody stands by for \(name): \(standby.trouble)",
                    else: "start it by hand and look, or see its own log", .server)
            ]
        }
        guard description.isSameBuild(as: answer.description) else {
            return [
                .wrong(
                    "\(own) is another server than \(name): \(VersionKeeper.words(description));"
                        + " \(VersionKeeper.words(answer.description))",
                    else: "start the same build behind both", .server)
            ]
        }
        return [told(own, .init(description: description, took: standby.took))]
    }

    private func told(_ name: String, _ answer: DoctorEnvironment.ServerAnswer) -> Finding {
        let server = answer.description
        let model = [server.modelName, server.modelVersion, server.modelHash]
            .filter { !$0.isEmpty }.joined(separator: "@")
        let version = server.version.isEmpty ? "without a version" : "version \(server.version)"
        let words =
            "\(name): \(server.name) \(version)"
            + (model.isEmpty ? "" : ", model \(NumberWords.model(model))")
            + (server.sdk.isEmpty ? "" : ", by \(server.sdk)")
            + ", hears \(inputs(server)), answered in \(NumberWords.span(Nanoseconds(answer.took)))"
        guard answer.took <= Self.slow else {
            return .warning(
                words, next: "every start waits as long: load less before the server listens")
        }
        return .good(words)
    }

    private func inputs(_ server: ServerDescription) -> String {
        let words = server.inputs.map { input in
            switch input.kind {
            case .ticks: "ticks"
            case .quotes: "quotes"
            case .candles(let interval, let unfinished):
                "candles:\(interval)" + (unfinished ? " as they grow" : "")
            case .timers(let interval): "timers:\(interval)"
            }
        }
        return (words + (server.readsAccount ? ["its account"] : [])).joined(separator: ", ")
    }
}
