/// The text of `--help`.
struct CommandHelp {
    private let command: Command
    private let names: [String]
    private let options: [CommandOption]

    init(_ command: Command, names: [String], options: [CommandOption]) {
        self.command = command
        self.names = names
        self.options = options
    }

    var text: String {
        var parts = [command.summary, "usage: " + usage]
        parts += section("commands", command.subcommands.map { ($0.name, $0.summary) })
        parts += section("arguments", command.arguments.map { ($0.name, $0.help) })
        parts += section("options", options.map { (title($0), help($0)) })
        if !command.examples.isEmpty {
            let title = command.examples.count > 1 ? "examples:" : "example:"
            parts.append(([title] + command.examples.map { "  " + $0 }).joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private var usage: String {
        var words = names
        if !command.subcommands.isEmpty {
            words.append(command.standsAlone ? "[COMMAND]" : "COMMAND")
        }
        words.append("[options]")
        for argument in command.arguments {
            switch argument.count {
            case .one: words.append(argument.name)
            case .optional: words.append("[\(argument.name)]")
            case .any: words.append("[\(argument.name) …]")
            }
        }
        return words.joined(separator: " ")
    }

    private func title(_ option: CommandOption) -> String {
        let short = option.short.map { "-\($0), " } ?? "    "
        return switch option.kind {
        case .flag: "\(short)--\(option.name)"
        case .value(let placeholder), .repeated(let placeholder):
            "\(short)--\(option.name) \(placeholder)"
        case .rest(let placeholder): "\(short)--\(option.name) \(placeholder)..."
        }
    }

    private func help(_ option: CommandOption) -> String {
        var text = option.help
        if !option.allowed.isEmpty { text += " One of \(option.allowed.joined(separator: ", "))." }
        if let fallback = option.fallback { text += " Default: \(fallback)." }
        if case .repeated = option.kind { text += " May be repeated." }
        if case .rest = option.kind { text += " Stands last." }
        return text
    }

    private func section(_ title: String, _ rows: [(String, String)]) -> [String] {
        guard let width = rows.map({ displayWidth(of: $0.0) }).max() else { return [] }
        let lines = rows.map { "  " + padded($0.0, to: width + 2) + $0.1 }
        return [([title + ":"] + lines).joined(separator: "\n")]
    }
}
