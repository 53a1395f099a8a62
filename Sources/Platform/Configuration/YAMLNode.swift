/// A value in a YAML file, with the place where it begins.
///
/// Scalars keep their text: what they mean is decided by who reads them, so `005930` stays a code.
package struct YAMLNode: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the file; keys are unique.
        case mapping([YAMLEntry])
    }
    package let content: Content
    package let position: SourcePosition

    package init(_ content: Content, at position: SourcePosition) {
        self.content = content
        self.position = position
    }

    /// For messages: `a list`.
    package var kind: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a group of keys"
        }
    }
}

package struct YAMLEntry: Hashable, Sendable {
    package let key: String
    package let keyPosition: SourcePosition
    package let value: YAMLNode
}

/// The text of a scalar, and whether it stood there without quotes.
///
/// The readings follow the core schema of YAML 1.2, which only plain scalars have: `yes` is text.
package struct YAMLScalar: Hashable, Sendable {
    package let text: String
    package let isPlain: Bool

    package init(text: String, isPlain: Bool) {
        self.text = text
        self.isPlain = isPlain
    }

    package var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }

    package var bool: Bool? {
        guard isPlain else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    /// Decimal, `0x` or `0o`; `nil` for other text, quoted text, and beyond 64 bits.
    package var int: Int64? {
        guard isPlain else { return nil }
        if text.hasPrefix("0x") { return Self.digits(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return Self.digits(text.dropFirst(2), radix: 8) }
        return Int64(text)
    }

    private static func digits(_ text: Substring, radix: Int) -> Int64? {
        guard let first = text.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-")
        else { return nil }
        return Int64(text, radix: radix)
    }
}
