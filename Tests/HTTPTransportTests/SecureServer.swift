import Foundation
import Glibc
import HTTPTransport
import TestKit

/// `secure.py` with a throw-away certificate, and authorities: the one who signed it, and another.
final class SecureServer {
    struct Failure: Error, CustomStringConvertible { let description: String }

    let port: Int
    private let folder: URL
    private let process = Process()
    private let input = Pipe()

    /// - Parameter name: What the certificate is for.
    init(for name: String = "localhost") throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-wss-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for authority in ["ours", "other"] {
            try Self.make(in: folder, authority, "-subj", "/CN=\(authority)")
        }
        try Self.make(
            in: folder, "server", "-subj", "/CN=server", "-CA", "ours.pem", "-CAkey", "ours.key",
            "-addext", "subjectAltName=DNS:\(name)",
            "-addext", "basicConstraints=critical,CA:FALSE")
        let command = try Python.command("Tests/HTTPTransportTests/Servers/secure.py")
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = [command[1], "server.pem", "server.key"]
        process.currentDirectoryURL = folder
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(said.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Failure(description: "secure.py said '\(said)'")
        }
        self.port = port
    }

    /// The PEM file of an authority: `ours` or `other`.
    func authority(_ name: String) -> String {
        folder.appendingPathComponent("\(name).pem").path
    }

    func close() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func make(in folder: URL, _ name: String, _ words: String...) throws {
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments =
            [
                "openssl", "req", "-x509", "-batch", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", "\(name).key",
                "-out", "\(name).pem",
            ] + words
        openssl.currentDirectoryURL = folder
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else {
            throw Failure(description: "openssl made no certificate of '\(name)'")
        }
    }
}
