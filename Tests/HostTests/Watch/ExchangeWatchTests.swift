import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R11.4: no data, by an exchange's week: weekends, spans longer than a session, many symbols.
@Suite struct ExchangeWatchTests {
    /// Ordinary days of KRX in Seoul: from midnight UTC for 6 h 31 min.
    private static let krx = MarketHours(
        MarketHours.Session(open: 32_400_000_000_000, close: 55_800_000_000_000))
    private static let friday: Int64 = 19_727
    private static let saturday: Int64 = 19_728
    private static let monday: Int64 = 19_730

    /// - Parameter minutes: Behind 9:00.
    private static func time(_ day: Int64, _ minutes: Int64) -> Timestamp {
        .seconds(day * 86_400 + minutes * 60)
    }

    private struct World {
        var watch: DataWatch
        var found: [DataWatch.Finding] = []
        /// Moments that were looked at.
        var looks = 0

        init(
            _ spans: [Nanoseconds?], together: [Nanoseconds?] = [],
            hours: [MarketHours]? = nil, named: Set<Int64> = [], from time: Timestamp
        ) {
            let kinds = hours ?? spans.map { _ in ExchangeWatchTests.krx }
            let open = OpenHours(
                kinds, spans.map { _ in .seoul }, named: [ExchangeWatchTests.krx: named],
                from: time)
            watch = DataWatch(spans: spans, together: together, open, from: time)
        }

        mutating func pass(to time: Timestamp) {
            while watch.due <= time {
                looks += 1
                found += watch.pass(to: watch.due)
            }
            found += watch.pass(to: time)
        }

        mutating func took(_ instrument: Int, at time: Timestamp) {
            pass(to: time)
            watch.took(InstrumentID(instrument), at: time)
        }

        /// When something was told to be silent.
        var told: [Timestamp] {
            found.compactMap { finding in
                if case .silent(let silences, _) = finding { silences.first?.until } else { nil }
            }
        }
    }

    // MARK: Weekends and sessions

    /// A feed that dies over a weekend is told on Monday, and on Tuesday again: not on a Saturday.
    @Test func aSaturdayIsNoTradingDay() {
        var world = World([.seconds(900), .seconds(900)], from: Self.time(Self.friday, 0))
        for minute in 0...390 as ClosedRange<Int64> {
            for instrument in 0...1 { world.took(instrument, at: Self.time(Self.friday, minute)) }
        }
        world.pass(to: Self.time(Self.monday, 10))
        #expect(world.found.isEmpty)
        world.pass(to: Self.time(Self.monday + 1, 60))
        #expect(
            world.told == [Self.time(Self.monday, 15), Self.time(Self.monday + 1, 15)])
        world.took(0, at: Self.time(Self.monday + 1, 61))
        world.pass(to: Self.time(Self.monday + 1, 70))
        guard case .again(let back) = world.found.last else { return #expect(Bool(false)) }
        #expect(back.map(\.by) == [InstrumentID(0)])
        // A minute of Friday's, all of Monday, an hour of Tuesday: nights are nobody's silence.
        #expect(back.first?.length == .seconds(60 * (1 + 391 + 61)))
    }

    /// Weeks that pass at once, as between two rows of a recording, are told once: by their last day.
    @Test func sessionsThatPassAtOnceAreOneSilence() {
        var world = World([.seconds(900), .seconds(900)], from: Self.time(Self.friday, 0))
        for minute in 0...390 as ClosedRange<Int64> {
            for instrument in 0...1 { world.took(instrument, at: Self.time(Self.friday, minute)) }
        }
        let end = Self.time(Self.monday + 21, 60)
        let findings = DataWatch.lastOfEach(world.watch.pass(to: end))
        guard case .silent(let silences, true)? = findings.first, findings.count == 1 else {
            return #expect(Bool(false), "\(findings)")
        }
        #expect(silences.map(\.instruments) == [[InstrumentID(0)], [InstrumentID(1)]])
        #expect(silences.allSatisfy { $0.until == Self.time(Self.monday + 21, 15) })
    }

    @Test func aSaturdayThatIsNamedIsOne() {
        var world = World([.seconds(900)], named: [Self.saturday], from: Self.time(Self.friday, 0))
        world.took(0, at: Self.time(Self.friday, 389))
        world.found = []
        world.pass(to: Self.time(Self.saturday, 60))
        #expect(world.told == [Self.time(Self.saturday, 15)])
    }

    /// Candles of a day come at the close: two sessions without one are told in the third.
    @Test func aSpanLongerThanASessionIsCountedOverSessions() {
        let span = Nanoseconds.seconds(2 * 391 * 60)
        var world = World([span], from: Self.time(Self.monday - 7, 0))
        for day in (Self.monday - 7)..<Self.saturday { world.took(0, at: Self.time(day, 391)) }
        #expect(world.found.isEmpty)
        world.pass(to: Self.time(Self.monday + 1, 391))
        #expect(world.found.isEmpty)
        world.pass(to: Self.time(Self.monday + 2, 391))
        #expect(world.told.count == 1)
        guard case .silent(let silences, let isAll) = world.found.first else {
            return #expect(Bool(false))
        }
        #expect(isAll && silences[0].since == Self.time(Self.friday, 391))
        #expect(silences[0].length >= span)
        // Told anew when as much has passed again.
        world.pass(to: Self.time(Self.monday + 3, 391))
        #expect(world.told.count == 1)
        world.pass(to: Self.time(Self.monday + 4, 391))
        #expect(world.told.count == 2)
    }

    /// The grid of looks may lie behind the close: the last look of a session is at its end.
    @Test(arguments: [350, 370, 390] as [Int64])
    func aSpanThatASessionJustHoldsIsToldInIt(_ minutes: Int64) {
        var world = World([.seconds(minutes * 60)], from: Self.time(Self.monday, 0))
        world.pass(to: Self.time(Self.monday, 391))
        #expect(world.told.count == 1)
    }

    /// Around the clock but for a day that is closed: midnight is no opening.
    @Test func aDayAroundTheClockGoesOnInTheNext() {
        let hours = MarketHours(nil, oddDays: [.init(day: Self.monday, session: nil)])
        var world = World([.seconds(600)], hours: [hours], from: Self.time(Self.friday, 0))
        world.pass(to: Self.time(Self.monday, -600))
        #expect(world.told == [Self.time(Self.friday, 10)])
        world.pass(to: Self.time(Self.monday + 2, 0))
        // Told anew behind the closed day: it opens at midnight in Seoul.
        #expect(world.told.dropFirst() == [Self.time(Self.monday + 1, -530)])
    }

    /// Where all is closed nobody is asked until the next opening.
    @Test func aNightIsPassedInAFewLooks() {
        let count = 2_500
        var world = World(
            Array(repeating: .seconds(10), count: count), from: Self.time(Self.friday, 380))
        for instrument in 0..<count { world.took(instrument, at: Self.time(Self.friday, 390)) }
        world.looks = 0
        world.pass(to: Self.time(Self.monday, 1))
        // The close of Friday, the opening of Monday, and what was silent in both.
        #expect(world.looks < 10, "\(world.looks)")
        #expect(world.told.last == Self.time(Self.monday, 0).advanced(by: .seconds(10)))
    }

    // MARK: Many symbols

    /// 300 of which most trade once in an hour: none of it is told, and a feed that breaks is one line.
    @Test func thinSymbolsAreWatchedTogether() {
        let count = 300
        let spans = [Nanoseconds?](repeating: nil, count: count)
        var world = World(
            spans, together: Array(repeating: .seconds(900), count: count),
            from: Self.time(Self.monday, 0))
        for minute in 0..<240 as Range<Int64> {
            world.took(Int(minute) * 5 % count, at: Self.time(Self.monday, minute))
        }
        #expect(world.found.isEmpty)
        world.pass(to: Self.time(Self.monday, 300))
        #expect(world.told == [Self.time(Self.monday, 255)])
        guard case .silent(let silences, true) = world.found.last else {
            return #expect(Bool(false))
        }
        #expect(silences.map(\.instruments.count) == [count])
        world.took(7, at: Self.time(Self.monday, 301))
        world.took(8, at: Self.time(Self.monday, 301))
        world.pass(to: Self.time(Self.monday, 303))
        guard case .again(let back) = world.found.last else { return #expect(Bool(false)) }
        #expect(back.map(\.by) == [InstrumentID(7)] && world.found.count == 2)
    }

    /// What is watched alone, or not at all, lives by the same feed.
    @Test func dataOfAnyInstrumentOfTheExchangeCount() {
        var world = World(
            [nil, .seconds(3_600), nil], together: [.seconds(900), nil, nil],
            from: Self.time(Self.monday, 0))
        for minute in 0..<120 as Range<Int64> {
            world.took(minute % 2 == 0 ? 1 : 2, at: Self.time(Self.monday, minute))
        }
        #expect(world.found.isEmpty)
    }

    // MARK: Words

    private static func watchdogs(
        _ plan: KernelPlan, _ settings: WatchSettings, from time: Timestamp
    ) -> Watchdogs {
        Watchdogs(settings, plan, brokers: [], from: time, at: 0)
    }

    private static func step(_ instrument: Int, at time: Timestamp) throws -> Step {
        let plan = KernelPlan.sample(instruments: 8)
        let tick = Tick.at(time.nanoseconds / 1_000_000_000, 100, of: instrument)
        let reader = try StepReader(
            MemoryFeed([.tick(tick)]), MarketPlan(zones: plan.zones, intervals: [], timers: []))
        var step = Step()
        _ = try reader.read(into: &step)
        return step
    }

    /// Only what is watched is spoken of; a night is left out of the length, and its day is named.
    @Test func theLineSaysWhatIsTrue() throws {
        var plan = KernelPlan.sample(instruments: 8)
        plan.hours = (0..<8).map { $0 < 7 ? Self.krx : .always }
        var settings = WatchSettings()
        settings.noData = plan.instruments.map { _ in nil }
        settings.noDataTogether = plan.instruments.indices.map { $0 < 7 ? .seconds(900) : nil }
        var watch = Self.watchdogs(plan, settings, from: Self.time(Self.friday, 380))
        watch.took(try Self.step(2, at: Self.time(Self.friday, 389)))
        watch.took(try Self.step(7, at: Self.time(Self.monday, 14)))
        watch.pass(to: Self.time(Self.monday, 20))
        watch.took(try Self.step(3, at: Self.time(Self.monday, 21)))
        watch.pass(to: Self.time(Self.monday, 30))
        let notes = watch.takeNotes()
        #expect(
            notes.map(\.text) == [
                "no data of any watched instrument that is open (S0, S1, S2, S3, S4 and 2 more) for 15m,"
                    + " the last came at 2024-01-05 15:29:00",
                "data of S3 again, after 23m",
            ])
        #expect(notes.allSatisfy { $0.instrument == nil || $0.severity == .info })
    }

    // MARK: Results

    /// A server that is given a candle a day: hours of a session count, and nights do not.
    @Test func aServerOwesAResultOverSessions() throws {
        var plan = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)])
        plan.hours = [Self.krx]
        let link = try Self.link(plan)
        var settings = WatchSettings()
        settings.noResults = [SourceID(0): .seconds(86_400)]
        var watch = Self.watchdogs(plan, settings, from: Self.time(Self.monday, 0))
        for day in 0...3 as ClosedRange<Int64> {
            watch.gave(1, to: link, at: Self.time(Self.monday + day, 391))
            #expect(watch.takeNotes().isEmpty)
        }
        watch.gave(1, to: link, at: Self.time(Self.monday + 4, 391))
        #expect(
            watch.takeNotes().map(\.text) == [
                "far has said nothing for 1d 2h, and 5 events went to it"
            ])
        watch.heard(from: link, at: Self.time(Self.monday + 7, 0))
        #expect(watch.takeNotes().map(\.text) == ["far speaks again, after 1d 2h"])
    }

    private static func scenario(_ plan: KernelPlan) -> Scenario {
        let server = Scenario.Server(
            source: SourceID(0),
            description: Scenario.description("far", [.ticks], readsAccount: false),
            account: nil, onceIn: 1)
        return Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: MemoryFeed([.tick(.at(1, 100))]), servers: [server])
    }

    private static func link(_ plan: KernelPlan) throws -> SessionLink {
        try #require(scenario(plan).setup(Scenario.Start(), isLockstep: false).sessions.first)
    }

    /// Another version in its place, or one that is asked again, owes nothing for what was before.
    @Test(arguments: [true, false])
    func aVersionOwesNothingForTheOneBefore(_ isSeated: Bool) throws {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)])
        var setup = Self.scenario(plan).setup(Scenario.Start(), isLockstep: false)
        setup.watch.noResults = [SourceID(0): .seconds(60)]
        let link = try #require(setup.sessions.first)
        var state = RunState(setup)
        state.beginWatching(from: .seconds(1))
        state.watch?.gave(1, to: link, at: .seconds(1))
        state.watch?.gave(1, to: link, at: .seconds(50))
        if isSeated {
            _ = state.seat(link)
        } else {
            state.versions.change(
                link.source, to: VersionPlan(live: .main, other: .shadow), from: 1, order: 0)
            for (number, live) in [(1, VersionSlot.candidate), (2, .main)] {
                try state.take(
                    VersionRequest(
                        number: number, strategy: "far",
                        plan: VersionPlan(live: live, other: .none), reason: "test"), from: 2)
            }
        }
        state.watch?.gave(1, to: link, at: .seconds(100))
        #expect(state.watch?.takeNotes().isEmpty == true)
        state.watch?.gave(1, to: link, at: .seconds(160))
        #expect(state.watch?.takeNotes().count == 1)
    }
}
