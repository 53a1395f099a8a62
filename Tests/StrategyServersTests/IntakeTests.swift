import TestKit
import Testing

@testable import StrategyServers

@Suite struct TokenBucketTests {
    private static let second: Int64 = 1_000_000_000

    @Test func itHoldsABurstAndFillsByTheRate() {
        var bucket = TokenBucket(rate: 10, burst: 3)
        func take(_ count: Int, at now: Int64) -> [Bool] {
            (0..<count).map { _ in bucket.take(at: now) }
        }
        #expect(take(4, at: 5) == [true, true, true, false])
        #expect(take(1, at: 5 + Self.second / 10 - 1) == [false])
        #expect(take(1, at: 5 + Self.second / 10) == [true])
        // However long nobody takes, it holds no more than a burst.
        let later = 3_600 * Self.second
        #expect(take(4, at: later) == [true, true, true, false])
        #expect(take(1, at: later - Self.second) == [false])
    }

    @Test func whatIsOwedIsPaidByTime() {
        var bucket = TokenBucket(rate: 4, burst: 2)
        #expect(bucket.spend(2, at: 0) == 0)
        #expect(bucket.spend(1, at: 0) == Self.second / 4)
        #expect(bucket.spend(1, at: 0) == Self.second / 2)
        #expect(bucket.spend(0, at: Self.second / 2) == 0)
        #expect(bucket.spend(.max, at: .max) == .max)
    }

    /// No span of time sees more than a burst and its rate, and nobody is refused who keeps both.
    @Test(arguments: seeds(0..<100))
    func itDoesWhatTheModelDoes(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let rate = Int64.random(in: 1...50, using: &random)
        let burst = Int64.random(in: 1...20, using: &random)
        var bucket = TokenBucket(rate: rate, burst: burst)
        var taken: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<400 {
            now += Int64.random(in: 0...Self.second / rate, using: &random)
            // By the definition: of any span that ends now, the one with the least room.
            let mayTake = taken.indices.allSatisfy { first in
                let count = Int128(taken.count - first + 1)
                let room =
                    Int128(burst) * Int128(Self.second)
                    + Int128(now - taken[first]) * Int128(rate)
                return count * Int128(Self.second) <= room
            }
            let isTaken = bucket.take(at: now)
            #expect(isTaken == mayTake)
            if isTaken { taken.append(now) }
        }
    }
}

@Suite struct IntakeTests {
    private static let second: Int64 = 1_000_000_000
    private static func intake(_ rate: Int, lockstep: Bool = false) -> Intake {
        var limits = SessionLimits()
        limits.resultsPerSecond = rate
        limits.messageBytes = 1_000
        return Intake(limits, isLockstep: lockstep)
    }

    @Test func tenSecondsAreTheAverage() {
        var intake = Self.intake(5)
        let refusals = (0..<52).map { _ in intake.refusal(at: 0) }
        #expect(refusals.count { $0 == nil } == 50)
        #expect(refusals.last == "more than 5 results a second")
        let next = (0..<6).map { _ in intake.refusal(at: Self.second) }
        #expect(next.count { $0 == nil } == 5)
    }

    @Test func onlyWhoGoesOnWithItIsTooMuch() {
        var intake = Self.intake(1)
        for _ in 0..<10 { #expect(intake.refusal(at: 0) == nil) }
        // A burst now and then, with a pause between.
        for time in 1...20 as ClosedRange<Int64> {
            for _ in 0..<5 { _ = intake.refusal(at: time * 2 * Self.second) }
            #expect(!intake.isTooMuch)
        }
        let begin = 100 * Self.second
        for tenth in 0...79 as ClosedRange<Int64> {
            for _ in 0..<11 { _ = intake.refusal(at: begin + tenth * Self.second / 10) }
            #expect(!intake.isTooMuch)
        }
        for _ in 0..<2 { _ = intake.refusal(at: begin + 8 * Self.second) }
        #expect(intake.isTooMuch)
    }

    @Test func itReadsNoFasterThanBothBuckets() {
        var intake = Self.intake(10)
        #expect(intake.read(bytes: 64_000, results: 0, at: 0) == 0)
        #expect(!intake.isHeld)
        #expect(intake.read(bytes: 640, results: 0, at: 0) == Self.second / 100)
        #expect(intake.isHeld)
        #expect(intake.read(bytes: 0, results: 100, at: Self.second) == 0)
        #expect(intake.read(bytes: 0, results: 20, at: Self.second) == Self.second)
    }

    /// Small ones, with nothing in them that has a limit of its own.
    @Test func itReadsNoMoreMessagesThanTheirBucketHolds() {
        var intake = Self.intake(0)
        let pauses = (0...Intake.messageRate * Intake.span).map { _ in
            intake.read(bytes: 0, results: 0, at: 0)
        }
        #expect(pauses.dropLast().allSatisfy { $0 == 0 })
        #expect(pauses.last == Self.second / Intake.messageRate)
        #expect(intake.isHeld)
    }

    @Test func inLockstepAndWithoutALimitNothingIsHeld() {
        var lockstep = Self.intake(1, lockstep: true)
        var free = Self.intake(0)
        for _ in 0..<1_000 {
            #expect(lockstep.refusal(at: 0) == nil && free.refusal(at: 0) == nil)
            #expect(lockstep.read(bytes: 1_000, results: 1_000, at: 0) == 0)
            #expect(free.read(bytes: 1, results: 1_000, at: 0) == 0)
        }
    }
}
