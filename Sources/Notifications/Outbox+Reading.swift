package import Ports

extension Outbox {
    /// Applies what a log has.
    ///
    /// - Returns: The number of its records.
    /// - Throws: What the log failed with; `corrupt` for a record that is none.
    package mutating func read(_ log: any EventLog) throws(StoreError) -> Int {
        var count = 0
        do {
            try log.forEach { number, bytes in
                apply(try OutboxRecord(bytes: bytes))
                count += 1
                return true
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(
                .corrupt, "record \(count + 1) of the outbox cannot be read: \(error)",
                at: "the outbox's log",
                advice: "move its folder away; messages that were not yet sent are lost with it")
        }
        return count
    }

    /// When the oldest message whose words are kept was queued, ns since 1970; `nil`: there is none.
    package func oldest(at index: Int) -> Int64? {
        let state = destinations[index]
        return (state.urgent + state.ordinary).map(\.utc).min()
    }
}
