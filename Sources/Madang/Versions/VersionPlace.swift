import Platform
import Ports

extension VersionCommand {
    /// A strategy that is a server, its candidate, and the folder where versions are asked for.
    struct Place {
        let name: String
        let setting: StrategySetting
        /// What brought the candidate, where the configuration does not name it.
        let deployed: VersionFile.Deployment?
        let symbols: [String]
        let file: VersionFile
        private let folder: String

        init(_ command: CommandInvocation) throws {
            let name = command.arguments.first ?? ""
            let (_, loader, configuration) = try ConfigCommand.load(command)
            guard let setting = configuration.strategies.first(where: { $0.name == name }) else {
                let names = configuration.strategies.map { "'\($0.name)'" }
                throw RunError(
                    .refused,
                    "there is no strategy '\(name)'\n  there are: \(names.joined(separator: ", "))")
            }
            guard !setting.servers.isEmpty else {
                throw RunError(
                    .refused,
                    "'\(name)' is no strategy server: it has no versions\n  those that come with"
                        + " the host are the host's own code")
            }
            guard setting.shardPlan == nil else {
                throw RunError(
                    .refused,
                    "'\(name)' has several servers, and such a strategy has one version"
                        + "\n  give the new version a strategy of its own, or one server to each")
            }
            guard setting.standby == nil else {
                throw RunError(
                    .refused,
                    "'\(name)' has a standby, and such a strategy has one version"
                        + "\n  take the standby out of the configuration for as long as two versions"
                        + " are compared, or give the new version a strategy of its own")
            }
            self.name = name
            self.setting = setting
            folder = configuration.folder
            symbols = setting.symbols.map { configuration.instruments[Int($0.index)].symbol }
            file = VersionFile(folder: loader.path(configuration.folder))
            let entry = try file.entry(of: name)
            deployed = entry?.deployed.flatMap { $0.base == setting.base ? $0 : nil }
        }

        /// Who is to be promoted or rolled back; `nil`: there is one version.
        var candidate: CandidateSetting? { candidate(deployed) }

        func candidate(_ deployed: VersionFile.Deployment?) -> CandidateSetting? {
            deployed.map { setting.candidate($0, folder: folder) } ?? setting.candidate
        }

        var lonely: RunError {
            RunError(
                .refused,
                "'\(name)' has no candidate\n  bring one into the run: madang strategy deploy"
                    + " \(name) --launch CMD; or give it one in the configuration: candidate: {"
                    + " launch: [...], role: shadow }")
        }

        /// - Parameter standing: What was asked for before, under the file's lock.
        func refuseToReplace(_ standing: VersionFile.Entry?) throws(RunError) {
            let isStill = standing?.candidate == candidate.map(VersionFile.candidate)
            guard isStill, let plan = standing.flatMap({ VersionPlan($0.plan) }),
                plan.live == .candidate
            else { return }
            throw RunError(
                .refused,
                "'\(name)': its candidate is live, and another would take its place\n  roll back"
                    + " first, or make it the strategy's own server in the configuration")
        }
    }
}
