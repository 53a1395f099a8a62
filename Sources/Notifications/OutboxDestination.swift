package import Ports
import TradingModel

/// A channel as the outbox sees it.
package struct OutboxDestination: Sendable {
    package let name: String
    /// Destinations behind one bot share a lane.
    package let lane: Int
    package let limits: ChannelLimits
    package let texts: Texts
    /// Of where the configuration sends it; see ``origin(of:)``. Where it has moved to holds for that alone.
    package let origin: UInt64
    /// What is less grave is not routed here.
    package let level: Severity
    package init(
        name: String, lane: Int, limits: ChannelLimits, texts: Texts, origin: UInt64 = 0,
        from level: Severity = .info
    ) {
        self.name = name
        self.lane = lane
        self.limits = limits
        self.texts = texts
        self.origin = origin
        self.level = level
    }

    /// A digest, the same in every start, by which a log knows an address of the configuration again. It hides nothing: where
    /// a chat has moved to stands in the log as it is.
    package static func origin(of address: String) -> UInt64 {
        var hasher = StateHasher()
        hasher.combine(address)
        return hasher.value
    }
}
