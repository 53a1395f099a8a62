import Foundation

@testable import GRPCTransport

/// A throw-away authority with a server's and a client's certificate, made by `openssl`.
final class Certificates: Sendable {
    let folder: PrivateFolder

    /// The server's certificate is for `127.0.0.1` and `strategy.test`.
    init() async throws {
        folder = try PrivateFolder()
        for authority in ["ca", "other"] {
            try await run(
                "req", "-x509", "-subj", "/CN=\(authority)", "-days", "2",
                "-keyout", "\(authority).key", "-out", "\(authority).pem")
        }
        for (name, alternatives) in [
            ("server", "IP:127.0.0.1,DNS:strategy.test"), ("client", "URI:spiffe://host/client"),
        ] {
            try await run(
                "req", "-x509", "-subj", "/CN=\(name)", "-days", "2",
                "-addext", "subjectAltName=\(alternatives)", "-addext", "basicConstraints=CA:FALSE",
                "-CA", "ca.pem", "-CAkey", "ca.key",
                "-keyout", "\(name).key", "-out", "\(name).pem")
        }
    }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file(name))))
    }

    private func run(_ arguments: String...) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        process.arguments = ["openssl", arguments[0]] + curve + arguments.dropFirst()
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else {
            throw EchoServer.Failure(description: "openssl \(arguments) ended with \(status)")
        }
    }
}
