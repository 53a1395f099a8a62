import Conformance
import Foundation
import GRPCTransport
import Glibc
import Platform

/// Where the server under test is, and the program behind it where the checks start it.
final class CheckPlace: Sendable {
    let target: Target
    let program: ServerProgram?
    private let nursery: ProcessNursery?
    /// Made for the socket, and removed with it.
    private let folder: String?

    /// - Throws: `RunError`: what was typed makes no sense, or no folder can be made.
    init(address: String?, launch: [String], for name: String = CheckCommand.name) throws {
        let base = FileManager.default.currentDirectoryPath
        if let address {
            guard let parsed = ServerAddress(address) else {
                throw CheckCommand.usage(
                    "'\(address)' is neither unix:PATH nor HOST:PORT", nil, for: name)
            }
            target = parsed.target(in: base)
            folder = nil
        } else if launch.isEmpty {
            throw CheckCommand.usage("give an ADDRESS, or --launch CMD...", nil, for: name)
        } else {
            let made = try Self.makeFolder()
            target = .unix(path: made + "/s.sock")
            folder = made
        }
        guard target.isLocal else {
            throw CheckCommand.usage(
                "'\(target)' is beyond this machine: check a server where it runs", nil, for: name)
        }
        guard !launch.isEmpty else {
            (program, nursery) = (nil, nil)
            return
        }
        let nursery = ProcessNursery()
        self.nursery = nursery
        program = ServerProgram(
            ProcessLaunch(
                arguments: launch, environment: Self.environment(target), directory: base,
                grace: 2_000_000_000), in: nursery)
    }

    /// Ends the program and removes the folder. Harmless when repeated.
    func leave() {
        nursery?.shutDown()
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// What a server of a run gets.
    private static func environment(_ target: Target) -> [String: String] {
        let host = Environment.variables()
        var environment = [
            "PATH": host["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1",
            "MADANG_ADDRESS": "\(target)",
            "MADANG_PARENT_FD": "\(ProcessLaunch.lifelineDescriptor)",
        ]
        for name in ["HOME", "LANG", "LC_ALL", "TZ"] { environment[name] = host[name] }
        return environment
    }

    /// Short: the path of a socket has 107 bytes.
    private static func makeFolder() throws -> String {
        var name = Array("/tmp/madang-check-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw RunError(.server, "no folder for a socket can be made in /tmp")
        }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
