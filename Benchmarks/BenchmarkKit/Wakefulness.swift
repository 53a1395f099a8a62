import Foundation

/// Whether processors that have nothing to do are left to sleep while something is measured.
///
/// Waking one takes tens of microseconds. A program with one thread pays that for each message; one
/// whose threads wake each other keeps the processors awake with its own unrest. So what waits for a
/// message is measured as the machine is, and beside processors that never sleep, where it counts who
/// runs on which of them.
package enum Wakefulness: CaseIterable {
    case asIs
    case awake

    /// After a finding's name: what is measured as the machine is has none, and has the goal.
    package var suffix: String {
        switch self {
        case .asIs: ""
        case .awake: ".awake"
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
