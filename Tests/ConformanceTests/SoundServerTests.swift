import TestKit
import Testing

@testable import Conformance

/// Servers that keep the contract pass every check.
@Suite(.needsPython, .serialized, .timeLimit(.minutes(10))) struct SoundServerTests {
    private static let raw = "Tests/StrategyServersTests/Servers/raw_server.py"

    private func outcomes(
        _ script: String, _ arguments: [String] = [], messages: Bool = false,
        set: [String: String] = [:]
    ) async throws -> [Outcome] {
        try await TestServer.with(
            try Python.command(script, arguments), set: set,
            environment: messages ? try Python.messages() : [:]
        ) { await $0.run(Conformance.checks) }
    }

    @Test(arguments: [
        [], ["--warm-up", "50"], ["--inputs", "ticks,quotes,candles:60,timers:10", "--echo"],
        ["--reads-account", "--echo"], ["--snapshot-every", "100"], ["--independent"],
        ["--warm-up", "50", "--independent"],
    ])
    func aServerWrittenFromTheContractPasses(_ arguments: [String]) async throws {
        let outcomes = try await outcomes(Self.raw, arguments, messages: true)
        #expect(outcomes.filter(\.isWrong).map(\.line) == [])
        #expect(outcomes.count == Conformance.checks.count)
        #expect(outcomes.count(where: \.isGood) >= 75)
    }

    @Test(arguments: ["examples/ma_cross.py", "examples/momentum_ticks.py"])
    func aServerOfTheSDKPasses(_ script: String) async throws {
        let outcomes = try await outcomes(script)
        #expect(outcomes.filter(\.isWrong).map(\.line) == [])
        #expect(outcomes.count(where: \.isGood) >= 85)
    }

    /// A strategy with every input, every type of parameter, a warm-up and snapshots: nothing is
    /// left unasked but how it fails.
    @Test func aServerOfTheSDKThatUsesAllOfItIsAskedEverything() async throws {
        let outcomes = try await outcomes("Tests/ConformanceTests/Servers/saving.py")
        #expect(outcomes.filter { !$0.isGood }.map(\.check.name) == ["failures-told-well"])
    }

    /// Another set of parameters, and values that the server refuses.
    @Test func parametersReachTheServer() async throws {
        let checks = Conformance.checks.filter {
            ["session-opens", "one-by-one"].contains($0.name)
        }
        func run(_ parameters: [String: String]) async throws -> [Outcome] {
            try await TestServer.with(
                try Python.command("examples/momentum_ticks.py"), set: parameters
            ) { await $0.run(checks) }
        }
        #expect(try await run(["length": "10"]).allSatisfy(\.isGood))
        let refused = try await run(["length": "0"])
        #expect(refused.map(\.isWrong) == [true, false])
        #expect(
            refused.last?.verdict
                == .notApplicable(
                    why: "not asked, for 'session-opens' is wrong", next: "mend that first"))
        // So far apart that it never speaks: said, not passed over.
        let silent = try await run(["threshold": "0.9"])
        #expect(silent.map(\.isGood) == [true, false] && !silent.contains(where: \.isWrong))
    }

    @Test func nobodyThereIsToldWithItsLastLines() async throws {
        let words = ["/bin/sh", "-c", "echo no weights; exit 3"]
        await #expect {
            try await TestServer.with(words) { await $0.run([]) }
        } throws: { error in
            "\(error)".contains("ended with code 3") && "\(error)".contains("no weights")
        }
    }
}
