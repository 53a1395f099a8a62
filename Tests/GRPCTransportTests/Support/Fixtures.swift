import Foundation
import Testing

@testable import GRPCTransport

/// A folder of its own, as private as a folder of sockets must be; removed with its last reference.
final class PrivateFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/grpc-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw EchoServer.Failure(description: "no temporary folder: \(errno)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A queue and a channel to a server, closed in order when `body` is through.
func withChannel<Result>(
    to target: Target, _ change: (inout ChannelConfiguration) -> Void = { _ in },
    _ body: nonisolated(nonsending) (Channel) async throws -> Result
) async throws -> Result {
    var configuration = ChannelConfiguration(target: target)
    change(&configuration)
    let queue = CompletionQueue(name: "test")
    do {
        let channel = try Channel(configuration, on: queue)
        let result = try await body(channel)
        await queue.shutdown()
        #expect(queue.liveCalls == 0)
        return result
    } catch {
        await queue.shutdown()
        throw error
    }
}

/// A server of its own and a channel to it.
func withServer<Result>(
    _ body: nonisolated(nonsending) (Channel, EchoServer) async throws -> Result
) async throws -> Result {
    let server = try await EchoServer.start()
    return try await withChannel(to: server.target) { channel in
        try await body(channel, server)
    }
}

/// One server for the tests that leave it as they found it.
enum SharedServer {
    private static let started = Task { try await EchoServer.start() }
    static var server: EchoServer { get async throws { try await started.value } }

    static func withChannel<Result>(
        _ change: (inout ChannelConfiguration) -> Void = { _ in },
        _ body: nonisolated(nonsending) (Channel) async throws -> Result
    ) async throws -> Result {
        try await GRPCTransportTests.withChannel(to: await server.target, change, body)
    }
}

/// A port on loopback where nothing listens: taken from the system and kept to the end of the
/// tests, since one given back may be another test's server by the time it is tried.
func deadPort() throws -> UInt16 {
    try bindToLoopback(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
}

/// Bytes of memory that this process has in use.
func residentBytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else {
        throw EchoServer.Failure(description: "no memory figures: \(text)")
    }
    return pages * 4096
}

/// The error that `body` throws, which it must.
func rpcError(
    _ body: nonisolated(nonsending) () async throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> RPCError {
    do {
        try await body()
    } catch let error as RPCError { return error }
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    throw EchoServer.Failure(description: "nothing was thrown")
}

extension ClientStream {
    /// The next message's bytes.
    nonisolated(nonsending) func nextBytes() async throws(RPCError) -> [UInt8]? {
        guard let message = try await next() else { return nil }
        return message.copyBytes()
    }
}
