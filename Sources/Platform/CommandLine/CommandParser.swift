/// Walks over the words of a command line once.
struct CommandParser {
    private var words: ArraySlice<String>
    private var command: Command
    private var names: [String]
    private var options: [CommandOption]
    private var values: [String: [String]] = [:]
    private var arguments: [String] = []
    private var isHelpWanted = false

    static let help = CommandOption.flag("help", short: "h", "Shows this.")

    init(_ root: Command, _ words: [String]) {
        self.words = words[...]
        command = root
        names = [root.name]
        options = root.options + [Self.help]
    }

    mutating func parse() throws(UsageError) -> CommandInvocation {
        while let word = words.popFirst() {
            if word == "--" {
                arguments += words
                words = []
            } else if word.hasPrefix("--") {
                try readLong(word.dropFirst(2))
            } else if word.hasPrefix("-"), word.count > 1, !isNumber(word) {
                try readShort(word.dropFirst())
            } else {
                try readWord(word)
            }
        }
        let path = Array(names.dropFirst())
        if isHelpWanted {
            let text = CommandHelp(command, names: names, options: options).text
            return CommandInvocation(path: path, help: text, values: values, arguments: [])
        }
        try checkArguments()
        return CommandInvocation(path: path, help: nil, values: values, arguments: arguments)
    }

    private mutating func readWord(_ word: String) throws(UsageError) {
        guard !command.subcommands.isEmpty, arguments.isEmpty else {
            arguments.append(word)
            return
        }
        if word == "help" {
            isHelpWanted = true
        } else if let next = command.subcommands.first(where: { $0.name == word }) {
            command = next
            names.append(word)
            options = next.options + options
        } else {
            let known = command.subcommands.map(\.name)
            throw failure("there is no command '\(word)'", nearest(to: word, in: known))
        }
    }

    private mutating func readLong(_ text: Substring) throws(UsageError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        guard let option = options.first(where: { $0.name == name }) else {
            let near = nearest(to: name, in: options.map(\.name))
            throw failure("unknown option '--\(name)'", near.map { "--" + $0 })
        }
        try read(option, parts.count > 1 ? String(parts[1]) : nil)
    }

    /// `-c FILE`, `-cFILE`, and flags in one word: `-vq`.
    private mutating func readShort(_ text: Substring) throws(UsageError) {
        var rest = text
        while let letter = rest.popFirst() {
            guard let option = options.first(where: { $0.short == letter }) else {
                throw failure("unknown option '-\(letter)'", nil)
            }
            if option.kind == .flag {
                try read(option, nil)
            } else {
                if rest.first == "=" { rest.removeFirst() }
                try read(option, rest.isEmpty ? nil : String(rest))
                return
            }
        }
    }

    private mutating func read(_ option: CommandOption, _ attached: String?) throws(UsageError) {
        guard option.kind != .flag else {
            guard attached == nil else { throw failure("'--\(option.name)' takes no value", nil) }
            if option == Self.help { isHelpWanted = true }
            values[option.name] = []
            return
        }
        guard let value = attached ?? words.popFirst() else {
            throw failure("'--\(option.name)' needs a value", nil)
        }
        if case .rest = option.kind {
            values[option.name] = [value] + words
            words = []
            return
        }
        guard option.allowed.isEmpty || option.allowed.contains(value) else {
            let words = option.allowed.joined(separator: ", ")
            throw failure(
                "'\(value)' is no value of '--\(option.name)': \(words)",
                nearest(to: value, in: option.allowed))
        }
        if case .value = option.kind, values[option.name] != nil {
            throw failure("'--\(option.name)' is given twice", nil)
        }
        values[option.name, default: []].append(value)
    }

    private func checkArguments() throws(UsageError) {
        if !command.subcommands.isEmpty, command.arguments.isEmpty,
            !command.standsAlone || !arguments.isEmpty
        {
            let known = command.subcommands.map(\.name).joined(separator: ", ")
            guard let first = arguments.first else {
                throw failure("give a command: \(known)", nil)
            }
            throw failure("unexpected '\(first)'", nil)
        }
        let needed = command.arguments.count { $0.count == .one }
        if arguments.count < needed {
            throw failure("\(command.arguments[arguments.count].name) is missing", nil)
        }
        let hasAny = command.arguments.contains { $0.count == .any }
        if !hasAny, arguments.count > command.arguments.count {
            let first = arguments[command.arguments.count]
            let isFile = first.hasSuffix(".yaml") || first.hasSuffix(".yml")
            throw failure(
                "unexpected '\(first)'",
                isFile && options.contains { $0.name == "config" } ? "-c \(first)" : nil)
        }
    }

    private func isNumber(_ word: String) -> Bool {
        word.dropFirst().allSatisfy { $0.isNumber || $0 == "." || $0 == "," || $0 == "%" }
    }

    private func failure(_ what: String, _ suggestion: String?) -> UsageError {
        UsageError(what: what, command: names.joined(separator: " "), suggestion: suggestion)
    }
}
