import GRPCTransport
import Glibc
import Platform
import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

/// Sessions with a server that was written from the contract alone.
@Suite(.needsPython, .timeLimit(.minutes(1))) struct RawServerTests {
    private func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }

    /// Prices of two instruments that go up and down.
    private let ticks = (1...2_000 as ClosedRange<UInt64>).map { step in
        SessionEvent.tick(step, 100 + Int64(step * step % 17), of: Int(step % 2))
    }

    private func expectAll(_ events: [SessionEvent], in inbox: NoteInbox) async throws {
        let last = try #require(events.last).position
        let heard = try await inbox.wait(closed: last)
        #expect(heard.results.map(\.position) == RawServer.expected(events))
        #expect(heard.contradictions == 0)
        #expect(heard.results.allSatisfy { $0.result.message == "up" })
    }

    @Test func aWholeRunIsAnsweredEventByEvent() async throws {
        try await Bench.with { bench in
            _ = try await RawServer.launch(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed(ticks))
            #expect(running.description.name == "Raw")
            #expect(running.description.inputs == [ServerInput(.ticks, warmUp: 0)])
            try await expectAll(ticks, in: running.inbox)
            await running.stop(within: .seconds(10))
            #expect(running.inbox.heard.value.life == [.connecting, .live, .draining, .stopped])
        }
    }

    /// The answers are the same however the events are cut.
    @Test func answersDoNotDependOnWhereABatchEnds() async throws {
        try await Bench.with { bench in
            _ = try await RawServer.launch(on: bench)
            var plan = bench.plan(.backtest)
            plan.limits.credit = 7
            let events = Array(ticks.prefix(300))
            let running = try await bench.run(plan, ListFeed(events))
            try await expectAll(events, in: running.inbox)
        }
    }

    /// Each kind of event as official protobuf reads it.
    @Test func everyKindOfEventArrivesAsItWasSent() async throws {
        try await Bench.with { bench in
            _ = try await RawServer.launch(
                on: bench,
                ["--echo", "--reads-account", "--inputs", "ticks,quotes,candles:60,timers:10"])
            let running = try await bench.run(bench.plan(), ListFeed(Samples.oneOfEach))
            #expect(running.description.inputs.count == 4)
            let heard = try await running.inbox.wait(closed: at(5))
            #expect(heard.results.map(\.result.message) == Samples.words)
            #expect(heard.results.map(\.position) == Samples.oneOfEach.map(\.position))
        }
    }

    // MARK: Break and resume

    @Test func aServerThatLivedOnLosesAndDoublesNothing() async throws {
        try await Bench.with { bench in
            _ = try await RawServer.launch(on: bench)
            let control = try Channel(ChannelConfiguration(target: bench.target), on: bench.queue)
            let feed = ListFeed()
            let running = try await bench.run(bench.plan(), feed)
            for part in 0..<4 {
                feed.push(Array(ticks[part * 500..<part * 500 + 500]))
                try await running.inbox.wait(closed: ticks[part * 500 + 100].position)
                _ = try await control.unary(
                    "/test.Raw/Break", OutMessage([]), timeout: .seconds(10))
                try await running.inbox.wait(.live, count: part + 2)
            }
            try await expectAll(ticks, in: running.inbox)
        }
    }

    /// A fresh process of a backtest is fed again from the first event; what it said before stands.
    @Test func aKilledServerOfABacktestComesToTheSameResults() async throws {
        try await Bench.with { bench in
            let first = try await RawServer.launch(on: bench)
            let feed = ListFeed(Array(ticks.prefix(1_000)))
            let running = try await bench.run(bench.plan(.backtest), feed)
            try await running.inbox.wait(closed: ticks[200].position)
            first.kill()
            _ = await first.waitForExit()
            _ = try await RawServer.launch(on: bench)
            feed.push(Array(ticks.suffix(1_000)))
            try await expectAll(ticks, in: running.inbox)
            #expect(running.inbox.heard.value.again > 0)
        }
    }

    /// Live, a fresh process goes on behind the watermark, without what it remembered.
    @Test func aKilledServerGoesOnBehindTheWatermark() async throws {
        try await Bench.with { bench in
            let first = try await RawServer.launch(on: bench)
            let feed = ListFeed(Array(ticks.prefix(100)))
            var plan = bench.plan()
            plan.life.circuit.failures = 2
            let running = try await bench.run(plan, feed)
            try await running.inbox.wait(closed: ticks[99].position)
            first.kill()
            _ = await first.waitForExit()
            try await running.inbox.wait(.open)
            _ = try await RawServer.launch(on: bench)
            // Connected is not enough: the circuit closes when it answers something new.
            try await running.inbox.heard.wait(for: "a probe that connects") {
                $0.detail(.probing) == "connected, no answer yet"
            }
            #expect(running.inbox.heard.value.states.count { $0 == .live } == 1)
            feed.push(Array(ticks[100..<200]))
            let heard = try await running.inbox.wait(closed: ticks[199].position)
            let before = RawServer.expected(Array(ticks[..<100]))
            let after = RawServer.expected(Array(ticks[100..<200]))
            #expect(heard.results.map(\.position) == before + after)
            #expect(heard.again == 0)
            try await running.inbox.wait(.live, count: 2)
            #expect(running.inbox.heard.value.states.last == .live)
            #expect(!heard.states.contains(.quarantined))
        }
    }

    @Test func aFreshServerIsWarmedUpWithHistory() async throws {
        try await Bench.with { bench in
            _ = try await RawServer.launch(on: bench, ["--warm-up", "10"])
            let feed = ListFeed([.tick(400, 101)])
            feed.lose(through: at(300), history: [.tick(300, 100)])
            let running = try await bench.run(bench.plan(), feed)
            let heard = try await running.inbox.wait(closed: at(400))
            // It is dearer than the last of the history, which alone says nothing.
            #expect(heard.results.map(\.position) == [at(400)])
            #expect(heard.life == [.connecting, .warming, .live])
        }
    }

    // MARK: Launch

    @Test func aLaunchedServerEndsWithItsSession() async throws {
        try await Bench.with { bench in
            var plan = bench.plan()
            plan.launch = LaunchPlan(
                command: try RawServer.command(), folder: bench.folder,
                environment: try await RawServer.environment(bench))
            let running = try await bench.run(plan, ListFeed(Array(ticks.prefix(10))))
            try await expectAll(Array(ticks.prefix(10)), in: running.inbox)
            let line = try #require(running.inbox.heard.value.lines.first)
            let words = line.split(separator: " ")
            #expect(words.dropFirst(2) == ["MADANG_ADDRESS", "MADANG_PARENT_FD"])
            let process = try #require(Int32(words[1]))
            #expect(kill(process, 0) == 0)
            await running.stop(within: .seconds(10))
            #expect(kill(process, 0) == -1 && errno == ESRCH)
        }
    }

    @Test func aLaunchedServerThatDiesIsStartedAgain() async throws {
        try await Bench.with { bench in
            var plan = bench.plan(.backtest)
            plan.launch = LaunchPlan(
                command: try RawServer.command(), folder: bench.folder,
                environment: try await RawServer.environment(bench))
            let feed = ListFeed(Array(ticks.prefix(500)))
            let running = try await bench.run(plan, feed)
            try await running.inbox.wait(closed: ticks[499].position)
            let line = try #require(running.inbox.heard.value.lines.first)
            let process = try #require(
                line.split(separator: " ").dropFirst().first.flatMap { Int32($0) })
            kill(process, SIGKILL)
            try await running.inbox.wait(.live, count: 2)
            feed.push(Array(ticks.suffix(1_500)))
            try await expectAll(ticks, in: running.inbox)
            let heard = running.inbox.heard.value
            #expect(heard.lines.contains { $0.hasPrefix("the process was ended by signal 9 ") })
            #expect(heard.lines.count { $0.hasPrefix("listening") } == 2)
        }
    }

    @Test func aProgramThatEndsAgainAndAgainIsGivenUpWithItsWords() async throws {
        try await Bench.with { bench in
            var plan = bench.plan()
            plan.launch = LaunchPlan(
                command: ["sh", "-c", "echo no module named numpy >&2; exit 3"],
                folder: bench.folder, environment: Bench.environment)
            plan.life.circuit.failures = 2
            let session = bench.session(plan)
            do {
                _ = try await session.describe(within: .seconds(60))
                Issue.record("it was described")
            } catch {
                let text = "\(error)"
                #expect(text.contains("its process ended with code 3"))
                #expect(text.contains("  | no module named numpy"))
            }
        }
    }

    @Test func aProgramThatIsNotThereIsNamed() async throws {
        try await Bench.with { bench in
            var plan = bench.plan()
            plan.launch = LaunchPlan(
                command: ["no-such-program"], folder: bench.folder, environment: Bench.environment)
            let session = bench.session(plan)
            let error = await #expect(throws: SessionError.self) {
                try await session.describe(within: .seconds(60))
            }
            #expect(error?.what.contains("cannot start 'no-such-program'") == true)
        }
    }

    /// Started by hand or by the host, it does not outlive whoever holds the pipe.
    @Test func itEndsWithItsParentsPipe() async throws {
        try await Bench.with { bench in
            let server = try await RawServer.launch(on: bench)
            server.send(signal: SIGTERM)
            #expect(await server.waitForExit() == .code(0))
        }
    }

    // MARK: Refusals

    @Test func theServersRefusalReachesThePeople() async throws {
        try await Bench.with { bench in
            let text = "the model is for KRX only; take '005930' alone"
            _ = try await RawServer.launch(on: bench, ["--refuse", text])
            let running = try await bench.run(bench.plan(), ListFeed())
            #expect(try await running.inbox.wait(.quarantined) == text)
        }
    }

    @Test func itServesHealth() async throws {
        try await Bench.with { bench in
            _ = try await RawServer.launch(on: bench)
            let channel = try Channel(ChannelConfiguration(target: bench.target), on: bench.queue)
            let reply = try await channel.unary(
                PBHealth.checkPath, OutMessage(PBHealthCheckRequest().encoded()),
                timeout: .seconds(10), waitsForReady: true)
            #expect(try PBHealthCheckResponse(decoding: reply.copyBytes()).status == .serving)
        }
    }

    /// What docs/PROTOCOL.md asks of a server beyond what a session shows.
    @Test func itRefusesWhatNoHostMaySend() async throws {
        try await Bench.with { bench in
            _ = try await RawServer.launch(on: bench)
            let channel = try Channel(ChannelConfiguration(target: bench.target), on: bench.queue)
            func open(_ messages: [PBHostMessage.Message]) async throws -> ClientStream {
                let stream = try channel.openStream(
                    PBStrategyServer.runPath, options: .init(waitsForReady: true))
                for message in messages {
                    try await stream.send(PBHostMessage(message: message).encoded())
                }
                return stream
            }
            func status(_ stream: ClientStream) async -> String {
                while let message = try? await stream.next() { _ = message.copyBytes() }
                return "\(await stream.end())"
            }
            var configure = PBConfigure()
            configure.revision = 1
            configure.session = "s"
            configure.epoch = 5
            configure.mode = .replay
            let noConfigure = try await open([.beat(PBBeat(number: 1))])
            #expect(
                await status(noConfigure)
                    == "failedPrecondition: the first message must be Configure")

            let behind = PBEvents(previous: 9 << 20, count: 0)
            let mismatch = try await open([.configure(configure), .events(behind)])
            #expect(
                await status(mismatch)
                    == "failedPrecondition: events follow 9437184, this server stands at 0")

            configure.epoch = 6
            let older = try await open([.configure(configure)])
            _ = try await older.next()
            let same = try await open([.configure(configure)])
            #expect(await status(same) == "aborted: epoch 6 is not above 6")
            configure.epoch = 7
            let newer = try await open([.configure(configure)])
            #expect(await status(older) == "aborted: epoch 7 took over")
            _ = try await newer.next()
            newer.cancel()
            #expect(await newer.end().code == .cancelled)
        }
    }
}
