import Foundation
import Rules
import Testing

/// `docs/RULES.md`: its examples are rules, and what it says is refused is refused in those words.
@Suite struct RulePageTests {
    static let page: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appending(path: "docs/RULES.md")
        return (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    }()

    /// The lines of all blocks of a language.
    static func lines(_ language: String) -> [String] {
        var lines: [String] = []
        var isInside = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```\(language)"
            } else if isInside {
                lines.append(String(line))
            }
        }
        return lines
    }

    @Test func everyExampleIsARule() throws {
        let examples = Self.lines("rule")
        #expect(examples.count > 25)
        for text in examples {
            #expect(throws: Never.self, "\(text)") { try Rule.compile(text) }
        }
    }

    @Test func conditionsOfTheConfigurationAreRules() throws {
        let texts = Self.lines("yaml").compactMap { $0.firstMatch(of: /when: "([^"]+)"/)?.1 }
        #expect(texts.count == 3)
        for text in texts { _ = try Rule.compile(String(text)) }
    }

    @Test func whatIsRefusedIsRefusedInTheseWords() {
        var cases: [(text: String, message: [String])] = []
        for line in Self.lines("refused") {
            if line.hasPrefix("    ") {
                cases[cases.count - 1].message.append(String(line.dropFirst(4)))
            } else {
                cases.append((line, []))
            }
        }
        #expect(cases.count > 7)
        for (text, message) in cases {
            let error = #expect(throws: RuleError.self, "\(text)") { try Rule.compile(text) }
            #expect(error?.description == message.joined(separator: "\n"), "\(text)")
        }
    }

    /// Whoever adds a function says so on the page.
    @Test func everyNameIsOnThePage() {
        let error = #expect(throws: RuleError.self) { try Rule.compile("zzzzzzzz > 5") }
        let names = error?.hint?.dropFirst("known: ".count).split(separator: ", ") ?? []
        #expect(names.count > 35)
        let examples = Self.lines("rule").joined(separator: " ")
        for name in names where name != "roc" {
            let isUsed = examples.split { !$0.isLetter && $0 != "_" }.contains(name)
            #expect(isUsed, "no example has '\(name)'")
        }
    }
}
