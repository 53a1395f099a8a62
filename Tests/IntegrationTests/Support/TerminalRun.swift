import Foundation
import Platform

/// `madang` on a terminal: what was to be seen, and how the terminal was left.
struct TerminalRun: Decodable {
    /// Something that happens at the terminal, one after the other.
    enum Step: Encodable {
        /// The screen shows this pattern.
        case until(String)
        case snapshot(String)
        /// Sent to `madang`, by its name: `TERM`.
        case signal(String)
        /// Sent to its child with this word in its command line.
        case server(String, named: String)
        case keys(String)
        case size(columns: Int, rows: Int)
        /// Waits for a file without reading what `madang` writes.
        case file(String)

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: Key.self)
            func put(_ value: some Encodable, _ name: String) throws {
                try members.encode(value, forKey: Key(stringValue: name))
            }
            switch self {
            case .until(let pattern): try put(pattern, "until")
            case .snapshot(let name): try put(name, "snapshot")
            case .signal(let name): try put("SIG" + name, "signal")
            case .server(let signal, let name):
                try put("SIG" + signal, "server")
                try put(name, "named")
            case .keys(let keys): try put(keys, "keys")
            case .size(let columns, let rows): try put([columns, rows], "size")
            case .file(let path): try put(path, "file")
            }
        }
    }

    /// Negative: the signal that ended it.
    let exit: Int
    /// How often the other screen was entered, and left.
    let entered: Int
    let left: Int
    let isOnMain: Bool
    let hasCursor: Bool
    let wraps: Bool
    /// The line settings are as they were found.
    let isRestored: Bool
    /// Sequences that set a colour or a weight.
    let colours: Int
    let escapes: Int
    /// By so many columns the widest row was too wide.
    let excess: Int
    /// Sequences that no terminal has to know.
    let unknown: [String]
    /// What stands in the scrollback and on the screen in the end.
    let lines: [String]
    let snapshots: [String: [String]]
    let bytes: Int

    var text: String { lines.joined(separator: "\n") }
    /// As a shell hopes to find it.
    var isAsItWas: Bool {
        isOnMain && entered == left && hasCursor && wraps && isRestored && unknown.isEmpty
    }
}

extension Scene {
    /// Runs `madang` on a terminal of 100 by 30 to its end.
    func onTerminal(
        _ words: [String], _ steps: [TerminalRun.Step] = [], environment: [String: String] = [:]
    ) async throws -> TerminalRun {
        let plan = String(decoding: try JSONEncoder().encode(steps), as: UTF8.self)
        let answer = path + "/terminal.json"
        let program = try await Program.start(
            [Place.python, Place.servers + "/terminal.py", answer, plan, Place.madang] + words,
            in: path, environment: ["TERM": "xterm-256color"].merging(environment) { $1 })
        let outcome = try await program.outcome()
        guard outcome.exit == .code(0) else {
            throw Program.Failure(description: "the terminal \(outcome.exit): \(outcome.errorText)")
        }
        return try JSONDecoder().decode(
            TerminalRun.self, from: Data(contentsOf: URL(fileURLWithPath: answer)))
    }
}
