import Foundation
import Glibc
import Testing

@testable import Platform

@Suite(.serialized) struct FolderWatchTests {
    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-watch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Descriptors of this process that watch folders.
    private static func watches() -> Set<String> {
        let own = "/proc/self/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: own)) ?? []
        return Set(
            names.filter {
                let place = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "\(own)/\($0)")
                return place?.contains("inotify") == true
            })
    }

    /// Let go while it tells, it must not pull the descriptors away under its own thread: their numbers
    /// are the next file's, from which it would read.
    @Test func letGoInItsOwnCallItStillOwnsWhatItReads() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let before = Self.watches()
        let told = Locked<Set<String>?>(nil)
        let bell = Doorbell()
        let held = Self.watch(folder) {
            told.withLock { $0 = $0 ?? Self.watches() }
            bell.ring()
        }
        #expect(held.withLock { $0 != nil })
        try Data("x".utf8).write(to: folder.appendingPathComponent("a"))
        #expect(bell.wait(until: HostClock().monotonic() + 10_000_000_000))
        #expect(held.withLock { $0 == nil })
        let during = try #require(told.withLock { $0 })
        #expect(!during.subtracting(before).isEmpty)
    }

    /// A watch that lets go of itself, then calls `body`.
    private static func watch(
        _ folder: URL, _ body: @escaping @Sendable () -> Void
    ) -> Locked<FolderWatch?> {
        let held = Locked<FolderWatch?>(nil)
        held.withLock {
            $0 = FolderWatch(folder.path) {
                held.withLock { $0 = nil }
                body()
            }
        }
        return held
    }
}
