import Ports
import Testing

/// docs/SAFETY.md repeats the table of codes, word for word (R11.1).
@Suite struct SafetyTests {
    @Test func everyCodeStandsOnThePageAsInTheProgram() throws {
        let lines = try Document("docs/SAFETY.md").text.split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("| FS0") || $0.hasPrefix("| GR0") }.map(String.init)
        let wanted = FailSafeCode.allCases.map { code in
            let entry = code.entry
            return "| \(code.rawValue) | \(entry.name) | \(entry.severity.rawValue) | "
                + "\(entry.meaning) | \(entry.whatToDo) |"
        }
        #expect(rows == wanted)
    }

    @Test func everySuiteThatThePageNamesIsThere() throws {
        let text = try Document("docs/SAFETY.md").text
        let names = Set(
            text.split { !$0.isLetter }.map(String.init)
                .filter { $0.hasSuffix("Tests") && $0.count > 5 })
        let rooms = ["OrdersTests", "HostTests", "IntegrationTests", "KernelTests"]
        for name in names.subtracting(rooms) {
            #expect(
                (rooms + ["HostTests/Orders", "HostTests/Watch"]).contains { folder in
                    (try? Document("Tests/\(folder)/\(name).swift")) != nil
                }, "\(name) is named, and there is no such suite")
        }
        #expect(names.count > 10)
    }
}
