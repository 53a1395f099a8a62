import GRPCTransport
import Platform
import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

@Suite struct SnapshotAssemblyTests {
    private func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }
    private static let whole = ServerSnapshot(
        position: EventPosition(step: 5, index: 0), format: "x/1",
        bytes: (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    private var whole: ServerSnapshot { Self.whole }

    @Test(arguments: [0, 1, 1 << 20, 1 << 20 + 1, 2_500_000])
    func partsComeTogetherAgain(_ size: Int) {
        var snapshot = whole
        snapshot.bytes = Array(whole.bytes.prefix(size))
        var assembly = SnapshotAssembly(limit: 4 << 20)
        let parts = snapshot.parts
        for part in parts.dropLast() {
            #expect(part.data.count == 1 << 20 && !part.last)
            #expect(assembly.take(part, watermark: at(5)) == .none)
        }
        #expect(assembly.take(parts[parts.count - 1], watermark: at(5)) == .whole(snapshot))
    }

    enum Fault: CaseIterable {
        case gap, position, format, nameless, beyond, largePart, tooLarge
        var words: String {
            switch self {
            case .gap: "its parts do not follow each other"
            case .position, .format: "its parts disagree on position or format"
            case .nameless: "its format has no name of 1 to 64 bytes"
            case .beyond: "it stands beyond the server's last watermark"
            case .largePart: "a part is larger than 1 MiB"
            case .tooLarge: "it is larger than the 3000000 bytes of Limits.snapshot_bytes"
            }
        }
    }

    /// A bad one is passed over to its last part and told once; a good one behind it is taken.
    @Test(arguments: Fault.allCases) func whatBreaksARuleIsPassedOverAndToldOnce(_ fault: Fault) {
        var snapshot = whole
        if fault == .nameless { snapshot.format = "" }
        if fault == .tooLarge { snapshot.bytes += whole.bytes.prefix(600_000) }
        var parts = snapshot.parts
        switch fault {
        case .gap: parts.remove(at: 1)
        case .position: parts[1].position += 1
        case .format: parts[1].format = "y"
        case .largePart: parts[0].data.append(0)
        case .nameless, .beyond, .tooLarge: break
        }
        var assembly = SnapshotAssembly(limit: 3_000_000)
        let watermark = fault == .beyond ? at(4) : at(5)
        var outcomes = parts.map { assembly.take($0, watermark: watermark) }
        #expect(outcomes.filter { $0 != .none } == [.refused(fault.words)])
        outcomes = parts.map { assembly.take($0, watermark: watermark) }
        #expect(outcomes.allSatisfy { $0 == .none }, "told once")
        #expect(whole.parts.map { assembly.take($0, watermark: at(5)) }.last == .whole(whole))
    }

    /// What begins anew before its end is another one.
    @Test func aFirstPartBeginsAnew() {
        var assembly = SnapshotAssembly(limit: 4 << 20)
        #expect(assembly.take(whole.parts[0], watermark: at(5)) == .none)
        let outcomes = whole.parts.map { assembly.take($0, watermark: at(5)) }
        #expect(outcomes.last == .whole(whole))
    }
}

/// Servers that lose their state and go on from what they had the host keep.
@Suite(.needsPython, .timeLimit(.minutes(1))) struct SnapshotSessionTests {
    private let ticks = (1...2_000 as ClosedRange<UInt64>).map { step in
        SessionEvent.tick(step, 100 + Int64(step * step % 17), of: Int(step % 2))
    }

    private func killed(
        on bench: Bench, _ mode: SessionPlan.Mode, _ snapshots: ShelfSnapshots
    ) async throws -> (heard: NoteInbox.Heard, from: ServerSnapshot) {
        let arguments = ["--snapshot-every", "150"]
        let first = try await RawServer.launch(on: bench, arguments)
        let feed = ListFeed(Array(ticks.prefix(1_000)))
        let running = try await bench.run(bench.plan(mode), feed, snapshots: snapshots)
        try await running.inbox.wait(closed: ticks[999].position)
        _ = try await snapshots.shelf.wait(for: "a snapshot") { !$0.isEmpty }
        first.kill()
        _ = await first.waitForExit()
        try await running.inbox.wait(.down)
        let newest = try #require(snapshots.shelf.value.last)
        _ = try await RawServer.launch(on: bench, arguments)
        feed.push(Array(ticks.suffix(1_000)))
        return (try await running.inbox.wait(closed: ticks[1_999].position), newest)
    }

    /// At a pace too nothing is forgotten: what it says is what one that never stopped says.
    @Test(arguments: [SessionPlan.Mode.replay, .backtest])
    func aKilledServerGoesOnFromItsSnapshot(_ mode: SessionPlan.Mode) async throws {
        try await Bench.with { bench in
            let snapshots = ShelfSnapshots()
            let (heard, taken) = try await killed(on: bench, mode, snapshots)
            #expect(heard.results.map(\.position) == RawServer.expected(ticks))
            #expect(heard.contradictions == 0)
            // Of several in a second the newest is kept when the connection breaks.
            #expect(taken.position >= ticks[700].position)
            // Said again is what it had said behind the snapshot, and not more.
            let behind = RawServer.expected(Array(ticks.prefix(1_000)))
                .count { $0 > taken.position }
            #expect(heard.again == behind)
            #expect(taken.format == "raw/1" && taken.position <= ticks[999].position)
            #expect(
                snapshots.owners.value
                    == [
                        SnapshotOwner(
                            session: "house/mine", version: "1", modelHash: "",
                            parameterHash: snapshots.owners.value.first?.parameterHash ?? "",
                            account: "")
                    ])
        }
    }

    /// One that ends the call is not offered again: the server goes on as a fresh one does.
    @Test func aSnapshotThatIsNotTakenIsNotOfferedInCircles() async throws {
        try await Bench.with { bench in
            let snapshots = ShelfSnapshots()
            let inbox = NoteInbox()
            inbox.heard.change { $0.watermark = ticks[4].position }
            snapshots.shelf.change {
                $0.append(
                    ServerSnapshot(position: ticks[2].position, format: "other", bytes: [1]))
            }
            _ = try await RawServer.launch(on: bench, ["--end-at-snapshots"])
            let running = try await bench.run(
                bench.plan(), ListFeed(Array(ticks.prefix(10))), into: inbox, snapshots: snapshots)
            let heard = try await running.inbox.wait(closed: ticks[9].position)
            let behind = Array(ticks[5..<10])
            #expect(heard.results.map(\.position) == RawServer.expected(behind))
            #expect(
                heard.detail(.down)?.hasPrefix("it did not take its own snapshot of event 3.0")
                    == true, "\(heard.detail(.down) ?? "")")
            #expect(snapshots.asked.value == [ticks[4].position])
        }
    }
}
