import Conformance
import Platform
import Testing

@testable import Madang

/// What docs/PROTOCOL.md says of checking a server can be typed.
@Suite struct CheckingTests {
    @Test func commandsShownCanBeTyped() throws {
        let page = try Document("docs/PROTOCOL.md")
        let lines = page.blocks.filter { $0.language == "sh" }.flatMap {
            $0.text.split(separator: "\n")
        }
        #expect(lines.count >= 4)
        let known = Set(Conformance.checks.map(\.name))
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            #expect(words.first == "madang")
            let command = try CommandLineShape.root.parse(Array(words.dropFirst()))
            #expect([["strategy", "check"], ["strategy", "lookahead"]].contains(command.path))
            let causes = command.values(of: CommandLineShape.allow)
            #expect(causes.allSatisfy { LookaheadCause(rawValue: $0) != nil })
            #expect(known.isSuperset(of: command.values(of: CommandLineShape.only)))
        }
    }

    /// The table of questions is the list of them, in order, and names every cause.
    @Test func theQuestionsOfLookaheadAreTold() throws {
        let page = try Document("docs/STRATEGIES.md")
        let rows = page.text.matches(of: #/(?m)^\| `([a-z-]+)` \| (.+) \| (.+) \|$/#)
            .filter { LookaheadQuestion(rawValue: String($0.1)) != nil }
        #expect(rows.map { String($0.1) } == LookaheadQuestion.allCases.map(\.rawValue))
        let named = rows.flatMap { $0.3.matches(of: #/`([a-z]+)`/#).map { String($0.1) } }
        #expect(Set(named) == Set(LookaheadCause.allCases.map(\.rawValue)))
        let protocolPage = try Document("docs/PROTOCOL.md").text
        for cause in LookaheadCause.allCases {
            #expect(protocolPage.contains("`\(cause.rawValue)`"), "\(cause)")
        }
        let help = try #require(
            CommandLineShape.root.parse(["strategy", "lookahead", "--help"]).help)
        for cause in LookaheadCause.allCases { #expect(help.contains(cause.rawValue), "\(cause)") }
    }

    /// The sample shows checks and sentences that there are.
    @Test func theSampleIsOfThisKit() throws {
        let page = try Document("docs/PROTOCOL.md")
        let sample = try #require(page.blocks.first { $0.text.hasPrefix("good   one-by-one") })
        let checks = sample.text.matches(of: #/(?m)^(?:good|WRONG|-) +([a-z-]+) /#).map {
            String($0.1)
        }
        #expect(checks.count == 3)
        for name in checks {
            #expect(Conformance.checks.contains { $0.name == name }, "\(name)")
        }
        let rule = try #require(sample.text.firstMatch(of: #/the contract: (.+)\n/#)).1
        #expect(Conformance.checks.contains { $0.says == rule })
    }
}
