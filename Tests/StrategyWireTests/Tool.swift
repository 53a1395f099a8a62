import Foundation

/// Runs the project's own scripts.
enum Tool {
    /// The package's folder.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: ``Failure`` with what the script printed, unless it ends with 0.
    static func run(_ script: String, _ arguments: [String] = []) throws {
        let process = Process()
        process.executableURL = root.appending(path: script)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = String(decoding: text.suffix(4_000), as: UTF8.self)
            throw Failure(
                description: "\(script) ended with \(process.terminationStatus):\n\(said)")
        }
    }
}
