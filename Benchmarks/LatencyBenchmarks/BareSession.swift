import BenchmarkKit
import BenchmarkSamples
import GRPCTransport
import StrategyWire

/// A session with no host: the first words, then one tick at a time, each when the one before it was
/// answered and its pause is over. What is left is transport, messages and the server.
struct BareSession {
    let path: String
    let queue: CompletionQueue

    /// - Returns: ns from before a tick is encoded until its watermark is decoded, the warm-up left out.
    func run(ticks: Int, warmUp: Int, every pause: Int64) async throws -> [Double] {
        try await withThrowingTaskGroup(of: [Double].self) { group in
            group.addTask(executorPreference: queue) {
                let channel = try Channel(
                    ChannelConfiguration(target: .unix(path: path)), on: queue)
                let stream = try channel.openStream(
                    PBStrategyServer.runPath,
                    options: .init(sendCapacity: 2, waitsForReady: true))
                try await begin(stream)
                var sample = Sample()
                var writer = WireWriter()
                var times: [Double] = []
                var due = wallTime()
                for step in 0..<ticks {
                    due += pause
                    try await Task.sleep(for: .nanoseconds(max(0, due - wallTime())))
                    let begun = wallTime()
                    writer.reset()
                    sample.write(after: UInt64(step), count: 1, to: &writer)
                    try await stream.send(writer.withBytes { OutMessage($0) })
                    try await answer(stream, step: UInt64(step + 1))
                    if step >= warmUp { times.append(Double(wallTime() - begun)) }
                }
                stream.cancel()
                _ = await stream.end()
                await channel.close()
                return times
            }
            return try await group.next() ?? []
        }
    }

    private nonisolated(nonsending) func begin(_ stream: ClientStream) async throws {
        var configure = PBConfigure()
        configure.revision = 1
        configure.session = "bare"
        configure.epoch = 1
        configure.mode = .replay
        configure.limits = PBLimits(
            messageBytes: 1 << 20, resultsPerEvent: 16, textBytes: 4_096, logsPerSecond: 10,
            credit: 4_096, deadlineNs: 200_000_000)
        configure.instruments = (0..<4).map { number in
            PBInstrument(
                number: UInt32(number), symbol: "KR000\(number + 1)", market: "KR", currency: "KRW",
                lot: 100_000_000, timeZone: "Asia/Seoul")
        }
        try await stream.send(PBHostMessage(message: .configure(configure)).encoded())
        while true {
            guard let message = try await next(stream) else { giveUp("bare: no Ready") }
            if case .ready = message.message { return }
        }
    }

    private nonisolated(nonsending) func answer(_ stream: ClientStream, step: UInt64) async throws {
        while let message = try await next(stream) {
            switch message.message {
            case .results(let results) where results.watermark == step << 20: return
            case .watermark(let watermark) where watermark.position == step << 20: return
            case .failure(let failure): giveUp("bare: the server failed: \(failure.message)")
            default: continue
            }
        }
        giveUp("bare: the session ended")
    }

    private nonisolated(nonsending) func next(
        _ stream: ClientStream
    ) async throws -> PBServerMessage? {
        guard let bytes = try await stream.next() else { return nil }
        return try bytes.withBytes { bytes in try PBServerMessage(decoding: bytes) }
    }
}
