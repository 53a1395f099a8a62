import Kernel
import Ports
import TradingModel

/// A strategy with several servers: what is told of it is of all of them, and of each.
extension RunState {
    /// - Parameters:
    ///   - index: Of the session; nothing happens where its strategy has one server.
    ///   - figures: Of its server, where they are known.
    func add(shard index: Int, _ figures: ServerFigures?, to summary: inout RunSummary) {
        let link = sessions[index]
        let source = Int(link.source.index)
        guard let shards = setup.plan.sources[source].shards else { return }
        let counts = projector.sessions[link.key] ?? .init()
        let symbols = setup.plan.instruments.filter { instrument in
            link.subscription.hears(instrument.id) && shards.shard(of: instrument.id) == link.shard
        }.map(\.symbol)
        let all = sessions.indices.filter { sessions[$0].source == link.source && !isSpare($0) }
        var latency = LatencyHistogram()
        for other in all { latency.add(latencies[other]) }
        let leftOut = all.reduce(0) {
            $0 + (projector.sessions[sessions[$1].key]?.leftOut ?? 0)
        }
        summary.sources[source].latency = latency.latency
        summary.sources[source].leftOut = leftOut > 0 ? leftOut : nil
        summary.sources[source].shards =
            (summary.sources[source].shards ?? []) + [
                RunSummary.Shard(
                    shard: link.shard, symbols: symbols,
                    results: projector.sessions[link.key.pair]?.results ?? 0,
                    failures: counts.failures, state: counts.state, leftOut: counts.leftOut,
                    latency: latencies[index].latency, server: figures)
            ]
    }
}
