import TestKit
import Testing
import TradingModel

@testable import Host

/// R11.4: no data.
@Suite struct DataWatchTests {
    private typealias Event = (instrument: Int, time: Timestamp)
    private struct World {
        var hours: [MarketHours]
        var spans: [Nanoseconds?]
        var begin: Timestamp
        var end: Timestamp
        /// In order of time.
        var events: [Event]
        var zones: [ZoneOffsets] { hours.map { _ in .seoul } }

        /// - Parameter pauses: Where time is told between two events as well.
        func findings(pausing pauses: (Timestamp, Timestamp) -> [Timestamp] = { _, _ in [] })
            -> [DataWatch.Finding]
        {
            var watch = DataWatch(spans: spans, OpenHours(hours, zones, from: begin), from: begin)
            var (found, last): ([DataWatch.Finding], Timestamp) = ([], begin)
            for event in events {
                for pause in pauses(last, event.time) { found += watch.pass(to: pause) }
                found += watch.pass(to: event.time)
                watch.took(InstrumentID(event.instrument), at: event.time)
                last = event.time
            }
            for pause in pauses(last, end) { found += watch.pass(to: pause) }
            return found + watch.pass(to: end) + watch.end()
        }
    }

    private static let regular = MarketHours.Session(
        open: 9 * 3_600_000_000_000, close: 15 * 3_600_000_000_000 + 1_800_000_000_000)

    private static func world(_ seed: UInt64) throws -> World {
        var random = SeededRandom(seed)
        let session = try #require(regular)
        let isAround = random.oneIn(2)
        let count = Int.random(in: 1...5, using: &random)
        // Midnight in Seoul.
        let begin = Timestamp.seconds(1_704_121_200 + Int64.random(in: 0..<86_400, using: &random))
        let length = isAround ? Int64(4_000) : 9 * 86_400
        let dense = Double.random(in: 0.2...3, using: &random)
        let spans = (0..<count).map { _ -> Nanoseconds? in
            if random.oneIn(6) { return nil }
            let most: Int64 = isAround ? 300 : 5_400
            return .seconds(Int64.random(in: most / 10...most, using: &random))
        }
        let typical = (spans.compactMap(\.self).map(\.count).max() ?? 60_000_000_000)
        var events: [Event] = []
        for instrument in 0..<count {
            var time = begin
            while true {
                let most = Int64(Double(typical) * (random.oneIn(5) ? 4 : dense))
                time = time.advanced(by: Nanoseconds(.random(in: 0...most, using: &random)))
                if time > begin.advanced(by: .seconds(length)) { break }
                // Little comes outside of the hours, and that counts as data too.
                let isOpen = isAround || MarketHours(session).holds(time, .seoul)
                if isOpen || random.oneIn(20) { events.append((instrument, time)) }
            }
        }
        let odd = MarketHours.OddDay(day: 19_725, session: nil)
        return World(
            hours: (0..<count).map { _ in
                isAround ? .always : MarketHours(session, oddDays: random.oneIn(2) ? [odd] : [])
            },
            spans: spans, begin: begin, end: begin.advanced(by: .seconds(length)),
            events: events.sorted { $0.time < $1.time })
    }

    /// Against a plain list of sessions: each silence once in each of them, not before its span is over and within a
    /// tenth of it, and each that was told is told to be over when data come.
    @Test(arguments: 0..<trials(60) as Range<UInt64>)
    func itIsToldOnceInASessionAndInTime(_ seed: UInt64) throws {
        let world = try Self.world(seed)
        var told: [InstrumentID: [DataWatch.Silence]] = [:]
        var over: [InstrumentID: [DataWatch.Silence]] = [:]
        for finding in world.findings() {
            switch finding {
            case .silent(let silences, _):
                for one in silences { told[one.instruments[0], default: []].append(one) }
            case .again(let silences):
                for one in silences { over[one.instruments[0], default: []].append(one) }
            }
        }
        for index in world.spans.indices {
            let id = InstrumentID(index)
            guard let span = world.spans[index] else {
                #expect(told[id] == nil && over[id] == nil)
                continue
            }
            let times = [world.begin] + world.events.filter { $0.instrument == index }.map(\.time)
            let gaps = zip(times, times.dropFirst() + [world.end])
            var expected = 0
            for (number, (since, until)) in gaps.enumerated() where until > since {
                let found = (told[id] ?? []).filter { $0.since == since && $0.until <= until }
                for session in Self.sessions(world, index) {
                    let inside = found.filter {
                        $0.until >= session.first && $0.until < session.end
                    }
                    let first = max(since, session.first).advanced(by: span)
                    guard first < session.end, first <= until else {
                        #expect(inside.isEmpty, "seed \(seed): told for nothing, \(inside)")
                        continue
                    }
                    let tenth = first.advanced(by: Nanoseconds(span.count / 10 + 1))
                    let latest = min(tenth, session.end.advanced(by: Nanoseconds(-1)))
                    // One that ends before it is looked at may be told or not.
                    if latest < until { #expect(inside.count == 1, "seed \(seed): not told") }
                    #expect(inside.count <= 1, "seed \(seed): told twice")
                    guard let one = inside.first else { continue }
                    #expect(one.until >= first && one.until <= latest, "seed \(seed): told late")
                    #expect(one.hadData == (number > 0))
                    #expect(one.length == one.until.since(max(since, session.first)))
                }
                expected += found.count
                let ends = (over[id] ?? []).filter { $0.since == since && $0.until == until }
                // Behind the last event no data come.
                let isOver = !found.isEmpty && number < times.count - 1
                #expect(ends.count == (isOver ? 1 : 0), "seed \(seed)")
                #expect(ends.allSatisfy { $0.by == id })
            }
            #expect((told[id] ?? []).count == expected)
        }
    }

    /// 9:00 to 15:31 in Seoul, from Monday to Friday, but for the odd day where it is one.
    private static func sessions(
        _ world: World, _ index: Int
    ) -> [(first: Timestamp, end: Timestamp)] {
        guard !world.hours[index].isAlways else { return [(world.begin, .distantFuture)] }
        return (19_720..<19_740 as Range<Int64>).compactMap { day in
            let first = Timestamp.seconds(day * 86_400)
            let session = (first, first.advanced(by: .seconds(23_460)))
            let isWeekend = [5, 6].contains((day + 3) % 7)
            let isOdd = day == 19_725 && world.hours[index] != MarketHours(regular)
            return isWeekend || isOdd ? nil : session
        }
    }

    /// However time passes between two rows: a pause that the pace cuts short is one step, and comes to the same.
    @Test(arguments: 0..<trials(40) as Range<UInt64>)
    func thePaceDecidesNothing(_ seed: UInt64) throws {
        let world = try Self.world(seed + 1_000)
        let plain = world.findings()
        var random = SeededRandom(seed)
        let paced = world.findings { from, to in
            let gap = to.since(from).count
            return (0..<Int.random(in: 0...4, using: &random)).map { _ in
                from.advanced(by: Nanoseconds(gap == 0 ? 0 : .random(in: 0...gap, using: &random)))
            }.sorted()
        }
        #expect(plain == paced)
    }

    @Test func thoseThatFallSilentTogetherAreToldTogether() {
        let zones = [ZoneOffsets](repeating: .seoul, count: 3)
        var watch = DataWatch(
            spans: [.seconds(100), .seconds(100), nil], OpenHours([], zones, from: .zero),
            from: .zero)
        for second in 0...50 as ClosedRange<Int64> {
            watch.took(InstrumentID(Int(second % 2)), at: .seconds(second))
        }
        let silences = [(0, 50), (1, 49)].map { instrument, second in
            DataWatch.Silence(
                instruments: [InstrumentID(instrument)], since: .seconds(Int64(second)),
                hadData: true, until: .seconds(150), length: .seconds(Int64(150 - second)))
        }
        // Between two looks at 140 s and 150 s both are over.
        #expect(watch.pass(to: .seconds(149)) == [])
        #expect(watch.pass(to: .seconds(1_000)) == [.silent(silences, isAll: true)])
        #expect(watch.due == .distantFuture)
        watch.took(InstrumentID(1), at: .seconds(2_001))
        #expect(watch.pass(to: .seconds(2_007)) == [])
        watch.took(InstrumentID(0), at: .seconds(2_007))
        // On the grid of silences: the two that come within it are one line.
        let again = watch.pass(to: .seconds(2_010))
        #expect(again.count == 1)
        guard case .again(let back) = again.first else { return #expect(Bool(false)) }
        #expect(back.map(\.instruments) == [[InstrumentID(1)], [InstrumentID(0)]])
        #expect(back.map(\.length) == [.seconds(1_952), .seconds(1_957)])
    }
}
