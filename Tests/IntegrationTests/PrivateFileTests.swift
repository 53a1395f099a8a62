import Foundation
import Glibc
import Testing

@testable import Madang

/// Small files that are replaced whole and are their owner's alone.
@Suite struct PrivateFileTests {
    @Test func itIsWholeAndItsOwnersAloneAndLeavesNothingBeside() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/one.json"
        for text in ["a long first version", "short"] {
            try writePrivateFile(Data(text.utf8), to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["one.json"])
    }

    /// A folder cannot be made where a file stands, and one that is there is left as it is.
    @Test func aFolderIsItsOwnersAloneOrSaysWhyItCannotBe() throws {
        let folder = try TemporaryFolder()
        #expect(RunFolder.makeFolder(folder.path + "/a/b/c"))
        #expect(RunFolder.makeFolder(folder.path + "/a/b/c"))
        for path in ["/a", "/a/b", "/a/b/c"] {
            var status = stat()
            #expect(stat(folder.path + path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700)
        }
        try folder.write("x", as: "file")
        for path in [folder.path + "/file", folder.path + "/file/in"] {
            #expect(!RunFolder.makeFolder(path))
            let lines = "\(RunError.noFolder(path))".split(separator: "\n")
            #expect(lines.first?.hasSuffix("Not a directory") == true, "\(lines)")
            #expect(lines.last == "  make the folder, or check the path")
        }
    }

    /// Of a writer that was killed between making and renaming; others' files and those of a writer at work stay.
    @Test func whatADeadWriterLeftGoes() async throws {
        let folder = try TemporaryFolder()
        let writer = try await Program.start(["true"])
        let dead = writer.id
        _ = try await writer.outcome()
        let left = [".one.json.\(dead).1", ".host-id.\(dead).12"]
        let kept = [
            ".one.json.\(getpid()).1", ".one.json.\(dead)", "one.json.\(dead).1", ".\(dead).1",
            ".one.json.\(dead).x", ".one.json.0.1", "one.json",
        ]
        for name in left + kept { try folder.write("x", as: name) }
        removeLeftPrivateFiles(in: [folder.path, folder.path + "/no"])
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(names) == Set(kept))
    }

    @Test func whatIsWrongIsSaidInTheSystemsWords() throws {
        let folder = try TemporaryFolder()
        let missing = #expect(throws: PrivateFileError.self) {
            try writePrivateFile(Data(), to: folder.path + "/no/one.json")
        }
        #expect(missing.map { "\($0)" } == "No such file or directory")
        // A folder stands where the file should: the new one does not stay behind.
        try FileManager.default.createDirectory(
            atPath: folder.path + "/one.json/in", withIntermediateDirectories: true)
        let taken = #expect(throws: PrivateFileError.self) {
            try writePrivateFile(Data("x".utf8), to: folder.path + "/one.json")
        }
        #expect(taken?.code == EISDIR)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["one.json"])
        #expect(PrivateFileError(code: ENOSPC).advice.contains("room"))
        #expect(PrivateFileError(code: EIO).advice.contains("disk"))
    }
}
