import Ports
import Testing

@testable import Notifications

/// What a channel hears by its severity, and how it is shown to stand.
@Suite struct OutboxLevelTests {
    @Test func urgentMessagesReachEveryLevel() {
        let levels: [Severity] = [.info, .warning, .critical]
        func heard(_ severity: Severity) -> [Bool] { levels.map { severity.reaches($0) } }
        #expect(heard(.info) == [true, false, false])
        #expect(heard(.warning) == [true, true, false])
        #expect(heard(.critical) == [true, true, true])
        #expect(heard(.security) == [true, true, true])
    }

    /// A start with another configuration does not tell what was told to nobody then.
    @Test func whatNobodyHearsOfIsOver() {
        var bench = OutboxBench(OutboxBench.plan("phone", from: .warning))
        bench.offer(1, at: 0)
        #expect(bench.outbox.marks.map(\.record) == [1])
        #expect(bench.records == [.folded(MessageID(source: "r", record: 1, index: 0), [])])
        bench.offer(1, to: "phone", at: 1)
        #expect(bench.send(in: 1..<4) == [])
    }

    /// A warning: who wants what is critical alone is not told of another's death while somebody hears of it.
    @Test func aDeadChannelIsToldToThoseWhoHearWarnings() {
        var bench = OutboxBench(
            OutboxBench.plan("phone"), OutboxBench.plan("desk", lane: 1, from: .warning),
            OutboxBench.plan("pager", lane: 2, from: .critical))
        bench.offer(1, to: "phone", at: 0)
        _ = bench.send(at: 1, .destinationDead("the chat is gone"))
        let told = bench.send(in: 2..<5)
        #expect(told.count == 1 && told.first?.hasPrefix("desk: ") == true, "\(told)")
        #expect(told.first?.contains("phone") == true)
    }

    @Test func whereNobodyHearsWarningsEverybodyIsTold() {
        var bench = OutboxBench(
            OutboxBench.plan("phone"), OutboxBench.plan("pager", lane: 1, from: .critical))
        bench.offer(1, to: "phone", at: 0)
        _ = bench.send(at: 1, .credentialsDead("the token was revoked"))
        let told = bench.send(in: 2..<5)
        #expect(told.count == 1 && told.first?.hasPrefix("pager: ") == true, "\(told)")
    }

    // MARK: How it stands

    /// `throttled since 1`: seconds.
    private func state(_ bench: OutboxBench, _ index: Int = 0, at seconds: Int64) -> String {
        let condition = bench.outbox.destinations[index].condition
        let word = condition.state(at: OutboxBench.at(seconds).monotonic)
        guard word != .alive else { return "alive" }
        let since = condition.since.map { $0.monotonic / OutboxBench.second }
        return "\(word) since \(since.map(String.init) ?? "-")"
    }

    @Test func aServiceThatAsksToWaitIsThrottledUntilThen() {
        var bench = OutboxBench(
            OutboxBench.plan("phone"), OutboxBench.plan("group"),
            OutboxBench.plan("desk", lane: 1))
        bench.offer(1, to: "phone", at: 0)
        #expect(state(bench, at: 0) == "alive")
        _ = bench.send(at: 1, .throttled(wait: 20 * OutboxBench.second, holdsLane: true))
        #expect(state(bench, at: 2) == "throttled since 1")
        // All of one bot wait, and nobody else.
        #expect(state(bench, 1, at: 2) == "throttled since 1" && state(bench, 2, at: 2) == "alive")
        #expect(state(bench, at: 20) == "throttled since 1")
        #expect(state(bench, at: 22) == "alive")
        _ = bench.send(at: 22, .throttled(wait: 5 * OutboxBench.second, holdsLane: false))
        #expect(state(bench, at: 23) == "throttled since 22")
        #expect(bench.send(in: 28..<30).count == 1)
        #expect(state(bench, at: 30) == "alive")
    }

    @Test func aDeadChannelIsSoSinceItDied() {
        var bench = OutboxBench(OutboxBench.plan("phone"))
        bench.offer(1, to: "phone", at: 0)
        _ = bench.send(at: 3, .destinationDead("gone"))
        #expect(state(bench, at: 4) == "dead since 3")
        // A probe that fails again changes nothing.
        _ = bench.send(at: 700, .destinationDead("gone"))
        #expect(state(bench, at: 701) == "dead since 3")
        #expect(bench.send(at: 1_400, .delivered(pause: 0)).count == 1)
        #expect(state(bench, at: 1_400) == "alive")
    }

    @Test func oneThatDoesNotAnswerIsSilentSinceThen() {
        var bench = OutboxBench(OutboxBench.plan("phone"))
        bench.offer(1, to: "phone", at: 0)
        for second in 1...60 as ClosedRange<Int64> {
            _ = bench.send(at: second, .transient("down"))
        }
        let word = state(bench, at: 60)
        #expect(word.hasPrefix("silent since "), "\(word)")
        let since = word.split(separator: " ").last.flatMap { Int($0) } ?? 0
        #expect((2...25).contains(since), "behind five failures: \(word)")
    }
}
