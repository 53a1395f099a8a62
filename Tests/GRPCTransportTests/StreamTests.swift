import Foundation
import Synchronization
import TestKit
import Testing

@testable import GRPCTransport

@Suite(
    .enabled(if: Python.isExpected, "needs a Python with grpcio: MADANG_PYTHON or .venv"),
    .timeLimit(.minutes(5)))
struct StreamTests {
    @Test(arguments: [(1, true), (1, false), (16, true), (256, false)])
    func thousandMessagesComeBackInOrder(capacity: Int, prefetches: Bool) async throws {
        let options = ClientStream.Options(sendCapacity: capacity, prefetches: prefetches)
        try await SharedServer.withChannel { channel in
            try await channel.withStream("/test.Echo/Stream", options: options) { stream in
                async let sent: Void = {
                    for number in 0..<1000 { try await stream.send(bytes(number)) }
                    stream.finishSending()
                }()
                for number in 0..<1000 {
                    #expect(try await stream.nextBytes() == bytes(number))
                }
                #expect(try await stream.nextBytes() == nil)
                try await sent
                #expect(await stream.end() == .ok)
            }
        }
    }

    @Test func finishingSendsWhatIsQueuedFirst() async throws {
        try await SharedServer.withChannel { channel in
            let options = ClientStream.Options(sendCapacity: 100)
            try await channel.withStream("/test.Echo/Count", options: options) { stream in
                for number in 0..<100 { #expect(stream.offer(bytes(number)) == .taken) }
                stream.finishSending()
                #expect(stream.offer([1]) == .closed)
                #expect(await stream.writable() == false)
                let answer = try await stream.nextBytes()
                #expect(answer == Array("100".utf8))
                let end = try await stream.nextBytes()
                #expect(end == nil)
            }
        }
    }

    /// On the queue's own thread no event can come between two offers.
    @Test func offersBeyondTheCapacityAreRefusedAndRoomComesBack() async throws {
        try await SharedServer.withChannel { channel in
            try await withTaskExecutorPreference(channel.queue) {
                let options = ClientStream.Options(sendCapacity: 3)
                try await channel.withStream("/test.Echo/Stream", options: options) { stream in
                    let offers = (0..<5).map { stream.offer(bytes($0)) }
                    #expect(offers == [.taken, .taken, .taken, .full, .full])
                    #expect(await stream.writable())
                    #expect(stream.offer(byteCount: 8) { $0.copyBytes(from: bytes(3)) } == .taken)
                    for number in 0..<4 {
                        let message = try await stream.nextBytes()
                        #expect(message == bytes(number))
                    }
                }
            }
        }
    }

    @Test func writerIsNotCalledWhenThereIsNoRoom() async throws {
        try await SharedServer.withChannel { channel in
            try await withTaskExecutorPreference(channel.queue) {
                try await channel.withStream("/test.Echo/Stream") { stream in
                    #expect(stream.offer([1]) == .taken)
                    let offer = stream.offer(byteCount: 1) { _ in Issue.record("was called") }
                    #expect(offer == .full)
                }
            }
        }
    }

    @Test func serverThatClosesAtOnceIsAnEndAndNoError() async throws {
        try await SharedServer.withChannel { channel in
            try await channel.withStream("/test.Echo/CloseAtOnce") { stream in
                #expect(try await stream.nextBytes() == nil)
                #expect(stream.offer([1]) == .closed)
                let error = try await rpcError { try await stream.send([1]) }
                #expect(error.trouble == .ended)
            }
        }
    }

    @Test func messagesBeforeAnErrorAreStillRead() async throws {
        try await SharedServer.withChannel { channel in
            try await channel.withStream("/test.Echo/AbortStream") { stream in
                try await stream.send([7])
                #expect(try await stream.nextBytes() == [7])
                let error = try await rpcError { _ = try await stream.next() }
                #expect(error.status == RPCStatus(.aborted, "둘째는 없다"))
                #expect(stream.status?.code == .aborted)
            }
        }
    }

    @Test func cancelEndsEveryWaiter() async throws {
        try await SharedServer.withChannel { channel in
            let stream = try channel.openStream("/test.Echo/NeverReads")
            async let reading = rpcError { _ = try await stream.next() }
            async let ending = stream.end()
            stream.cancel()
            stream.cancel()
            #expect(try await reading.code == .cancelled)
            #expect(await ending.code == .cancelled)
            #expect(stream.offer([1]) == .closed)
        }
    }

    @Test(arguments: ["next", "end"])
    func cancelledTaskCancelsTheStream(waitingIn place: String) async throws {
        try await SharedServer.withChannel { channel in
            let stream = try channel.openStream("/test.Echo/NeverReads")
            let waiting = Task {
                if place == "next" { _ = try? await stream.next() } else { _ = await stream.end() }
            }
            waiting.cancel()
            await waiting.value
            #expect(await stream.end().code == .cancelled)
        }
    }

    @Test func streamHasADeadlineWhenItIsGivenOne() async throws {
        try await SharedServer.withChannel { channel in
            let stream = try channel.openStream(
                "/test.Echo/NeverReads", timeout: .milliseconds(200))
            let error = try await rpcError { _ = try await stream.next() }
            #expect(error.trouble == .deadline)
        }
    }

    @Test func leavingTheScopeEndsTheStream() async throws {
        try await withServer { channel, _ in
            try await channel.withStream("/test.Echo/Stream") { stream in
                try await stream.send([1])
                #expect(try await stream.nextBytes() == [1])
            }
            #expect(channel.liveCalls == 0)
            let idle = try await channel.unary("/test.Echo/Idle", [], timeout: .seconds(20))
            #expect(idle.copyBytes() == Array("yes".utf8), "the server's handler has ended")
        }
    }

    @Test func socketsPathMayHoldAnyCharacter() async throws {
        let folder = try PrivateFolder()
        let target = Target.unix(path: folder.file("마당 100%41 #1?.sock"))
        let server = try await EchoServer.start(target.uri)
        let reply = try await withChannel(to: target) { channel in
            try await channel.unary("/test.Echo/Unary", [9], timeout: .seconds(20)).copyBytes()
        }
        #expect(reply == [9])
        await server.close()
    }

    @Test func closingTheChannelEndsItsStreams() async throws {
        try await SharedServer.withChannel { channel in
            let streams = try (0..<5).map { _ in try channel.openStream("/test.Echo/Stream") }
            await channel.close()
            for stream in streams { #expect(stream.status?.code == .cancelled) }
            let error = try await rpcError {
                _ = try channel.openStream("/test.Echo/Stream")
            }
            #expect(error.trouble == .closedHere)
        }
    }
}

/// Eight bytes, the number little-endian.
func bytes(_ number: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}
