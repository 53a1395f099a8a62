import Foundation
import TestKit
import Testing

@testable import GRPCTransport

@Suite(
    .enabled(if: Python.isExpected, "needs a Python with grpcio: MADANG_PYTHON or .venv"),
    .timeLimit(.minutes(2)), .serialized)
struct BackPressureTests {
    /// A server that estimates its HTTP/2 windows from the traffic makes them as large as the
    /// machine is slow, up to 80 MB. This one keeps the protocol's 64 KiB, so that what is taken
    /// beyond it is the sender's.
    static let fixedWindows = ["--option", "grpc.http2.bdp_probe=0"]
    static let inFlightLimit = 1 << 20

    @Test(arguments: [64 << 10, 1 << 20])
    func floodWaitsInTheServerForASlowConsumer(receiveAhead: Int) async throws {
        let size = 4096
        let count = 10_000
        let server = try await EchoServer.start()
        try await withChannel(to: server.target, { $0.receiveAheadBytes = receiveAhead }) {
            channel in
            // On the queue's own thread: each of its messages would wait for a turn among all other tests.
            try await withTaskExecutorPreference(channel.queue) {
                try await channel.withStream("/test.Echo/Flood") { stream in
                    try await stream.send(Array("\(size) \(count)".utf8))
                    #expect(try await stream.next()?.byteCount == size)
                    let reply = try await channel.unary(
                        "/test.Echo/Stalled", [], timeout: .seconds(60))
                    let written = try #require(
                        Int(String(decoding: reply.copyBytes(), as: UTF8.self)))
                    #expect(
                        written * size <= 2 * receiveAhead + 4 * size, "of \(count * size) bytes")
                    // Whoever asks again gets everything, in order.
                    for number in 1..<count {
                        let prefix = try await stream.next()?.withBytes { [UInt8]($0.prefix(8)) }
                        try #require(prefix == bytes(number))
                    }
                    #expect(try await stream.nextBytes() == nil)
                }
            }
        }
    }

    @Test(arguments: [64, 4096])
    func senderWaitsForAConsumerThatNeverReads(_ size: Int) async throws {
        let server = try await EchoServer.start("127.0.0.1:0", Self.fixedWindows)
        try await withChannel(to: server.target) { channel in
            try await withTaskExecutorPreference(channel.queue) {
                let before = try residentBytes()
                let stream = try channel.openStream(
                    "/test.Echo/NeverReads", timeout: .seconds(5),
                    options: .init(sendCapacity: 16))
                let message = [UInt8](repeating: 7, count: size)
                var taken = 0
                let error = try await rpcError {
                    while true {
                        try await stream.send(message)
                        taken += 1
                    }
                }
                #expect(error.trouble == .deadline, "it waited until the deadline: \(error)")
                #expect(taken >= 16 && taken * size < Self.inFlightLimit)
                #expect(try residentBytes() - before < 128 << 20)
            }
        }
    }

    @Test(arguments: ["send", "writable"])
    func cancelledTaskLeavesAFullStream(waitingIn place: String) async throws {
        try await withServer { channel, _ in
            let stream = try channel.openStream("/test.Echo/NeverReads")
            let message = [UInt8](repeating: 7, count: 1 << 20)
            let sender = Task(executorPreference: channel.queue) {
                if place == "send" {
                    while (try? await stream.send(message)) != nil {}
                } else {
                    while await stream.writable() { _ = stream.offer(message) }
                }
            }
            // The first write under way means that the server is there; from then on it only waits.
            try await channel.waitUntilReady(timeout: .seconds(20))
            sender.cancel()
            await sender.value
            #expect(await stream.end().code == .cancelled)
        }
    }
}
