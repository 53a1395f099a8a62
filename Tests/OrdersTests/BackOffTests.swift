import Orders
import Testing
import TradingModel

@Suite struct BackOffTests {
    private let backOff = BackOff(first: .milliseconds(500), longest: .seconds(30), seed: 3)

    @Test func waitsDoubleUpToTheLongest() {
        for tries in 1...80 {
            let whole = tries < 7 ? Int64(500) << Int64(tries - 1) : 30_000
            let wait = backOff.wait(after: tries, of: 9)
            #expect(wait >= .milliseconds(whole / 2) && wait <= .milliseconds(whole), "\(tries)")
        }
    }
    @Test func jitterDiffersAndIsTheSameAgain() {
        let waits = (1...50).map { backOff.wait(after: 4, of: UInt64($0)).count }
        #expect(Set(waits).count > 45)
        #expect(waits == (1...50).map { backOff.wait(after: 4, of: UInt64($0)).count })
    }
}
