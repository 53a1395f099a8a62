import Foundation
import Host
import Platform
import Ports
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

    /// From inside, as by a signal: the line before the socket is closed at once, also where nothing can be kept.
    @Test(arguments: [true, false]) func thrownFromInsideItHolds(_ isWritable: Bool) async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let place = isWritable ? folder : folder + "/nothing/there"
        let control = RunControl(Doorbell())
        let reading = control.kills.reading()
        let notices = Locked<[String]>([])
        let bell = Doorbell()
        let observer = Telling { text in
            notices.withLock { $0.append(text) }
            bell.ring()
        }
        let watch = KillWatch(KillSwitch(folder: place), control, observer: observer)
        watch.throwSwitch("by signal")
        #expect(reading.isOutdated)
        if isWritable {
            let wait = AnswerWait(folder)
            let order = try wait.first { try KillSwitch(folder: folder).order() }
            #expect(order?.on == true && order?.reason == "by signal")
        } else {
            _ = bell.wait(until: HostClock().monotonic() + 10_000_000_000)
            let words = notices.withLock { $0.joined() }
            #expect(
                words.contains("the kill switch is on in this run, and cannot be kept"), "\(words)")
        }
    }

    /// Both files are gone while a host is at work: the next command begins with 1 again, and is heard.
    @Test func aFolderThatWasEmptiedIsHeardAgain() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = KillSwitch(folder: folder)
        for _ in 0..<3 { _ = try file.set(false, reason: "nothing") }
        let control = RunControl(Doorbell())
        let told = Locked<[String]>([])
        let bell = Doorbell()
        let watch = KillWatch(
            file, control,
            observer: Telling { text in
                told.withLock { $0.append(text) }
                bell.ring()
            })
        try watch.start()
        for name in ["kill-switch.json", "kill-switch.heard.json"] {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
        let reading = control.kills.reading()
        #expect(try file.set(true, reason: "stop").number == 1)
        #expect(bell.wait(until: HostClock().monotonic() + 10_000_000_000), "nobody heard it")
        #expect(reading.isOutdated)
        #expect(told.withLock { $0.joined() }.contains("order 1, and order 3 was heard before"))
        withExtendedLifetime(watch) {}
    }

    /// The host has more than the file that was put back: what it has stopped is in the next order too.
    @Test func theNextOrderGoesOnFromWhatTheHostHas() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = KillSwitch(folder: folder)
        _ = try file.set(false, reason: "long ago")
        var heard = KillOrder(number: 7, on: true, reason: "news")
        heard.strategies["cross"] = KillOrder.Part(reason: "odd")
        try file.write(KillSwitch.Answer(order: heard, did: KillAnswer(), process: 1))
        let next = try file.set(false, reason: "over")
        #expect(next.number == 8 && next.strategies["cross"]?.reason == "odd")
    }

    /// The process may end behind a signal: what it was told is written first.
    @Test func whatIsThrownIsWaitedFor() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Somebody has the turn, and does not let go.
        let other = FolderTurn(folder + "/kill-switch.lock", patience: 1)
        let keeping = DispatchGroup()
        let watch = KillWatch(
            KillSwitch(folder: folder, patience: 300), RunControl(Doorbell()),
            observer: Telling { _ in }, keeping: keeping)
        watch.throwSwitch("by signal")
        #expect(keeping.wait(timeout: .now()) == .timedOut)
        #expect(keeping.wait(timeout: .now() + .seconds(20)) == .success)
        #expect(try KillSwitch(folder: folder).order()?.on == true)
        withExtendedLifetime(other) {}
    }

    private final class Telling: RunObserver {
        private let tell: @Sendable (String) -> Void
        init(_ tell: @escaping @Sendable (String) -> Void) { self.tell = tell }
        func started(_ start: RunStart) {}
        func notice(_ notice: RunNotice) { tell(notice.text) }
        func finished(_ summary: RunSummary) {}
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
