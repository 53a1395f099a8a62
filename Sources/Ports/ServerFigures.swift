/// How a strategy server's session stands, besides its results.
package struct ServerFigures: Hashable, Sendable, Codable {
    /// As it described itself.
    package var version: String
    /// Connections made after the first.
    package var restarts = 0
    /// Events given to its session and not answered yet.
    package var queue = 0
    /// Events that may be sent to it now; none while it is not connected.
    package var credit = 0
    /// Results that broke the contract, one by one.
    package var invalid = 0

    package init(version: String) { self.version = version }

    /// Of two servers of one strategy together.
    package func adding(_ other: ServerFigures) -> ServerFigures {
        var sum = self
        sum.restarts += other.restarts
        sum.queue += other.queue
        sum.credit += other.credit
        sum.invalid += other.invalid
        return sum
    }
}
