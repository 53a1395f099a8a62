import Foundation
import Testing

/// What no file of `Sources` may hold, each with its place.
@Suite struct CodeTests {
    /// Files that may, and why.
    private static let exceptions: [String: Set<String>] = [:]

    @Test(
        arguments: [
            (name: "try!", form: #"\btry!"#),
            (name: "as!", form: #"\bas!"#),
            (name: "a forced unwrap", form: #"[\w)\]}]!(?![=\w])"#),
        ])
    func nothingIsForced(_ rule: (name: String, form: String)) throws {
        #expect(try places(of: rule.form, in: Tree.sources) == [], "\(rule.name)")
    }

    @Test(
        arguments: [
            #"\bDate\(\)"#, "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator",
            #"\.random\("#, #"\.shuffled\(\)"#, #"\bTask\b"#, #"\bactor\b"#, #"\bawait\b"#,
            #"\bHasher\b"#, #"\.hashValue\b"#, #"\bMutex\b"#,
        ])
    func pureRoomsHaveNoClockNoChanceAndNoTask(_ form: String) throws {
        let pure = Tree.sources.filter { RoomTests.pure.contains($0.room) }
        #expect(pure.count >= 40)
        #expect(try places(of: form, in: pure) == [])
    }

    /// Time comes from Platform's clocks everywhere.
    @Test func onlyPlatformReadsTheWallClock() throws {
        let others = Tree.sources.filter { $0.room != "Platform" }
        #expect(try places(of: #"\bDate\(\)|\bDate\.now\b|clock_gettime"#, in: others) == [])
    }

    @Test func filesStayShort() {
        let long = Tree.sources.filter { file in
            !file.isGenerated && file.lines.count > 401
                && !file.lines.prefix(5).contains { $0.contains("One file because") }
        }
        #expect(long.map { "\($0.path): \($0.lines.count) lines" } == [])
    }

    /// What the compiler cannot check carries the reason why it holds, right above or below.
    @Test func uncheckedClaimsSayWhyTheyAreSafe() throws {
        let claims = try Regex<Substring>(#"@unchecked Sendable|nonisolated\(unsafe\)"#)
        for file in Tree.sources {
            for line in file.code.lines(with: claims) {
                let around = file.lines[max(0, line - 6)..<min(file.lines.count, line + 4)]
                let isReasoned = around.contains { $0.contains("// Safe because") }
                #expect(isReasoned, "\(file.path):\(line): no '// Safe because …' beside it")
            }
        }
    }

    /// `MADANG_SEEDS` makes them more: a range that is written out would stay as it is.
    @Test func seedsOfPropertiesAreWidened() throws {
        let range = try Regex<Substring>(#"[0-9]\.\.[.<][0-9]"#)
        let files = Tree.files(below: "Tests", endings: [".swift"])
        #expect(files.count > 200)
        for file in files {
            for (number, line) in file.code.lines.enumerated() where line.contains("@Test(") {
                let head = file.code.lines[number...].prefix(6).joined(separator: " ")
                    .prefix { $0 != "{" }
                guard head.contains(range), head.contains("seed: ") else { continue }
                let isWidened = head.contains("seeds(") || head.contains("trials(")
                #expect(isWidened, "\(file.path):\(number + 1): seeds(0..<8), not 0..<8")
            }
        }
    }

    @Test func nobodysOwnFoldersAreNamed() throws {
        var files = Tree.sources
        for (folder, endings) in [
            ("Tests", [".swift", ".py"]), ("Tools", [""]), ("Protos", [".proto"]),
            ("docs", [".md"]), ("examples", [".py", ".yaml", ".md"]),
            ("strategies-py", [".py", ".toml", ".md"]),
        ] {
            files += Tree.files(below: folder, endings: endings)
        }
        for path in ["README.md", "CHANGELOG.md", "Makefile", "Dockerfile", "compose.yaml"] {
            files.append(Tree.File(path: path, text: try Tree.text(path)))
        }
        // `/home/madang` is a container's.
        let ownFolder = try Regex<Substring>(#"["'\s=(:]/(?:home/(?!madang)|root/|Users/)[a-z]"#)
        let own = [Tree.root.path, NSHomeDirectory()].map { $0.hasSuffix("/") ? $0 : $0 + "/" }
            .filter { $0.split(separator: "/").count > 1 }
        for file in files {
            let isNamed = own.contains(where: file.text.contains) || file.text.contains(ownFolder)
            #expect(!isNamed, "\(file.path) names somebody's own folder")
        }
    }

    @Test func commentsAndLiteralsAreNotCode() {
        let code = SwiftCode(
            ##"""
            let a = "x! \(b["y!"] ?? "z!") w!" // c!
            /* d! /* e! */ f! */ let g = h!
            let i = #"j! " \#(k) "# + """
                l! "m!"
                """ + n!
            @testable import A
            package import struct B.C
            """##)
        #expect(code.lines.count == 7)
        #expect(code.lines(with: /[a-z]!/) == [2, 5])
        #expect(code.imports.map(\.module) == ["A", "B"])
        #expect(code.imports.map(\.line) == [6, 7])
    }

    private func places(of form: String, in files: [Tree.File]) throws -> [String] {
        let expression = try Regex<Substring>(form)
        return files.filter { Self.exceptions[$0.path]?.contains(form) != true }
            .flatMap { file in
                file.code.lines(with: expression).map { "\(file.path):\($0)" }
            }
    }
}
