import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Madang

@Suite struct TextTableTests {
    @Test func aFeeNamesTheTaxInIt() {
        func words(_ tax: Int128?) -> String {
            NumberWords.fee(.won(1_234), tax: tax.map { .won($0) })
        }
        #expect(words(1_100) == "1,234 (tax 1,100)")
        #expect(words(nil) == "1,234" && words(0) == "1,234", "a buy's is nothing to tell")
    }

    @Test func wordsStandLeftAndNumbersRight() {
        var table = TextTable([.left("name"), .right("size"), .left("why")])
        table.add(["a", "1,000", "because"])
        table.add(["삼성", "7", ""])
        #expect(table.lines == ["name   size  why", "a     1,000  because", "삼성      7"])
        #expect(TextTable([.left("alone")]).lines == ["alone"])
    }
}

@Suite struct ZonedTimeTests {
    private let seoul = ZonedTime(
        zone: ZoneOffsets(fixed: .seconds(9 * 3_600)), name: "Asia/Seoul")
    /// 2026-11-20T01:31:06.123Z
    private let day = Timestamp(nanoseconds: 1_795_138_266_123_000_000)

    @Test func timesAreShownInTheZone() {
        #expect(seoul.text(day) == "2026-11-20 10:31:06.123")
        #expect(ZonedTime.utc(day) == "2026-11-20T01:31:06.123000Z")
    }

    /// What is named coarsely is meant through its end.
    @Test(
        arguments: [
            ("10:31:06.123", "2026-11-20T01:31:06.123999Z"),
            ("10:31:06", "2026-11-20T01:31:06.999999Z"), ("10:31", "2026-11-20T01:31:59.999999Z"),
            ("00:00:00.0", "2026-11-19T15:00:00.099999Z"),
            ("2026-11-19", "2026-11-19T14:59:59.999999Z"),
            ("2026-11-19T10:31:06", "2026-11-19T01:31:06.999999Z"),
            ("2026-11-19 10:31", "2026-11-19T01:31:59.999999Z"),
            ("2026-11-20T01:31:06Z", "2026-11-20T01:31:06.999999Z"),
            ("01:31:06Z", "2026-11-20T01:31:06.999999Z"),
            ("2024-02-29", "2024-02-29T14:59:59.999999Z"),
            ("1969-12-31T23:59Z", "1969-12-31T23:59:59.999999Z"),
        ])
    func momentsAreRead(_ text: String, _ utc: String) {
        #expect(seoul.moment(text, day: day).map(ZonedTime.utc) == utc)
    }

    @Test(
        arguments: [
            "", "10", "24:00", "10:60", "10:31:60", "10:31:06.", "10:31:06.1234567890", "1:2:3:4",
            "2026-02-29", "2026-13-01", "26-11-20", "2026-11-20T", "T10:31", "now", "-1:00", "Z",
            "2026-11-20T10:31:06+09:00", "１０:31",
        ])
    func otherTextsAreNone(_ text: String) { #expect(seoul.moment(text, day: day) == nil) }

    /// In a zone with a change, a moment read back shows the same clock.
    @Test func momentsAcrossAChangeReadBack() throws {
        let zone = try #require(Zones.offsets(of: "America/New_York"))
        let york = ZonedTime(zone: zone, name: "America/New_York")
        for text in ["2024-03-10 01:59:59", "2024-03-10 03:00:00", "2024-11-03 03:00:00"] {
            let moment = try #require(york.moment(text, day: .zero))
            #expect(york.text(moment) == text + ".999")
        }
    }
}

@Suite struct OrderSearchTests {
    private func order(_ number: UInt64, _ id: String) -> OrderRow {
        OrderRow(
            record: 1, number: OrderNumber(number), clientOrderID: id, account: "demo", symbol: "A",
            side: .buy, quantity: Quantity(units: 1), limit: nil, state: "filled", filled: .zero,
            source: "cross", reason: "", time: .zero)
    }

    @Test(
        arguments: [
            ("7", [7]), ("1234", [1234]), ("12345", [8]), ("abcd", [7, 9]), ("ABCD-1", [7]),
            ("abc", []), ("abcd-3", []), ("order 7", []), ("", []), ("-7", []),
            ("99999999999999999999999", []),
        ] as [(String, [UInt64])])
    func numbersAndBeginningsAreFound(_ text: String, _ numbers: [UInt64]) {
        let orders = [
            order(7, "abcd-1"), order(8, "12345678"), order(9, "abcd-2"), order(1234, "1234beef"),
        ]
        #expect(OrderSearch(text).matches(orders).map(\.number.value) == numbers)
    }
}

@Suite struct WeighingTests {
    /// The comparison that is shown says what the arbiter did, with the same numbers.
    @Test(
        arguments: [.confidenceWeighted, .veto, .majority, .unanimous] as [ArbiterPlan.Policy],
        seeds(0..<300))
    func theShownComparisonIsTheArbiters(_ policy: ArbiterPlan.Policy, _ seed: UInt64) {
        var random = SeededRandom(seed)
        let weights = (0..<4).map { _ in Int64.random(in: 0...3, using: &random) * 500_000 }
        let plan = ArbiterPlan(
            policy: policy, threshold: Int64.random(in: 0...10, using: &random) * 100_000,
            quorum: .votes(Int.random(in: 1...3, using: &random)))
        let sources = weights.enumerated().map {
            SourcePlan(name: "s\($0.offset)", kind: .builtIn, weight: $0.element)
        }
        let votes = (0..<4).filter { _ in !random.oneIn(3) }.map { index in
            Vote(
                signal: Signal(
                    source: SourceID(index), account: AccountID(0), instrument: InstrumentID(0),
                    position: EventPosition(step: 1, index: index), index: 0,
                    result: StrategyResult(
                        random.oneIn(2) ? .buy : .sell,
                        confidence: Confidence(
                            millionths: Int64.random(in: 0...20, using: &random) * 50_000) ?? .full),
                    entryTime: .zero, arrivalTime: .zero), input: .ticks,
                quantity: Quantity(units: 1), addsToPosition: false, expires: .distantFuture)
        }
        let arbiter = Arbiter(plan, sources: sources)
        let verdict = arbiter.decide(votes)
        let detail = arbiter.detail(of: verdict, votes)
        let round = RoundRow(
            record: 1, number: 1, account: "demo", symbol: "A", opened: .start, closed: .start,
            policy: plan.policy.rawValue, threshold: plan.threshold, side: verdict.side,
            conflict: verdict.conflict, detail: detail.text, silent: [], time: .zero,
            votes: votes.map { vote in
                let source = Int(vote.source.index)
                return RoundVote(
                    source: sources[source].name, position: vote.position, index: 0,
                    action: vote.side == .buy ? .buy : .sell,
                    confidence: vote.confidence.millionths,
                    weight: sources[source].weight, priority: 100, status: "stands")
            })
        let weighing = Weighing(round)
        if let stopped = Counting(round).outcome {
            #expect(verdict.side == nil && weighing.lines[0].hasPrefix("\(policy.rawValue): "))
            #expect(WhyNot(round).words == stopped && weighing.lines[0].contains(stopped))
        } else if let comparison = weighing.comparison {
            #expect(
                comparison.contains(">=") == (verdict.side != nil || verdict.vetoed), "\(detail)")
            #expect(weighing.lines[0].hasSuffix(comparison))
        } else if verdict.side != nil {
            #expect(policy == .majority || policy == .unanimous)
            #expect(weighing.lines[0].contains(" to ") && !weighing.lines[0].contains("\(policy) "))
        }
        #expect(weighing.lines.contains { $0.hasPrefix("GR030") } == verdict.conflict)
    }

    @Test func numbersAreShownAsPeopleReadThem() {
        #expect(Millionths(Int64(700_000)).hundredths == "0.70")
        #expect(Millionths(Int64(-1_005_000)).hundredths == "-1.01")
        #expect(Millionths(Int64(0)).hundredths == "0.00")
        #expect(
            NumberWords.separated("order value 1200000 > 1000000, at -7500.5")
                == "order value 1,200,000 > 1,000,000, at -7,500.5")
        #expect(NumberWords.model("gbm@1@470f0b44cfcfd18a8329986cdb8cc4f1") == "gbm@1@470f0b44")
        #expect(NumberWords.model("deadbeef") == "deadbeef" && NumberWords.model("") == "")
        #expect(NumberWords.span(Nanoseconds(312_400_000)) == "312 ms")
        #expect(NumberWords.span(Nanoseconds(449_000)) == "449 µs")
        #expect(NumberWords.span(.seconds(90_000)) == "25 h")
    }
}

@Suite struct HoldingTests {
    private func fill(
        _ side: Side, _ quantity: Int64, _ price: Int64, fee: Int64, realised: Int64, after: Int64,
        _ symbol: String = "A"
    ) -> LedgerRow {
        LedgerRow(
            record: 1, line: 1, account: "demo", symbol: symbol, side: side,
            quantity: Quantity(whole: quantity) ?? .zero, price: Price(whole: price) ?? .zero,
            fee: Money(whole: Int128(fee)) ?? .zero, currency: "KRW", order: OrderNumber(1),
            clientOrderID: "", slippage: .zero, realised: Money(whole: Int128(realised)) ?? .zero,
            positionAfter: Quantity(whole: after) ?? .zero, cashAfter: .zero, source: "",
            modelVersion: "", confidence: 0, time: .zero, hash: "")
    }

    @Test func costAndAverageFollowTheFills() {
        let holdings = Holding.all(in: [
            fill(.buy, 10, 100, fee: 10, realised: 0, after: 10),
            fill(.buy, 10, 200, fee: 20, realised: 0, after: 20),
            fill(.buy, 1, 5, fee: 0, realised: 0, after: 1, "B"),
            // Half of a cost of 3,030: proceeds 1,800 less fee 18 less 1,515.
            fill(.sell, 10, 180, fee: 18, realised: 267, after: 10),
        ])
        #expect(holdings.map(\.symbol) == ["A", "B"])
        #expect("\(holdings[0].cost)" == "1515" && holdings[0].average.map { "\($0)" } == "151.5")
        #expect("\(holdings[0].realised)" == "267" && "\(holdings[0].fees)" == "48")
        var gone = fill(.sell, 4, 151, fee: 0, realised: 0, after: 6)
        (gone.kind, gone.costAfter) = (.correction, Money("909"))
        var paid = gone
        paid.symbol = ""
        let corrected = Holding.all(in: [
            fill(.buy, 10, 150, fee: 15, realised: 0, after: 10), gone, paid,
        ])
        #expect(corrected.count == 1, "cash is no holding")
        #expect("\(corrected[0].cost)" == "909" && corrected[0].corrections.count == 1)
        #expect(corrected[0].fills == 1 && corrected[0].realised == .zero)
        let flat = Holding.all(in: [
            fill(.buy, 1, 100, fee: 0, realised: 0, after: 1),
            fill(.sell, 1, 90, fee: 0, realised: -10, after: 0),
        ])
        #expect(flat[0].average == nil && flat[0].cost == .zero)
    }
}

@Suite struct WhyNotTests {
    /// Whoever reads that something is held already learns which key adds to it.
    @Test func aBuyBesideAHoldingNamesTheKey() {
        var round = RoundRow(
            record: 1, number: 1, account: "demo", symbol: "A", opened: .start, closed: .start,
            policy: "majority", threshold: 0, side: .buy, conflict: false, detail: "", silent: [],
            time: .zero, votes: [])
        round.approved = false
        (round.rule, round.ruleDetail) = ("sizing", "already holds 7000")
        #expect(
            WhyNot(round).words
                == "already holds 7,000 (a strategy adds with adds_to_position: true, a rule never)"
        )
        round.ruleDetail = "nothing held"
        #expect(WhyNot(round).words == "nothing held")
        (round.rule, round.ruleDetail) = ("order_value", "order value 12000 > 5000")
        #expect(WhyNot(round).words == "refused by order_value, order value 12,000 > 5,000")
    }
}
