/// Why an indicator cannot be made from what the user wrote.
public struct IndicatorError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        case unknownIndicator, badParameter, tooManyParameters
        /// Parameters that are right alone and wrong together.
        case inconsistent
    }
    public let code: Code
    /// What is wrong, with the words as they were written.
    public let what: String
    /// What is allowed, or the nearest name: what to do next.
    public let hint: String

    init(_ code: Code, _ what: String, hint: String) {
        self.code = code
        self.what = what
        self.hint = hint
    }

    public var description: String { "\(what)\n  \(hint)" }
}
