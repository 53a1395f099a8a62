package import Ports

/// A log that is only read: nothing is locked, cut or written, and a host may be at work on it.
///
/// What a host writes while it is open is not seen. Safe from any thread.
package final class LogView: EventLog {
    package let identity: LogIdentity
    /// As an opening would find it; a torn end is where it was.
    package let recovery: LogRecovery
    /// Records behind this one are not read.
    package let last: UInt64
    private let segments: [LogOpening.Segment]
    private let place: String

    /// Reads and checks every segment.
    ///
    /// - Parameter last: Ends the view earlier than the log.
    /// - Throws: As an opening; `io` where there is none.
    package init(_ folder: String, through last: UInt64 = .max) throws(StoreError) {
        guard let identity = try SegmentedLog.identity(in: folder) else {
            throw StoreError(
                .io, "there is no log", at: folder, advice: "bring its folder back, if it was moved"
            )
        }
        self.identity = identity
        place = folder
        let opening = LogOpening(
            folder: LogFolder(path: folder, calls: SystemFileCalls()), identity: identity,
            settings: LogSettings(), isReading: true)
        (segments, _, recovery) = try opening.open()
        self.last = min(last, recovery.lastNumber)
    }

    package var nextNumber: UInt64 { last + 1 }
    package var durableNumber: UInt64 { last }

    package func forEach(_ body: (UInt64, [UInt8]) throws -> Bool) throws {
        try forEach(from: 1, body)
    }

    /// From record `first` on: segments before it are not read again.
    package func forEach(from first: UInt64, _ body: (UInt64, [UInt8]) throws -> Bool) throws {
        let last = last
        guard first <= last else { return }
        try LogReading(segments: segments, calls: SystemFileCalls()).forEach(from: first) {
            let goesOn = try body($0, $1)
            return goesOn && $0 < last
        }
    }

    package func append(_ record: [UInt8]) throws(StoreError) -> UInt64 {
        throw StoreError(.permission, "cannot append: opened for reading", at: place)
    }
    package func flushWhenAsked() {}
    package func onDurable(_ wake: @escaping @Sendable (Result<UInt64, StoreError>) -> Void) {}
    package func flush() {}
    package func close() {}
}
