import Foundation
import TestKit
import Testing

@testable import GRPCTransport

@Suite(
    .enabled(if: Python.isExpected, "needs a Python with grpcio: MADANG_PYTHON or .venv"),
    .timeLimit(.minutes(5)), .serialized)
struct ChurnTests {
    private static let seedCount: UInt64 = trials(8)

    @Test func threeThousandStreamsHalfOfThemCancelledLeaveNothing() async throws {
        try await withServer { channel, _ in
            try await channel.waitUntilReady(timeout: .seconds(20))
            try await streams(300, on: channel)
            // 16 KB for each would be 48 MB, each time; other suites of the process allocate meanwhile, some time.
            let most = 40 << 20
            var growth = Int.max
            for _ in 0..<4 where growth >= most {
                let before = try residentBytes()
                try await streams(3000, on: channel)
                growth = try residentBytes() - before
                #expect(channel.liveCalls == 0)
                #expect(channel.queue.liveCalls == 0)
                if isSanitized { break }
            }
            if !isSanitized { #expect(growth < most) }
            _ = try await channel.unary("/test.Echo/Idle", [], timeout: .seconds(20))
        }
    }

    /// Every other stream is cancelled after its first message, the others are finished.
    private func streams(_ count: Int, on channel: Channel) async throws {
        try await withThrowingTaskGroup { group in
            for lane in 0..<8 {
                group.addTask(executorPreference: channel.queue) {
                    for number in stride(from: lane, to: count, by: 8) {
                        let stream = try channel.openStream("/test.Echo/Stream")
                        try await stream.send(bytes(number))
                        #expect(try await stream.nextBytes() == bytes(number))
                        if number.isMultiple(of: 2) {
                            stream.cancel()
                            #expect(await stream.end().code == .cancelled)
                        } else {
                            stream.finishSending()
                            #expect(try await stream.nextBytes() == nil)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What comes back is a prefix of what was taken, whatever happens; then nothing lives on.
    @Test(arguments: 1...seedCount)
    func anyMixOfActionsKeepsOrderAndEnds(seed: UInt64) async throws {
        let server = try await SharedServer.server
        let queue = CompletionQueue(name: "stress")
        var choices = SeededRandom(seed)
        for _ in 0..<4 {
            let channel = try Channel(ChannelConfiguration(target: server.target), on: queue)
            let closesEarly = Bool.random(using: &choices)
            let seeds = (0..<12).map { _ in choices.next() }
            try await withThrowingTaskGroup { group in
                for (lane, seed) in seeds.enumerated() {
                    let preference: (any TaskExecutor)? = lane.isMultiple(of: 2) ? queue : nil
                    group.addTask(executorPreference: preference) {
                        try await StressLane(seed: seed).run(on: channel)
                    }
                }
                if closesEarly {
                    try await group.next()
                    await channel.close()
                }
                try await group.waitForAll()
            }
            await channel.close()
            #expect(channel.liveCalls == 0)
        }
        await queue.shutdown()
        #expect(queue.liveCalls == 0)
    }

    /// Sanitizers keep what was freed for a while.
    private var isSanitized: Bool {
        dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
    }
}

/// One user of streams who does what a seed says.
private struct StressLane {
    let seed: UInt64

    func run(on channel: Channel) async throws {
        var choices = SeededRandom(seed)
        for _ in 0..<8 {
            let options = ClientStream.Options(
                sendCapacity: Int.random(in: 1...5, using: &choices),
                prefetches: Bool.random(using: &choices))
            let stream: ClientStream
            do throws(RPCError) {
                stream = try channel.openStream("/test.Echo/Stream", options: options)
            } catch {
                #expect(error.trouble == .closedHere)
                return
            }
            try await use(stream, &choices)
            stream.cancel()
            let status = await stream.end()
            #expect([.ok, .cancelled].contains(status.code), "\(status)")
            #expect(stream.offer([0]) == .closed)
        }
    }

    /// Sends and reads in random turns; ends by finishing, cancelling or just leaving.
    private func use(_ stream: ClientStream, _ choices: inout SeededRandom) async throws {
        var taken: [[UInt8]] = []
        var read = 0
        for _ in 0..<Int.random(in: 0...30, using: &choices) {
            switch Int.random(in: 0..<10, using: &choices) {
            case 0..<4:
                let message = bytes(taken.count)
                if stream.offer(message) == .taken { taken.append(message) }
            case 4..<6:
                let message = bytes(taken.count)
                guard (try? await stream.send(message)) != nil else { return }
                taken.append(message)
            case 6..<9 where read < taken.count:
                guard let message = try? await stream.nextBytes() else { return }
                try #require(message == taken[read])
                read += 1
            case 9:
                guard await stream.writable() else { return }
            default: await Task.yield()
            }
        }
        guard Bool.random(using: &choices) else { return }
        stream.finishSending()
        while let message = try? await stream.nextBytes() {
            try #require(message == taken[read])
            read += 1
        }
        if stream.status?.isOK == true { #expect(read == taken.count) }
    }
}
