/// A field of a log line.
package enum LogValue: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByStringInterpolation
{
    case text(String)
    case int(Int64)
    case bool(Bool)
    /// Anything that must not be read: see ``secret(_:)``.
    case masked

    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(_ value: some BinaryInteger) { self = .int(Int64(clamping: value)) }
    package init(_ value: some CustomStringConvertible) { self = .text(value.description) }

    /// Only that there is one.
    package static func secret(_: Secret) -> LogValue { .masked }

    var json: String {
        switch self {
        case .text(let text): jsonText(text)
        case .int(let value): String(value)
        case .bool(let value): String(value)
        case .masked: jsonText(Secret.mask)
        }
    }

    /// As it stands behind `key=`: quoted where it would not end by itself.
    var plain: String {
        switch self {
        case .text(let text):
            text.isEmpty || text.contains { $0 == " " || $0 == "\"" || $0.isNewline }
                ? jsonText(text) : text
        case .int(let value): String(value)
        case .bool(let value): String(value)
        case .masked: Secret.mask
        }
    }
}
