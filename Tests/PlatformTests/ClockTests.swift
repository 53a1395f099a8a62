import Testing

@testable import Platform

@Suite struct ClockTests {
    @Test func theHostClockIsPlausibleAndMonotonic() {
        let clock = HostClock()
        let first = clock.monotonic()
        #expect(clock.monotonic() >= first)
        #expect(clock.utc() > 1_700_000_000_000_000_000)
    }

    @Test func aManualClockMovesOnlyWhenMoved() {
        let clock = ManualClock(monotonic: 5, utc: 100)
        #expect(clock.monotonic() == 5)
        clock.advance(by: 10)
        #expect(clock.monotonic() == 15)
        #expect(clock.utc() == 110)
        clock.set(utc: 50)
        #expect(clock.monotonic() == 15)
        #expect(clock.utc() == 50)
    }
}
