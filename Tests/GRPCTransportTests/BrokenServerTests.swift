import Foundation
import TestKit
import Testing

@testable import GRPCTransport

@Suite(
    .enabled(if: Python.isExpected, "needs a Python with grpcio: MADANG_PYTHON or .venv"),
    .timeLimit(.minutes(2)))
struct BrokenServerTests {
    @Test func killedServerEndsItsStreams() async throws {
        try await withServer { channel, server in
            try await withTaskExecutorPreference(channel.queue) {
                let stream = try channel.openStream("/test.Echo/Stream")
                try await stream.send([1])
                #expect(try await stream.nextBytes() == [1])
                async let killed: Void = server.kill()
                let error = try await rpcError { _ = try await stream.next() }
                #expect(error.code == .unavailable)
                #expect(error.trouble == .connectionLost, "\(error)")
                await killed
                #expect(stream.offer([2]) == .closed)
            }
        }
    }

    @Test func killedServerEndsACallUnderWay() async throws {
        try await withServer { channel, server in
            let error = try await rpcError {
                _ = try await channel.unary("/test.Echo/Die", [], timeout: .seconds(20))
            }
            #expect(error.trouble == .connectionLost, "\(error)")
            await server.kill()
        }
    }

    @Test(arguments: [false, true])
    func channelFindsARestartedServer(overUnixSocket: Bool) async throws {
        let folder = try PrivateFolder()
        let address = overUnixSocket ? "unix:\(folder.file("s.sock"))" : "127.0.0.1:0"
        let first = try await EchoServer.start(address)
        try await withChannel(to: first.target) { channel in
            _ = try await channel.unary("/test.Echo/Unary", [1], timeout: .seconds(20))
            #expect(channel.connectivity() == .ready)
            await first.kill()
            while channel.connectivity() == .ready {
                _ = await channel.connectivity(after: .ready, timeout: .seconds(20))
            }
            let down = try await rpcError {
                _ = try await channel.unary("/test.Echo/Unary", [1], timeout: .seconds(20))
            }
            #expect(down.code == .unavailable)

            let again =
                switch first.target {
                case .unix(let path): "unix:\(path)"
                case .tcp(let host, let port): "\(host):\(port)"
                }
            let second = try await EchoServer.start(again)
            channel.retryNow()
            try await channel.waitUntilReady(timeout: .seconds(20))
            let reply = try await channel.unary("/test.Echo/Unary", [2], timeout: .seconds(20))
            #expect(reply.copyBytes() == [2])
            await second.close()
        }
    }

    @Test func waitingForReadyOutlastsAStart() async throws {
        let folder = try PrivateFolder()
        let path = folder.file("s.sock")
        try await withChannel(to: .unix(path: path)) { channel in
            async let reply = channel.unary(
                "/test.Echo/Unary", [3], timeout: .seconds(60), waitsForReady: true
            ).copyBytes()
            let server = try await EchoServer.start("unix:\(path)")
            #expect(try await reply == [3])
            await server.close()
        }
    }

    @Test func gracefulEndOfTheServerIsNoHang() async throws {
        try await withServer { channel, server in
            let stream = try channel.openStream("/test.Echo/Stream")
            try await stream.send([1])
            #expect(try await stream.nextBytes() == [1])
            async let closed: Void = server.close()
            let status = await stream.end()
            #expect(status.code == .unavailable, "\(status)")
            await closed
        }
    }

    @Test func frozenServerIsNoticedByKeepalive() async throws {
        let server = try await EchoServer.start(
            "127.0.0.1:0",
            [
                "--option", "grpc.http2.min_ping_interval_without_data_ms=500",
                "--option", "grpc.keepalive_permit_without_calls=1",
            ])
        let keepalive = ChannelConfiguration.Keepalive(
            interval: .seconds(1), timeout: .seconds(1))
        try await withChannel(to: server.target, { $0.keepalive = keepalive }) { channel in
            let stream = try channel.openStream("/test.Echo/Stream")
            try await stream.send([1])
            #expect(try await stream.nextBytes() == [1])
            server.signal(SIGSTOP)
            let status = await stream.end()
            #expect(Trouble(status) == .keepaliveTimeout, "\(status)")
        }
        await server.kill()
    }

    /// A server that was not asked closes the connection after its third ping.
    @Test func unwelcomePingsAreNamed() async throws {
        let server = try await EchoServer.start()
        let keepalive = ChannelConfiguration.Keepalive(
            interval: .seconds(1), timeout: .seconds(60))
        try await withChannel(to: server.target, { $0.keepalive = keepalive }) { channel in
            let stream = try channel.openStream("/test.Echo/NeverReads")
            let status = await stream.end()
            #expect(Trouble(status) == .tooManyPings, "\(status)")
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 400 Bad Request\r\n\r\n", "\u{0}\u{0}\u{0}junk that is no frame",
    ])
    func peerThatSpeaksNoGRPCIsUnavailable(words: String) async throws {
        let peer = try RawPeer(says: words)
        try await withChannel(to: peer.target) { channel in
            let error = try await rpcError {
                _ = try await channel.unary("/test.Echo/Unary", [], timeout: .seconds(30))
            }
            #expect(error.code == .unavailable, "\(error)")
            #expect([.handshake, .connectionLost, .other].contains(error.trouble), "\(error)")
        }
    }

    @Test func silentPeerEndsAtTheDeadline() async throws {
        let peer = try RawPeer(says: nil)
        try await withChannel(to: peer.target) { channel in
            let error = try await rpcError {
                _ = try await channel.unary("/test.Echo/Unary", [], timeout: .milliseconds(300))
            }
            #expect(error.trouble == .deadline, "\(error)")
        }
    }
}
