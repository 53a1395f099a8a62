import Foundation
import Host
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

    /// What somebody stopped by itself stays so whatever is said of all, and comes back from the file.
    @Test func partsOutliveWhatIsSaidOfAll() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = KillSwitch(folder: folder)
        _ = try file.set(reason: "odd") { order throws(RunError) in
            order.strategies["cross"] = KillOrder.Part(reason: order.said)
        }
        _ = try file.set(true, reason: "news")
        let last = try file.set(reason: "out") { order throws(RunError) in
            order.accounts["demo"] = KillOrder.Part(reason: order.said, flattens: true)
        }
        #expect(last.on && last.reason == "news" && last.said == "out")
        let off = try file.set(false, reason: "over")
        #expect(off.isAnyOn && !off.on)
        #expect(off.strategies["cross"]?.reason == "odd")
        #expect(off.accounts["demo"]?.flattens == true)
        #expect(try file.order() == off)
    }

    /// Files of a program that knew of no parts.
    @Test func olderFilesAreRead() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let order = #"{"number":4,"on":true,"reason":"news"}"#
        try Data(order.utf8).write(to: URL(fileURLWithPath: folder + "/kill-switch.json"))
        try Data(#"{"order":\#(order),"withdrawn":3,"process":17}"#.utf8)
            .write(to: URL(fileURLWithPath: folder + "/kill-switch.heard.json"))
        let file = KillSwitch(folder: folder)
        #expect(try file.order()?.on == true)
        let answer = try #require(try file.answer())
        #expect(answer.did.withdrawn == 3 && answer.order.number == 4)
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
