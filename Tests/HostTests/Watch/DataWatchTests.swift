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
            var watch = DataWatch(spans: spans, OpenHours(hours, zones), from: begin)
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
        let length = isAround ? Int64(4_000) : 4 * 86_400
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

    /// Against a look at every second: each silence once, not before its span is over and within a tenth of it, and
    /// each that was told is told to be over when data come.
    @Test(arguments: 0..<trials(60) as Range<UInt64>)
    func itIsToldOnceAndInTime(_ seed: UInt64) throws {
        let world = try Self.world(seed)
        let findings = world.findings()
        var told: [InstrumentID: [DataWatch.Silence]] = [:]
        var over: [InstrumentID: [DataWatch.Silence]] = [:]
        for finding in findings {
            switch finding {
            case .silent(let silences, _):
                for silence in silences { told[silence.instrument, default: []].append(silence) }
            case .again(let silences):
                for silence in silences { over[silence.instrument, default: []].append(silence) }
            }
        }
        for index in world.spans.indices {
            let id = InstrumentID(index)
            guard let span = world.spans[index] else {
                #expect(told[id] == nil && over[id] == nil)
                continue
            }
            var hours = OpenHours(world.hours, world.zones)
            let times = [world.begin] + world.events.filter { $0.instrument == index }.map(\.time)
            let gaps = zip(times, times.dropFirst() + [world.end])
            var expected = 0
            for (number, (since, until)) in gaps.enumerated() {
                let found = (told[id] ?? []).filter { $0.since == since && $0.until > since }
                    .filter { $0.until <= until }
                #expect(found.count <= 1, "seed \(seed): told twice")
                let first = Self.first(since, until, span) {
                    hours.opening(of: index, at: $0)
                }
                guard let first else {
                    #expect(found.isEmpty, "seed \(seed): told for nothing, \(found)")
                    continue
                }
                let latest = first.advanced(by: Nanoseconds(span.count / 10 + 1))
                // One that ends, or closes, before it is looked at, may be told or not.
                let isSure =
                    latest < until
                    && hours.opening(of: index, at: latest) == hours.opening(of: index, at: first)
                if isSure { #expect(found.count == 1, "seed \(seed): not told") }
                guard let one = found.first else { continue }
                expected += 1
                #expect(one.until >= first)
                if isSure { #expect(one.until <= latest, "seed \(seed): told late") }
                #expect(one.hadData == (number > 0))
                let ends = (over[id] ?? []).filter { $0.since == since && $0.until == until }
                // Behind the last event no data come.
                #expect(ends.count == (number == times.count - 1 ? 0 : 1), "seed \(seed)")
            }
            #expect((told[id] ?? []).count == expected)
            #expect((over[id] ?? []).count <= expected)
        }
    }

    /// The first moment at which as much of a session has passed without data; to the second.
    private static func first(
        _ since: Timestamp, _ until: Timestamp, _ span: Nanoseconds,
        _ opening: (Timestamp) -> Timestamp?
    ) -> Timestamp? {
        var time = since.advanced(by: span)
        while time <= until {
            guard let opened = opening(time) else {
                // Sessions are longer than a minute, and begin at one.
                time = time.advanced(by: .seconds(60))
                continue
            }
            let end = max(since, opened).advanced(by: span)
            if time >= end { return time }
            time = end
        }
        return nil
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
            spans: [.seconds(100), .seconds(100), nil], OpenHours([], zones), from: .seconds(0))
        for second in 0...50 as ClosedRange<Int64> {
            watch.took(InstrumentID(Int(second % 2)), at: .seconds(second))
        }
        let silences = [(0, 50), (1, 49)].map { instrument, second in
            DataWatch.Silence(
                instrument: InstrumentID(instrument), since: .seconds(second), hadData: true,
                until: .seconds(150))
        }
        // Between two looks at 140 s and 150 s both are over.
        #expect(watch.pass(to: .seconds(149)) == [])
        #expect(watch.pass(to: .seconds(1_000)) == [.silent(silences, isAll: true)])
        #expect(watch.due == .distantFuture)
        watch.took(InstrumentID(1), at: .seconds(2_000))
        let again = watch.pass(to: .seconds(2_010))
        #expect(again.count == 1)
        guard case .again(let back) = again.first else { return #expect(Bool(false)) }
        #expect(back.map(\.instrument) == [InstrumentID(1)])
        #expect(back.first?.length == .seconds(1_951))
    }
}
