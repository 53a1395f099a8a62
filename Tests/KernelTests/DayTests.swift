import TestKit
import Testing
import TradingModel

@testable import Kernel

/// The base of the day's loss, whatever the stamps say.
@Suite struct DayTests {
    private static let day: Int64 = 86_400

    private struct Told: Equatable {
        let day: Int64
        let equity: Money
    }

    /// Holds ten from the start; each tick moves the equity by ten times its price.
    private static func told(
        _ ticks: [(seconds: Int64, price: Int64)], accounts: [ZoneOffsets] = [.utc]
    ) -> [[Told]] {
        var found: [[Told]] = accounts.map { _ in [] }
        live(ticks, accounts: accounts) { _, facts in
            for case .dayStarted(let account, let day, let equity) in facts {
                found[Int(account.index)].append(Told(day: day, equity: equity))
            }
        }
        return found
    }

    private static func live(
        _ ticks: [(seconds: Int64, price: Int64)], accounts: [ZoneOffsets],
        _ body: (borrowing Kernel, [Fact]) -> Void
    ) {
        var plan = KernelPlan.sample(
            accounts: accounts.count, zone: .utc,
            sources: [SourcePlan(name: "x", kind: .server)],
            attachments: accounts.indices.map { .sample(0, account: $0) })
        for index in accounts.indices { plan.accounts[index].zone = accounts[index] }
        var kernel = Kernel(plan)
        for index in accounts.indices {
            let order = Order(
                number: OrderNumber(UInt64(index + 1)), account: AccountID(index),
                instrument: InstrumentID(0), side: .buy, quantity: .shares(10), limit: nil)
            kernel.apply(
                .ordered(
                    OrderDecision(
                        order: order, source: SourceID(0), position: .start, confidence: .full,
                        reference: .won(100), reserved: .zero, detail: "")))
            let fill = Fill(
                order: order.number, id: 1, price: .won(100), quantity: .shares(10), fee: .zero,
                time: .zero)
            var effects = Effects()
            kernel.handle(.filled(fill), into: &effects)
        }
        for (step, tick) in ticks.enumerated() {
            var effects = Effects()
            let event = MarketEvent(
                position: EventPosition(step: UInt64(step + 1), index: 0),
                kind: .tick(.at(tick.seconds, tick.price)))
            kernel.handle(event, entry: event.time, into: &effects)
            body(kernel, effects.facts)
        }
    }

    /// Equity before the tick that begins the day, at `price`.
    private static func base(_ day: Int64, _ price: Int64) -> Told {
        Told(day: day, equity: .won(Int128(1_000_000 - 1_000 + 10 * price)))
    }

    /// The peak is that of the days' beginnings, and does not fall with them.
    @Test func theBestBeginningOfADayIsKept() {
        var peaks: [Money] = []
        Self.live(
            [(10, 100), (20, 300), (Self.day + 10, 200), (2 * Self.day + 10, 90)],
            accounts: [.utc]
        ) { kernel, _ in peaks.append(kernel.accounts[0].peak) }
        #expect(peaks.first == .won(999_000) && peaks.count == 4, "\(peaks)")
        #expect(Array(peaks.dropFirst()) == [.won(999_000), .won(1_002_000), .won(1_002_000)])
    }

    @Test(arguments: [1, 2, 10, 9_000] as [Int64])
    func aWrongStampDoesNotKeepTheBaseOfTheDay(_ ahead: Int64) {
        let days = Self.told([
            (0, 100), (3_600, 90), (ahead * Self.day + 7_200, 90), (7_201, 80),
            (Self.day, 70), (Self.day + 1, 60),
        ])
        let first = Told(day: 0, equity: .won(999_000))  // no price was seen yet
        #expect(
            days[0] == [first, Self.base(ahead, 90), first]
                + (ahead == 1 ? [Self.base(1, 90)] : [Self.base(1, 80)]),
            "what the first day lost is reckoned from its own base again")
    }

    /// Late by less than an hour: the day has begun and stays.
    @Test func aLateEventLeavesTheDay() {
        let days = Self.told([
            (Self.day - 10, 100), (Self.day, 90), (Self.day - 3_599, 80), (Self.day + 1, 70),
            (Self.day - 1, 60), (2 * Self.day - 1, 50), (2 * Self.day, 40),
        ])
        #expect(days[0].map(\.day) == [0, 1, 2])
        #expect(days[0].last == Self.base(2, 50))
    }

    @Test func oldStampsNeverMoveTheBase() {
        let days = Self.told([
            (9 * Self.day, 100), (10 * Self.day, 90), (0, 80), (8 * Self.day, 70),
            (10 * Self.day + 60, 60), (9 * Self.day + 60, 50), (10 * Self.day + 61, 40),
        ])
        #expect(days[0].map(\.day) == [9, 10, 9, 10])
        guard days[0].count == 4 else { return }
        #expect(days[0].last == days[0][1] && days[0][2] == days[0][0])
    }

    /// Each account by its own midnight: once begun a day keeps its base, though once a day a stamp is wrong by up
    /// to three days.
    @Test(arguments: seeds(0..<50))
    func everyDayKeepsItsOwnBase(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let zones: [ZoneOffsets] = [.utc, .seoul, .newYork]
        var ticks: [(seconds: Int64, price: Int64)] = []
        var wrong: Set<Int> = []
        for step in 0..<400 as Range<Int64> {
            let time = 1_700_000_000 + step * 9_000
            if step % 10 == 5 {
                wrong.insert(ticks.count)
                let away = Int64.random(in: -3 * Self.day...3 * Self.day, using: &random)
                ticks.append((time + away, .random(in: 50...150, using: &random)))
            }
            ticks.append((time, .random(in: 50...150, using: &random)))
        }
        var bases: [[Int64: Money]] = zones.map { _ in [:] }
        var wrongBases: [[Int64: Set<Money>]] = zones.map { _ in [:] }
        var at = 0
        Self.live(ticks, accounts: zones) { kernel, _ in
            for (index, zone) in zones.enumerated() {
                let (day, base) = (
                    kernel.accounts[index].day, kernel.accounts[index].equityAtDayStart
                )
                let before: Money =
                    at == 0 ? .won(999_000) : Self.base(day, ticks[at - 1].price).equity
                if wrong.contains(at) {
                    wrongBases[index][day, default: []].insert(base)
                    continue
                }
                if let known = bases[index][day] {
                    #expect(base == known, "tick \(at)")
                } else {
                    #expect(base == before || wrongBases[index][day]?.contains(base) == true)
                }
                bases[index][day] = base
                let own = zone.day(of: .seconds(ticks[at].seconds))
                let soon = zone.day(of: .seconds(ticks[at].seconds + 3_600))
                #expect(day == own || (day == own + 1 && soon == day), "tick \(at)")
            }
            at += 1
        }
        #expect(at == ticks.count)
    }
}
