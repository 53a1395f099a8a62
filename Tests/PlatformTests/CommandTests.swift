import Testing

@testable import Platform

@Suite struct CommandTests {
    static let config = CommandOption.value(
        "config", short: "c", "FILE", "The configuration.", default: "madang.yaml")
    static let json = CommandOption.flag("json", "Writes JSON.")
    static let verbose = CommandOption.flag("verbose", short: "v", "Says more.")
    static let speed = CommandOption.value(
        "speed", "SPEED", "How fast.", allowed: ["max", "60x", "1x"])
    static let tag = CommandOption.repeated("tag", short: "t", "NAME", "A label.")
    static let command = Command(
        "madang", "Trades.", examples: ["madang run"], options: [config, json, verbose],
        subcommands: [
            Command(
                "run", "Runs the host.",
                examples: ["madang run -c my.yaml", "madang run --speed 60x"],
                options: [speed, tag],
                arguments: [
                    CommandArgument("FEED", "Read this.", .optional),
                    CommandArgument("MORE", "And these.", .any),
                ]),
            Command(
                "strategy", "Strategies.", examples: [],
                subcommands: [
                    Command("list", "Lists them.", examples: ["madang strategy list"]),
                    Command(
                        "check", "Checks one.", examples: [],
                        arguments: [CommandArgument("NAME", "Which.")]),
                ]),
        ])

    private func parse(_ line: String) throws -> CommandInvocation {
        try Self.command.parse(line.split(separator: " ").map(String.init))
    }

    private func message(_ line: String) -> String {
        do {
            _ = try parse(line)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func aRestTakesEveryWordBehindIt() throws {
        let start = Command(
            "start", "Starts.", examples: [],
            options: [Self.json, .rest("launch", "CMD", "The program.")],
            arguments: [CommandArgument("ADDRESS", "Where.", .optional)])
        let words = ["here", "--json", "--launch", "python", "a.py", "--json", "--", "-x"]
        let command = try start.parse(words)
        #expect(command.arguments == ["here"])
        #expect(command.values(of: start.options[1]) == Array(words[3...]))
        #expect(try start.parse(["--help"]).help?.contains("--launch CMD...") == true)
        #expect(throws: UsageError.self) { try start.parse(["--launch"]) }
    }

    @Test func aGroupMayBeACommandItself() throws {
        let books = Command(
            "books", "Shows them.", examples: [], options: [Self.json],
            subcommands: [Command("check", "Checks them.", examples: [])], standsAlone: true)
        let alone = try books.parse(["--json"])
        #expect(alone.path == [] && alone.has(Self.json))
        let check = try books.parse(["check", "--json"])
        #expect(check.path == ["check"] && check.has(Self.json))
        #expect(try books.parse(["--help"]).help?.contains("books [COMMAND] [options]") == true)
        #expect(throws: UsageError.self) { try books.parse(["chekc"]) }
        #expect(throws: UsageError.self) { try books.parse(["--", "check"]) }
    }

    @Test func wordsFindTheirPlaces() throws {
        let run = try parse("--json run feed.csv -c my.yaml --speed=60x -t a --tag b -- --last")
        #expect(run.path == ["run"])
        #expect(run.has(Self.json))
        #expect(!run.has(Self.verbose))
        #expect(run.value(of: Self.config) == "my.yaml")
        #expect(run.value(of: Self.speed) == "60x")
        #expect(run.values(of: Self.tag) == ["a", "b"])
        #expect(run.arguments == ["feed.csv", "--last"])
        #expect(try parse("run").value(of: Self.config) == "madang.yaml")
        #expect(try parse("run").value(of: Self.speed) == nil)
        #expect(try parse("strategy check cross").path == ["strategy", "check"])
        #expect(try parse("run -vcmy.yaml").value(of: Self.config) == "my.yaml")
        #expect(try parse("run -5 -").arguments == ["-5", "-"])
    }

    @Test(arguments: [
        ("rnu", "madang: there is no command 'rnu'   did you mean 'run'?\n  see 'madang --help'"),
        ("", "madang: give a command: run, strategy\n  see 'madang --help'"),
        (
            "strategy",
            "madang strategy: give a command: list, check\n  see 'madang strategy --help'"
        ),
        (
            "run --confg x",
            "madang run: unknown option '--confg'   did you mean '--config'?\n  see 'madang run --help'"
        ),
        ("run -x", "madang run: unknown option '-x'\n  see 'madang run --help'"),
        ("run --config", "madang run: '--config' needs a value\n  see 'madang run --help'"),
        ("run --json=1", "madang run: '--json' takes no value\n  see 'madang run --help'"),
        ("run -c a -c b", "madang run: '--config' is given twice\n  see 'madang run --help'"),
        (
            "run --speed 60",
            "madang run: '60' is no value of '--speed': max, 60x, 1x   did you mean '60x'?\n"
                + "  see 'madang run --help'"
        ),
        (
            "strategy check",
            "madang strategy check: NAME is missing\n  see 'madang strategy check --help'"
        ),
        (
            "strategy list desk.yaml",
            "madang strategy list: unexpected 'desk.yaml'   did you mean '-c desk.yaml'?\n"
                + "  see 'madang strategy list --help'"
        ),
        (
            "strategy list x",
            "madang strategy list: unexpected 'x'\n  see 'madang strategy list --help'"
        ),
    ])
    func whatMakesNoSenseIsNamed(_ line: String, _ expected: String) {
        #expect(message(line) == expected)
    }

    @Test(arguments: ["run --help", "run -h feed", "--help run"])
    func helpComesWhereverItIsAskedFor(_ line: String) throws {
        #expect(
            try parse(line).help == """
                Runs the host.

                usage: madang run [options] [FEED] [MORE …]

                arguments:
                  FEED  Read this.
                  MORE  And these.

                options:
                      --speed SPEED  How fast. One of max, 60x, 1x.
                  -t, --tag NAME     A label. May be repeated.
                  -c, --config FILE  The configuration. Default: madang.yaml.
                      --json         Writes JSON.
                  -v, --verbose      Says more.
                  -h, --help         Shows this.

                examples:
                  madang run -c my.yaml
                  madang run --speed 60x
                """)
        #expect(
            try parse("help").help?.hasPrefix("Trades.\n\nusage: madang COMMAND [options]") == true)
    }
}

@Suite struct TerminalTests {
    @Test func coloursAreOffInPipesAndWhenUnwanted() {
        let pipe = Terminal(descriptor: -1, environment: ["COLUMNS": "100"])
        #expect(!pipe.isInteractive)
        #expect(pipe.width == 100)
        #expect(pipe.styled("a", .red) == "a")
        let colour = Terminal(isInteractive: true, isColoured: true)
        #expect(colour.styled("a", .bold, .red) == "\u{1B}[1;31ma\u{1B}[0m")
        #expect(colour.width == 80)
    }

    @Test func widthsLineUp() {
        #expect(displayWidth(of: "005930 ▲") == 8)
        #expect(displayWidth(of: "삼성전자") == 8)
        #expect(displayWidth(of: "e\u{301}") == 1)
        // Wide emoji, in whatever block; narrow signs beside them stay what they are.
        for wide in ["\u{2705}", "\u{274C}", "\u{2B50}", "\u{231A}", "\u{1FA70}", "\u{1FAE0}"] {
            #expect(displayWidth(of: wide) == 2, "\(wide)")
        }
        for wide in ["\u{1F600}", "\u{1F7E2}", "\u{1F680}", "\u{2764}\u{FE0F}", "👩‍🔬", "🇰🇷", "㈱"] {
            #expect(displayWidth(of: wide) == 2, "\(wide)")
        }
        for narrow in ["\u{2713}", "\u{2714}", "\u{2022}", "\u{1F321}", "\u{AD}", "é"] {
            #expect(displayWidth(of: narrow) == 1, "\(narrow)")
        }
        for nothing in ["\u{200B}", "\u{200D}", "\u{200E}", "\u{2060}", "\u{FEFF}", "\u{7}"] {
            #expect(displayWidth(of: nothing) == 0, "\(nothing.unicodeScalars.map(\.value))")
        }
        #expect(padded("매수", to: 6) == "매수  ")
        #expect(padded("70,100", to: 8, alignedRight: true) == "  70,100")
        #expect(padded("too long", to: 3) == "too long")
    }
}
