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
                    try (0..<50).map { _ in
                        try KillSwitch(folder: folder, patience: 60_000)
                            .set(person % 2 == 0, reason: "\(person)").number
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(numbers.sorted() == Array(1...200))
        #expect(try KillSwitch(folder: folder).order()?.number == 200)
    }

    /// Whatever is said about it, the host can read it: a switch that it cannot read stops nothing.
    @Test(arguments: [
        String(repeating: "a long story ", count: 4_000), String(repeating: "\u{1}", count: 9_000),
        String(repeating: "\u{1F469}\u{200D}\u{1F469}", count: 5_000),
    ])
    func aLongReasonStopsAsWell(_ reason: String) throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let order = try KillSwitch(folder: folder).set(true, reason: reason)
        #expect(try KillSwitch(folder: folder).order() == order)
        #expect(order.on && !order.reason.isEmpty)
        #expect(reason.unicodeScalars.starts(with: order.reason.unicodeScalars))
    }

    /// A number that has no next one, as nobody but a hand or a fault writes it.
    @Test func theLastNumberKeepsNobodyFromStopping() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("{\"number\":\(Int.max),\"on\":false,\"reason\":\"\"}".utf8)
            .write(to: URL(fileURLWithPath: folder + "/kill-switch.json"))
        let order = try KillSwitch(folder: folder).set(true, reason: "stop")
        #expect(try KillSwitch(folder: folder).order() == order)
    }
}
