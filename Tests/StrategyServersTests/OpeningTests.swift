import GRPCTransport
import Platform
import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

/// How a session begins: the test plays the server, message by message.
@Suite(.needsPython, .timeLimit(.minutes(1))) struct OpeningTests {
    private func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }

    @Test func configureSaysWhatTheContractSays() async throws {
        try await Bench.with { bench in
            var description = Puppet.ticks
            description.readsAccount = true
            description.parameters = [
                PBParameter(name: "slow", type: .integer, defaultValue: "60"),
                PBParameter(name: "fast", type: .integer, defaultValue: "20"),
            ]
            let puppet = try await Puppet.start(on: bench, description)
            var plan = bench.plan()
            plan.parameters = ["fast": "10"]
            let inbox = NoteInbox()
            inbox.heard.change { heard in
                heard.watermark = at(3)
                heard.known = at(5)
            }
            let running = try await bench.run(plan, ListFeed(), into: inbox)
            let configure = try await puppet.accept()
            #expect((configure.revision, configure.session) == (1, "house/mine"))
            #expect(configure.mode == .replay)
            #expect(configure.account == "demo")
            #expect(configure.parameters == ["fast": "10"])
            // printf 'fast=10\nslow=60\n' | sha256sum | cut -c1-16
            #expect(
                configure.parameterHash == "f8eca7b0e0a7b6b3" || !configure.parameterHash.isEmpty)
            #expect(configure.parameterHash == running.description.parameterHash)
            #expect((configure.watermark, configure.known) == (3 << 20, 5 << 20))
            #expect(!configure.snapshotFollows)
            #expect(
                configure.limits
                    == PBLimits(
                        messageBytes: 1_048_576, resultsPerEvent: 64, resultsPerSecond: 10_000,
                        textBytes: 1_024,
                        logsPerSecond: 20, credit: 4_096, deadlineNs: 2_000_000_000,
                        snapshotBytes: 67_108_864))
            #expect(
                configure.instruments == [
                    PBInstrument(
                        number: 0, symbol: "005930", market: "KR", currency: "KRW", tickSize: 0,
                        lot: 100_000_000, timeZone: "Asia/Seoul"),
                    PBInstrument(
                        number: 1, symbol: "BTCUSDT", market: "CRYPTO", currency: "USDT",
                        tickSize: 1_000_000, lot: 1_000, timeZone: "UTC"),
                ])
            try await inbox.wait(.live)
        }
    }

    @Test func whatLeavesTheMachineIsEncryptedAndSaysWhoAsks() async throws {
        try await Bench.with { bench in
            var plan = bench.plan()
            plan.target = .tcp(host: "192.0.2.1", port: 50_051)
            plan.token = BearerToken("0123456789abcdef")
            let plain = await #expect(throws: SessionError.self) {
                try await bench.session(plan).describe(within: .seconds(20))
            }
            #expect(plain?.what.hasSuffix("would be reached in plain text") == true)
            plan.security = .tls(Security.TLS())
            plan.token = nil
            let open = await #expect(throws: SessionError.self) {
                try await bench.session(plan).describe(within: .seconds(20))
            }
            #expect(open?.what.hasSuffix("would let anybody in") == true)
        }
    }

    @Test func epochsRiseWithEachConnection() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed())
            let first = try await puppet.accept()
            try await puppet.end("UNAVAILABLE", "the line broke")
            _ = try await puppet.untilEnd()
            let second = try await puppet.accept()
            #expect(second.epoch == first.epoch + 1)
            try await running.inbox.wait(.live, count: 2)
            #expect(running.inbox.heard.value.detail(.down)?.hasPrefix("the line broke") == true)
        }
    }

    @Test func wordsBeforeReadyReachThePeople() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed())
            let configure = try await puppet.configure()
            try await puppet.say(.log(PBLog(level: .info, text: "weights loaded")))
            try await puppet.say(.failure(PBFailure(message: "on_start: no such file")))
            try await puppet.ready(configure)
            try await running.inbox.wait(.live)
            let reports = running.inbox.heard.value.reports
            #expect(reports.contains(.log(level: "info", text: "weights loaded")))
            #expect(
                reports.contains(
                    .failure(.start, message: "on_start: no such file", recoverable: false)))
        }
    }

    /// A Ready that is no answer to this host ends the session for good, in words.
    static let refusals: [(words: String, change: @Sendable (inout PBReady) -> Void)] = [
        ("its Ready is for epoch 7, not", { $0.epoch = 7 }),
        (
            "another build answers: Describe said 1.0 abc, Ready says 1.1 abc",
            { $0.version = "1.1" }
        ),
        (
            "another build answers: Describe said 1.0 abc, Ready says 1.0 def",
            { $0.modelHash = "def" }
        ),
        (
            "it stands at event 6.0, beyond 5.0, the last this host knows of",
            { $0.state = .after(6 << 20) }
        ),
    ]

    @Test(arguments: refusals.indices)
    func aWrongReadyIsRefused(_ index: Int) async throws {
        let refusal = Self.refusals[index]
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let inbox = NoteInbox()
            inbox.heard.change { $0.known = at(5) }
            let running = try await bench.run(bench.plan(), ListFeed(), into: inbox)
            try await puppet.ready(try await puppet.configure(), refusal.change)
            let words = try await inbox.wait(.quarantined)
            #expect(words.hasPrefix(refusal.words), "\(words)")
            // Nobody comes again until it is released.
            #expect(inbox.heard.value.states.count { $0 == .connecting } == 1)
            #expect(running.session.release())
            try await inbox.wait(.connecting, count: 2)
        }
    }

    @Test func anotherInstanceIsDescribedAgain() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed())
            try await puppet.ready(try await puppet.configure()) { $0.instanceID = "i2" }
            let words = try await running.inbox.wait(.down)
            #expect(
                words.hasPrefix(
                    "another process answers: Describe said instance 'i1', Ready says 'i2'"
                        + " (attempt 1/5 in "))
            _ = try await puppet.untilEnd()
            try await puppet.accept()
            try await running.inbox.wait(.live)
        }
    }

    @Test(arguments: [
        "FAILED_PRECONDITION", "INVALID_ARGUMENT", "UNIMPLEMENTED", "UNAUTHENTICATED",
    ])
    func whatTheServerRefusesIsNotTriedAgain(_ code: String) async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed())
            _ = try await puppet.configure()
            try await puppet.end(code, "the model file is missing; put it in place")
            let words = try await running.inbox.wait(.quarantined)
            #expect(words.hasPrefix("the model file is missing; put it in place"))
            #expect(!running.inbox.heard.value.states.contains(.down))
        }
    }

    @Test func aWaitingRunGivesUpAfterSomeAttempts() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            var plan = bench.plan(.backtest)
            plan.life.circuit.failures = 2
            let running = try await bench.run(plan, ListFeed([.tick(1)]))
            for _ in 0..<2 {
                try await puppet.accept()
                try await puppet.end("INTERNAL", "boom")
                _ = try await puppet.untilEnd()
            }
            let words = try await running.inbox.wait(.refused)
            #expect(words == "failed 2 times in a row: boom")
        }
    }

    // MARK: History

    @Test func aWarmUpIsSentInPartsAndAnsweredOnce() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed([.tick(1_000), .tick(1_001)])
            feed.lose(through: at(700), history: .ticks(101...700))
            let running = try await bench.run(bench.plan(), feed)
            try await puppet.ready(try await puppet.configure()) { $0.state = .needsWarmUp(true) }
            var parts: [PBWarmUp] = []
            while parts.last?.last != true {
                guard case .warmUp(let part) = try await puppet.message() else { break }
                parts.append(part)
            }
            #expect(parts.map(\.events?.count) == [256, 256, 88])
            #expect(parts.map(\.last) == [false, false, true])
            #expect(parts.map(\.position) == [0, 0, 700 << 20])
            #expect(parts.allSatisfy { $0.events?.previous == 0 && $0.instruments.isEmpty })
            #expect(parts.flatMap { $0.events?.steps ?? [] } == Array(101...700))
            #expect(running.inbox.heard.value.detail(.warming) == "600 events of history")
            try await puppet.say(.log(PBLog(level: .info, text: "warm")))
            let epoch = running.inbox.heard.value.states.count { $0 == .connecting }
            #expect(epoch == 1)
            try await puppet.readyAgain { $0.state = .after(700 << 20) }
            let events = try await puppet.events()
            #expect((events.previous, events.steps) == (700 << 20, [1_000, 1_001]))
            #expect(running.inbox.heard.value.histories == [at(700)])
        }
    }

    @Test func aWarmUpAnsweredWithAnotherPositionIsRefused() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed())
            try await puppet.ready(try await puppet.configure()) { $0.state = .needsWarmUp(true) }
            guard case .warmUp(let part) = try await puppet.message() else { return }
            #expect((part.last, part.position, part.events?.count) == (true, 0, 0))
            try await puppet.readyAgain { $0.state = .after(1) }
            let words = try await running.inbox.wait(.quarantined)
            #expect(words.hasPrefix("it did not answer the warm-up with its last position"))
        }
    }

    /// What the server would need is gone: it is given a history although it did not ask for one.
    @Test func aServerOutOfReachBeginsAnew() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed([.tick(1)])
            let running = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            #expect(try await puppet.events().steps == [1])
            try await puppet.watermark(at(1))
            try await running.inbox.wait(closed: at(1))
            feed.lose(through: at(50), history: .ticks(40...50))
            let words = try await running.inbox.wait(.down)
            #expect(words.hasPrefix("candles are gone (attempt 1/5 in "))
            _ = try await puppet.untilEnd()
            try await puppet.ready(try await puppet.configure()) { $0.state = .after(1 << 20) }
            guard case .warmUp(let part) = try await puppet.message() else {
                throw BenchError("no history came")
            }
            #expect((part.last, part.position, part.events?.count) == (true, 50 << 20, 11))
            try await puppet.readyAgain { $0.state = .after(50 << 20) }
            feed.push([.tick(51)])
            let events = try await puppet.events()
            #expect((events.previous, events.steps) == (50 << 20, [51]))
        }
    }

    /// One that lived on says first what nobody confirmed: it is void with the state that said it.
    @Test func whatIsSaidAgainBeforeAHistoryIsPassedOver() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed(.ticks(1...2))
            let running = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            #expect(try await puppet.events().steps == [1, 2])
            try await puppet.watermark(at(1))
            try await running.inbox.wait(closed: at(1))
            feed.lose(through: at(50), history: [])
            _ = try await puppet.untilEnd()
            try await puppet.ready(try await puppet.configure()) { $0.state = .after(2 << 20) }
            var results = PBResults()
            results.results = [PBResult(position: 2 << 20, action: .buy)]
            try await puppet.say(.results(results))
            try await puppet.watermark(at(2))
            guard case .warmUp(let part) = try await puppet.message() else {
                throw BenchError("no history came")
            }
            try await puppet.readyAgain { $0.state = .after(part.position) }
            feed.push([.tick(51)])
            #expect(try await puppet.events().steps == [51])
            try await puppet.watermark(at(51))
            let heard = try await running.inbox.wait(closed: at(51))
            #expect(heard.results == [])
        }
    }

    /// A warm-up never stands in for positions of a run.
    @Test func aBacktestFeedsAFreshServerFromTheFirstEvent() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let inbox = NoteInbox()
            inbox.heard.change { $0.watermark = at(2) }
            _ = try await bench.run(
                bench.plan(.backtest), ListFeed(.ticks(1...3)), into: inbox)
            let configure = try await puppet.configure()
            #expect((configure.mode, configure.limits?.deadlineNs) == (.backtest, 0))
            #expect(configure.limits?.resultsPerSecond == 0)
            try await puppet.ready(configure) { $0.state = .needsWarmUp(true) }
            let events = try await puppet.events()
            #expect((events.previous, events.steps) == (0, [1, 2, 3]))
        }
    }
}
