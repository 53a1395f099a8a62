import Foundation
import Glibc
import Ports
import Testing

@testable import Storage

@Suite struct FolderLockTests {
    /// The number that a crashed host left may be another process's by now: it holds nothing.
    @Test func aNumberLeftBehindIsNoHolder() throws {
        let folder = TemporaryFolder()
        // A process that lives: this one.
        try "\(getpid())\n".write(toFile: folder.path + "/lock", atomically: false, encoding: .utf8)
        #expect(FolderLock.holder(of: folder.path) == nil)
        do {
            let lock = try FolderLock(folder: folder.path)
            #expect(FolderLock.holder(of: folder.path) == getpid())
            #expect(throws: StoreError.self) { try FolderLock(folder: folder.path) }
            withExtendedLifetime(lock) {}
        }
        #expect(FolderLock.holder(of: folder.path) == nil)
    }

    /// Who only asks must not keep a host from starting.
    @Test func askingTakesNothing() async throws {
        let folder = TemporaryFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled { _ = FolderLock.holder(of: folder.path) }
            }
            for _ in 0..<2_000 {
                let lock = try FolderLock(folder: folder.path)
                withExtendedLifetime(lock) {}
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
