import Foundation

/// Whether processors that have nothing to do are left to sleep while something is measured.
///
/// Waking one takes tens of microseconds. A program with one thread pays that for each message; one
/// whose threads wake each other keeps the processors awake with its own unrest, and is the faster
/// for it wherever nothing else runs. So what waits for a message is measured both ways: awake, where
/// the way itself counts, and asleep, as at rest.
package enum Wakefulness: CaseIterable {
    case awake
    case asleep

    /// After a finding's name: what is measured awake has none.
    package var suffix: String {
        switch self {
        case .awake: ""
        case .asleep: ".asleep"
        }
    }

    /// Does something with the processors as they are to be.
    package nonisolated(nonsending) func during(
        _ body: nonisolated(nonsending) () async throws -> Void
    ) async throws {
        guard self == .awake else { return try await body() }
        let spinning = Peer(Given.text("BENCH_AWAKE"))
        defer { spinning.close() }
        guard spinning.object()["processors"] is Int else { giveUp("nothing keeps awake") }
        try await body()
    }
}
