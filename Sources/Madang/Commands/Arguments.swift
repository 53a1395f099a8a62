import Platform

/// The words of a command line, taken one by one.
struct Arguments {
    private var rest: [String]
    let command: String
    private let usage: String

    init(_ words: [String], command: String, usage: String) {
        rest = words
        self.command = command
        self.usage = usage
    }

    var wantsHelp: Bool { rest.contains("--help") || rest.contains("-h") }

    /// Takes a flag out.
    mutating func flag(_ names: String...) -> Bool {
        let count = rest.count
        rest.removeAll { names.contains($0) }
        return rest.count < count
    }

    /// Takes an option with its value out: `--summary FILE` or `--summary=FILE`.
    mutating func option(_ names: String...) throws -> String? {
        for (index, word) in rest.enumerated() {
            if let name = names.first(where: { word.hasPrefix($0 + "=") }) {
                rest.remove(at: index)
                return String(word.dropFirst(name.count + 1))
            }
            guard names.contains(word) else { continue }
            guard index + 1 < rest.count else {
                throw RunError(.usage, "madang \(command): \(word) needs a value\n\(usage)")
            }
            let value = rest[index + 1]
            rest.removeSubrange(index...index + 1)
            return value
        }
        return nil
    }

    /// Refuses what nobody took.
    func finish(known: [String] = []) throws {
        guard let word = rest.first else { return }
        let nearest = Platform.nearest(to: word, in: known).map { "   did you mean '\($0)'?" } ?? ""
        throw RunError(.usage, "madang \(command): '\(word)' is not understood\(nearest)\n\(usage)")
    }
}
