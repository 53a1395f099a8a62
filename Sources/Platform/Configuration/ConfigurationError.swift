/// One thing that is wrong in a configuration file, in a form to print as it is.
///
///     madang.yaml:14:46: strategies[1].overflow: 'colesce' is not a policy
///       allowed: coalesce, drop_oldest, disconnect   did you mean 'coalesce'?
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// `nil` when it concerns the file as a whole.
    package let position: SourcePosition?
    /// Where in the tree: `strategies[1].overflow`; empty at the root.
    package let path: String
    package let message: String
    /// What could stand there instead.
    package let allowed: [String]
    package let suggestion: String?
    /// What to do next.
    package let advice: String

    package init(
        file: String, position: SourcePosition?, path: String, message: String,
        allowed: [String] = [], suggestion: String? = nil, advice: String = ""
    ) {
        self.file = file
        self.position = position
        self.path = path
        self.message = message
        self.allowed = allowed
        self.suggestion = suggestion
        self.advice = advice
    }

    /// Names listed at most; the others are counted.
    private static let listed = 12

    package var description: String {
        var text = file
        if let position { text += ":\(position)" }
        text += ": " + (path.isEmpty ? "" : path + ": ") + message
        var hints: [String] = []
        if !allowed.isEmpty {
            let more = allowed.count - Self.listed
            hints.append(
                "allowed: " + allowed.prefix(Self.listed).joined(separator: ", ")
                    + (more > 0 ? ", … (\(more) more)" : ""))
        }
        if let suggestion { hints.append("did you mean '\(suggestion)'?") }
        if !hints.isEmpty { text += "\n  " + hints.joined(separator: "   ") }
        if !advice.isEmpty { text += "\n  " + advice }
        return text
    }
}

/// Everything that is wrong in a configuration file, in the order of the file.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        let start = SourcePosition(line: 0, column: 0)
        self.problems = problems.enumerated().sorted {
            ($0.element.position ?? start, $0.offset) < ($1.element.position ?? start, $1.offset)
        }.map(\.element)
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
