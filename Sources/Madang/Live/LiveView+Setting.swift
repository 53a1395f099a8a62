import TradingModel

extension LiveView.Setting {
    init(_ assembly: RunAssembly) {
        let accounts = assembly.configuration.accounts
        let zone = accounts.first?.timeZone ?? "UTC"
        self.init(
            sources: assembly.sources.map {
                (name: $0.name, kind: "\($0.kind)" == "builtIn" ? "host" : "\($0.kind)")
            }
                + assembly.configuration.strategies.filter { $0.candidate != nil }.map {
                    (name: $0.name + " candidate", kind: "server")
                }
                + assembly.configuration.strategies.flatMap(\.standbyNames).map {
                    (name: $0, kind: "server")
                },
            speed: assembly.speed, zone: Zones.offsets(of: zone) ?? .utc,
            zoneName: Self.shortName(of: zone),
            currencies: Dictionary(accounts.map { ($0.name, $0.currency) }) { first, _ in first })
        for setting in assembly.configuration.strategies {
            for shard in 0..<(setting.shardPlan?.count ?? 0) {
                shards.append((setting.name, shard))
            }
        }
    }

    /// The place in an IANA name: `Seoul`, `New York`.
    private static func shortName(of zone: String) -> String {
        String(zone.split(separator: "/").last ?? "UTC").replacing("_", with: " ")
    }
}
