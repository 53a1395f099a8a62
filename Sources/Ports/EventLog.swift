/// The log of everything that was decided: appended by one writer, durable in order, read at start.
///
/// A record is opaque here and is never split over segments or flushes; a torn one is dropped whole.
package protocol EventLog: Sendable {
    /// Records read at the start have numbers below this; the next append gets it.
    var nextNumber: UInt64 { get }

    /// Takes the record for the next flush and returns at once, unless 64 MiB wait: then when there is room.
    ///
    /// - Returns: Its number: 1, 2, 3, … without gaps.
    /// - Throws: ``StoreError``; after a failed write every further append fails with the same error.
    @discardableResult
    func append(_ record: [UInt8]) throws(StoreError) -> UInt64

    /// Everything up to this number survives a crash.
    var durableNumber: UInt64 { get }

    /// Calls `wake` on the writer's thread after each flush, with the durable number, and once with an
    /// error if writing fails. Set before the first append; must not block.
    func onDurable(_ wake: @escaping @Sendable (Result<UInt64, StoreError>) -> Void)

    /// Blocks until everything appended is durable.
    func flush() throws(StoreError)

    /// From now on records wait for ``flush()``, for much of them, or for ``close()``: for who asks in time
    /// by himself, and would pay for a flush after every few records. Before the first append.
    func flushWhenAsked()

    /// Reads the records in order, from the first; stops at the end or when `body` returns false.
    /// Only before the first append.
    func forEach(_ body: (UInt64, [UInt8]) throws -> Bool) throws

    /// Flushes and closes. Harmless when repeated.
    func close() throws(StoreError)
}

/// Why a store failed.
package struct StoreError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case full, io, permission, corrupt, newerVersion, inUse, otherRun
    }
    package let code: Code
    package let what: String
    /// The path, and the offset or table where it is known.
    package let place: String
    package let advice: String
    package init(_ code: Code, _ what: String, at place: String, advice: String = "") {
        self.code = code
        self.what = what
        self.place = place
        self.advice = advice
    }
    package var description: String {
        "\(place): \(what)" + (advice.isEmpty ? "" : "\n  \(advice)")
    }
}
