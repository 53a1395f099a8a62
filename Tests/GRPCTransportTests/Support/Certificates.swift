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
                "-keyout", folder.file("\(authority).key"),
                "-out", folder.file("\(authority).pem"))
        }
        for (name, alternatives) in [
            ("server", "IP:127.0.0.1,DNS:strategy.test"), ("client", "URI:spiffe://host/client"),
        ] {
            try await run(
                "req", "-x509", "-subj", "/CN=\(name)", "-days", "2",
                "-addext", "subjectAltName=\(alternatives)", "-addext", "basicConstraints=CA:FALSE",
                "-CA", folder.file("ca.pem"), "-CAkey", folder.file("ca.key"),
                "-keyout", folder.file("\(name).key"), "-out", folder.file("\(name).pem"))
        }
    }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file(name))))
    }

    private func run(_ arguments: String...) async throws {
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        let words = ["openssl", arguments[0], "-batch"] + curve + arguments.dropFirst()
        let status = await (try Program(words)).waitForExit()
        guard status == 0 else {
            throw EchoServer.Failure(description: "openssl \(arguments) ended with \(status)")
        }
    }
}
