import TestKit
import Testing

@testable import GRPCTransport

@Suite(
    .enabled(if: Python.isExpected, "needs a Python with grpcio: MADANG_PYTHON or .venv"),
    .timeLimit(.minutes(2)))
struct ConnectivityTests {
    @Test func idleChannelConnectsWhenAsked() async throws {
        try await SharedServer.withChannel { channel in
            #expect(channel.connectivity() == .idle)
            try await channel.waitUntilReady(timeout: .seconds(20))
            #expect(channel.connectivity() == .ready)
        }
    }

    @Test func waitingForADeadServerEndsAtTheDeadline() async throws {
        let target = Target.tcp(host: "127.0.0.1", port: try deadPort())
        let error = try await withChannel(to: target) { channel in
            try await rpcError { try await channel.waitUntilReady(timeout: .milliseconds(200)) }
        }
        #expect(error.trouble == .deadline)
    }

    @Test func unchangedStateComesBackAtTheDeadline() async throws {
        try await SharedServer.withChannel { channel in
            let state = await channel.connectivity(after: .idle, timeout: .milliseconds(50))
            #expect(state == .idle)
        }
    }

    @Test func cancelledTaskStopsWaiting() async throws {
        let target = Target.tcp(host: "127.0.0.1", port: try deadPort())
        try await withChannel(to: target) { channel in
            let waiting = Task { try await channel.waitUntilReady(timeout: .seconds(600)) }
            waiting.cancel()
            let error = try await rpcError { try await waiting.value }
            #expect(error.code == .cancelled)
        }
    }

    /// A watch cannot be cancelled in C: closing must end it long before its deadline.
    @Test func closingEndsAWatch() async throws {
        try await SharedServer.withChannel { channel in
            let waiting = Task(executorPreference: channel.queue) {
                await channel.connectivity(after: .idle, timeout: .seconds(600))
            }
            // A round trip on the same thread: the watch has begun.
            await withTaskExecutorPreference(channel.queue) { await Task.yield() }
            await channel.close()
            #expect(await waiting.value == .closed)
            #expect(channel.connectivity() == .closed)
        }
    }
}
