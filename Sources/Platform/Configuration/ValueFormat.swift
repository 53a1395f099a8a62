/// How a configuration value of one type is written, read, and shown.
package struct ValueFormat<Value> {
    package enum Reading {
        case value(Value)
        /// The expectation says why.
        case refused
        /// In own words, after the quoted text: `is 300 characters long`.
        case refusedBecause(String)
    }
    /// What is expected, to follow "is not": `a whole number from 1 to 10`.
    package let expectation: String
    /// The words that are possible, if they can be listed.
    package let allowed: [String]
    package let isSecret: Bool
    package let read: (YAMLScalar) -> Reading
    /// As people would write it.
    package let show: (Value) -> String

    package init(
        _ expectation: String, allowed: [String] = [], isSecret: Bool = false,
        show: @escaping (Value) -> String = { "\($0)" }, read: @escaping (YAMLScalar) -> Reading
    ) {
        self.expectation = expectation
        self.allowed = allowed
        self.isSecret = isSecret
        self.read = read
        self.show = show
    }

    /// A value that another room's parser reads from text: `.parsed("a price") { Price($0) }`.
    package static func parsed(
        _ expectation: String, show: @escaping (Value) -> String = { "\($0)" },
        _ parse: @escaping (String) -> Value?
    ) -> Self {
        Self(expectation, show: show) { scalar in parse(scalar.text).map(Reading.value) ?? .refused
        }
    }

    /// One word of a dictionary of them, in the order given.
    package static func choice(_ noun: String, _ words: [(String, Value)]) -> Self
    where Value: Equatable {
        Self(
            noun, allowed: words.map(\.0),
            show: { value in words.first { $0.1 == value }?.0 ?? "\(value)" }
        ) { scalar in words.first { $0.0 == scalar.text }.map { .value($0.1) } ?? .refused }
    }

    /// One case of an enumeration, by its raw value.
    ///
    /// - Parameter noun: With its article, for "'x' is not a policy".
    package static func choice(_ noun: String, of type: Value.Type = Value.self) -> Self
    where Value: RawRepresentable & CaseIterable & Equatable, Value.RawValue == String {
        choice(noun, Value.allCases.map { ($0.rawValue, $0) })
    }
}

extension ValueFormat<String> {
    /// Any text that is not empty, quoted or not.
    package static var string: Self { string() }

    /// - Parameter limit: Characters at most.
    package static func string(limit: Int = 4096) -> Self {
        Self("text of 1 to \(limit) characters") { scalar in
            (1...limit).contains(scalar.text.count) ? .value(scalar.text) : .refused
        }
    }
}

extension ValueFormat<Int> {
    package static func int(in range: ClosedRange<Int>) -> Self {
        Self("a whole number from \(range.lowerBound) to \(range.upperBound)") { scalar in
            guard let value = scalar.int.flatMap(Int.init(exactly:)), range.contains(value) else {
                let isQuoted = !scalar.isPlain && Int(scalar.text) != nil
                return isQuoted ? .refusedBecause("is text; leave the quotes out") : .refused
            }
            return .value(value)
        }
    }
}

extension ValueFormat<Bool> {
    package static var bool: Self {
        Self("true or false", allowed: ["true", "false"]) { scalar in
            scalar.bool.map(Reading.value) ?? .refused
        }
    }
}

extension ValueFormat<Secret> {
    /// Shown as a mask, and never quoted in a message.
    package static var secret: Self {
        Self("a secret", isSecret: true) { scalar in
            scalar.text.isEmpty ? .refused : .value(Secret(scalar.text))
        }
    }
}
