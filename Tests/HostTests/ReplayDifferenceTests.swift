import Kernel
import PaperExchange
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R12.4: what a replay says where a log and its decisions part.
@Suite struct ReplayDifferenceTests {
    /// Another weight of a server: named where it is first weighed against another vote.
    @Test(arguments: [false, true])
    func anotherWeightIsNamedWhereItCountsFirst(_ paced: Bool) throws {
        let scenario = Scenario.random(31, rows: 300)
        let start = Scenario.Start()
        _ = try paced ? scenario.runPaced(start) : scenario.run(start)
        var plan = scenario.plan
        plan.sources[1].weight = 250_000
        let other = Scenario(
            plan: plan, market: scenario.market, feed: scenario.feed, servers: scenario.servers)
        let replay = try DecisionReplayTests.replay(other, start.log)
        let first = try #require(replay.first)
        let names = RecordNames(
            accounts: plan.accounts.map(\.name), instruments: plan.instruments.map(\.symbol),
            sources: plan.sources.map(\.name))
        let weighed = try #require(
            start.log.records.firstIndex { bytes in
                try RecordPortrait(1, bytes, names).lines.contains {
                    $0.kind == "round" && $0.text.contains("alpha ") && $0.text.contains(", ")
                }
            })
        #expect(first.record == UInt64(weighed + 1))
        let (log, own) = (try #require(first.log), try #require(first.replay))
        #expect(log.kind == "round" && own.kind == "round" && log.text != own.text)
        #expect(log.text.contains("alpha ") && own.text.contains("alpha "))
        // As log show has it.
        let shown = try RecordPortrait(first.record, start.log.records[weighed], names)
        #expect(shown.lines.contains(log) && shown.steps?.contains(first.step) == true)
        #expect(replay.differing >= 1)
        #expect(DecisionReplayTests.count("round", replay.logAlone) >= 1)
        // At a pace little may follow of it: who is heard beside whom hangs on the clock.
        guard !paced else { return }
        #expect(DecisionReplayTests.count("round", replay.logAlone) > 1)
        #expect(DecisionReplayTests.count("state", replay.logAlone) == 1)
    }

    /// A fact that is missing, or one too many, in any record: that record is named, and no other before it.
    @Test(arguments: [false, true]) func aForgedRecordIsNamed(_ paced: Bool) throws {
        let scenario = try DecisionReplayTests.withExits(.random(33, rows: 70))
        let start = Scenario.Start()
        _ = try paced ? scenario.runPaced(start) : scenario.run(start)
        let records = start.log.records
        var forged = 0
        for (index, bytes) in records.enumerated() {
            guard case .step(let step, let entry, let facts) = try LogRecord(bytes),
                let at = facts.firstIndex(where: Self.isDecided)
            else { continue }
            forged += 1
            var fewer = facts
            let gone = fewer.remove(at: at)
            var more = facts
            more.insert(gone, at: at)
            for forgery in [fewer, more] {
                var pen = ByteWriter()
                var changed = records
                changed[index] = LogRecord.step(step, entry: entry, facts: forgery)
                    .encoded(with: &pen)
                let replay = try DecisionReplayTests.replay(scenario, MemoryLog(changed))
                #expect(replay.first?.record == UInt64(index + 1))
                #expect(replay.differing == 1, "and nothing that followed")
                let alone = forgery.count > facts.count ? replay.logAlone : replay.replayAlone
                let kinds = [gone].parts.map(\.kind)
                #expect(alone.map(\.kind).sorted() == Array(Set(kinds)).sorted())
            }
        }
        #expect(forged > 20)
    }

    private static func isDecided(_ fact: Fact) -> Bool {
        switch fact {
        case .risk, .ordered, .submitted, .filled, .orderEnded, .dayStarted: true
        default: false
        }
    }

    /// Of steps that the log calls quiet something comes.
    @Test func aRecordThatIsMissingIsNamedByTheNext() throws {
        let scenario = Scenario.random(33, rows: 120)
        let start = Scenario.Start()
        _ = try scenario.run(start)
        var records = start.log.records
        let at = try #require(
            records.firstIndex { bytes in
                guard case .step(_, _, let facts) = try LogRecord(bytes) else { return false }
                return facts.contains { if case .filled = $0 { true } else { false } }
            })
        guard case .step(let step, _, _) = try LogRecord(records[at]) else { return }
        records.remove(at: at)
        let replay = try DecisionReplayTests.replay(scenario, MemoryLog(records))
        let first = try #require(replay.first)
        #expect(first.record == UInt64(at + 1) && first.step == step)
        #expect(first.log == nil && first.replay?.kind == "fill")
    }

    /// At a pace a round past its deadline ends by itself, whether the log says so or not.
    @Test func aRoundLeftOpenPastItsDeadlineIsADifference() throws {
        let plan = KernelPlan.sample(
            sources: [
                SourcePlan(name: "cross", kind: .builtIn), SourcePlan(name: "far", kind: .server),
            ],
            attachments: [
                .sample(0, strategy: TableStrategy([.seconds(1): StrategyResult(.buy)])),
                .sample(1),
            ])
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: []),
            feed: MemoryFeed((1...9).map { .tick(.at($0, 100)) }), servers: [])
        var engine = Engine(plan, .init(feeMicroBasisPoints: 5_000_000))
        engine.setLive(true, SourceID(1), at: .start, now: .zero)
        let reader = try StepReader(scenario.feed, scenario.market)
        var step = Step()
        #expect(try reader.read(into: &step))
        engine.begin(step, entry: Timestamp(nanoseconds: 1_000))
        var facts: [Fact] = []
        engine.takeFacts(into: &facts)
        let next = engine.kernel.nextDeadline
        let deadline = try #require(next)
        var pen = ByteWriter()
        func log(killedAt moment: Timestamp) -> MemoryLog {
            let records: [LogRecord] = [
                .start(utc: 0, monotonic: 0),
                .step(1, entry: Timestamp(nanoseconds: 1_000), facts: facts),
                .step(1, entry: moment, facts: [.killed(true, .all, reason: "test")]),
                .quiet(first: 2, last: 4),
            ]
            return MemoryLog(records.map { $0.encoded(with: &pen) })
        }
        let early = log(killedAt: Timestamp(nanoseconds: deadline.nanoseconds - 1))
        let open = try DecisionReplayTests.replay(scenario, early)
        #expect(open.first == nil && open.isPaced && open.steps == 4)
        let replay = try DecisionReplayTests.replay(scenario, log(killedAt: deadline))
        let first = try #require(replay.first)
        #expect(first.record == 4 && first.step == 2 && first.log == nil)
        #expect(first.replay?.kind == "round")
    }

    /// A round that waits for nobody ends in its step.
    @Test func aRoundThatWaitsForNobodyIsNotLeftOpen() throws {
        let random = Scenario.random(70)
        var plan = random.plan
        plan.attachments.removeAll { $0.strategy == nil }
        let scenario = Scenario(plan: plan, market: random.market, feed: random.feed, servers: [])
        let start = Scenario.Start()
        _ = try scenario.runPaced(start)
        DecisionReplayTests.expectSame(try DecisionReplayTests.replay(scenario, start.log))
        var records = start.log.records
        let at = try #require(
            records.firstIndex { bytes in
                guard case .step(_, _, let facts) = try LogRecord(bytes) else { return false }
                return facts.contains { if case .acted = $0 { true } else { false } }
            })
        guard case .step(let step, let entry, let facts) = try LogRecord(records[at]) else {
            return
        }
        var pen = ByteWriter()
        let opened = facts.prefix { if case .acted = $0 { false } else { true } }
        records[at] = LogRecord.step(step, entry: entry, facts: Array(opened)).encoded(with: &pen)
        let replay = try DecisionReplayTests.replay(scenario, MemoryLog(records))
        #expect(replay.first?.record == UInt64(at + 1))
        #expect(replay.first?.log == nil && replay.first?.replay?.kind == "round")
    }

    /// Late at a pace: that it came too late is decided anew by its times.
    @Test func aLateResultIsLateAgain() throws {
        let plain = Scenario.random(31, rows: 300)
        var plan = plain.plan
        // Nothing comes back within a nanosecond.
        plan.sources[1].deadline = Nanoseconds(1)
        let scenario = Scenario(
            plan: plan, market: plain.market, feed: plain.feed, servers: plain.servers)
        let start = Scenario.Start()
        _ = try scenario.runPaced(start)
        let late = try facts(start.log).count {
            if case .signal(_, .late) = $0 { true } else { false }
        }
        #expect(late > 10)
        DecisionReplayTests.expectSame(try DecisionReplayTests.replay(scenario, start.log))
        // With more time they would have been heard.
        let patient = try #require(try DecisionReplayTests.replay(plain, start.log).first)
        #expect(patient.log?.kind == "signal" && patient.log?.text.contains("late") == true)
        #expect(patient.replay?.text.contains("late") == false)
    }

    /// A log without its recording, or with another's, is not taken for the same.
    @Test func aRecordingThatEndsEarlyIsNamed() throws {
        let scenario = Scenario.random(31, rows: 100)
        let start = Scenario.Start()
        _ = try scenario.run(start)
        let short = Scenario.random(31, rows: 50)
        let error = #expect(throws: RunFailure.self) {
            try DecisionReplayTests.replay(short, start.log)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("ends at step"))
    }

    /// Counted as shown.
    @Test func everyFactIsOfTheKindOfItsLine() {
        var random = SeededRandom(3)
        let names = RecordNames()
        for kind in 0..<19 {
            for part in [Fact.random(kind: kind, &random)].parts {
                #expect(part.kind == names.line(of: part).kind)
                #expect(RecordPortrait.lineKinds.contains(part.kind))
            }
        }
    }

    /// A log from before fills told their tax is decided again without a difference; one that tells another is not.
    @Test(arguments: [nil, 0, 5, 7] as [Int128?]) func aLogWithoutTaxesIsTheSame(_ logged: Int128?)
        throws
    {
        var comparison = ReplayComparison(
            RecordNames(accounts: ["a"], instruments: ["s"], sources: []))
        func facts(_ tax: Int128?, cash: Int128 = 9) -> [Fact] {
            [
                .filled(
                    Fill(
                        order: OrderNumber(1), id: 1, price: .won(2), quantity: .shares(3),
                        fee: Money(units: 8), time: .zero, tax: tax.map { Money(units: $0) }),
                    Booking(
                        realised: .zero, positionAfter: .zero, costAfter: .zero,
                        cashAfter: Money(units: cash)))
            ]
        }
        let place = ReplayComparison.Place(record: 1, step: 1, time: .zero)
        comparison.compare(facts(logged), facts(5), at: place)
        #expect(comparison.differing == (logged == nil || logged == 5 ? 0 : 1))
        comparison.compare(facts(nil), facts(5, cash: 10), at: place)
        comparison.compare(facts(5), facts(nil), at: place)
        #expect(comparison.differing == (logged == nil || logged == 5 ? 2 : 3))
    }

    /// A whole run on paper with a tax, as a host of before would have written it: no word of a tax, and nothing else.
    @Test func aRunOfBeforeTaxesWereToldIsDecidedAgainTheSame() throws {
        let scenario = Scenario.random(31, rows: 300)
        let start = Scenario.Start()
        func taxed(_ setup: inout RunSetup) { setup.paper.sellTaxMicroBasisPoints = 18_000_000 }
        _ = try scenario.runPaced(start, taxed)
        var pen = ByteWriter()
        func old(_ fact: Fact) -> Fact {
            guard case .filled(let fill, let booking) = fact else { return fact }
            return .filled(fill.taxed(nil), booking)
        }
        let before = try start.log.records.map { bytes in
            guard case .step(let step, let entry, let facts) = try LogRecord(bytes) else {
                return bytes
            }
            return LogRecord.step(step, entry: entry, facts: facts.map(old)).encoded(with: &pen)
        }
        #expect(before != start.log.records)
        for records in [start.log.records, before] {
            let replay = try DecisionReplayTests.replay(scenario, MemoryLog(records), taxed)
            #expect(replay.differing == 0 && replay.isFinished)
            #expect(DecisionReplayTests.count("fill", replay.compared) > 5)
        }
        // Booked from it, the rows are those of before: with the whole fee, no tax, and a chain that is whole.
        let rows = try start.projections.ledger()
        #expect(rows.contains { $0.side == .sell && $0.tax.map { $0 > .zero } == true })
        var other = Scenario.Start()
        other.log = MemoryLog(before)
        let reading = try LedgerReading(scenario.setup(other, isLockstep: false))
        #expect(reading.rows.count == rows.count && reading.rows.allSatisfy { $0.tax == nil })
        #expect(reading.rows.map(\.fee) == rows.map(\.fee))
        #expect(reading.rows.map(\.cashAfter) == rows.map(\.cashAfter))
        let found = LedgerComparison(reading.rows, reading.rows, digest: PlainSHA256())
        #expect(found.brokenAt == nil && reading.hash != rows.last?.hash)
    }
}
