import BenchmarkKit
import BenchmarkSamples
import GRPCTransport
import StrategyWire
import TradingModel

/// The transport and the wire as sessions use them, on the queue's own thread.
struct OurClient: Sendable {
    let channel: Channel
    let queue: CompletionQueue

    init(target: String, on queue: CompletionQueue) throws {
        self.queue = queue
        channel = try Channel(
            ChannelConfiguration(target: .unix(path: String(target.dropFirst("unix:".count)))),
            on: queue)
    }

    func run(_ task: Work) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask(executorPreference: queue) {
                switch task {
                case .unary(let count): try await unary(count)
                case .stream(let count): try await stream(count, ticks: 1, ahead: 1)
                case .batched(let count, let ticks, let ahead):
                    try await stream(count, ticks: ticks, ahead: ahead)
                }
            }
            guard let outcome = try await group.next() else {
                giveUp("the task ended with nothing")
            }
            return outcome
        }
    }

    private nonisolated(nonsending) func unary(_ count: Int) async throws -> Outcome {
        var figures = Figures(count: count)
        let request = PBDescribeRequest(host: "bench")
        for index in 0..<figures.total {
            figures.begin(index)
            let reply = try await channel.unary(
                PBStrategyServer.describePath, request.encoded(), timeout: .seconds(10))
            let response = try reply.withBytes { bytes in
                try PBDescribeResponse(decoding: bytes)
            }
            guard response.name == "echo" else { giveUp("unary: answered by somebody else") }
            figures.end(index)
        }
        return figures.outcome
    }

    private nonisolated(nonsending) func stream(
        _ count: Int, ticks: Int, ahead: Int
    ) async throws -> Outcome {
        var figures = Figures(count: count)
        var sample = Sample()
        var writer = WireWriter()
        let stream = try channel.openStream(
            PBStrategyServer.runPath, options: .init(sendCapacity: 2))
        var sent = 0
        for answered in 0..<figures.total {
            while sent < figures.total, sent - answered < ahead {
                figures.begin(sent)
                writer.reset()
                sample.write(after: UInt64(sent * ticks), count: ticks, to: &writer)
                try await stream.send(writer.withBytes { OutMessage($0) })
                sent += 1
            }
            guard let reply = try await stream.next() else { giveUp("stream: it ended early") }
            let message = try reply.withBytes { bytes in try PBServerMessage(decoding: bytes) }
            let expected = EventPosition(step: UInt64((answered + 1) * ticks), index: 0)
            guard case .results(let results) = message.message,
                results.watermark == expected.value, results.results.count == 1
            else { giveUp("stream: answered through another position than was sent") }
            figures.end(answered, isAlone: ahead == 1)
        }
        stream.finishSending()
        guard try await stream.next() == nil else { giveUp("stream: more than was asked for") }
        return figures.outcome
    }
}

/// What both clients do.
enum Work {
    case unary(Int)
    case stream(Int)
    case batched(Int, ticks: Int, ahead: Int)

    /// As `client.cc` reads it.
    ///
    /// - Parameter blocks: By the blocking API, where the task has that form.
    func line(_ target: String, blocks: Bool = false) -> String {
        switch self {
        case .unary(let count): "unary \(target) \(count)"
        case .stream(let count): "\(blocks ? "blocking" : "stream") \(target) \(count)"
        case .batched(let count, let ticks, let ahead):
            "batched \(target) \(count) \(ticks) \(ahead)"
        }
    }
}
