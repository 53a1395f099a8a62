package import Foundation

/// Where the package is, and the Python that the tests' servers run in.
package enum Python {
    package struct Missing: Error, CustomStringConvertible {
        package let description =
            "no Python with grpcio: run make setup, or set MADANG_PYTHON"
    }

    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package static let path: String? = {
        if let named = ProcessInfo.processInfo.environment["MADANG_PYTHON"] { return named }
        let own = root.appendingPathComponent(".venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: own) ? own : nil
    }()

    /// Whether tests that need it run: always in CI, where they fail without one.
    package static let isExpected =
        path != nil || ProcessInfo.processInfo.environment["CI"] == "true"

    /// - Parameter script: Its path in the package.
    package static func command(_ script: String, _ arguments: [String] = []) throws -> [String] {
        guard let path else { throw Missing() }
        return [path, root.appendingPathComponent(script).path] + arguments
    }
}
