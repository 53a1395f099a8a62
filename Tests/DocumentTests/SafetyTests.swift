import Ports
import Testing

/// docs/SAFETY.md repeats the table of codes, word for word (R11.1).
@Suite struct SafetyTests {
    @Test func everyCodeStandsOnThePageAsInTheProgram() throws {
        let lines = try Document("docs/SAFETY.md").text.split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("| FS0") || $0.hasPrefix("| GR0") }.map(String.init)
        let wanted = FailSafeCode.allCases.map { code in
            let entry = code.entry
            return "| \(code.rawValue) | \(entry.name) | \(entry.severities) | "
                + "\(entry.meaning) | \(entry.whatToDo) |"
        }
        #expect(rows == wanted)
    }

    /// A message's severity decides who is woken by it: whatever the sources tell stands in the table.
    @Test func noMessageHasASeverityThatTheTableDoesNotHave() throws {
        let severities: [(String, FailSafeCode.Severity)] = [
            (".info", .info), (".warning", .warning), (".critical", .critical),
        ]
        var seen: [FailSafeCode: Set<FailSafeCode.Severity>] = [:]
        for path in try Document.paths(in: "Sources", ending: ".swift") {
            let words = try Document(path).text.split(whereSeparator: \.isWhitespace)
            let text = words.joined(separator: " ")
            for code in FailSafeCode.allCases {
                for part in text.components(separatedBy: ".\(code), ").dropFirst() {
                    // Its severity, where one is said, stands behind the code and before the text.
                    let said = part.prefix { $0 != "," && $0 != ")" && $0 != "\"" && $0 != "{" }
                    for (word, severity) in severities where said.contains(word) {
                        #expect(
                            code.entry.allows(severity),
                            "\(path) tells \(code.rawValue) as \(severity.rawValue)")
                        seen[code, default: []].insert(severity)
                    }
                }
            }
        }
        // What the table has besides is told somewhere; the codes that stand for a broker's answer are computed.
        for code in [FailSafeCode.fillsMissing, .orderDelayed, .drift, .staleData] {
            let said = seen[code, default: []].union([code.entry.severity])
            #expect(said == Set(code.entry.others.keys).union([code.entry.severity]), "\(code)")
        }
    }

    /// What is tried again for a broker's answer, or a change that is refused for it, is a warning.
    @Test func everyAnswerOfABrokerMayBeAWarning() {
        let codes: [BrokerError.Code] = [
            .rejected, .insufficient, .priceRule, .notTradable, .notSent(.late), .notSent(.closed),
            .offline, .maintenance(wait: nil), .rateLimited(wait: .seconds(1)), .unauthorized,
        ]
        for code in codes.compactMap(\.failSafe) { #expect(code.entry.allows(.warning)) }
    }

    @Test func everySuiteThatThePageNamesIsThere() throws {
        let text = try Document("docs/SAFETY.md").text
        let names = Set(
            text.split { !$0.isLetter }.map(String.init)
                .filter { $0.hasSuffix("Tests") && $0.count > 5 })
        let rooms = [
            "OrdersTests", "HostTests", "IntegrationTests", "KernelTests", "BrokersTests",
            "MadangTests",
        ]
        for name in names.subtracting(rooms) {
            #expect(
                (rooms + ["HostTests/Orders", "HostTests/Watch"]).contains { folder in
                    (try? Document("Tests/\(folder)/\(name).swift")) != nil
                }, "\(name) is named, and there is no such suite")
        }
        #expect(names.count > 10)
    }
}
