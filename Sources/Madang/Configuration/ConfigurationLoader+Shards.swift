import Platform

/// Strategies with several servers, each with instruments of its own.
extension ConfigurationLoader {
    /// - Returns: Where they serve; empty where there is one.
    func shards(
        _ section: Section, of setting: StrategySetting, _ server: ServerSetting
    ) -> [String] {
        let count = section.optional("shards", .int(in: 1...64))
        let addresses = section.has("addresses") ? section.list("addresses", of: addressFormat) : []
        // Then it is told already.
        guard let addresses else { return [] }
        let isLaunched = !server.launch.isEmpty
        if section.has("addresses"), isLaunched {
            section.report(
                "addresses", "the host starts these servers, and gives each a socket",
                advice: "leave it out and say how many: shards: \(max(2, addresses.count))")
            return []
        }
        if !isLaunched, addresses.isEmpty, (count ?? 1) > 1 {
            section.report(
                "shards", "it is not known where they serve",
                advice: "list their addresses, one a server; or give launch, the command that"
                    + " starts each of them")
            return []
        }
        if let count, !addresses.isEmpty, count != addresses.count {
            section.report(
                "shards", "\(count) is not the number of addresses, \(addresses.count)",
                advice: "leave it out, or list as many")
            return []
        }
        let number = isLaunched ? count ?? 1 : addresses.count
        guard number > 1 || !addresses.isEmpty else { return [] }
        guard isFit(section, setting, number, addresses) else { return [] }
        // Socket, process and quarantine go by these.
        for shard in 0..<number {
            checkFree(StrategySetting.name(of: setting.name, shard: shard), section)
        }
        return isLaunched
            ? (0..<number).map {
                "unix:\(configuration.folder)/"
                    + "\(StrategySetting.name(of: setting.name, shard: $0)).sock"
            } : addresses
    }

    private func isFit(
        _ section: Section, _ setting: StrategySetting, _ number: Int, _ addresses: [String]
    ) -> Bool {
        let key = section.has("shards") ? "shards" : "addresses"
        if section.has("address") {
            section.report(
                "address", "it is one server's, and there are \(number)",
                advice: addresses.isEmpty ? "leave it out" : "leave it out, or addresses")
            return false
        }
        if section.has("candidate") {
            section.report(
                "candidate", "a strategy with several servers has one version",
                advice: "leave candidate out, or \(key)")
            return false
        }
        if Set(addresses).count < addresses.count {
            section.report(
                "addresses", "one of them is there twice",
                advice: "each server has instruments of its own: list each once")
            return false
        }
        guard number <= setting.symbols.count else {
            section.report(
                key, "\(number) servers for \(setting.symbols.count) instruments",
                advice: "each needs one of its own: at most \(setting.symbols.count)")
            return false
        }
        return true
    }
}
