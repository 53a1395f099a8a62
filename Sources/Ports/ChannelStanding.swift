/// How a channel to people stands. Its JSON form is stable.
package struct ChannelStanding: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case alive
        /// Its service asked to wait, and that is not over.
        case throttled
        /// It does not answer, or takes nothing for long.
        case silent
        /// It refuses: somebody has to mend it.
        case dead
    }
    package var name: String
    package var state = State.alive
    /// `2026-11-30T10:31:06Z`; `nil` while it is alive.
    package var since: String?
    /// ns for which it is so; 0 while it is alive. Not in JSON.
    package var age: Int64 = 0
    /// Letters of this start that arrived: many messages may be in one.
    package var sent = 0
    /// Messages, those that are only counted with them.
    package var waiting = 0
    /// Why the last letter failed, until one arrives.
    package var trouble: String?
    package init(name: String) { self.name = name }

    private enum CodingKeys: String, CodingKey { case name, state, since, sent, waiting, trouble }
}
