import Kernel
import TestKit
import Testing
import TradingModel

@Suite struct CandleBuilderTests {
    static func builder(_ interval: Interval) -> CandleBuilder {
        CandleBuilder(instrument: InstrumentID(0), interval: interval)
    }

    @Test func aCandleHoldsItsFirstHighestLowestAndLastPriceAndTheWholeVolume() throws {
        var builder = Self.builder(.minute)
        for tick in [
            Tick.at(61, 10, quantity: 2), .at(62, 14), .at(63, 7, quantity: 3), .at(119, 9),
        ] {
            #expect(builder.add(tick, zone: .utc) { _ in })
        }
        #expect(builder.running?.isFinal == false)
        #expect(builder.close(through: .seconds(119)) == nil)
        let ended = builder.close(through: .seconds(120))
        let closed = try #require(ended)
        #expect(closed.isFinal)
        #expect(closed.openTime == .seconds(60))
        #expect(
            [closed.open, closed.high, closed.low, closed.close] == [
                .won(10), .won(14), .won(7), .won(9),
            ])
        #expect(closed.volume == Volume(.shares(7)))
        #expect(builder.running == nil)
        #expect(builder.close(through: .distantFuture) == nil)
    }

    @Test func aTickOfAClosedIntervalChangesNothing() {
        var builder = Self.builder(.minute)
        #expect(builder.add(Tick.at(65, 10), zone: .utc) { _ in })
        _ = builder.close(through: .seconds(120))
        let before = builder
        #expect(!builder.add(Tick.at(119, 99), zone: .utc) { _ in })
        #expect(builder == before)
        #expect(builder.add(Tick.at(120, 11), zone: .utc) { _ in })
        #expect(!builder.add(Tick.at(60, 1), zone: .utc) { _ in })
        #expect(builder.running?.low == .won(11))
    }

    @Test func aTickOfTheNextIntervalClosesWhatWasLeftOpen() {
        var builder = Self.builder(.minute)
        var closed: [Candle] = []
        _ = builder.add(Tick.at(0, 5), zone: .utc) { closed.append($0) }
        _ = builder.add(Tick.at(600, 6), zone: .utc) { closed.append($0) }
        #expect(closed.map(\.openTime) == [.zero])
        #expect(builder.running?.openTime == .seconds(600))
    }

    /// 23 hours on 10 March, 25 on 3 November: every trade of the local day, and no other.
    @Test(arguments: [1_710_046_800 as Int64, 1_730_606_400])
    func aLocalDayIsOneCandleWhateverItsLength(_ midnight: Int64) throws {
        var builder = Self.builder(.day)
        var closed: [Candle] = []
        let hours = Int64(60)
        for hour in 0..<hours {
            let time = Timestamp.seconds(midnight - 86_400 + hour * 3_600)
            if let candle = builder.close(through: time) { closed.append(candle) }
            let tick = Tick(
                instrument: InstrumentID(0), feedTime: time, price: .won(1 + hour),
                quantity: .shares(1))
            #expect(builder.add(tick, zone: .newYork) { closed.append($0) })
        }
        try #require(closed.count == 2)
        #expect(closed[0].volume == Volume(.shares(24)))
        #expect(closed[1].openTime == .seconds(midnight))
        #expect(closed[1].volume == Volume(.shares(midnight == 1_710_046_800 ? 23 : 25)))
    }

    @Test func shorterCandlesMakeLongerOnes() throws {
        var builder = Self.builder(.seconds(300))
        for minute in 0..<5 {
            let candle = Candle.at(
                Int64(minute) * 60, (10, 20 + Int64(minute), 5 - Int64(minute), 11))
            #expect(builder.add(candle, zone: .utc) { _ in })
        }
        let ended = builder.close(through: .seconds(300))
        let five = try #require(ended)
        #expect(five.interval == .seconds(300))
        #expect(
            [five.open, five.high, five.low, five.close] == [.won(10), .won(24), .won(1), .won(11)])
        #expect(five.volume == Volume(.shares(50)))
        #expect(!builder.add(Candle.at(240, 9), zone: .utc) { _ in })
    }
}
