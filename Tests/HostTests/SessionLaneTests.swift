import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct SessionLaneTests {
    static func lane(lockstep: Bool = true, bell: Doorbell = Doorbell()) -> SessionLane {
        SessionLane(
            SourceID(0), clock: ManualClock(monotonic: 7), doorbell: bell, isLockstep: lockstep)
    }
    static func result(
        _ step: UInt64, index: Int = 0, instrument: Int = 0, _ action: Action = .buy
    ) -> ReceivedResult {
        ReceivedResult(
            position: at(step), instrument: InstrumentID(instrument), index: index,
            result: StrategyResult(action))
    }
    static func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }
    static func drained(_ lane: SessionLane) -> [UInt64] {
        var arrivals: [SessionLane.Arrival] = []
        _ = lane.drain(into: &arrivals)
        return arrivals.map(\.result.position.step)
    }

    @Test func inLockstepResultsEnterWhenAWatermarkClosesThem() {
        let lane = Self.lane()
        #expect(lane.deliver([Self.result(1), Self.result(2), Self.result(3)]))
        #expect(Self.drained(lane).isEmpty)
        lane.watermark(Self.at(2))
        #expect(Self.drained(lane) == [1, 2])
        lane.watermark(Self.at(3))
        #expect(Self.drained(lane) == [3])
    }

    @Test func elsewhereTheyEnterAsTheyCome() {
        let lane = Self.lane(lockstep: false)
        _ = lane.deliver([Self.result(1)])
        var arrivals: [SessionLane.Arrival] = []
        #expect(lane.drain(into: &arrivals) == .start)
        #expect(arrivals.map(\.time) == [7])
    }

    @Test(arguments: [true, false])
    func theSameAgainChangesNothingAndAnotherContentIsTold(_ lockstep: Bool) {
        let lane = Self.lane(lockstep: lockstep)
        _ = lane.deliver([Self.result(1), Self.result(1)])
        lane.watermark(Self.at(1))
        #expect(Self.drained(lane) == [1])
        _ = lane.deliver([Self.result(1), Self.result(1, .sell)])
        #expect(Self.drained(lane).isEmpty)
        let told = lane.takeReports().contradictions
        #expect(told.map(\.position) == [Self.at(1)])
        #expect(lane.takeReports().contradictions.isEmpty)
        _ = lane.deliver([Self.result(2), Self.result(2, index: 1), Self.result(2, instrument: 1)])
        lane.watermark(Self.at(2))
        #expect(Self.drained(lane) == [2, 2, 2], "index and instrument are part of the identity")
    }

    @Test func aResultForWhatWasClosedWithoutItIsTold() {
        let lane = Self.lane()
        lane.watermark(Self.at(5))
        _ = lane.deliver([Self.result(4)])
        #expect(Self.drained(lane).isEmpty)
        #expect(lane.takeReports().contradictions.map(\.position) == [Self.at(4)])
    }

    /// A history stands in for events: what is behind the last watermark and in it is asked of nobody.
    @Test func whatAHistoryStandsInForIsToldOnce() {
        let lane = Self.lane(lockstep: false)
        lane.watermark(Self.at(5))
        lane.begins(behind: Self.at(4))
        #expect(lane.takeUnasked().isEmpty, "it was answered")
        lane.begins(behind: Self.at(9))
        #expect(
            lane.takeUnasked() == [
                PositionRun(EventPosition(Self.at(5).value + 1), Self.at(9))
            ])
        #expect(lane.takeUnasked().isEmpty)
    }

    /// What no watermark closed is void when the connection breaks: it may come again, and otherwise.
    @Test func aBreakVoidsWhatWasNotClosed() {
        let lane = Self.lane()
        _ = lane.deliver([Self.result(1), Self.result(2)])
        lane.watermark(Self.at(1))
        _ = lane.resumePoint()
        _ = lane.deliver([Self.result(1), Self.result(2, .sell)])
        lane.watermark(Self.at(2))
        var arrivals: [SessionLane.Arrival] = []
        _ = lane.drain(into: &arrivals)
        #expect(arrivals.map(\.result.result.action) == [.buy, .sell])
        #expect(lane.takeReports().contradictions.isEmpty)
    }

    @Test func aConnectionResumesBehindWhatWasTaken() {
        let lane = Self.lane()
        lane.watermark(Self.at(9))
        lane.close(through: .endOfStep(4), known: .endOfStep(6))
        #expect(lane.resumePoint() == (.endOfStep(4), .endOfStep(6)))
        lane.close(through: .endOfStep(3), known: .endOfStep(3))
        #expect(lane.resumePoint() == (.endOfStep(4), .endOfStep(6)))
    }

    @Test func aRestartKnowsWhatTheLogHolds() {
        let lane = Self.lane()
        let identity = SessionLane.Identity(
            position: Self.at(3), instrument: InstrumentID(0), index: 0)
        lane.restore([identity: fingerprint(StrategyResult(.buy))], through: .endOfStep(5))
        #expect(lane.resumePoint() == (.endOfStep(5), .endOfStep(5)))
        #expect(lane.acknowledged == .endOfStep(5))
        _ = lane.deliver([Self.result(3)])
        #expect(lane.takeReports().contradictions.isEmpty)
        _ = lane.deliver([Self.result(3, .sell), Self.result(4)])
        lane.watermark(Self.at(4))
        #expect(lane.takeReports().contradictions.map(\.position.step) == [3, 4])
        _ = lane.deliver([Self.result(6)])
        lane.watermark(Self.at(6))
        #expect(Self.drained(lane) == [6])
    }

    @Test(arguments: [true, false])
    func aFullLaneRefusesRoomAndWakesWhenItHasSome(_ lockstep: Bool) {
        let bell = Doorbell()
        let lane = Self.lane(lockstep: lockstep, bell: bell)
        let woken = Counter()
        lane.onRoom { _ = woken.next() }
        let flood = (0..<65_536).map { Self.result(1, index: $0) }
        #expect(!lane.deliver(flood))
        #expect(bell.wait(until: 0), "the loop is called, watermark or not")
        lane.watermark(Self.at(1))
        #expect(Self.drained(lane).count == 65_536)
        #expect(woken.next() == 2)
        #expect(lane.deliver([Self.result(2)]))
    }

    @Test func acknowledgementsAndWatermarksOnlyRise() {
        let lane = Self.lane()
        lane.close(through: .endOfStep(9), known: .endOfStep(9))
        lane.acknowledge(.endOfStep(5))
        lane.acknowledge(.endOfStep(3))
        #expect(lane.acknowledged == .endOfStep(5))
        lane.watermark(Self.at(5))
        lane.watermark(Self.at(3))
        var none: [SessionLane.Arrival] = []
        #expect(lane.drain(into: &none) == Self.at(5))
    }

    /// At a pace a session may last for months: what is safe is forgotten, and still not heard twice.
    @Test func whatIsSafeIsForgottenAndNotHeardAgain() {
        let lane = Self.lane(lockstep: false)
        for step in 1...3 as ClosedRange<UInt64> {
            _ = lane.deliver((0..<40_000).map { Self.result(step, index: $0) })
            #expect(Self.drained(lane).count == 40_000)
            lane.close(through: .endOfStep(step), known: .endOfStep(step))
            lane.acknowledge(.endOfStep(step))
        }
        #expect(lane.remembered < 80_000)
        _ = lane.deliver([Self.result(1), Self.result(2, .sell), Self.result(4)])
        #expect(Self.drained(lane) == [4])
    }

    /// As fast as possible a server may be fed again from its first event: what is safe is known by a sum
    /// for each position, and it is held to its word all the same.
    @Test func whatIsSafeIsSettledAndStillComparedWithWhatComesAgain() {
        let lane = Self.lane()
        for step in 1...40_000 as ClosedRange<UInt64> {
            _ = lane.deliver((0..<4).map { Self.result(step, index: $0) })
            lane.watermark(Self.at(step))
            if step % 1_000 == 0 {
                _ = Self.drained(lane)
                lane.close(through: .endOfStep(step), known: .endOfStep(step))
                lane.acknowledge(.endOfStep(step))
            }
        }
        #expect(lane.remembered < 70_000)
        #expect(lane.settledPositions > 20_000)

        // In another order, in parts, twice: the same again.
        _ = lane.resumePoint()
        for step in 1...40_000 as ClosedRange<UInt64> {
            let said = (0..<4).reversed().map { Self.result(step, index: $0) }
            _ = lane.deliver(Array(said.prefix(3)))
            _ = lane.deliver(Array(said.suffix(2)))
            if step % 7 == 0 { lane.watermark(Self.at(step)) }
        }
        lane.watermark(Self.at(40_000))
        #expect(lane.takeReports().contradictions.isEmpty)
        #expect(Self.drained(lane).isEmpty)
    }

    @Test func whatIsSettledContradictsInEveryWay() {
        let lane = Self.lane()
        var known: [SessionLane.Identity: UInt64] = [:]
        for step in [3, 5, 7, 9] as [UInt64] {
            for index in 0..<2 {
                known[.init(Self.result(step, index: index))] = fingerprint(StrategyResult(.buy))
            }
        }
        lane.restore(known, through: .endOfStep(10))
        #expect((lane.remembered, lane.settledPositions) == (0, 4))
        func again(_ results: [ReceivedResult], watermark: UInt64 = 10) -> [UInt64] {
            _ = lane.resumePoint()
            _ = lane.deliver(results)
            lane.watermark(Self.at(watermark))
            return lane.takeReports().contradictions.map(\.position.step)
        }
        #expect(again([Self.result(3), Self.result(3, index: 1)]) == [])
        #expect(again([Self.result(3), Self.result(3, index: 1, .sell)]) == [3])
        #expect(again([Self.result(4)]) == [4], "nothing was said there")
        #expect(again([Self.result(5)]) == [5], "one is missing")
        #expect(again((0..<3).map { Self.result(7, index: $0) }) == [7], "one is new")
        #expect(again([Self.result(9), Self.result(9, .sell)]) == [9, 9], "and one is missing")
        // Cut in the middle it may be a part.
        #expect(again([Self.result(5)], watermark: 4) == [])
        #expect(again([Self.result(5), Self.result(5, index: 1)]) == [])
    }

    /// A server that is fed again says nothing new for long: that is work, not silence.
    @Test func aServerThatIsFedAgainIsHeard() {
        let clock = ManualClock(monotonic: 7)
        let lane = SessionLane(SourceID(0), clock: clock, doorbell: Doorbell(), isLockstep: true)
        lane.watermark(Self.at(9))
        clock.advance(by: 5)
        lane.watermark(Self.at(2))
        #expect(lane.heardAt == 12)
        clock.advance(by: 5)
        lane.watermark(Self.at(2))
        #expect(lane.heardAt == 12, "the same again is none")
    }

    @Test func changesOfStateAreToldHoweverMuchIsPrinted() {
        let lane = Self.lane()
        for line in 0..<20_000 { lane.report(.output("\(line)")) }
        lane.report(.state(.refused, detail: "why"))
        let reports = lane.takeReports().reports
        #expect(reports.count == 10_001)
        #expect(reports.last == .state(.refused, detail: "why"))
    }

    /// Every field counts, and no two are taken for each other.
    @Test func fingerprintsTellResultsApart() {
        let results = [
            StrategyResult(.buy), StrategyResult(.sell),
            StrategyResult(.buy, size: .quantity(.zero)),
            StrategyResult(.buy, size: .targetWeight(millionths: 0)),
            StrategyResult(.buy, size: .fraction(millionths: 0)),
            StrategyResult(.buy, size: .quantity(Quantity(units: 1 << 62))),
            StrategyResult(.buy, limit: .zero), StrategyResult(.buy, limit: Price(units: .min)),
            StrategyResult(.buy, confidence: .of(5)),
            StrategyResult(.buy, validity: .duration(.zero)),
            StrategyResult(.buy, validity: .duration(Nanoseconds(-1))),
            StrategyResult(.buy, message: "a"),
            StrategyResult(.buy, reasons: ["a"]), StrategyResult(.buy, tags: ["a"]),
            StrategyResult(.buy, reasons: ["a", "b"]),
            StrategyResult(.buy, reasons: ["a"], tags: ["b"]),
            StrategyResult(.buy, reasons: ["ab"]),
            StrategyResult(.buy, message: "a", reasons: ["b"]),
        ]
        #expect(Set(results.map(fingerprint)).count == results.count)
    }
}
