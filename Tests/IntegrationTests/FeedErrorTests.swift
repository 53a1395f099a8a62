import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// A recording that cannot be read ends the run with code 8, the file and the line.
    @Suite struct FeedErrorTests {
        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let rows: [String]
            let words: [String]
            var settings = ""
            var testDescription: String { name }
            init(_ name: String, _ rows: [String], settings: String = "", _ words: String...) {
                self.name = name
                self.rows = rows
                self.settings = settings
                self.words = words
            }
        }
        static let head = "ts,symbol,price,size,side"
        static let first = "1704153600000000002,A,72000,1,B"

        @Test(arguments: [
            Case(
                "a wrong number", [head, first, "1704153600000000003,A,x72000,1,B"],
                "ticks.csv:3: column 'price': 'x72000' is not a price"),
            Case(
                "a short row", [head, first, "1704153600000000003,A,72000"],
                "ticks.csv:3: the row has 3 fields, the header 5"),
            Case(
                "not a number", [head, "1704153600000000003,A,NaN,1,B"],
                "ticks.csv:2: column 'price': 'NaN' is not a price"),
            Case(
                "too large a number", [head, "1704153600000000003,A,99999999999999999999,1,B"],
                "ticks.csv:2: column 'price'"),
            Case("a wrong time", [head, "yesterday,A,7,1,B"], "ticks.csv:2: column 'ts'"),
            Case(
                "a missing column", ["ts,symbol,price,size", "1704153600000000003,A,72000,1"],
                "ticks.csv:1: there is no column 'side'"),
            Case("an empty file", [], "ticks.csv: the file is empty"),
            Case("a header alone", [head], "ticks.csv: the file has a header and no rows"),
            Case(
                "unsorted times", [head, first, "1704153600000000001,A,72000,1,B"],
                settings: "steps_back: stop", "ticks.csv:3: column 'ts'", "earlier"),
        ])
        func eachEndsWithFileAndLine(_ one: Case) async throws {
            let scene = try scene(one.settings)
            try scene.folder.write(one.rows.map { $0 + "\n" }.joined(), as: "ticks.csv")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(8))
            #expect(outcome.errors.count == 2)
            for word in one.words {
                #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
            }
            #expect(outcome.errors.last?.hasPrefix("  ") == true, "says what to do")
        }

        @Test(arguments: [("skip", 2), ("stop", 0)])
        func badRowsAreSkippedAndCountedWhereAsked(_ policy: String, _ ticks: Int) async throws {
            let scene = try scene("bad_rows: \(policy)")
            try scene.folder.write(
                [Self.head, Self.first, "?,A,1,1,B", "1704153600000000004,A,72000,1,S", ""]
                    .joined(separator: "\n"), as: "ticks.csv")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(policy == "skip" ? 0 : 8))
            guard policy == "skip" else { return }
            #expect(try outcome.summary().ticks == ticks)
            #expect(try outcome.summary().skippedRows == 1)
        }

        @Test func duplicatesAreDroppedWhereAsked() async throws {
            for (policy, ticks) in [("drop", 1), ("keep", 3)] {
                let scene = try scene("duplicates: \(policy)")
                try scene.folder.write(
                    [Self.head, Self.first, Self.first, Self.first, ""].joined(separator: "\n"),
                    as: "ticks.csv")
                #expect(try await scene.madang("run", "--json").summary().ticks == ticks)
            }
        }

        /// What a mistake of somebody's may look like does not pass in silence.
        @Test func whatWasTakenForGrantedIsTold() async throws {
            var configuration = SceneConfiguration.plain
            configuration.feed = configuration.feed.replacing("unit: ns", with: "unit: iso")
            let scene = try Scene(configuration)
            try scene.folder.write(
                [
                    Self.head, "2024-01-02 09:00:02,A,72000,1,B", "2024-01-02 09:00:01,A,72000,1,B",
                    "2024-01-02 09:00:03,B,72000,1,B", "2024-01-02 09:00:03,CC,72000,1,B", "",
                ].joined(separator: "\n"), as: "ticks.csv")
            let lines = try await scene.madang("run", "--plain").output
            for words in [
                "1 row is earlier than a row before, first in line 3",
                "its times carry no offset and were read as UTC",
                "no feed has a row of C, D: is it written as the file writes it? It holds others: CC",
            ] {
                #expect(lines.contains { $0.contains("warning") && $0.contains(words) }, "\(words)")
            }
            let quiet = try await scene.madang("run", "--quiet", "--fresh")
            #expect(quiet.errors.count == 3 && quiet.errors[0].hasPrefix("warning: "))
        }

        @Test func aMissingFileIsNamed() async throws {
            let outcome = try await scene("").madang("run", "--json")
            #expect(outcome.exit == .code(8))
            #expect(outcome.errorText.contains("ticks.csv: there is no such file"))
        }

        /// Nothing of the rows before the cut is traded twice once the file is whole again.
        @Test func aGzipFileCutShortEndsWithItsPlace() async throws {
            let scene = try Scene()
            try scene.folder.write(
                SceneConfiguration.plain.text.replacing("ticks.csv", with: "ticks.csv.gz"),
                as: "madang.yaml")
            try scene.folder.write(SampleTicks(count: 3_000).csv, as: "ticks.csv")
            _ = try await Program.start(["gzip", "ticks.csv"], in: scene.path).outcome()
            let path = URL(fileURLWithPath: scene.path + "/ticks.csv.gz")
            let whole = try Data(contentsOf: path)
            try whole.prefix(whole.count / 2).write(to: path)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(8))
            #expect(outcome.errorText.contains("ticks.csv.gz: the gzip file is cut short"))
            try whole.write(to: path)
            #expect(try await scene.madang("run", "--json").summary().ticks == 3_000)
        }

        private func scene(_ settings: String) throws -> Scene {
            var configuration = SceneConfiguration.plain
            if !settings.isEmpty {
                configuration.feed = configuration.feed.replacing(
                    "what: ticks", with: "what: ticks, \(settings)")
            }
            return try Scene(configuration)
        }
    }
}
