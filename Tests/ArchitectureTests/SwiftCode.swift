/// Swift without its comments and string literals, line for line, so that words in them count for
/// nothing. What an interpolation holds is dropped with its literal.
struct SwiftCode: Sendable {
    /// As many as the file has.
    let lines: [String]

    init(_ text: String) {
        var scanner = Scanner(characters: Array(text.utf8))
        lines = String(decoding: scanner.blanked(), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The modules that the file imports, with the line of each, from 1.
    var imports: [(module: String, line: Int)] {
        lines.enumerated().filter { $0.element.contains("import ") }.compactMap { index, line in
            let form = /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:[a-z]+\s+)?(\w+)/
            guard let match = line.firstMatch(of: form) else { return nil }
            return (String(match.1), index + 1)
        }
    }

    /// The lines, from 1, in which the expression occurs.
    func lines(with expression: Regex<Substring>) -> [Int] {
        lines.enumerated().filter { $0.element.contains(expression) }.map { $0.offset + 1 }
    }
}

/// Replaces comments and literals by spaces; keeps the line breaks.
private struct Scanner {
    let characters: [UInt8]
    var at = 0
    var output: [UInt8] = []

    mutating func blanked() -> [UInt8] {
        output.reserveCapacity(characters.count)
        while at < characters.count {
            if starts("//") {
                while at < characters.count, characters[at] != UInt8(ascii: "\n") { blank() }
            } else if starts("/*") {
                comment()
            } else if characters[at] == UInt8(ascii: "\"") || isRawLiteral {
                literal()
            } else {
                output.append(characters[at])
                at += 1
            }
        }
        return output
    }

    private func starts(_ text: StaticString, at offset: Int? = nil) -> Bool {
        let from = offset ?? at
        guard from + text.utf8CodeUnitCount <= characters.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy {
            characters[from + $0] == text.utf8Start[$0]
        }
    }

    private var isRawLiteral: Bool {
        var ahead = at
        while ahead < characters.count, characters[ahead] == UInt8(ascii: "#") { ahead += 1 }
        return ahead > at && ahead < characters.count && characters[ahead] == UInt8(ascii: "\"")
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where at < characters.count {
            let isBreak = characters[at] == UInt8(ascii: "\n")
            output.append(isBreak ? UInt8(ascii: "\n") : UInt8(ascii: " "))
            at += 1
        }
    }

    /// They nest.
    private mutating func comment() {
        var depth = 0
        repeat {
            if starts("/*") { depth += 1 } else if starts("*/") { depth -= 1 }
            blank(starts("/*") || starts("*/") ? 2 : 1)
        } while depth > 0 && at < characters.count
    }

    private mutating func literal() {
        var pounds = 0
        while starts("#") {
            pounds += 1
            blank()
        }
        let quotes = starts("\"\"\"") ? 3 : 1
        blank(quotes)
        while at < characters.count {
            if isEnd(quotes: quotes, pounds: pounds) { return blank(quotes + pounds) }
            guard isEscape(pounds: pounds) else {
                blank()
                continue
            }
            blank(1 + pounds)
            if starts("(") { interpolation() } else { blank() }
        }
    }

    private func isEnd(quotes: Int, pounds: Int) -> Bool {
        guard quotes == 3 ? starts("\"\"\"") : starts("\"") else { return false }
        return (0..<pounds).allSatisfy { starts("#", at: at + quotes + $0) }
    }

    private func isEscape(pounds: Int) -> Bool {
        starts("\\") && (0..<pounds).allSatisfy { starts("#", at: at + 1 + $0) }
    }

    /// Up to its closing parenthesis, literals inside included.
    private mutating func interpolation() {
        var depth = 0
        repeat {
            if characters[at] == UInt8(ascii: "\"") || isRawLiteral {
                literal()
                continue
            }
            if starts("(") { depth += 1 } else if starts(")") { depth -= 1 }
            blank()
        } while depth > 0 && at < characters.count
    }
}
