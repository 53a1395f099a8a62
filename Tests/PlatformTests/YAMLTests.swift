import TestKit
import Testing

@testable import Platform

@Suite struct YAMLTests {
    static func parse(_ text: String) throws(ConfigurationError) -> YAMLNode {
        try YAMLDocument(file: "a.yaml", bytes: Array(text.utf8)).root
    }

    @Test func valuesKeepOrderTextAndPlace() throws {
        let root = try Self.parse("b: 005930\na: [x, 'y']\n")
        guard case .mapping(let entries) = root.content else {
            Issue.record("no mapping")
            return
        }
        #expect(entries.map(\.key) == ["b", "a"])
        #expect(entries[0].value.content == .scalar(YAMLScalar(text: "005930", isPlain: true)))
        #expect(entries[0].value.position == SourcePosition(line: 1, column: 4))
        guard case .sequence(let elements) = entries[1].value.content else {
            Issue.record("no sequence")
            return
        }
        #expect(elements[1].content == .scalar(YAMLScalar(text: "y", isPlain: false)))
        #expect(elements[1].position == SourcePosition(line: 2, column: 8))
    }

    @Test func columnsCountCharactersNotBytes() throws {
        let root = try Self.parse("{ 이름: 마당, x: 1 }")
        guard case .mapping(let entries) = root.content else { return }
        #expect(entries[1].keyPosition == SourcePosition(line: 1, column: 11))
    }

    @Test(arguments: [
        ("a: 1\na: 2\n", "a.yaml:2:1: the key 'a' already stands in line 1"),
        (
            "a: &x 1\nb: *x\n",
            "a.yaml:1:4: anchors ('&name') are not supported\n  write the value out"
        ),
        ("b: *x\n", "a.yaml:1:4: aliases ('*name') are not supported\n  write the value out"),
        (
            "a: !!int 1\n",
            "a.yaml:1:4: tags ('!name') are not supported\n  quote text that begins with '!'"
        ),
        ("", "a.yaml:1:1: the file is empty"),
        ("# only a comment\n", "a.yaml:1:1: the file is empty"),
        (
            "a: 1\n---\nb: 2\n",
            "a.yaml:2:1: a second document begins here\n  one file, one document"
        ),
        ("<<: {a: 1}\n", "a.yaml:1:1: merging with '<<' is not supported\n  write the keys out"),
        ("[a, b]: 1\n", "a.yaml:1:1: a key must be a single word"),
    ])
    func whatConfigurationHasNoUseForIsRefused(_ text: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.parse(text) }
        #expect(error?.description == message)
    }

    @Test(arguments: ["a: [1, 2", "a:\n\t- 1\n", "a: 'x", "a: b: c", "}", "%FOO\n", "a: \"\\q\""])
    func badSyntaxIsNamedWithItsPlace(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.parse(text) }
        #expect(error?.problems.first?.position != nil)
        #expect(error?.description.contains("this is not YAML") == true)
    }

    @Test(arguments: [
        ("a:\n\t- 1\n", "indent with spaces"),
        ("a: 1\n  b: 2\n", "indent this line as the one above"),
        ("- a: 1\n b: 2\n", "compare the indentation of this line with its neighbours"),
    ])
    func badIndentationIsToldWithWhatToDo(_ text: String, _ advice: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.parse(text) }
        #expect(error?.description.contains(advice) == true)
    }

    @Test func depthHasALimit() throws {
        let fine = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        _ = try Self.parse(fine)
        let deep = String(repeating: "[", count: 100_000)
        let error = #expect(throws: ConfigurationError.self) { try Self.parse(deep) }
        #expect(error?.description.contains("more than 32 levels") == true)
    }

    @Test func sizeAndEncodingAreChecked() {
        #expect(throws: ConfigurationError.self) {
            try YAMLDocument(file: "a", bytes: [UInt8](repeating: 35, count: 1 << 20 + 1))
        }
        let error = #expect(throws: ConfigurationError.self) {
            try YAMLDocument(file: "a", bytes: Array("a: 1\nb: ".utf8) + [0xFF, 0x41])
        }
        #expect(error?.description.hasPrefix("a: line 2 is not UTF-8") == true)
        #expect(throws: ConfigurationError.self) { try YAMLDocument(path: "/nowhere/at/all.yaml") }
        #expect(throws: ConfigurationError.self) { try YAMLDocument(path: "/") }
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        let root = try YAMLDocument(file: "a", bytes: [0xEF, 0xBB, 0xBF] + Array("a: 1".utf8)).root
        guard case .mapping(let entries) = root.content else { return }
        #expect(entries.first?.key == "a")
    }

    @Test func scalarsFollowTheCoreSchema() {
        func plain(_ text: String) -> YAMLScalar { YAMLScalar(text: text, isPlain: true) }
        #expect(plain("yes").bool == nil)
        #expect(plain("True").bool == true)
        #expect(plain("~").isNull)
        #expect(plain("0x1F").int == 31)
        #expect(plain("0o17").int == 15)
        #expect(plain("-3").int == -3)
        #expect(plain("0x-3").int == nil)
        #expect(plain("9223372036854775808").int == nil)
        #expect(YAMLScalar(text: "1", isPlain: false).int == nil)
        #expect(!YAMLScalar(text: "", isPlain: false).isNull)
    }

    /// Damaged configurations give a tree or an error, and never trap.
    @Test(arguments: seeds(0..<200))
    func damageNeverTraps(seed: UInt64) {
        var random = SeededRandom(seed)
        var bytes = Array(ConfigurationTests.sample.utf8)
        for _ in 0...(random.next() % 12) {
            let at = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 3 {
            case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int(random.next() % 9)))
            default:
                bytes.insert(
                    contentsOf: Array("[{:&*!|>'\"%@`#-\n\t".utf8).shuffled(using: &random).prefix(
                        3), at: at)
            }
            if bytes.isEmpty { bytes = [0] }
        }
        guard let document = try? YAMLDocument(file: "a", bytes: bytes) else { return }
        let reader = ConfigurationReader(document, variables: [:])
        for section in reader.root.sections("strategies") { _ = section.required("name", .string) }
        _ = reader.root.namedSections("brokers")
        #expect(throws: ConfigurationError.self) { try reader.finish() }
        _ = reader.shownText()
    }
}
