import Glibc
import Testing

@testable import Platform

@Suite struct SignalTests {
    @Test func theSecondStopForces() async throws {
        let program = try #require(builtProgram("ChildHost"))
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let host = try await nursery.launch(
            ProcessLaunch(arguments: [program, "signals"], environment: [:]), onLine: lines.take)
        _ = await lines.first(1)
        for (count, signal) in [SIGHUP, SIGTERM, SIGINT].enumerated() {
            host.send(signal: signal)
            _ = await lines.first(count + 2)
        }
        #expect(await host.waitForExit() == .code(0))
        #expect(lines.all.map(\.text) == ["ready", "hangUp", "stop", "forceStop"])
        nursery.shutDown()
    }

    /// As with `nohup`: whoever started it wants it to outlive the terminal.
    @Test func anIgnoredHangUpStaysIgnored() async throws {
        let program = try #require(builtProgram("ChildHost"))
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let host = try await nursery.launch(
            ProcessLaunch(
                arguments: ["sh", "-c", "trap '' HUP; exec \(program) signals"],
                environment: ["PATH": "/usr/bin:/bin"]), onLine: lines.take)
        _ = await lines.first(1)
        host.send(signal: SIGHUP)
        host.send(signal: SIGTERM)
        _ = await lines.first(2)
        host.send(signal: SIGTERM)
        #expect(await host.waitForExit() == .code(0))
        #expect(lines.all.map(\.text) == ["ready", "stop", "forceStop"])
        nursery.shutDown()
    }

    /// `madang log | head` must not end by a signal, nor write on for ever.
    @Test func aReaderThatGoesIsNoticed() async throws {
        let program = try #require(builtProgram("ChildHost"))
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let script = "{ \(program) pipe; echo \"code $?\" >&2; } | head -n 2"
        let shell = try await nursery.launch(
            ProcessLaunch(arguments: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"]),
            onLine: lines.take)
        #expect(await shell.waitForExit() == .code(0))
        #expect(lines.all.filter { $0.stream == .output }.map(\.text) == ["a line", "a line"])
        #expect(lines.all.filter { $0.stream == .error }.map(\.text) == ["code 9"])
        nursery.shutDown()
    }

    @Test func theEnvironmentIsRead() {
        setenv("MADANG_TEST_VARIABLE", "a=b", 1)
        #expect(Environment.variables()["MADANG_TEST_VARIABLE"] == "a=b")
    }
}
