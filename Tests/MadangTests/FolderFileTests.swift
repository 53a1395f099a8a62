import Foundation
import Ports
import Testing

@testable import Madang

/// Small files of the folder that hold any number: what a fuzzer found in them.
@Suite struct FolderFileTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "madang-\(UUID().uuidString)")

    /// The last number of all has no next one.
    @Test func numbersOfRequestsBeginAnewBehindTheLast() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(#"{"last":\#(Int.max),"strategies":[]}"#.utf8)
            .write(to: folder.appending(path: "versions.json"))
        let asked = try VersionFile(folder: folder.path).ask(
            VersionPlan(live: .main, other: .shadow), of: "m", reason: "r"
        ) { _ in "c" }
        #expect(asked.number == 1)

        try Data(#"{"last":\#(Int.max),"servers":[]}"#.utf8)
            .write(to: folder.appending(path: "quarantine.json"))
        let file = QuarantineFile(folder: folder.path)
        try file.add(
            "m", ServerQuarantine(reason: "r", since: 0, breaks: 2, within: 1), parameters: [:],
            .sample)
        #expect(try file.entries().map(\.number) == [1])
    }

    @Test func anyTimeBetweenBreaksHasWords() {
        func words(_ within: Int64) -> String {
            ServerQuarantine(reason: "r", since: 0, breaks: 2, within: within).words
        }
        #expect(words(.max) == "2 breaks in 9223372037 s, the last: r")
        #expect(words(1) == "2 breaks in 1 s, the last: r")
        #expect(words(2_000_000_000) == "2 breaks in 2 s, the last: r")
    }
}
