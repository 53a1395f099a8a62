import Platform

/// Strategies with a second server that takes over from the first.
extension ConfigurationLoader {
    /// - Returns: `nil` where there is none; where each shard has one, their addresses are its `shards`.
    func standby(_ strategy: Section, of setting: StrategySetting) -> ServerSetting? {
        guard let section = strategy.section("standby") else { return nil }
        guard case .server(let main) = setting.kind else { return nil }
        if setting.candidate != nil {
            strategy.report(
                "candidate", "a strategy with a standby has one version",
                advice: "leave candidate out, or standby")
        }
        let isParted = !main.shards.isEmpty
        let names = isParted ? setting.shardNames : [setting.name]
        let standbys = names.map(StrategySetting.standbyName)
        // Socket, process and quarantine go by these.
        for name in standbys { checkFree(name, strategy) }
        var server = server(
            section, name: StrategySetting.standbyName(of: setting.name), isCandidate: true)
        server.deadline = main.deadline
        server.deadlines = main.deadlines
        // What decides which results are heard holds for both, where the section does not say otherwise.
        if !section.has("overflow") { server.overflow = main.overflow }
        if !section.has("queue") { server.queue = main.queue }
        if !section.has("results_per_event") { server.resultsPerEvent = main.resultsPerEvent }
        if !section.has("results_per_second") { server.resultsPerSecond = main.resultsPerSecond }
        if isParted {
            server.shards = addresses(section, of: standbys, server)
        } else if section.has("addresses") {
            section.report(
                "addresses", "its strategy has one server, and needs one standby",
                advice: "give address, or part the strategy: shards")
        }
        let others = isParted ? main.shards : [main.address]
        let own = isParted ? server.shards : [server.address]
        if let twice = own.first(where: others.contains) {
            section.report(
                isParted ? "addresses" : "address",
                "'\(twice)' is the address of the server that it stands by for",
                advice: "a standby is a process of its own: give it another one")
        }
        return server
    }

    /// Where the standbys of shards serve, in the order of the shards.
    private func addresses(
        _ section: Section, of standbys: [String], _ server: ServerSetting
    ) -> [String] {
        if section.has("address") {
            section.report(
                "address", "its strategy has \(standbys.count) servers, and each needs a standby",
                advice: "list their addresses: addresses; or give launch")
            return []
        }
        guard server.launch.isEmpty else {
            if section.has("addresses") {
                section.report(
                    "addresses", "the host starts these servers, and gives each a socket",
                    advice: "leave it out, or launch")
            }
            return standbys.map { "unix:\(configuration.folder)/\($0).sock" }
        }
        guard let addresses = section.list("addresses", of: addressFormat) else { return [] }
        if addresses.count != standbys.count || Set(addresses).count < addresses.count {
            section.report(
                "addresses", "there are \(standbys.count) servers, and each needs a standby",
                advice: "list \(standbys.count) addresses, each once, in the order of the shards")
            return []
        }
        return addresses
    }
}
