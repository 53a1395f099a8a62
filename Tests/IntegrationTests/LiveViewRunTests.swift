import Foundation
import Testing

extension PacedTests {
    /// `madang run` on a terminal: the other screen while it runs, and everything as it was behind it.
    @Suite struct LiveViewRunTests {
        private func paced(_ speed: String = "600x", ticks: Int = 1_500) throws -> Scene {
            var configuration = SceneConfiguration.plain
            configuration.speed = speed
            configuration.strategies.append(SceneConfiguration.server("teller", "teller.py"))
            return try Scene(configuration, ticks: SampleTicks(count: ticks))
        }

        @Test func theSummaryStandsBehindTheScreen() async throws {
            let scene = try paced()
            let run = try await scene.onTerminal(
                ["run"],
                [.until("teller .*live[^$]*ticks|ticks[^$]*teller .*live"), .snapshot("run")])
            #expect(run.exit == 0)
            #expect(run.entered == 1 && run.isAsItWas, "\(run.unknown)")
            #expect(run.colours > 0 && run.excess == 0)
            let screen = try #require(run.snapshots["run"])
            #expect(screen[0].hasPrefix(" madang  replay 600x  2024-01-02 09:0"))
            #expect(screen.count <= 30)
            // Of the screen nothing is left; of the run what mattered.
            #expect(!run.text.contains("madang  replay"))
            #expect(run.lines.contains { $0.hasPrefix("run ") && $0.contains("replay 600") })
            #expect(run.lines.contains { $0.hasPrefix("finished  1,500 ticks") })
            #expect(run.text.contains("filled BUY"))
            #expect(run.lines.contains { $0.hasPrefix("ledger ") })
        }

        /// The row of a server that stands still says so, and for how long; afterwards it is calm.
        @Test func aStoppedServerStandsOut() async throws {
            let scene = try paced("300x", ticks: 3_000)
            let run = try await scene.onTerminal(
                ["run"],
                [
                    .until(" teller .*BUY"), .server("STOP", named: "teller.py"),
                    .until("!teller .*HUNG 1 s"), .until("!teller .*HUNG 2 s"), .snapshot("hung"),
                    .server("CONT", named: "teller.py"), .until("teller  *server  *live"),
                    .signal("TERM"),
                ])
            #expect(run.exit == 6)
            let hung = try #require(run.snapshots["hung"])
            #expect(hung.contains { $0.hasPrefix("!teller") && $0.contains("no answer since 09:") })
            #expect(hung.contains { $0.hasPrefix(" cross") && $0.contains("live") })
            #expect(run.isAsItWas && run.text.contains("teller hung: no answer for"))
        }

        /// Each channel has a row; one that refuses stands out, and for how long.
        @Test func channelsStandInRowsOfTheirOwn() async throws {
            let chat = try await ChatService()
            try await chat.set("{\"always\": \"403\"}")
            var configuration = SceneConfiguration.plain
            configuration.speed = "60x"
            configuration.more += [
                "channels:", "  screen: { kind: console }",
                "  phone: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"42\","
                    + " url: \"${CHAT_URL}\" }",
            ]
            let scene = try Scene(configuration, ticks: SampleTicks(count: 4_000))
            let run = try await scene.onTerminal(
                ["run"],
                [
                    .until(" channel +state +waiting +sent"), .until("!phone +DEAD 1 s"),
                    .until("!phone +DEAD 2 s"), .snapshot("dead"), .signal("TERM"),
                ], environment: chat.environment)
            #expect(run.exit == 6 && run.isAsItWas && run.excess == 0)
            let screen = try #require(run.snapshots["dead"])
            #expect(screen.contains { $0.contains(" screen ") && $0.contains(" alive ") })
            #expect(
                run.lines.contains { $0.hasPrefix("channel phone ") && $0.contains("dead since") })
            #expect(run.lines.contains { $0.hasPrefix("channel screen ") })
        }

        @Test(arguments: [TerminalRun.Step.signal("TERM"), .signal("INT"), .keys("\u{3}")])
        func aStoppedRunLeavesTheTerminalAsItWas(_ stop: TerminalRun.Step) async throws {
            let scene = try paced("60x", ticks: 4_000)
            let run = try await scene.onTerminal(["run"], [.until(" teller .*BUY"), stop])
            #expect(run.exit == 6)
            #expect(run.entered == 1 && run.isAsItWas)
            #expect(run.lines.contains { $0.hasPrefix("stopped ") })
        }

        /// The crash takes its course, on a terminal that is as it was.
        @Test(arguments: ["SEGV", "ABRT", "QUIT", "TRAP"])
        func aCrashLeavesTheTerminalAsItWas(_ signal: String) async throws {
            let scene = try paced("60x", ticks: 4_000)
            let run = try await scene.onTerminal(
                ["run"], [.until(" teller .*BUY"), .signal(signal)],
                // The runtime would offer its debugger for half a minute.
                environment: ["SWIFT_BACKTRACE": "enable=no"])
            let number = ["SEGV": 11, "ABRT": 6, "QUIT": 3, "TRAP": 5][signal] ?? 0
            #expect(run.exit == -number)
            #expect(run.entered == 1 && run.isAsItWas)
        }

        @Test func aKilledRunSaysSoInItsHead() async throws {
            let scene = try paced("60x", ticks: 4_000)
            #expect(try await scene.madang("kill").exit == .code(0))
            let run = try await scene.onTerminal(
                ["run"], [.until("^ madang .*KILL SWITCH ON"), .signal("TERM")])
            #expect(run.exit == 6 && run.isAsItWas)
        }

        /// The second Ctrl-C does not wait for a server that sleeps, and still puts the terminal back.
        @Test func aSecondInterruptLeavesTheTerminalAsItWas() async throws {
            let scene = try paced("60x", ticks: 4_000)
            let run = try await scene.onTerminal(
                ["run"],
                [
                    .until(" teller .*BUY"), .server("STOP", named: "teller.py"), .keys("\u{3}"),
                    .until("stopping: asked to stop"), .keys("\u{3}"),
                ])
            #expect(run.exit == 130)
            #expect(run.entered == 1 && run.isAsItWas)
            #expect(!run.text.contains("stopped "), "nothing is summed up")
        }

        /// The error stands on the shell's screen, not on the one that is gone.
        @Test func anErrorStandsBehindTheScreen() async throws {
            var configuration = SceneConfiguration.plain
            configuration.strategies.append(
                "{ name: gone, kind: server, launch: [/bin/false], quantity: 1 }")
            let scene = try Scene(configuration, ticks: SampleTicks(count: 100))
            let run = try await scene.onTerminal(["run"])
            #expect(run.exit == 7)
            #expect(run.entered == 1 && run.isAsItWas)
            #expect(run.text.contains("gone"))
        }

        /// A window that changes is drawn anew, and no row is ever wider than it is.
        @Test func aWindowThatChangesIsDrawnAnew() async throws {
            let scene = try paced("300x", ticks: 3_000)
            let drawn = "(?s)^ madang  replay(?!.*stale).* teller "
            let run = try await scene.onTerminal(
                ["run"],
                [
                    .until(" teller .*BUY"), .snapshot("before"), .size(columns: 60, rows: 20),
                    .until(drawn), .snapshot("narrow"), .size(columns: 160, rows: 50),
                    .until(drawn), .snapshot("wide"), .signal("TERM"),
                ])
            #expect(run.isAsItWas && run.exit == 6)
            let narrow = try #require(run.snapshots["narrow"])
            #expect(narrow.count <= 20 && narrow.allSatisfy { $0.count <= 60 })
            let wide = try #require(run.snapshots["wide"])
            #expect(wide.contains { $0.count > 100 })
        }

        /// The run goes to its end, and sums up, while the terminal takes nothing.
        @Test func aTerminalThatTakesNothingHoldsNobody() async throws {
            let scene = try paced("600x", ticks: 4_000)
            let run = try await scene.onTerminal(
                ["run", "--summary", "sum.json"], [.file("sum.json")])
            #expect(run.exit == 0)
            #expect(run.isAsItWas)
            #expect(run.lines.contains { $0.hasPrefix("finished  4,000 ticks") })
            let text = try String(contentsOfFile: scene.path + "/sum.json", encoding: .utf8)
            let seconds = try #require(text.firstMatch(of: /"seconds" : ([0-9.]+)/))
            // At its pace it takes ten.
            #expect(try #require(Double(seconds.1)) < 12)
            #expect(run.bytes < 100_000, "frames were not dropped")
        }

        @Test func noColourIsInTheViewWhereNoneIsWanted() async throws {
            let run = try await paced().onTerminal(["run"], environment: ["NO_COLOR": "1"])
            #expect(run.exit == 0 && run.entered == 1 && run.isAsItWas)
            // The reset on leaving sets none.
            #expect(run.colours == 0)
        }

        /// A terminal that cannot move its cursor gets lines without a single escape.
        @Test func aDumbTerminalGetsPlainLines() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 500))
            let run = try await scene.onTerminal(["run"], environment: ["TERM": "dumb"])
            #expect(run.exit == 0 && run.escapes == 0 && run.isAsItWas)
            let piped = try await scene.madang("run", "--fresh")
            #expect(!piped.output.contains { $0.contains("\u{1B}") })
            func decisions(_ lines: [String]) -> [String] {
                lines.filter { $0.contains(" filled ") || $0.contains("  order ") }
            }
            #expect(decisions(run.lines) == decisions(piped.output))
            #expect(decisions(run.lines).count > 2)
        }

        /// What people and programs asked for before is as it was.
        @Test func flagsThatWantNoViewGetNone() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 500))
            let plain = try await scene.onTerminal(["run", "--plain"])
            #expect(plain.exit == 0 && plain.entered == 0 && plain.isAsItWas)
            #expect(plain.colours > 0 && plain.text.contains(" filled "))
            let quiet = try await scene.onTerminal(["run", "--fresh", "--quiet"])
            #expect(quiet.exit == 0 && quiet.entered == 0 && quiet.escapes == 0)
            #expect(quiet.lines.contains { $0.hasPrefix("finished ") })
            #expect(!quiet.text.contains(" filled "))
            let json = try await scene.onTerminal(["run", "--fresh", "--json"])
            #expect(json.exit == 0 && json.escapes == 0)
            for line in json.lines where !line.isEmpty { _ = try RunLine(line) }
            #expect(json.text.contains("\"event\":\"finished\""))
        }
    }
}
