/// Why an exact computation has no answer. Nothing wraps and nothing rounds in silence.
public enum ArithmeticError: Error, Hashable, Sendable {
    /// The result leaves the type's range.
    case overflow
    /// A divisor is zero.
    case divisionByZero
}
