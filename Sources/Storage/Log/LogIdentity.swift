/// Whose log it is: written into every segment's head and compared when it is opened again.
package struct LogIdentity: Hashable, Sendable {
    /// Of the decisions, not of the program. A log from a newer kernel is refused; after an upgrade
    /// the next record opens a new segment, so that a segment's records come from one kernel.
    package var kernelVersion: UInt32
    /// Hex, or any text that changes with the configuration.
    package var configurationHash: String
    package var runID: String

    package init(kernelVersion: UInt32, configurationHash: String, runID: String) {
        self.kernelVersion = kernelVersion
        self.configurationHash = configurationHash
        self.runID = runID
    }
}

/// Sizes in bytes. The defaults suit a host; tests take small ones.
package struct LogSettings: Hashable, Sendable {
    /// A segment ends before the record that would pass this; one larger record gets a segment
    /// alone.
    package var segmentSize: Int
    /// Zeros are written ahead of the records in steps of this size, so that a flush need not
    /// change the file's size. They share a flush with records: a larger step makes that one
    /// longer, a smaller one comes more often.
    package var step: Int
    /// Appending blocks while this much waits for the disk.
    package var waitingLimit: Int

    package init(
        segmentSize: Int = 64 << 20, step: Int = 256 << 10, waitingLimit: Int = 64 << 20
    ) {
        self.segmentSize = max(segmentSize, 1 << 13)
        self.step = max(step, 1 << 12)
        self.waitingLimit = max(waitingLimit, 1)
    }
}
