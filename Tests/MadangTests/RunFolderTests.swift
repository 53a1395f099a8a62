import Foundation
import TestKit
import Testing
import TradingModel

@testable import Madang

@Suite struct RunFolderTests {
    /// Whoever changed the configuration, and changed it back, is at work in the run of before: that one is shown.
    @Test func theLatestIsTheOneThatAHostWasAtWorkOnLast() throws {
        let root = NSTemporaryDirectory() + "madang-runs-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(
            atPath: root + "/runs", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        func begin(_ identity: String, _ file: String, at time: Timestamp) throws -> RunFolder {
            let folder = try RunFolder(root: root, identity: identity, finished: [], fresh: false)
            try folder.keep(configuration: "a: 1", of: file, begun: time)
            return folder
        }
        let first = try begin("aaaaaaaaaaaa", "/mine.yaml", at: .seconds(1_000))
        let second = try begin("bbbbbbbbbbbb", "/mine.yaml", at: .seconds(2_000))
        let other = try begin("cccccccccccc", "/other.yaml", at: .seconds(3_000))
        let runs = [first.run, second.run, other.run]
        #expect(RunFolder.latest(of: "/mine.yaml", among: runs, in: root) == second.run)
        #expect(RunFolder.latest(of: "/other.yaml", among: runs, in: root) == other.run)
        first.noteGoingOn(at: .seconds(4_000))
        #expect(RunFolder.latest(of: "/mine.yaml", among: runs, in: root) == first.run)
        second.noteGoingOn(at: .seconds(5_000))
        #expect(RunFolder.latest(of: "/mine.yaml", among: runs, in: root) == second.run)
        #expect(RunFolder.latest(of: "/none.yaml", among: runs, in: root) == nil)
    }
}
