import Ports

extension StrategySetting {
    /// The candidate that a deployment asks for: a server with what the configured one has, or else the strategy's own.
    ///
    /// - Parameter folder: Of the configuration's store.
    /// - Returns: `nil` where it was deployed for the strategy as it was configured before, or there is no server.
    func candidate(
        _ deployed: VersionFile.Deployment, folder: String
    ) -> CandidateSetting? {
        guard case .server(let main) = kind, main.shards.isEmpty, standby == nil,
            deployed.base == base
        else {
            return nil
        }
        var setting = CandidateSetting(
            server: candidate?.server ?? main, parameters: candidate?.parameters ?? parameters,
            plan: candidate?.plan ?? VersionPlan(live: .main, other: .none), order: deployed.number)
        if let address = deployed.address {
            setting.server.address = address
            setting.server.launch = []
        } else {
            if !deployed.launch.isEmpty { setting.server.launch = deployed.launch }
            // Beside the one that it takes the place of.
            if !setting.server.launch.isEmpty {
                setting.server.address = "unix:\(folder)/\(setting.name(of: name)).sock"
            }
        }
        setting.parameters.merge(deployed.parameters) { $1 }
        return setting
    }

    /// What it is a deployment for: the strategy's own server and its candidate, as configured.
    var base: String {
        guard case .server(let main) = kind else { return "" }
        let own = CandidateSetting(
            server: main, parameters: parameters, plan: VersionPlan(live: .main, other: .none))
        return ([own] + (candidate.map { [$0] } ?? [])).map(VersionFile.candidate)
            .joined(separator: "\n\n")
    }
}
