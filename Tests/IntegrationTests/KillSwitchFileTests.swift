import Foundation
import Testing

@testable import Madang

/// The two files of the switch, when several people reach for it at once.
@Suite struct KillSwitchFileTests {
    private static func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-kill-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
    }

    /// A host takes each number once: two orders under one number, and one of them is never heard.
    @Test func noTwoOrdersHaveOneNumber() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let numbers = try await withThrowingTaskGroup(of: [Int].self) { group in
            for person in 0..<4 {
                group.addTask {
                    try (0..<250).map { _ in
                        try KillSwitch(folder: folder).set(person % 2 == 0, reason: "\(person)")
                            .number
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(numbers.sorted() == Array(1...1_000))
        #expect(try KillSwitch(folder: folder).order()?.number == 1_000)
    }
}
