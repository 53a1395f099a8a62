import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// What a broker takes, against the order and the hour: by the words that a person reads.
@Suite struct TakenOrdersTests {
    /// Monday, 2026-11-30, 00:00 in Seoul.
    static let monday = Timestamp.seconds(1_795_964_400)
    static func at(_ day: Int64, _ hour: Int64, _ minute: Int64 = 0) -> Timestamp {
        monday.advanced(by: .seconds(((day * 24) + hour) * 3_600 + minute * 60))
    }
    static func hours(_ hour: Int64, _ minute: Int64 = 0) -> Nanoseconds {
        .seconds(hour * 3_600 + minute * 60)
    }
    /// A session on weekdays, an after-market without market orders, a night of Fridays.
    static let krx = TradingHours.windows(
        [
            .init(
                weekdays: [1, 2, 3, 4, 5], opens: hours(9), closes: hours(15, 30),
                orderTypes: [.market, .limit]),
            .init(
                weekdays: [1, 2, 3, 4, 5], opens: hours(15, 40), closes: hours(18),
                orderTypes: [.limit]),
            .init(weekdays: [5], opens: hours(22), closes: hours(26), orderTypes: [.limit]),
        ], timeZone: "Asia/Seoul")

    static func taken(
        types: Set<BrokerCapabilities.OrderType> = [.market, .limit],
        units: BrokerCapabilities.Units = .lots, hours: TradingHours = .always
    ) -> TakenOrders {
        var capabilities = StubBroker.usual
        capabilities.orderTypes = types
        capabilities.units = units
        capabilities.hours = hours
        return TakenOrders("kis", capabilities, zone: .seoul, lots: [.shares(10)])
    }
    static func order(shares: Int64 = 10, limit: Int64? = nil, of instrument: Int = 0) -> Order {
        Order(
            number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(instrument),
            side: .buy, quantity: .shares(shares), limit: limit.map { .won($0) })
    }

    @Test func whatABrokerTakesPasses() {
        #expect(Self.taken().objection(to: Self.order(), at: .zero) == nil)
        #expect(Self.taken().objection(to: Self.order(limit: 5), at: .zero) == nil)
    }

    @Test func aKindThatItDoesNotTakeIsRefused() {
        let taken = Self.taken(types: [.limit])
        #expect(
            taken.objection(to: Self.order(), at: .zero)
                == BrokerError(.rejected, "not sent: kis takes no market orders"))
        #expect(taken.objection(to: Self.order(limit: 5), at: .zero) == nil)
        let change = OrderChange(limit: .won(5), quantity: .shares(10))
        #expect(taken.objection(to: change, at: .zero) == nil)
        #expect(
            Self.taken(types: [.market]).objection(to: change, at: .zero)?.brokerMessage
                == "not sent: kis takes no limit orders")
    }

    @Test func aQuantityOffTheUnitIsRefused() {
        #expect(
            Self.taken().objection(to: Self.order(shares: 15), at: .zero)
                == BrokerError(
                    .rejected,
                    "not sent: 15 is no multiple of 10, in which kis takes quantities"))
        // Of an instrument that nobody listed the broker's unit is all there is.
        #expect(Self.taken().objection(to: Self.order(shares: 15, of: 7), at: .zero) == nil)
        // Whatever the lot: fractions of a share.
        let fractions = Self.taken(units: .fractions(of: Quantity(units: 1_000)))
        #expect(fractions.objection(to: Self.order(shares: 15), at: .zero) == nil)
        let odd = Order(
            number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(0), side: .buy,
            quantity: Quantity(units: 1_500), limit: nil)
        #expect(fractions.objection(to: odd, at: .zero)?.code == .rejected)
        #expect(
            fractions.objection(
                to: OrderChange(limit: .won(5), quantity: Quantity(units: 1_500)), at: .zero) != nil
        )
    }

    @Test(arguments: [
        // Day since Monday, hour, minute; whether limit and market orders pass.
        (0, 8, 59, false, false), (0, 9, 0, true, true), (4, 15, 29, true, true),
        (4, 15, 30, false, false), (4, 15, 40, true, false), (2, 18, 0, false, false),
        (5, 10, 0, false, false), (6, 12, 0, false, false),
        // Friday's night, and Saturday before two; no other night.
        (4, 23, 0, true, false), (5, 1, 59, true, false), (5, 2, 0, false, false),
        (4, 1, 0, false, false), (3, 23, 0, false, false), (7, 9, 0, true, true),
    ])
    func hoursAreTheBrokersOwn(
        _ day: Int, _ hour: Int, _ minute: Int, _ limit: Bool, _ market: Bool
    ) {
        let taken = Self.taken(hours: Self.krx)
        let time = Self.at(Int64(day), Int64(hour), Int64(minute))
        #expect((taken.objection(to: Self.order(limit: 5), at: time) == nil) == limit)
        #expect((taken.objection(to: Self.order(), at: time) == nil) == market)
    }

    @Test func anHourIsToldInTheBrokersTime() {
        let taken = Self.taken(hours: Self.krx)
        #expect(
            taken.objection(to: Self.order(limit: 5), at: Self.at(5, 16, 2))
                == BrokerError(
                    .notTradable,
                    "not sent: kis takes orders 09:00-15:30, 15:40-18:00, 22:00-26:00 (Asia/Seoul),"
                        + " and it is Sat 16:02 there"))
        #expect(
            taken.objection(to: Self.order(), at: Self.at(0, 16))
                == BrokerError(.notTradable, "not sent: kis takes no market orders at Mon 16:00"))
        let never = Self.taken(hours: .windows([], timeZone: "Asia/Seoul"))
        #expect(never.objection(to: Self.order(), at: .zero)?.code == .notTradable)
    }

    /// By the zone's clock, on either side of a change of it.
    @Test func aZonesClockDecides() {
        var capabilities = StubBroker.usual
        capabilities.hours = .windows(
            [
                .init(
                    weekdays: Set(1...7), opens: Self.hours(9, 30), closes: Self.hours(16),
                    orderTypes: [.market])
            ], timeZone: "America/New_York")
        let taken = TakenOrders("alpaca", capabilities, zone: .newYork)
        // 14:00 UTC on Friday, 8 March 2024 is 09:00 there, and 10:00 on the Monday behind.
        #expect(taken.objection(to: Self.order(), at: .seconds(1_709_906_400)) != nil)
        #expect(taken.objection(to: Self.order(), at: .seconds(1_710_165_600)) == nil)
    }
}

extension PacedTests {
    /// In a whole run: what is not taken is not written, and ends as refused, with the reason.
    @Suite(.timeLimit(.minutes(1))) struct RoutedTakingTests {
        private func ends(_ records: [[UInt8]]) throws -> [String] {
            try history(records).facts.compactMap {
                if case .orderEnded(_, let state, let reason) = $0 {
                    "\(state): \(reason)"
                } else {
                    nil
                }
            }
        }
        private func run(
            _ capabilities: BrokerCapabilities, utc: Int64 = 0, zone: ZoneOffsets = .utc,
            limit: Price? = nil
        ) async throws -> (StubVenue, MemoryLog) {
            let (venue, log) = (StubVenue(), MemoryLog())
            var run = RoutedRun(StubBroker(venue, capabilities: capabilities))
            run.log = log
            run.brokerClock = ManualClock(utc: utc)
            run.zone = zone
            let (plan, feed) = RoutedRun.plan(10) { second in
                second == 1
                    ? StrategyResult(.buy, size: .quantity(.shares(15)), limit: limit)
                    : StrategyResult(.alert)
            }
            #expect(try await run.run(plan, feed).end == "finished")
            let (plan2, feed2) = RoutedRun.plan(10) { second in
                second == 1
                    ? StrategyResult(.buy, size: .quantity(.shares(15)), limit: limit)
                    : StrategyResult(.alert)
            }
            DecisionReplayTests.expectSame(
                try DecisionReplayTests.replay(routed: plan2, feed2, log.records),
                decided: ["signal", "round", "risk", "order"])
            return (venue, log)
        }

        @Test func aMarketOrderIsNotWrittenWhereThereAreNone() async throws {
            var capabilities = StubBroker.usual
            capabilities.orderTypes = [.limit]
            let (venue, log) = try await run(capabilities)
            #expect(venue.writes.isEmpty)
            #expect(try ends(log.records) == ["rejected: not sent: stub takes no market orders"])
            // A word of ours, and no doubt of anybody's.
            let notes = try history(log.records).minutes.flatMap(\.notes).map(\.note.code)
            #expect(!notes.contains(.orderDelayed) && !notes.contains(.brokerDown), "\(notes)")
        }

        @Test func anOddQuantityIsNotWritten() async throws {
            var capabilities = StubBroker.usual
            capabilities.units = .fractions(of: .shares(10))
            let (venue, log) = try await run(capabilities)
            #expect(venue.writes.isEmpty)
            #expect(
                try ends(log.records)
                    == [
                        "rejected: not sent: 15 is no multiple of 10, in which stub takes quantities"
                    ])
        }

        @Test(arguments: [(5, false), (0, true)])
        func outsideOfItsHoursNothingIsWritten(_ day: Int64, _ isOpen: Bool) async throws {
            var capabilities = StubBroker.usual
            capabilities.hours = TakenOrdersTests.krx
            let time = TakenOrdersTests.at(day, 10)
            let (venue, log) = try await run(
                capabilities, utc: time.nanoseconds, zone: .seoul, limit: .won(90))
            #expect(venue.writes.count == (isOpen ? 1 : 0))
            let ends = try ends(log.records)
            #expect(ends.count == 1)
            #expect(
                ends.first?.hasPrefix(
                    isOpen ? "cancelled: " : "rejected: not sent: stub takes orders")
                    == true, "\(ends)")
        }

        /// The hours end while an order rests: its cancel goes all the same.
        @Test func aCancelKnowsNoHours() async throws {
            var capabilities = StubBroker.usual
            capabilities.hours = TakenOrdersTests.krx
            let clock = ManualClock(utc: TakenOrdersTests.at(0, 10).nanoseconds)
            let (venue, log) = (StubVenue(), MemoryLog())
            var run = RoutedRun(
                StubBroker(
                    venue, capabilities: capabilities,
                    beforeWrite: { _ in clock.set(utc: TakenOrdersTests.at(5, 10).nanoseconds) }))
            run.log = log
            run.brokerClock = clock
            run.zone = .seoul
            let (plan, feed) = RoutedRun.plan(10) { second in
                second == 1
                    ? StrategyResult(.buy, size: .quantity(.shares(1)), limit: .won(90))
                    : StrategyResult(.alert)
            }
            #expect(try await run.run(plan, feed).end == "finished")
            #expect(venue.writes.count == 1 && venue.cancels.count == 1)
        }
    }
}
