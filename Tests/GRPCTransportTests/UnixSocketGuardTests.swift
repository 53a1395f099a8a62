import Foundation
import Testing

@testable import GRPCTransport

@Suite(.timeLimit(.minutes(1)))
struct UnixSocketGuardTests {
    @Test func privateFolderWithASocketIsFine() throws {
        let folder = try PrivateFolder()
        let listener = try Listener(folder.file("s"))
        try UnixSocketGuard.check(listener.path, mustExist: true)
    }

    @Test(arguments: [0o755, 0o710, 0o701, 0o770, 0o704])
    func folderOpenToOthersIsNamedWithItsRemedy(mode: Int) throws {
        let folder = try PrivateFolder()
        let listener = try Listener(folder.file("s"))
        chmod(folder.path, mode_t(mode))
        let error = try #require(throws: RPCError.self) {
            try UnixSocketGuard.check(listener.path, mustExist: true)
        }
        #expect(error.trouble == .unsafeSocket)
        let text = error.description
        #expect(text.contains("chmod 700 \(folder.path)"))
        #expect(text.contains("mode \(String(mode, radix: 8))"))
        #expect(text.contains("user \(geteuid())"))
    }

    @Test func everybodysFolderIsNotToBeClosed() throws {
        let folder = try PrivateFolder()
        let listener = try Listener(folder.file("s"))
        chmod(folder.path, 0o1777)
        let error = try #require(throws: RPCError.self) {
            try UnixSocketGuard.check(listener.path, mustExist: true)
        }
        #expect(error.description.contains("a folder of your own"))
        #expect(!error.description.contains("chmod"))
    }

    @Test func missingSocketIsAnErrorOnlyWhenItMustExist() throws {
        let folder = try PrivateFolder()
        try UnixSocketGuard.check(folder.file("none"), mustExist: false)
        let error = try #require(throws: RPCError.self) {
            try UnixSocketGuard.check(folder.file("none"), mustExist: true)
        }
        #expect(error.trouble == .missingSocket)
        #expect(error.code == .unavailable)
    }

    @Test func missingFolderIsNamed() throws {
        let error = try #require(throws: RPCError.self) {
            try UnixSocketGuard.check("/nowhere/at/all.sock", mustExist: false)
        }
        #expect(error.trouble == .missingSocket)
        #expect(error.description.contains("/nowhere/at"))
    }

    @Test func plainFileIsNoSocket() throws {
        let folder = try PrivateFolder()
        let path = folder.file("file")
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let error = try #require(throws: RPCError.self) {
            try UnixSocketGuard.check(path, mustExist: true)
        }
        #expect(error.trouble == .unsafeSocket)
        #expect(error.description.contains("no socket"))
    }

    @Test func linkToASocketIsNotFollowed() throws {
        let folder = try PrivateFolder()
        let listener = try Listener(folder.file("s"))
        let link = folder.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: listener.path)
        #expect(throws: RPCError.self) { try UnixSocketGuard.check(link, mustExist: true) }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func folderAndSocketOfAnotherUserAreRefused() throws {
        let folder = try PrivateFolder()
        let listener = try Listener(folder.file("s"))
        chown(listener.path, 1, 1)
        let socket = try #require(throws: RPCError.self) {
            try UnixSocketGuard.check(listener.path, mustExist: true)
        }
        #expect(socket.description.contains("belongs to user 1"))
        chown(folder.path, 1, 1)
        let other = try #require(throws: RPCError.self) {
            try UnixSocketGuard.check(listener.path, mustExist: true)
        }
        #expect(other.description.contains("the folder \(folder.path) belongs to user 1"))
    }

    @Test func channelRefusesAnUnsafeSocketBeforeConnecting() async throws {
        let folder = try PrivateFolder()
        let listener = try Listener(folder.file("s"))
        chmod(folder.path, 0o755)
        let error = try await withChannel(to: .unix(path: listener.path)) { channel in
            try await rpcError {
                _ = try await channel.unary("/x/Y", [], timeout: .seconds(20), waitsForReady: true)
            }
        }
        #expect(error.trouble == .unsafeSocket)
        #expect(error.trouble.needsAPerson)
    }

    @Test func channelDoesNotConnectToAnUnsafeSocketEither() async throws {
        let folder = try PrivateFolder()
        let listener = try Listener(folder.file("s"))
        chmod(folder.path, 0o755)
        let error = try await withChannel(to: .unix(path: listener.path)) { channel in
            try await rpcError { try await channel.waitUntilReady(timeout: .seconds(20)) }
        }
        #expect(error.trouble == .unsafeSocket)
    }

    @Test func channelReportsAMissingSocketAtOnce() async throws {
        let folder = try PrivateFolder()
        let error = try await withChannel(to: .unix(path: folder.file("none"))) { channel in
            try await rpcError {
                _ = try await channel.unary("/x/Y", [], timeout: .seconds(20))
            }
        }
        #expect(error.trouble == .missingSocket)
    }
}

/// A unix socket that exists and never accepts.
private final class Listener {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size)
            }
        }
        guard result == 0 else { throw EchoServer.Failure(description: "bind: \(errno)") }
    }

    deinit { close(descriptor) }
}
