import Testing

@testable import StrategyServers

@Suite struct BreachesTests {
    @Test func eightInARowAreTooMany() {
        var breaches = Breaches()
        for _ in 0..<3 {
            for _ in 0..<7 { #expect(breaches.note(true) == nil) }
            #expect(breaches.note(false, isEmpty: true) == nil)
        }
        for _ in 0..<7 { #expect(breaches.note(true) == nil) }
        #expect(breaches.note(true) == "eight messages in a row")
    }

    /// Good ones between bad ones make no good server.
    @Test func halfOfTheLastAreTooMany() {
        var breaches = Breaches()
        for _ in 0..<49 {
            #expect(breaches.note(true) == nil)
            #expect(breaches.note(false) == nil)
            // Without results: neither good nor bad.
            #expect(breaches.note(false, isEmpty: true) == nil)
        }
        #expect(breaches.note(true) == "50 of the last 99 messages")
    }

    @Test func fewerThanHalfMayGoOnForEver() {
        var breaches = Breaches()
        for turn in 0..<1_000 { #expect(breaches.note(turn % 100 < 98 && turn % 2 == 0) == nil) }
        // What is long past counts no more.
        for _ in 0..<100 { #expect(breaches.note(false) == nil) }
        for _ in 0..<7 { #expect(breaches.note(true) == nil) }
    }
}
