extension RunSummary {
    /// Two servers that stand for each other.
    package struct Standby: Hashable, Sendable, Codable {
        package struct Server: Hashable, Sendable, Codable {
            package var name: String
            /// Its results count; those of the other are held against them.
            package var isHeard: Bool
            package var state: String
            package var failures: Int
            /// Events that were left out for it because it was too slow.
            package var leftOut: Int?
            package var latency: Latency?
            package var server: ServerFigures?
            package init(
                name: String, isHeard: Bool, state: String, failures: Int, leftOut: Int?,
                latency: Latency?, server: ServerFigures?
            ) {
                self.name = name
                self.isHeard = isHeard
                self.state = state
                self.failures = failures
                self.leftOut = leftOut
                self.latency = latency
                self.server = server
            }
            enum CodingKeys: String, CodingKey {
                case name
                case isHeard = "heard"
                case state, failures
                case leftOut = "left_out"
                case latency = "latency_ns"
                case server
            }
        }
        /// Of a strategy with several servers, from 0.
        package var shard: Int?
        /// How often the other one was heard from then on.
        package var switches: Int
        /// Results of this start that both said alike; that one said alone, or otherwise; that were not compared.
        package var same: Int
        package var differing: Int
        package var uncompared: Int
        /// The main server, then the standby.
        package var servers: [Server]
        package init(
            shard: Int?, switches: Int, same: Int, differing: Int, uncompared: Int,
            servers: [Server]
        ) {
            self.shard = shard
            self.switches = switches
            self.same = same
            self.differing = differing
            self.uncompared = uncompared
            self.servers = servers
        }
    }
}
