import Foundation
import TestKit
import Testing

@testable import GRPCTransport

@Suite(
    .enabled(if: Python.isExpected, "needs a Python with grpcio: MADANG_PYTHON or .venv"),
    .timeLimit(.minutes(2)))
struct SecurityTests {
    private static let made = Task { try await Certificates() }

    private static func server(demandsClient: Bool = false) async throws -> EchoServer {
        let folder = try await made.value.folder
        var arguments = ["--tls", folder.file("server.pem"), folder.file("server.key")]
        if demandsClient { arguments += ["--client-ca", folder.file("ca.pem")] }
        return try await EchoServer.start("127.0.0.1:0", arguments)
    }

    /// What a call to `server` with this security comes to.
    private func call(_ server: EchoServer, _ security: Security, token: BearerToken? = nil)
        async throws -> Result<[UInt8], RPCError>
    {
        try await withChannel(
            to: server.target,
            {
                $0.security = security
                $0.token = token
            }
        ) { channel in
            do throws(RPCError) {
                let reply = try await channel.unary(
                    "/test.Echo/Header", Array("authorization".utf8), timeout: .seconds(30))
                return .success(reply.copyBytes())
            } catch {
                return .failure(error)
            }
        }
    }

    @Test func serverOfOurAuthorityIsBelievedAndGetsTheToken() async throws {
        let roots = try await Self.made.value.bytes("ca.pem")
        let server = try await Self.server()
        let result = try await call(
            server, .tls(.init(roots: roots)), token: BearerToken("s3cret"))
        #expect(try result.get() == Array("Bearer s3cret".utf8))
        let renamed = try await call(
            server, .tls(.init(roots: roots, serverName: "strategy.test")))
        #expect(throws: Never.self) { try renamed.get() }
    }

    @Test func serverOfAnotherAuthorityIsRefusedByName() async throws {
        let roots = try await Self.made.value.bytes("other.pem")
        let error = try await failure(Self.server(), .tls(.init(roots: roots)))
        #expect(error.code == .unavailable)
        #expect(error.trouble == .untrustedCertificate, "\(error)")
        #expect(error.trouble.needsAPerson)
    }

    @Test func certificateForAnotherNameIsRefusedByName() async throws {
        let roots = try await Self.made.value.bytes("ca.pem")
        let error = try await failure(
            Self.server(), .tls(.init(roots: roots, serverName: "other.test")))
        #expect(error.trouble == .wrongServerName, "\(error)")
    }

    @Test func demandedClientCertificateOpensTheDoor() async throws {
        let made = try await Self.made.value
        let server = try await Self.server(demandsClient: true)
        let roots = try made.bytes("ca.pem")
        let identity = Security.Identity(
            chain: try made.bytes("client.pem"), key: try made.bytes("client.key"))
        let with = try await call(server, .tls(.init(roots: roots, identity: identity)))
        #expect(throws: Never.self) { try with.get() }
        let error = try await failure(server, .tls(.init(roots: roots)))
        #expect(error.trouble == .handshake, "\(error)")
    }

    @Test func plainTextToATLSPortIsToldFromASleepingServer() async throws {
        let error = try await failure(Self.server(), .insecure)
        #expect(error.trouble == .handshake, "\(error)")
    }

    @Test func tlsToAPlainPortIsToldFromASleepingServer() async throws {
        let roots = try await Self.made.value.bytes("ca.pem")
        let error = try await failure(SharedServer.server, .tls(.init(roots: roots)))
        #expect(error.trouble == .handshake, "\(error)")
    }

    @Test func tokenIsNotSentInPlainTextBeyondThisMachine() async {
        let queue = CompletionQueue(name: "token")
        let configuration = ChannelConfiguration(
            target: .tcp(host: "192.0.2.1", port: 1), token: BearerToken("s3cret"))
        let error = #expect(throws: RPCError.self) { _ = try Channel(configuration, on: queue) }
        #expect(error?.trouble == .badCredentials)
        #expect(error?.description.contains("s3cret") == false)
        await queue.shutdown()
    }

    @Test func brokenTokenIsNotSentAndNotPrinted() async throws {
        let server = try await SharedServer.server
        let result = try await call(server, .insecure, token: BearerToken("s3cret\nx: y"))
        let error = #expect(throws: RPCError.self) { try result.get() }
        #expect(error?.trouble == .badCredentials)
        #expect(error.map { "\($0)".contains("s3cret") } == false)
    }

    @Test func textsThatAreNoPEMAreRefusedAtOnce() async throws {
        let queue = CompletionQueue(name: "pem")
        let roots = try await Self.made.value.bytes("ca.pem")
        let broken: [Security.TLS] = [
            .init(roots: Array("hello".utf8)), .init(roots: []),
            .init(roots: roots, identity: .init(chain: roots, key: roots)),
            .init(roots: roots, identity: .init(chain: [], key: roots)),
        ]
        for tls in broken {
            let configuration = ChannelConfiguration(
                target: .tcp(host: "127.0.0.1", port: 1), security: .tls(tls))
            let error = #expect(throws: RPCError.self) {
                _ = try Channel(configuration, on: queue)
            }
            #expect(error?.trouble == .badCredentials)
        }
        await queue.shutdown()
    }

    private func failure(_ server: EchoServer, _ security: Security) async throws -> RPCError {
        let result = try await call(server, security)
        return try #require(throws: RPCError.self) { try result.get() }
    }
}
