/// Why a rule's text is no rule: where, what was found, what is expected, and what to write
/// instead.
public struct RuleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In characters of the text, from 1.
    public let column: Int
    /// What was found and what is expected there.
    public let what: String
    /// The nearest known name, or what to write instead.
    public let hint: String?

    init(_ column: Int, _ what: String, hint: String? = nil) {
        self.column = column
        self.what = what
        self.hint = hint
    }

    init(_ column: Int, found: String, expected: String, hint: String? = nil) {
        self.init(column, "found \(found), expected \(expected)", hint: hint)
    }

    public var description: String {
        "column \(column): \(what)" + (hint.map { "\n  \($0)" } ?? "")
    }
}
