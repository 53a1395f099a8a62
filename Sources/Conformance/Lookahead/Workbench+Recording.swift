package import Ports
import StrategyWire
import TradingModel

extension Workbench {
    /// Who the server is and what it wants to hear, as a run would take it.
    ///
    /// - Throws: ``Unreachable``: Describe cannot be used.
    package func served() async throws -> ServerDescription {
        let described: PBDescribeResponse
        do {
            described = try await description()
        } catch let obstacle as Obstacle {
            throw Unreachable("sent \(obstacle.sent); came \(obstacle.came)", program)
        }
        return ServerDescription(
            name: described.name, version: described.version, instanceID: described.instanceID,
            modelName: described.model?.name ?? "", modelVersion: described.model?.version ?? "",
            modelHash: described.model?.hash_ ?? "", sdk: described.sdk,
            inputs: described.inputs.compactMap(ServerInput.init),
            readsAccount: described.readsAccount,
            independentInstruments: described.independentInstruments,
            largestBatch: Int(described.largestBatch),
            parameterHash: hash(of: settings.parameters, described),
            followsInstruments: described.followsInstruments)
    }
}

extension ServerInput {
    /// - Returns: `nil` for an input that no market stage can make.
    fileprivate init?(_ input: PBInput) {
        let interval = Interval(seconds: input.intervalNs / Material.second)
        let warmUp = Int(input.warmUp)
        switch (input.kind, interval) {
        case (.ticks, _): self.init(.ticks, warmUp: warmUp)
        case (.quotes, _): self.init(.quotes, warmUp: warmUp)
        case (.candles, let interval?):
            self.init(.candles(interval, unfinished: false), warmUp: warmUp)
        case (.timers, let interval?): self.init(.timers(interval), warmUp: warmUp)
        default: return nil
        }
    }
}
