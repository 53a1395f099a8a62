import Foundation
import Glibc

/// Where the package, the program under test and its Python are.
enum Place {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The program stands beside the tests' own.
    static let madang: String = {
        let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests ?? "").deletingLastPathComponent()
            .appendingPathComponent("madang").path
    }()

    static let servers = root + "/Tests/IntegrationTests/Servers"
    /// Recordings beside the project; absent in most checkouts.
    static let recordings = root + "/../shared/market-data"

    /// In CI a missing one fails the tests that need it.
    static let python: String =
        ProcessInfo.processInfo.environment["MADANG_PYTHON"] ?? root + "/.venv/bin/python"
    static let hasPython =
        FileManager.default.isExecutableFile(atPath: python)
        || ProcessInfo.processInfo.environment["CI"] == "true"

    static func hasRecording(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: recordings + "/" + name)
    }
}

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        // Short: the path of a unix socket has 107 bytes.
        var template = Array("/tmp/madang-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Program.Failure(description: "no temporary folder: error \(errno)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, as name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }
}
