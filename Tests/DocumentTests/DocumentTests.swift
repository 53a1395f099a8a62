import Foundation
import Testing

/// What the pages show works as they show it.
@Suite struct DocumentTests {
    static let pages: [String] = {
        let folder = Document.root.appending(path: "docs").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return ["README.md", "README.ko.md", "CHANGELOG.md", "strategies-py/README.md"]
            + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    @Test(arguments: pages)
    func linksLeadSomewhere(_ page: String) throws {
        for path in try Document(page).linkedPaths {
            let isThere = FileManager.default.fileExists(
                atPath: Document.root.appending(path: path).path)
            #expect(isThere, "\(page) links to \(path)")
        }
    }

    @Test(arguments: pages)
    func configurationsAreGood(_ page: String) throws {
        let document = try Document(page)
        for block in document.blocks where block.language == "yaml" {
            let folder = try Scratch()
            try Data(block.text.utf8).write(to: folder.url.appending(path: "madang.yaml"))
            let (status, words) = try madang("config", "check", in: folder.url)
            #expect(status == 0, "\(page):\(block.line): \(words)")
        }
    }

    @Test func somePagesShowConfigurations() throws {
        let count = try Self.pages.map { try Document($0) }
            .flatMap(\.blocks).count { $0.language == "yaml" }
        #expect(count >= 2)
    }

    @Test func examplesAreGood() throws {
        let folder = Document.root.appending(path: "examples")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
        let files = paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".yaml") }.sorted()
        #expect(files.count >= 2)
        for file in files {
            let (status, words) = try madang("config", "check", "-c", file, in: folder)
            #expect(status == 0, "examples/\(file): \(words)")
        }
    }

    @Test func strategyOfTheReadmeIsTheExample() throws {
        let shown = try Document("README.md").blocks.first { $0.language == "python" }
        let block = try #require(shown)
        let file = try Document("examples/ma_cross.py").text
        #expect(block.text == "# my_strategy.py\n" + file)
    }

    /// Every command and option is in the README, and nothing else is.
    @Test func commandsOfTheReadmeAreThoseThatThereAre() throws {
        let folder = try Scratch()
        var commands: Set<String> = []
        var options: Set<String> = []
        var rest = [[String]]([[]])
        while let path = rest.popLast() {
            let (status, help) = try madang(path + ["--help"], in: folder.url)
            #expect(status == 0, "madang \(path) --help: \(help)")
            options.formUnion(
                help.matches(of: /\n  (?:-\w, |    )(--[a-z-]+)/).map { String($0.1) })
            let below = Self.subcommands(help)
            rest += below.map { path + [$0] }
            if below.isEmpty || help.contains(" [COMMAND] ") {
                commands.insert(path.joined(separator: " "))
            }
        }
        #expect(options.count >= 10)
        let page = try Document("README.md").text
        let shown = page.matches(of: /\n\| `madang ([a-z ]+)` \|/).map { String($0.1) }
        #expect(Set(shown) == commands)
        let named = Set(
            page.matches(of: /`(?:[^`\n]* )?(--[a-z][a-z-]*)[^`\n]*`/).map { String($0.1) })
        #expect(options.subtracting(named) == [], "not in the README")
        #expect(named.subtracting(options) == [], "nowhere but in the README")
    }

    private static func subcommands(_ help: String) -> [String] {
        let list = help.components(separatedBy: "commands:\n").dropFirst().first ?? ""
        let lines = list.prefix { _ in true }.components(separatedBy: "\n\n")[0]
        return lines.matches(of: #/(?m)^  ([a-z]+) /#).map { String($0.1) }
    }

    /// Two languages, one product: the same files, configurations, commands, codes and links.
    @Test func theKoreanReadmeSaysTheSame() throws {
        let (english, korean) = (try Document("README.md"), try Document("README.ko.md"))
        func code(_ document: Document) -> [String] {
            document.blocks.map { block in
                block.language.isEmpty
                    ? block.text.replacing(#/ *\#.*/#, with: "") : block.language + block.text
            }
        }
        #expect(code(english) == code(korean))
        func rows(_ document: Document) -> [String] {
            document.text.matches(of: /\n\| (`madang [a-z ]+`|\d+) \|/).map { String($0.1) }
        }
        #expect(rows(english).count >= 15)
        #expect(rows(english) == rows(korean))
        func links(_ document: Document) -> Set<String> {
            Set(document.linkedPaths).subtracting(["README.md", "README.ko.md"])
        }
        #expect(links(english) == links(korean))
    }

    /// Every key that the executable reads has its line in docs/CONFIGURATION.md, and no other has.
    @Test func configurationKeysAreDocumentedAndThere() throws {
        let page = try Document("docs/CONFIGURATION.md").text
        let folder = "Sources/Madang/Configuration"
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Document.root.appending(path: folder).path)
        let reading =
            /\.(?:value|optional|required|list|requiredList|section|requiredSection|sections|namedSections|scalars)\(\s*"(\w+)"/
        var keys: Set<String> = []
        for name in names {
            let source = try Document("\(folder)/\(name)").text
            keys.formUnion(source.matches(of: reading).map { String($0.1) })
        }
        #expect(keys.count >= 50)
        #expect(keys.filter { !page.contains("`\($0)`") }.sorted() == [])
        let rows = page.matches(of: /\n\| ((?:`\w+`(?:, )?)+) \|/)
            .flatMap { $0.1.matches(of: /\w+/).map { String($0.0) } }
        #expect(rows.count >= 50)
        let all = try names.map { try Document("\(folder)/\($0)").text }.joined()
        #expect(Set(rows).filter { !all.contains("\"\($0)\"") }.sorted() == [])
    }
}
