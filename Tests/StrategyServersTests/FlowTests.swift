import Testing
import TradingModel

@testable import StrategyServers

@Suite struct FlowTests {
    private func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }

    /// Sends one message of the steps.
    private func send(_ steps: ClosedRange<UInt64>, _ flow: inout Flow, time: Int64 = 0) {
        flow.send(steps.map(at), at: time)
    }

    @Test func eventsUseCreditAndTheWatermarkGivesItBack() {
        var flow = Flow(capacity: 10, after: .start, watermark: .start)
        #expect(flow.credit == 10)
        send(1...4, &flow)
        #expect((flow.credit, flow.outstanding) == (6, 4))
        #expect(flow.close(through: at(3), at: 0) == nil)
        #expect((flow.credit, flow.outstanding) == (9, 1))
        send(5...13, &flow)
        #expect(flow.credit == 0)
        #expect(flow.close(through: at(13), at: 0) == nil)
        #expect((flow.credit, flow.outstanding) == (10, 0))
    }

    /// What is unanswered was sent at its very positions; of what a server says again nobody knows it any more.
    @Test func onlyWhatWasSentIsKnown() {
        var flow = Flow(capacity: 100, after: at(5), watermark: at(3))
        flow.send([at(6), at(8), at(9)], at: 0)
        let known = (1...10).map { flow.isSent(at($0)) }
        #expect(
            known == [true, true, true, true, true, true, false, true, true, false])
        #expect(!flow.isSent(EventPosition(step: 8, index: 1)))
        #expect(flow.close(through: at(8), at: 0) == nil)
        #expect(!flow.isSent(at(7)) && flow.isSent(at(9)))
    }

    /// Ticks but for what is told to be another kind.
    @Test func theOldestIsOfTheKindThatWasSent() {
        var flow = Flow(capacity: 100, after: .start, watermark: .start)
        #expect(flow.oldestKind == .ticks)
        flow.send([at(1), at(2), at(3)], others: [(at(2), .candles)], at: 0)
        flow.send([at(4), at(5)], others: [(at(4), .timers), (at(5), .fills)], at: 0)
        var kinds: [EventClass] = []
        for step in 0...5 as ClosedRange<UInt64> {
            if step > 0 { #expect(flow.close(through: at(step), at: 0) == nil) }
            kinds.append(flow.oldestKind)
        }
        #expect(kinds == [.ticks, .candles, .ticks, .timers, .fills, .ticks])
    }

    @Test func fourMessagesMayBeUnanswered() {
        var flow = Flow(capacity: 4_096, after: .start, watermark: .start)
        for step in 1...3 as ClosedRange<UInt64> { send(step...step, &flow) }
        #expect(flow.credit == 4_093)
        send(4...4, &flow)
        #expect((flow.credit, flow.outstanding) == (0, 4))
        #expect(flow.close(through: at(1), at: 0) == nil)
        #expect(flow.credit == 4_093)
    }

    @Test func asFastAsPossibleEightMessagesMayBeUnanswered() {
        let limits = SessionLimits.lockstep
        var flow = Flow(
            capacity: limits.credit, ahead: Flow.messagesAheadInLockstep, after: .start,
            watermark: .start)
        let batch = UInt64(limits.batch)
        for message in 0..<8 as Range<UInt64> {
            #expect(flow.credit >= limits.batch)
            send(message * batch + 1...(message + 1) * batch, &flow)
        }
        #expect((flow.credit, flow.outstanding) == (0, 8 * limits.batch))
        #expect(flow.close(through: at(batch), at: 0) == nil)
        #expect(flow.credit == limits.batch)
    }

    @Test func aMessageIsAnsweredByTheWatermarkOfItsLastEvent() {
        var flow = Flow(capacity: 4_096, after: .start, watermark: .start)
        for first in stride(from: 1, to: 40, by: 10) as StrideTo<UInt64> {
            send(first...first + 9, &flow)
        }
        #expect(flow.close(through: at(9), at: 0) == nil)
        #expect(flow.credit == 0)
        #expect(flow.close(through: at(10), at: 0) == nil)
        #expect(flow.credit == 4_096 - 30)
    }

    @Test func theOldestUnansweredEventTellsItsTime() {
        var flow = Flow(capacity: 10, after: .start, watermark: .start)
        #expect(flow.oldest == nil)
        send(1...2, &flow, time: 7)
        send(3...3, &flow, time: 9)
        #expect(flow.oldest == 7)
        #expect(flow.close(through: at(2), at: 0) == nil)
        #expect(flow.oldest == 9)
        #expect(flow.close(through: at(3), at: 0) == nil)
        #expect(flow.oldest == nil)
    }

    @Test func watermarksNeitherGoBackNorBeyondWhatWasSent() {
        var flow = Flow(capacity: 10, after: at(5), watermark: at(5))
        #expect(flow.close(through: at(5), at: 0) == nil)
        #expect(flow.close(through: at(6), at: 0) == .beyond(last: at(5)))
        #expect(flow.close(through: at(4), at: 0) == .backwards(from: at(5)))
        send(6...8, &flow)
        #expect(flow.close(through: at(7), at: 0) == nil)
        #expect(flow.close(through: at(6), at: 0) == .backwards(from: at(7)))
        #expect(flow.watermark == at(7))
    }

    @Test func whatWasLeftOutIsNotTheLastThatWasSent() {
        var flow = Flow(capacity: 10, after: .start, watermark: .start)
        send(1...2, &flow)
        flow.skip(through: at(9))
        #expect((flow.last, flow.reached) == (at(2), at(9)))
        #expect(flow.close(through: at(3), at: 0) == .beyond(last: at(2)))
        flow.skip(through: at(4))
        #expect(flow.reached == at(9))
        send(10...10, &flow)
        #expect((flow.last, flow.reached) == (at(10), at(10)))
    }

    @Test func manyEventsLeaveNothingBehind() {
        var flow = Flow(capacity: 20_000, after: .start, watermark: .start)
        send(1...10_000, &flow)
        for step in 1...10_000 as ClosedRange<UInt64> {
            #expect(flow.close(through: at(step), at: 0) == nil)
        }
        #expect((flow.outstanding, flow.oldest) == (0, nil))
    }

    // MARK: How long it worked

    /// By itself, in one message, behind another, and behind a pause in which nothing was asked.
    @Test func timeBelongsToTheEventsThatItWasSpentOn() {
        var flow = Flow(capacity: 100, after: .start, watermark: .start)
        #expect(flow.service.latency?.p99 == nil)
        send(1...1, &flow, time: 1_000)
        #expect(flow.close(through: at(1), at: 1_512) == nil)
        #expect(flow.service.latency?.p99 == 512)
        send(2...9, &flow, time: 900_000)
        #expect(flow.close(through: at(9), at: 908_192) == nil)
        #expect(flow.service.latency?.p99 == 1_024, "eight in one message took 8,192 ns")
        // Two messages on their way: the second begins when the first is answered.
        send(10...10, &flow, time: 1_000_000)
        send(11...11, &flow, time: 1_000_000)
        #expect(flow.close(through: at(10), at: 1_002_048) == nil)
        #expect(flow.close(through: at(11), at: 1_004_096) == nil)
        #expect(flow.close(through: at(11), at: 9_000_000) == nil, "nothing new is answered")
        #expect(flow.service.latency?.p99 == 2_048)
    }
}
