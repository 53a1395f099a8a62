import Foundation
import TestKit
import Testing

@testable import GRPCTransport

@Suite(
    .enabled(if: Python.isExpected, "needs a Python with grpcio: MADANG_PYTHON or .venv"),
    .timeLimit(.minutes(2)))
struct UnaryTests {
    /// Short messages lie inside the core's slices, longer ones on its heap, long ones in pieces.
    @Test(arguments: [0, 1, 22, 23, 24, 1000, 20_000, 3_000_000])
    func replyIsTheRequest(ofBytes count: Int) async throws {
        let request = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let reply = try await SharedServer.withChannel { channel in
            try await channel.unary("/test.Echo/Unary", request, timeout: .seconds(20)).copyBytes()
        }
        #expect(reply == request)
    }

    @Test func deadlineEndsTheCallInTime() async throws {
        try await SharedServer.withChannel { channel in
            try await channel.waitUntilReady(timeout: .seconds(20))
            let clock = ContinuousClock()
            let start = clock.now
            let error = try await rpcError {
                _ = try await channel.unary("/test.Echo/Hang", [], timeout: .milliseconds(200))
            }
            #expect(error.code == .deadlineExceeded)
            #expect(error.trouble == .deadline)
            #expect(start.duration(to: clock.now) >= .milliseconds(200))
        }
    }

    @Test func cancelledTaskCancelsOnTheServerToo() async throws {
        try await withServer { channel, _ in
            let hanging = Task {
                try await channel.unary(
                    "/test.Echo/Hang", [], timeout: .seconds(90), waitsForReady: true
                ).copyBytes()
            }
            _ = try await channel.unary("/test.Echo/Hanging", [], timeout: .seconds(60))
            hanging.cancel()
            let error = try await rpcError { _ = try await hanging.value }
            #expect(error.code == .cancelled)
            #expect(channel.liveCalls == 0, "the status was awaited")
            let heard = try await channel.unary("/test.Echo/Cancelled", [], timeout: .seconds(60))
            #expect(heard.copyBytes() == Array("yes".utf8))
        }
    }

    @Test func taskCancelledBeforeItsCallEndsAsCancelled() async throws {
        try await SharedServer.withChannel { channel in
            let hanging = Task {
                try await channel.unary("/test.Echo/Hang", [], timeout: .seconds(90)).copyBytes()
            }
            hanging.cancel()
            let error = try await rpcError { _ = try await hanging.value }
            #expect(error.code == .cancelled)
        }
    }

    @Test func deadPortFailsFast() async throws {
        let target = Target.tcp(host: "127.0.0.1", port: try deadPort())
        let error = try await withChannel(to: target) { channel in
            try await rpcError {
                _ = try await channel.unary("/test.Echo/Unary", [], timeout: .seconds(30))
            }
        }
        #expect(error.code == .unavailable)
        #expect(error.trouble == .refused, "\(error)")
        #expect(!error.trouble.needsAPerson)
    }

    @Test func waitingForADeadPortEndsAtTheDeadline() async throws {
        let target = Target.tcp(host: "127.0.0.1", port: try deadPort())
        let error = try await withChannel(to: target) { channel in
            try await rpcError {
                _ = try await channel.unary(
                    "/test.Echo/Unary", [], timeout: .milliseconds(300), waitsForReady: true)
            }
        }
        #expect(error.code == .deadlineExceeded)
    }

    @Test func foreignScriptInAnErrorArrivesWhole() async throws {
        let error = try await SharedServer.withChannel { channel in
            try await rpcError {
                _ = try await channel.unary("/test.Echo/Abort", [], timeout: .seconds(20))
            }
        }
        #expect(error.status.code == .failedPrecondition)
        #expect(error.status.message == "잔고 부족: 주문 불가 ✗")
    }

    @Test func exceptionOfTheServerIsUnknown() async throws {
        let error = try await SharedServer.withChannel { channel in
            try await rpcError {
                _ = try await channel.unary("/test.Echo/Raise", [], timeout: .seconds(20))
            }
        }
        #expect(error.code == .unknown)
    }

    @Test func unknownMethodIsUnimplemented() async throws {
        let error = try await SharedServer.withChannel { channel in
            try await rpcError {
                _ = try await channel.unary("/test.Echo/Nothing", [], timeout: .seconds(20))
            }
        }
        #expect(error.trouble == .unimplemented)
        #expect(error.place.hasSuffix(" /test.Echo/Nothing"))
    }

    @Test(arguments: [(999, true), (1000, true), (1001, false)])
    func replyOverTheLimitIsRefused(_ bytes: Int, _ fits: Bool) async throws {
        try await SharedServer.withChannel({ $0.maxReceiveBytes = 1000 }) { channel in
            do {
                let reply = try await channel.unary(
                    "/test.Echo/Reply", Array("\(bytes)".utf8), timeout: .seconds(20))
                #expect(fits)
                #expect(reply.byteCount == bytes)
            } catch let error as RPCError {
                #expect(!fits)
                #expect(error.trouble == .messageTooLarge, "\(error)")
                #expect(error.code == .resourceExhausted)
            }
        }
    }

    @Test(arguments: [(1000, true), (1001, false)])
    func requestOverTheLimitIsRefused(_ bytes: Int, _ fits: Bool) async throws {
        try await SharedServer.withChannel({ $0.maxSendBytes = 1000 }) { channel in
            do {
                _ = try await channel.unary(
                    "/test.Echo/Unary", [UInt8](repeating: 1, count: bytes), timeout: .seconds(20))
                #expect(fits)
            } catch let error as RPCError {
                #expect(!fits)
                #expect(error.trouble == .messageTooLarge, "\(error)")
            }
        }
    }

    @Test func headersAndTheTokenReachTheServer() async throws {
        try await SharedServer.withChannel({ $0.token = BearerToken("s3cret") }) { channel in
            let token = try await channel.unary(
                "/test.Echo/Header", Array("authorization".utf8), timeout: .seconds(20))
            #expect(token.copyBytes() == Array("Bearer s3cret".utf8))
            let bytes: [UInt8] = [0, 1, 0xFF]
            let binary = try await channel.unary(
                "/test.Echo/Header", Array("x-bin".utf8), timeout: .seconds(20),
                metadata: Metadata([.init("x-bin", bytes)]))
            #expect(binary.copyBytes() == bytes)
        }
    }

    @Test func aTokenThatAServerQuotesIsNotTold() async throws {
        try await SharedServer.withChannel({ $0.token = BearerToken("s3cret") }) { channel in
            let error = await #expect(throws: RPCError.self) {
                _ = try await channel.unary(
                    "/test.Echo/AbortWithToken", [], timeout: .seconds(20))
            }
            #expect(error?.status.message == "who is 'Bearer ********'?")
            #expect(!"\(String(reflecting: error))".contains("s3cret"))
        }
    }

    @Test(arguments: [("UPPER", "x"), ("key", "line\nbreak"), ("", "x"), ("a b", "x")])
    func badHeaderIsRefusedBeforeAnythingIsSent(_ key: String, _ value: String) async throws {
        try await SharedServer.withChannel { channel in
            var metadata = Metadata()
            metadata.add(key, value)
            let error = try await rpcError {
                _ = try await channel.unary(
                    "/test.Echo/Unary", [], timeout: .seconds(20), metadata: metadata)
            }
            #expect(error.code == .invalidArgument)
            #expect(channel.liveCalls == 0)
        }
    }

    @Test(arguments: [(6000, true), (20_000, false)])
    func headersOverTheServersLimitAreRefused(_ bytes: Int, _ fits: Bool) async throws {
        try await SharedServer.withChannel { channel in
            var metadata = Metadata()
            metadata.add("x", String(repeating: "x", count: bytes))
            do {
                _ = try await channel.unary(
                    "/test.Echo/Unary", [], timeout: .seconds(20), metadata: metadata)
                #expect(fits)
            } catch let error as RPCError {
                #expect(!fits)
                #expect(error.code == .resourceExhausted, "\(error)")
            }
        }
    }

    @Test func throwingWriterLeavesNothingBehind() {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) {
            _ = try OutMessage(byteCount: 100) { _ in throw Refusal() }
        }
    }
}
