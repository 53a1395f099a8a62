import StrategyWire
import Testing

@testable import Conformance

/// The market that never was, and how it is cut.
@Suite struct MaterialTests {
    private let inputs = [
        PBInput(kind: .ticks), PBInput(kind: .quotes),
        PBInput(kind: .candles, intervalNs: 60_000_000_000, warmUp: 50),
        PBInput(kind: .candles, intervalNs: 3_600_000_000_000, warmUp: 3),
        PBInput(kind: .timers, intervalNs: 10_000_000_000),
    ]
    private var events: [MadeEvent] {
        Material(inputs: inputs, readsAccount: true, rounds: 100).events
    }

    @Test func positionsRiseAndTimeNeverGoesBack() {
        let events = events
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.position < $1.position })
        let times = events.filter { $0.position & 0xF_FFFF == 0 }.map(\.time)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(events == Material(inputs: inputs, readsAccount: true, rounds: 100).events)
        #expect(events != Material(inputs: inputs, readsAccount: true, rounds: 100, seed: 2).events)
    }

    /// Years of candles end in time, and what cannot be is not made.
    @Test(arguments: [1, 60, 86_400, 366 * 86_400, 0, -5, 400 * 86_400, .max / 1_000_000_000])
    func anyIntervalCanBeAskedFor(_ seconds: Int64) {
        for kind in [PBInput.Kind.candles, .timers] {
            let input = PBInput(kind: kind, intervalNs: seconds * 1_000_000_000, warmUp: .max)
            let rounds = Material.rounds(for: [input])
            #expect(rounds >= 90)
            let events = Material(inputs: [input], readsAccount: false, rounds: rounds).events
            let isAllowed = (1...366 * 86_400).contains(seconds)
            #expect(events.count == (isAllowed ? rounds * (kind == .candles ? 2 : 1) : 0))
            #expect(events.allSatisfy { $0.time > 0 })
        }
    }

    @Test func onlyWhatIsAskedForIsThere() {
        let ticks = Material(inputs: [inputs[0]], readsAccount: false, rounds: 5).events
        #expect(ticks.count == 40)
        #expect(ticks.allSatisfy { if case .tick = $0.row { true } else { false } })
        #expect(Material(inputs: [], readsAccount: false, rounds: 5).events.isEmpty)
    }

    @Test func candlesHoldTheirTicks() {
        var open: [UInt32: [Int64]] = [:]
        var checked = 0
        for event in events {
            switch event.row {
            case .tick(let number, let price, _, _): open[number, default: []].append(price)
            case .candle(let number, 60_000_000_000, let first, let high, let low, let last, _):
                let prices = open.removeValue(forKey: number) ?? []
                #expect(prices.first == first)
                #expect(prices.last == last)
                #expect(prices.max() == high)
                #expect(prices.min() == low)
                #expect(event.time % 60_000_000_000 == 0)
                checked += 1
            default: break
            }
        }
        #expect(checked == 200)
    }

    /// Behind each trade, and the last state is what closes.
    @Test func candlesThatGrowAreShownWhereTheyAreAskedFor() {
        var inputs = [PBInput(kind: .ticks), PBInput(kind: .candles, intervalNs: 60_000_000_000)]
        let plain = Material(inputs: inputs, readsAccount: false, rounds: 50).events
        #expect(plain.allSatisfy { $0.closes == nil })
        inputs[1].unfinished = true
        let events = Material(inputs: inputs, readsAccount: false, rounds: 50).events
        #expect(events.filter { $0.closes == nil } == plain)
        #expect(events.count { $0.closes != nil } == 400)
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.position < $1.position })
        var states: [UInt32: MadeEvent] = [:]
        for event in events {
            guard case .candle(let number, _, _, _, _, _, _) = event.row else { continue }
            if event.closes != nil {
                states[number] = event
                continue
            }
            let last = states.removeValue(forKey: number)
            #expect(last?.row == event.row && last?.closes == event.time)
        }
        let message = PBEvents(events.prefix(3), after: 0)
        #expect(message.candles?.flags.first == 0)
        #expect(History.asked(of: events[...], inputs).allSatisfy { $0.closes == nil })
    }

    @Test(arguments: [Cuts.whole, .single, .random(seed: 1), .of(7)])
    func cutsHoldEveryEventOnce(_ cuts: Cuts) {
        for count in [0, 1, 6, 7, 255, 256, 257, 1_000] {
            let lengths = cuts.lengths(count, most: 256)
            #expect(lengths.reduce(0, +) == count)
            #expect(lengths.allSatisfy { (1...256).contains($0) })
        }
        #expect(Cuts.random(seed: 1).lengths(500, most: 256).contains { $0 > 20 })
    }

    @Test func aHistoryHoldsWhatWasAskedFor() {
        let events = Material(
            inputs: inputs, readsAccount: true, rounds: Material.rounds(for: inputs)
        ).events
        let end = History.end(in: events, inputs)
        #expect(events[end].step != events[end - 1].step)
        let history = History.asked(of: events[..<end], inputs)
        var counts: [Int64: Int] = [:]
        for event in history {
            guard case .candle(_, let interval, _, _, _, _, _) = event.row else {
                Issue.record("\(event)")
                continue
            }
            counts[interval, default: 0] += 1
        }
        #expect(counts == [60_000_000_000: 100, 3_600_000_000_000: 6])
        #expect(zip(history, history.dropFirst()).allSatisfy { $0.position < $1.position })
    }

    /// Row by row, what the messages hold is what was made.
    @Test func messagesHoldTheEvents() {
        let events = Array(events.prefix(300))
        let message = PBEvents(events, after: events[0].position - 5)
        #expect(message.count == 300)
        #expect(message.positions == events.map(\.position))
        let columns = [
            message.ticks?.price.count, message.quotes?.askQuantity.count,
            message.candles?.flags.count, message.timers?.interval.count,
            message.accountUpdates?.cash.count,
        ].compactMap { $0 }
        #expect(columns.reduce(0, +) == 300)
    }
}
