package import Host
package import Ports
package import StrategyServers
package import TradingModel

/// A recording's ticks go from its rows into the columns that are sent.
extension ReplayFeed: ColumnFeed {
    package func pull(
        after position: EventPosition, limit: Int, into batch: inout EventBatch
    ) -> FeedPull {
        pull(after: position, limit: limit, to: &batch)
    }
}

extension EventBatch: EventSink {}
