import Foundation

/// The project's files, as the tests of its form read them.
enum Tree {
    /// The package's folder.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A text file and where it lies, from the package's folder.
    struct File: Sendable {
        let path: String
        let text: String
        /// Without comments and literals.
        let code: SwiftCode

        init(path: String, text: String) {
            self.path = path
            self.text = text
            code = SwiftCode(path.hasSuffix(".swift") ? text : "")
        }

        /// `Kernel` for `Sources/Kernel/Plan.swift`.
        var room: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var isGenerated: Bool { path.contains("/Generated/") || path.contains("/_generated/") }
    }

    /// The Swift of every room, in order of path.
    static let sources: [File] = files(below: "Sources", endings: [".swift"])

    /// The names of the folders below `Sources`, split by whether they hold Swift.
    static let rooms: [String] = folders.filter { name in sources.contains { $0.room == name } }
    static let doors: [String] = folders.filter { !rooms.contains($0) }

    private static let folders: [String] =
        ((try? FileManager.default.contentsOfDirectory(
            atPath: root.appending(path: "Sources").path)) ?? []).sorted()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The text files below a folder, in order of path; folders whose name begins with a dot are
    /// left out, and what Python keeps for itself.
    static func files(below folder: String, endings: [String]) -> [File] {
        let base = root.appending(path: folder)
        guard let paths = FileManager.default.enumerator(atPath: base.path) else { return [] }
        var found: [File] = []
        for case let path as String in paths {
            let parts = path.split(separator: "/")
            guard !parts.contains(where: { $0.hasPrefix(".") || $0 == "__pycache__" }),
                endings.contains(where: path.hasSuffix),
                let text = try? String(contentsOf: base.appending(path: path), encoding: .utf8)
            else { continue }
            found.append(File(path: "\(folder)/\(path)", text: text))
        }
        return found.sorted { $0.path < $1.path }
    }
}
