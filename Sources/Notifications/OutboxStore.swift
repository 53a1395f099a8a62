package import Ports

/// Where the outbox keeps its log: one at a time, replaced as a whole when it has grown.
package protocol OutboxStore: Sendable {
    /// The log as it was left, or a new one.
    func open() throws(StoreError) -> any EventLog
    /// Closes nothing: the caller has closed the old log. After a crash at any point `open()` gives the old log or
    /// the new one, whole.
    ///
    /// - Returns: A log that holds these records, durable, and goes on.
    func replace(with records: [[UInt8]]) throws(StoreError) -> any EventLog
}
