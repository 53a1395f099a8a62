import Glibc
import Testing

@testable import Platform

@Suite struct ConfigurationTests {
    enum Overflow: String, CaseIterable { case coalesce, dropOldest = "drop_oldest", disconnect }

    static let sample = """
        accounts:
          - { id: demo, broker: paper, currency: KRW, cash: 100000000 }
        brokers:
          paper: { kind: paper, fee_bps: 5, fill: next_event }
        strategies:
          - { name: cross, symbols: all, parameters: { fast: 20, slow: 60 } }
          - { name: model, symbols: [005930], deadline: 200ms, overflow: coalesce }
        channels:
          phone: { token: "${TOKEN}" }

        """

    static func reader(
        _ text: String, variables: [String: String] = [:]
    ) throws -> ConfigurationReader {
        let document = try YAMLDocument(file: "madang.yaml", bytes: Array(text.utf8))
        return ConfigurationReader(document, variables: variables)
    }

    static func problems(_ reader: ConfigurationReader) -> String {
        do throws(ConfigurationError) {
            try reader.finish()
            return ""
        } catch {
            return error.description
        }
    }

    @Test func everythingIsReadAsWritten() throws {
        let reader = try Self.reader(Self.sample, variables: ["TOKEN": "s3cret"])
        let account = try #require(reader.root.sections("accounts").first)
        #expect(account.required("id", .string) == "demo")
        #expect(account.required("cash", .parsed("an amount") { Int128($0) }) == 100_000_000)
        _ = (account.required("broker", .string), account.required("currency", .string))
        let brokers = reader.root.namedSections("brokers")
        #expect(brokers.map(\.name) == ["paper"])
        _ = brokers[0].section.required("kind", .string)
        #expect(brokers[0].section.value("fee_bps", .int(in: 0...100), default: 0) == 5)
        _ = brokers[0].section.required("fill", .string)
        let strategies = reader.root.sections("strategies")
        #expect(strategies.map { $0.required("name", .string) } == ["cross", "model"])
        #expect(strategies.map { $0.list("symbols", of: .string) } == [["all"], ["005930"]])
        #expect(strategies[0].scalars("parameters").map(\.key) == ["fast", "slow"])
        #expect(strategies[0].scalars("parameters").last?.value.int == 60)
        #expect(strategies.map { $0.optional("deadline", .duration()) } == [nil, 200_000_000])
        let policies = strategies.map {
            $0.value("overflow", .choice("a policy", of: Overflow.self), default: .disconnect)
        }
        #expect(policies == [.disconnect, .coalesce])
        let phone = try #require(reader.root.section("channels")?.section("phone"))
        let token = try #require(phone.required("token", .secret))
        #expect(token.withText { $0 } == "s3cret")
        #expect(Self.problems(reader) == "")
        #expect(reader.warnings.isEmpty)
    }

    /// The form of experience.md, to the letter.
    @Test func aWrongWordGetsItsPlaceTheChoiceAndASuggestion() throws {
        let reader = try Self.reader("strategies:\n  - {}\n  - { overflow: colesce }\n")
        for section in reader.root.sections("strategies") {
            _ = section.optional("overflow", .choice("a policy", of: Overflow.self))
        }
        #expect(
            Self.problems(reader) == """
                madang.yaml:3:17: strategies[1].overflow: 'colesce' is not a policy
                  allowed: coalesce, drop_oldest, disconnect   did you mean 'coalesce'?
                """)
    }

    @Test func allProblemsComeInTheOrderOfTheFile() throws {
        let reader = try Self.reader(
            "risk: { day_los: 2%, orders: many }\nport: 70000\nname: [a]\nstore: x\n")
        _ = reader.root.required("missing", .string)
        _ = reader.root.optional("store", .bool)
        _ = reader.root.optional("port", .int(in: 1...65535))
        _ = reader.root.optional("name", .string)
        let risk = try #require(reader.root.section("risk"))
        _ = risk.value("day_loss", .percentage(), default: 20_000)
        _ = risk.optional("orders", .int(in: 0...10))
        #expect(
            Self.problems(reader) == """
                madang.yaml:1:1: missing: this key is required
                  give text of 1 to 4096 characters
                madang.yaml:1:9: risk.day_los: unknown key
                  allowed: day_loss, orders   did you mean 'day_loss'?
                madang.yaml:1:30: risk.orders: 'many' is not a whole number from 0 to 10
                madang.yaml:2:7: port: '70000' is not a whole number from 1 to 65535
                madang.yaml:3:7: name: this is a list, not text of 1 to 4096 characters
                madang.yaml:4:8: store: 'x' is not true or false
                  allowed: true, false
                """)
    }

    /// Who does not speak to brokers needs none of their secrets; what is no secret, and those of others, must be there.
    @Test func secretsMayBeMissingWhereNobodySpeaks() throws {
        let text = "brokers:\n  key: ${K}\n  rate: ${R}\nstore:\n  key: ${K}"
        let document = try YAMLDocument(file: "madang.yaml", bytes: Array(text.utf8))
        let reader = ConfigurationReader(document, variables: [:], lacking: ["brokers", "st"])
        let brokers = try #require(reader.root.section("brokers"))
        #expect(brokers.required("key", .secret)?.withText { $0 } == "missing")
        _ = brokers.required("rate", .string)
        _ = reader.root.section("store")?.required("key", .secret)
        let told = Self.problems(reader)
        #expect(told.contains("brokers.rate: the environment variable R is not set"))
        #expect(told.contains("store.key: the environment variable K is not set"))
        #expect(!told.contains("brokers.key"), "\(told)")
    }

    @Test(arguments: [
        (
            "a: \"5\"",
            "madang.yaml:1:4: a: '5' is text; leave the quotes out\n  give a whole number from 0 to 9"
        ),
        ("a: 1_0", "madang.yaml:1:4: a: '1_0' is not a whole number from 0 to 9"),
        (
            "a: {b: 1}",
            "madang.yaml:1:4: a: this is a group of keys, not a whole number from 0 to 9"
        ),
        (
            "a: ${N}",
            "madang.yaml:1:4: a: the environment variable N is not set\n  export N=…, or put the value into a file and write ${file:PATH}"
        ),
        ("a: ${N", "madang.yaml:1:4: a: '${' has no '}'\n  write '$${' for the sign itself"),
        (
            "a: ${1N}",
            "madang.yaml:1:4: a: '${1N}' names no environment variable\n  write ${NAME}, or ${file:PATH}"
        ),
        ("- a", "madang.yaml:1:1: the file must be a group of keys, not a list"),
    ])
    func wrongValuesAreNamed(_ text: String, _ message: String) throws {
        let reader = try Self.reader(text)
        _ = reader.root.optional("a", .int(in: 0...9))
        #expect(Self.problems(reader) == message)
    }

    @Test func ownFindingsStandAtTheirKey() throws {
        let reader = try Self.reader("account: demi\n")
        let name = try #require(reader.root.required("account", .string))
        reader.root.reportUnknown("account", name, "an account", allowed: ["demo", "real"])
        #expect(
            Self.problems(reader) == """
                madang.yaml:1:10: account: 'demi' is not an account
                  allowed: demo, real   did you mean 'demo'?
                """)
    }

    @Test func secretsAppearNowhere() throws {
        let reader = try Self.reader(
            "a: hunter2\nb: \"${B}\"\nc: ${C}\n", variables: ["B": "swordfish", "C": "abc"])
        let secret = try #require(reader.root.required("a", .secret))
        _ = reader.root.required("b", .secret)
        _ = reader.root.required("c", .int(in: 0...1))
        var dumped = ""
        dump(secret, to: &dumped)
        let printed = [
            "\(secret)", String(reflecting: secret), String(reflecting: [secret]), dumped,
        ]
        let texts = printed + [reader.shownText(), reader.shownJSON(), Self.problems(reader)]
        for text in texts + reader.warnings.map(\.description) {
            for word in ["hunter2", "swordfish", "abc"] { #expect(!text.contains(word)) }
        }
        #expect(reader.warnings.map(\.path) == ["a"])
        #expect(reader.shownText() == "a: ********\nb: \"${B}\"\n")
    }

    /// Two values of one variable are two configurations; a secret's value is nobody's to compare.
    @Test(arguments: ["5", "7"])
    func whatAVariableStoodForIsKnownUnlessItIsASecret(_ fee: String) throws {
        let text = """
            fee: "${FEE}"
            tokens: ["${TOKEN}"]
            token: "${TOKEN}"
            plain: 3

            """
        let reader = try Self.reader(text, variables: ["FEE": fee, "TOKEN": "s3cret"])
        #expect(reader.root.required("fee", .int(in: 0...9)) == Int(fee))
        _ = reader.root.list("tokens", of: .secret, default: [])
        _ = reader.root.optional("token", .secret)
        _ = reader.root.required("plain", .int(in: 0...9))
        try reader.finish()
        #expect(reader.substituted.map(\.path) == ["fee"])
        #expect(reader.substituted.map(\.text) == [fee])
        #expect(!reader.shownText().contains("s3cret"))
    }

    @Test func aSecretFileMustBePrivate() throws {
        var template = Array("/tmp/madang-secret-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        try #require(file >= 0)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { unlink(path) }
        write(file, "open sesame\n", 12)
        fchmod(file, 0o600)
        close(file)
        let reader = try Self.reader("a: ${file:\(path)}\n")
        #expect(reader.root.required("a", .secret)?.withText { $0 } == "open sesame")
        chmod(path, 0o644)
        #expect(reader.root.required("a", .secret) == nil)
        #expect(Self.problems(reader).contains("others may read it"))
    }

    @Test func shownConfigurationMarksDefaultsAndReadsBack() throws {
        let reader = try Self.reader(
            "list:\n  - { name: a }\n  - { name: 'b: c', n: -5 }\nwords: [x, y]\n")
        for section in reader.root.sections("list") {
            _ = section.required("name", .string)
            _ = section.value("n", .int(in: -9...9), default: 3)
            _ = section.value("wait", .duration(), default: 90_000_000_000)
        }
        _ = reader.root.list("words", of: .string)
        _ = reader.root.list("none", of: .string, default: ["p", "q"])
        #expect(
            reader.shownText() == """
                list:
                  - name: a
                    n: 3  # default
                    wait: 90s  # default
                  - name: "b: c"
                    n: -5
                    wait: 90s  # default
                words: [x, y]
                none: [p, q]  # default

                """)
        #expect(
            reader.shownJSON()
                == #"{"configuration":{"list":[{"name":"a","n":3,"wait":"90s"},"#
                + #"{"name":"b: c","n":-5,"wait":"90s"}],"words":["x","y"],"none":["p","q"]},"#
                + #""defaults":["list[0].n","list[0].wait","list[1].wait","none"]}"#)
        let again = try YAMLDocument(file: "b", bytes: Array(reader.shownText().utf8))
        guard case .mapping(let entries) = again.root.content else { return }
        #expect(entries.map(\.key) == ["list", "words", "none"])
    }
}

@Suite struct UnitTests {
    @Test(
        arguments: [
            ("200ms", 200_000_000), ("1s", 1_000_000_000), ("1.5 s", 1_500_000_000),
            ("5m", 300_000_000_000),
            ("1h", 3_600_000_000_000), ("1d", 86_400_000_000_000), ("2w", 1_209_600_000_000_000),
            ("7ns", 7), ("0s", 0), ("0.000000001s", 1), ("10us", 10_000), ("10µs", 10_000),
        ] as [(String, Int64)])
    func durationsAreExact(_ text: String, _ nanoseconds: Int64) {
        #expect(parseDuration(text) == nanoseconds)
        #expect(parseDuration(showDuration(nanoseconds)) == nanoseconds)
    }

    @Test(arguments: [
        "", "s", "5", "5 parsecs", "-1s", "1e3s", "0.5ns", "1..5s", "٣s",
        "99999999999999999999999w",
        "300000d", "1h30m", ".s", "5.s",
    ])
    func otherDurationsAreRefused(_ text: String) { #expect(parseDuration(text) == nil) }

    @Test(
        arguments: [
            ("2%", 20_000), ("0.5 %", 5_000), ("100%", 1_000_000), ("-5 %", -50_000),
            ("0.0001%", 1),
        ] as [(String, Int64)])
    func percentagesAreExact(_ text: String, _ millionths: Int64) {
        #expect(parsePercentage(text) == millionths)
        #expect(parsePercentage(showPercentage(millionths)) == millionths)
    }

    @Test(arguments: ["2", "%", "0.00001%", "1,5%", "--1%", "two %", "1%%"])
    func otherPercentagesAreRefused(_ text: String) { #expect(parsePercentage(text) == nil) }

    @Test(arguments: [
        ("colesce", "coalesce"), ("threshhold", "threshold"), ("on_conflcit", "on_conflict"),
    ])
    func theNearestWordIsSuggested(_ word: String, _ nearestWord: String) {
        let words = ["coalesce", "drop_oldest", "threshold", "on_conflict"]
        #expect(nearest(to: word, in: words) == nearestWord)
    }

    @Test func nothingIsSuggestedForAnythingElse() {
        #expect(nearest(to: "banana", in: ["coalesce", "disconnect"]) == nil)
        #expect(nearest(to: "x", in: []) == nil)
    }
}
