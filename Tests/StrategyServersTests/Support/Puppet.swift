import GRPCTransport
import Platform
import StrategyWire
import TestKit
import Testing
import TradingModel

@testable import StrategyServers

/// A running `puppet_server.py`: the test is the server.
final class Puppet: Sendable {
    enum Heard {
        case opened
        case message(PBHostMessage.Message)
        case ended
    }
    let description: PBDescribeResponse
    private let child: ChildProcess
    private let control: Channel
    /// What the present stream began with.
    private let configured = Witness<PBConfigure?>(nil)
    private static let patience: Duration = .seconds(20)

    /// What a server of ticks says of itself.
    static let ticks = PBDescribeResponse(
        name: "Puppet", version: "1.0", instanceID: "i1",
        model: PBModel(name: "m", version: "2", hash_: "abc"), sdk: "none",
        revisions: PBRevisionRange(lowest: 1, highest: 1),
        inputs: [PBInput(kind: .ticks)])

    static func start(
        on bench: Bench, _ description: PBDescribeResponse = Puppet.ticks
    ) async throws -> Puppet {
        let child = try await bench.launch(
            try Python.script("puppet_server.py")
                + ["--listen", "\(bench.target)", "--description", hex(description.encoded())])
        let control = try Channel(ChannelConfiguration(target: bench.target), on: bench.queue)
        return Puppet(description, child, control)
    }

    private init(_ description: PBDescribeResponse, _ child: ChildProcess, _ control: Channel) {
        self.description = description
        self.child = child
        self.control = control
    }

    // MARK: Hearing

    /// The next thing that happened to a Run call.
    func hear() async throws -> Heard {
        let reply = try await call("Hear", [])
        guard let kind = reply.first else { throw BenchError("nothing was heard") }
        switch kind {
        case UInt8(ascii: "O"): return .opened
        case UInt8(ascii: "E"): return .ended
        default:
            let message = try PBHostMessage(decoding: Array(reply.dropFirst())).message
            return .message(try #require(message))
        }
    }

    /// The next message; anything else is a failure.
    func message() async throws -> PBHostMessage.Message {
        let heard = try await hear()
        guard case .message(let message) = heard else { throw BenchError("heard \(heard)") }
        return message
    }

    /// The next message, which must hold events. On a machine that is slow a beat may come before.
    func events() async throws -> PBEvents {
        var message = try await message()
        while case .beat = message { message = try await self.message() }
        guard case .events(let events) = message else { throw BenchError("heard \(message)") }
        return events
    }

    /// A stream's beginning, with its Configure.
    func configure() async throws -> PBConfigure {
        guard case .opened = try await hear(), case .configure(let configure) = try await message()
        else { throw BenchError("no Configure at the beginning of a stream") }
        return configure
    }

    /// What happens to the present stream until it ends.
    func untilEnd() async throws -> [PBHostMessage.Message] {
        var messages: [PBHostMessage.Message] = []
        while case .message(let message) = try await hear() { messages.append(message) }
        return messages
    }

    // MARK: Saying

    func say(_ message: PBServerMessage.Message?) async throws {
        _ = try await call("Say", PBServerMessage(message: message).encoded())
    }

    /// Ends the stream with a status; `OK` ends it in order.
    func end(_ code: String, _ text: String = "") async throws {
        _ = try await call("End", Array("\(code) \(text)".utf8))
    }

    /// Reads so many messages of each stream to come, and leaves the rest in the socket; 0: reads all.
    func read(most count: Int) async throws { _ = try await call("Most", Array("\(count)".utf8)) }

    /// Ready as the contract wants it, after a change.
    func ready(
        _ configure: PBConfigure, _ change: (inout PBReady) -> Void = { _ in }
    ) async throws {
        configured.change { $0 = configure }
        var ready = PBReady(
            epoch: configure.epoch, instanceID: description.instanceID,
            version: description.version, modelHash: description.model?.hash_ ?? "",
            state: .after(configure.watermark))
        change(&ready)
        try await say(.ready(ready))
    }

    /// The second Ready of the stream: behind a warm-up.
    func readyAgain(_ change: (inout PBReady) -> Void) async throws {
        try await ready(try #require(configured.value), change)
    }

    /// Takes the next stream as a fresh server that needs no history.
    @discardableResult
    func accept() async throws -> PBConfigure {
        let configure = try await configure()
        try await ready(configure)
        return configure
    }

    func watermark(_ position: EventPosition, beat: UInt64 = 0) async throws {
        try await say(.watermark(PBWatermark(position: position.value, beat: beat)))
    }

    private func call(_ method: String, _ request: [UInt8]) async throws -> [UInt8] {
        let reply = try await control.unary(
            "/test.Puppet/\(method)", OutMessage(request), timeout: Self.patience)
        return reply.copyBytes()
    }
}

func hex(_ bytes: [UInt8]) -> String { hexText(bytes) }

extension PBEvents {
    /// Step of each event, in order.
    var steps: [UInt64] {
        (try? rows().map(\.position.step)) ?? []
    }
}
