/// Why a built-in strategy cannot be made from what the user wrote.
public struct ParameterError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        case unknownStrategy, unknownParameter, notANumber, outOfRange
        /// Two parameters that are right alone and wrong together.
        case inconsistent
    }
    public let code: Code
    /// The strategy's name as it was asked for.
    public let strategy: String
    /// The parameter's name as it was written; `nil` when the strategy itself is unknown.
    public let parameter: String?
    /// What is wrong, without the place: for callers that know the line of the file.
    public let what: String
    /// What is allowed, or the nearest name: what to do next.
    public let hint: String

    public init(_ code: Code, strategy: String, parameter: String?, what: String, hint: String) {
        self.code = code
        self.strategy = strategy
        self.parameter = parameter
        self.what = what
        self.hint = hint
    }

    public var description: String {
        let place = parameter.map { "parameter '\($0)' of \(strategy): " } ?? ""
        return "\(place)\(what)\n  \(hint)"
    }
}
