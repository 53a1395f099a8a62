import Foundation

/// A page of the project and the blocks of code in it.
struct Document {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct Block {
        /// `yaml`, `python`, …; empty for a block without a language.
        let language: String
        let text: String
        /// Where it begins, from 1.
        let line: Int
    }

    let path: String
    let text: String

    init(_ path: String) throws {
        self.path = path
        text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// Files of a folder and of those in it, in order.
    static func paths(in folder: String, ending: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
            .filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
    }

    var blocks: [Block] {
        var blocks: [Block] = []
        var open: (language: String, line: Int, lines: [Substring])?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard line.hasPrefix("```") else {
                open?.lines.append(line)
                continue
            }
            if let block = open {
                let text = block.lines.joined(separator: "\n") + "\n"
                blocks.append(Block(language: block.language, text: text, line: block.line))
                open = nil
            } else {
                open = (String(line.dropFirst(3)), index + 2, [])
            }
        }
        return blocks
    }

    /// Where the links to files of this project lead, from the package's folder.
    var linkedPaths: [String] {
        let folder = path.split(separator: "/").dropLast().map(String.init)
        return text.matches(of: /\]\(([^)#]+)(?:#[^)]*)?\)/).map { String($0.1) }
            .filter { !$0.contains("://") }
            .map { link in
                var parts = folder
                for part in link.split(separator: "/") {
                    if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
                }
                return parts.joined(separator: "/")
            }
    }
}
