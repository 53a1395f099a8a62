/// A command of the program, with what may stand behind its name. Shaped like
/// swift-argument-parser.
///
/// A command's options are known to its subcommands too.
package struct Command: Sendable {
    package let name: String
    /// One line.
    package let summary: String
    /// Lines to type, shown by `--help`.
    package let examples: [String]
    package let options: [CommandOption]
    package let arguments: [CommandArgument]
    package let subcommands: [Command]
    /// Whether it is a command without one of its subcommands too.
    package let standsAlone: Bool

    package init(
        _ name: String, _ summary: String, examples: [String], options: [CommandOption] = [],
        arguments: [CommandArgument] = [], subcommands: [Command] = [], standsAlone: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.examples = examples
        self.options = options
        self.arguments = arguments
        self.subcommands = subcommands
        self.standsAlone = standsAlone
    }

    /// Reads the words behind the program's name.
    ///
    /// - Throws: ``UsageError``.
    package func parse(_ words: [String]) throws(UsageError) -> CommandInvocation {
        var parser = CommandParser(self, words)
        return try parser.parse()
    }
}

/// `--name`, with or without a value.
package struct CommandOption: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case flag
        /// - Parameter placeholder: `FILE`
        case value(placeholder: String)
        case repeated(placeholder: String)
        /// Takes every word behind it, options of others included: stands last.
        case rest(placeholder: String)
    }
    package let name: String
    package let short: Character?
    package let kind: Kind
    package let help: String
    /// For the help; the caller applies it.
    package let fallback: String?
    /// The words that the value may be; empty: any.
    package let allowed: [String]

    package static func flag(_ name: String, short: Character? = nil, _ help: String) -> Self {
        Self(name: name, short: short, kind: .flag, help: help, fallback: nil, allowed: [])
    }

    package static func value(
        _ name: String, short: Character? = nil, _ placeholder: String, _ help: String,
        default fallback: String? = nil, allowed: [String] = []
    ) -> Self {
        Self(
            name: name, short: short, kind: .value(placeholder: placeholder), help: help,
            fallback: fallback, allowed: allowed)
    }

    package static func repeated(
        _ name: String, short: Character? = nil, _ placeholder: String, _ help: String
    ) -> Self {
        Self(
            name: name, short: short, kind: .repeated(placeholder: placeholder), help: help,
            fallback: nil, allowed: [])
    }

    package static func rest(_ name: String, _ placeholder: String, _ help: String) -> Self {
        Self(
            name: name, short: nil, kind: .rest(placeholder: placeholder), help: help,
            fallback: nil, allowed: [])
    }
}

/// A word by its place.
package struct CommandArgument: Hashable, Sendable {
    package enum Count: Hashable, Sendable { case one, optional, any }
    package let name: String
    package let help: String
    package let count: Count

    package init(_ name: String, _ help: String, _ count: Count = .one) {
        self.name = name
        self.help = help
        self.count = count
    }
}

/// What the command line asks for.
package struct CommandInvocation: Hashable, Sendable {
    /// The commands' names without the program's: `["strategy", "check"]`.
    package let path: [String]
    /// Set when help was asked for: print it and end well.
    package let help: String?
    let values: [String: [String]]
    package let arguments: [String]

    /// Whether a flag was given.
    package func has(_ option: CommandOption) -> Bool { values[option.name] != nil }

    /// The value, else the option's default.
    package func value(of option: CommandOption) -> String? {
        values[option.name]?.last ?? option.fallback
    }

    /// All values, in order.
    package func values(of option: CommandOption) -> [String] { values[option.name] ?? [] }
}

/// Why a command line makes no sense; the program ends with ``ExitCode/usage``.
package struct UsageError: Error, Hashable, CustomStringConvertible {
    package let what: String
    /// `madang run`
    package let command: String
    package let suggestion: String?

    package var description: String {
        "\(command): \(what)" + (suggestion.map { "   did you mean '\($0)'?" } ?? "")
            + "\n  see '\(command) --help'"
    }
}
