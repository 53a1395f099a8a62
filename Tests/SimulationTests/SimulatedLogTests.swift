import Simulation
import Testing

@Suite struct SimulatedLogTests {
    @Test func aFlushCoversWhatStoodWhenItBegan() {
        var log = SimulatedLog<Int>()
        let empty = log.beginFlush()
        _ = log.append(1)
        let first = log.beginFlush()
        _ = log.append(2)
        let atOnce = log.beginFlush()
        #expect([empty, first, atOnce] == [false, true, false], "one at a time, of something")
        #expect(log.durable == 0)
        log.endFlush()
        #expect(log.durable == 1)
        _ = log.beginFlush()
        log.endFlush()
        #expect(log.durable == 2)
    }

    @Test(arguments: 0...4 as ClosedRange<UInt64>)
    func aCrashTakesASuffixBehindTheDurable(_ written: UInt64) {
        var log = SimulatedLog<Int>()
        _ = log.append(1)
        _ = log.beginFlush()
        log.endFlush()
        for record in 2...4 { _ = log.append(record) }
        let kept = log.crash(written: written)
        #expect(kept == min(4, 1 + written))
        #expect(log.records == Array(1...Int(kept)))
        #expect(log.durable == kept)
        let next = log.append(9)
        #expect(next == kept + 1)
    }
}
