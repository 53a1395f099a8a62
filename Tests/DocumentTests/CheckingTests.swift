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
            #expect(command.path == ["strategy", "check"])
            #expect(known.isSuperset(of: command.values(of: CommandLineShape.only)))
        }
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
