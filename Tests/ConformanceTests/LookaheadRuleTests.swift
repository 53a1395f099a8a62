import StrategyWire
import Testing

@testable import Conformance

/// The parts of the look for look-ahead, without a server.
@Suite struct LookaheadRuleTests {
    private func result(
        _ position: UInt64, _ instrument: UInt32 = 0, index: UInt32 = 0, _ message: String = ""
    ) -> PBResult {
        var result = PBResult(position: position, instrument: instrument, action: .buy)
        result.index = index
        result.message = message
        return result
    }

    // MARK: What was said

    @Test func theEarliestDifferenceIsFound() {
        let one = Said([result(1), result(3), result(5, 1)])
        #expect(one.difference(from: one) == nil)
        let missing = one.difference(from: Said([result(1), result(5, 1)]))
        #expect(missing?.position == 3)
        #expect(missing?.one == [result(3)] && missing?.other == [])
        let more = one.difference(from: Said([result(1), result(2), result(3), result(5, 1)]))
        #expect(more?.position == 2 && more?.one == [])
        let other = one.difference(from: Said([result(1), result(3), result(5, 1, "up")]))
        #expect(other?.position == 5 && other?.instrument == 1)
        #expect(one.difference(from: Said([result(1)]), through: 2) == nil)
        #expect(one.difference(from: Said([result(1)]), through: 3)?.position == 3)
        // The order in which results of one event came is none of its content.
        let two = [result(4, 0), result(4, 1)]
        #expect(Said(two).difference(from: Said(two.reversed())) == nil)
        let third = Said(two).difference(from: Said([result(4, 0), result(4, 1, "x")]))
        #expect(third?.instrument == 1 && third?.one.count == 1)
    }

    @Test func whatWasSaidIsToldInWords() {
        #expect([PBResult]().spoken == "nothing")
        var sale = PBResult(position: 1, action: .sell)
        sale.size = .fraction(500_000)
        sale.limitPrice = 7_050_000_000_000
        sale.confidence = 700_000
        sale.reasons = ["fast under slow"]
        sale.message = "out"
        #expect(
            [sale].spoken == "sell fraction 0.5 at 70500, sure 0.7, fast under slow, \"out\"")
        #expect(
            Said([sale]).withoutTexts().results.spoken == "sell fraction 0.5 at 70500, sure 0.7")
    }

    // MARK: How it is passed

    private static let events = Material(
        inputs: [
            PBInput(kind: .ticks), PBInput(kind: .candles, intervalNs: 60_000_000_000),
        ], readsAccount: false, rounds: 30
    ).events

    @Test(arguments: [Cuts.whole, .single, .of(7), .random(seed: 3)])
    func everyEventIsSentOnceAndAMessageEndsWhereItMust(_ cuts: Cuts) {
        let count = Self.events.count
        for byStep in [false, true] {
            let plain = Passage(cuts).messages(of: Self.events, most: 100, byStep: byStep)
            #expect(plain.flatMap { Array($0) } == Array(0..<count))
            for index in [0, 6, 7, 99, 100, count - 1] {
                let ending = Passage(cuts).ending(at: index)
                let messages = ending.messages(of: Self.events, most: 100, byStep: byStep)
                #expect(messages.flatMap { Array($0) } == Array(0..<count))
                #expect(messages.contains { $0.upperBound == index + 1 })
                // What is before the cut is cut in the same way.
                let off = ending.cutOff(at: index)
                    .messages(of: Self.events, most: 100, byStep: byStep)
                #expect(off == Array(messages.prefix(off.count)))
                #expect(off.last?.upperBound == index + 1)
            }
        }
        let steps = Passage(cuts).messages(of: Self.events, most: 100, byStep: true)
        #expect(
            steps.allSatisfy {
                Self.events[$0.lowerBound].step == Self.events[$0.upperBound - 1].step
            })
    }

    // MARK: Other markets

    @Test func behindTheCutPricesGoTheOtherWay() throws {
        let recording = Recording(Self.events)
        let altered = AlteredEvents(recording, .market(.mirrored, behind: 100))
        var last: [UInt32: Int64] = [:]
        var changed = 0
        for (index, event) in Self.events.enumerated() {
            let other = altered[index]
            #expect(other.position == event.position && other.time == event.time)
            guard index > 100 else {
                #expect(other == event)
                if case .tick(let number, let price, _, _) = event.row { last[number] = price }
                if case .candle(let number, _, _, _, _, let close, _) = event.row {
                    last[number] = close
                }
                continue
            }
            if case .tick(let number, let price, let quantity, _) = event.row,
                case .tick(_, let mirrored, let more, _) = other.row
            {
                let pivot = try #require(last[number])
                #expect(mirrored - pivot == pivot - price)
                #expect(more == quantity * 3)
                changed += price == mirrored ? 0 : 1
            }
            if case .candle(_, _, let open, let high, let low, let close, _) = other.row {
                #expect(low <= min(open, close) && high >= max(open, close) && low > 0)
            }
        }
        #expect(changed > 100)
    }

    /// Where twice the pivot is too little, the price is as many times away.
    @Test func aMirroredPriceStaysAPrice() {
        let ticks = [100, 350, Int64.max].enumerated().map { index, price in
            MadeEvent(
                position: UInt64(index + 1) << 20, time: 0,
                row: .tick(instrument: 0, price: price, quantity: .max, side: 1))
        }
        let altered = AlteredEvents(Recording(ticks), .market(.mirrored, behind: 0))
        let rows = (0..<3).map { altered[$0].row }
        #expect(
            rows == [
                .tick(instrument: 0, price: 100, quantity: .max, side: 1),
                .tick(instrument: 0, price: 28, quantity: .max, side: 2),
                .tick(instrument: 0, price: 1, quantity: .max, side: 2),
            ])
    }

    /// All of the calendar but the year.
    @Test func movedDaysAreTheSameDays() {
        let day: Int64 = 86_400 * 1_000_000_000
        // 2024-02-29T00:00:00Z, a Thursday; 2052-02-29 is one too.
        let leap = 19_782 * day
        let event = MadeEvent(position: 1 << 20, time: leap, row: .timer(interval: 1))
        let altered = AlteredEvents(Recording([event]), .moved)
        #expect(altered[0].time == 30_009 * day)
        #expect((altered[0].time - leap) / day % 7 == 0)
        var late = event
        late.time = .max - 5
        late.entry = late.time
        #expect(AlteredEvents(Recording([late]), .moved)[0].time < late.time)
    }

    @Test func anEventIsFoundByItsPosition() {
        let recording = Recording(Self.events)
        for index in [0, 1, 50, Self.events.count - 1] {
            #expect(recording.index(of: Self.events[index].position) == index)
            #expect(recording.index(of: Self.events[index].position + 1) == index + 1)
        }
        #expect(recording.index(of: 0) == 0)
        #expect(recording.symbol(1) == "MADE02" && recording.symbol(9) == "instrument 9")
    }

    /// A volume beyond 63 bits has its upper half, and the rows before it get one.
    @Test func wideVolumesAreWhole() {
        let volumes: [Int128] = [5, Int128(Int64.max) + 1, 7]
        let rows = volumes.enumerated().map { index, volume in
            MadeEvent(
                position: UInt64(index + 1), time: 60,
                row: .candle(
                    instrument: 0, interval: 60, open: 1, high: 1, low: 1, close: 1, volume: volume)
            )
        }
        let candles = PBEvents(rows, after: 0).candles
        #expect(candles?.volume == [5, 1 << 63, 7])
        #expect(candles?.volumeHigh == [0, 0, 0])
        #expect(PBEvents(rows.prefix(1), after: 0).candles?.volumeHigh == [])
    }
}
