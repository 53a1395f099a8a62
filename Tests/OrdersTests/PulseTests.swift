import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// R11.1, R11.4: a broker that does not answer.
@Suite struct PulseTests {
    private func untilBeat(_ talk: inout Conversation) {
        for _ in 0..<31 where talk.heartbeat == nil { talk.wait(1) }
    }

    @Test func threeLostHeartbeatsStopWhatOpens() {
        var talk = Conversation()
        for lost in 1...3 {
            talk.wait(1)
            untilBeat(&talk)
            talk.fail(talk.heartbeat, .offline)
            #expect(talk.codes == (lost == 3 ? [.brokerDown] : []))
        }
        #expect(talk.desk.isDown && talk.isCritical)
        #expect(talk.order(1) == nil)
        #expect(talk.order(2, .sell) != nil, "what reduces is tried")
    }

    /// At one call a second heartbeats come too late behind questions that are answered.
    @Test func aBrokerThatAnswersAnythingIsThere() {
        var talk = Conversation()
        for number in 1...6 as ClosedRange<UInt64> {
            talk.wait(1)
            untilBeat(&talk)
            talk.fail(talk.heartbeat, .offline)
            talk.working(number, .sell)
        }
        #expect(!talk.desk.isDown)
    }

    @Test func whenItAnswersAgainEverythingIsAskedFor() {
        var talk = Conversation()
        for _ in 0..<3 {
            talk.wait(1)
            untilBeat(&talk)
            talk.fail(talk.heartbeat, .offline)
        }
        untilBeat(&talk)
        talk.answer(talk.heartbeat, .heartbeat(BrokerHeartbeat(brokerTime: nil)))
        #expect(!talk.desk.isDown)
        #expect(talk.call { $0 == .openOrders } != nil)
        #expect(talk.order(1) != nil)
    }

    @Test func aKeyThatRunsOutIsToldOnce() {
        var talk = Conversation()
        var told = 0
        for _ in 0..<5 {
            talk.wait(1)
            untilBeat(&talk)
            talk.fail(talk.heartbeat, .unauthorized)
            told += talk.codes.count { $0 == .unauthorized }
        }
        #expect(told == 1)
    }

    @Test func aClockFarOffIsTold() {
        var talk = Conversation()
        talk.wait(1)
        untilBeat(&talk)
        talk.answer(talk.heartbeat, .heartbeat(BrokerHeartbeat(brokerTime: .seconds(900))))
        #expect(talk.codes == [.staleData])
    }
}
