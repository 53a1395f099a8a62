import Foundation
import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// A server that breaks again and again ends in quarantine, costs the others nothing, and goes on
    /// behind its watermark when it is mended and released.
    @Suite struct QuarantineTests {
        struct Case: Sendable, CustomTestStringConvertible {
            let manner: String
            /// What the quarantine says.
            let reason: String
            /// A state on the way.
            let passes: String?
            var testDescription: String { manner }
        }
        /// About 25 ms from tick to tick, for as long as a test may need.
        static let ticks = SampleTicks(count: 2_000, pause: 7_500_000_000)
        static let settings =
            "symbols: [D], restart: { first: 1ms, longest: 20ms },"
            + " circuit: { failures: 2, probe: 20ms, hung: 50ms },"
            + " quarantine: { breaks: 3, within: 10m }"
        static let good = SceneConfiguration.server(
            "good", "teller.py", "deadline: 10s, symbols: [A, B, C]")

        private static func scene(_ manner: String, more: [String] = []) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.strategies = [
                good, SceneConfiguration.server("bad", "unruly.py", settings),
            ]
            configuration.more =
                ["arbiter: { policy: first }", "channels: { screen: { kind: console } }"] + more
            let scene = try Scene(configuration, ticks: ticks)
            try scene.folder.write(manner, as: "manner")
            return scene
        }

        /// The same events without the bad one: what is owed, by position.
        private struct Peace {
            var good: [[String]]
            /// Positions of the bad one's events.
            var bad: [String]
            var fills: [[String]]
        }
        private static let peace = Task {
            var configuration = SceneConfiguration()
            configuration.strategies = [
                good,
                SceneConfiguration.server("witness", "teller.py", "symbols: [D]"),
            ]
            configuration.more = ["arbiter: { policy: first }"]
            let scene = try Scene(configuration, ticks: ticks)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            return Peace(
                good: try await signals(of: "good", in: scene),
                bad: try await signals(of: "witness", in: scene).map { $0[0] },
                fills: try await fills(in: scene))
        }

        private static func signals(of name: String, in scene: Scene) async throws -> [[String]] {
            try await scene.query(
                "select position, symbol, action from signals where source = '\(name)'"
                    + " order by position, symbol, result")
        }

        private static func fills(in scene: Scene) async throws -> [[String]] {
            try await scene.query(
                "select symbol, side, sum(quantity) from ledger where symbol <> 'D'"
                    + " group by symbol, side order by symbol, side")
        }

        @Test(arguments: [
            Case(
                manner: "dies", reason: "(its process ended with code 3)",
                passes: "bad circuit open: 2 failures in a row"),
            Case(manner: "crumbs", reason: "(its process ended with code 3)", passes: nil),
            Case(
                manner: "hangs", reason: "3 breaks in ",
                passes: "bad circuit open: it hung for "),
            Case(manner: "beyond", reason: "its watermark", passes: "bad down: its watermark"),
            Case(manner: "instrument always", reason: "eight messages in a row", passes: nil),
        ])
        func aBadServerCostsTheOtherNothing(_ one: Case) async throws {
            let peace = try await Self.peace.value
            let scene = try Self.scene(one.manner)
            let host = try await scene.start("run", "--json")
            let caught = try await host.line("quarantine") { $0.contains("\"bad quarantined: ") }
            #expect(caught.text.contains(one.reason), "\(caught.text)")
            if let passes = one.passes {
                #expect(host.output[..<caught.index].contains { $0.contains(passes) })
            }
            let told = try await host.line(from: caught.index, "what ends it") {
                $0.contains("madang strategy release bad")
            }
            // The other one goes on, and nobody comes to the bad one.
            _ = try await host.line(from: told.index, "a result") { $0.contains("good BUY") }
            #expect(Processes.children(of: host.id, running: "unruly.py") == [])

            try scene.folder.write("honest", as: "manner")
            let release = try await scene.madang("strategy", "release", "bad", "--json")
            #expect(release.exit == .code(0), "\(release.errorText)")
            #expect(release.output.first?.contains("\"process\":\(host.id)") == true)
            if one.passes?.contains("circuit open") == true {
                // One outage, one message, however many trials fail.
                _ = try await host.line("a message") {
                    $0.contains("[WARNING] Strategy server bad is gone, and tried now and then: ")
                }
            }
            for words in ["is in quarantine: ", "is released from quarantine"] {
                _ = try await host.line(from: caught.index, "a message") {
                    $0.contains("\"event\":\"message\"")
                        && $0.contains("[CRITICAL] Strategy server bad \(words)")
                }
            }
            let live = try await host.line(from: told.index, "its life") {
                $0.contains("\"bad live")
            }
            let result = try await host.line(from: live.index, "its result") {
                $0.contains("\"bad SELL")
            }
            _ = try await host.line(from: result.index, "a result") { $0.contains("good BUY") }
            for symbol in ["A", "B", "C"] {
                _ = try await host.line("what \(symbol) comes to") {
                    $0.contains("\"symbol\":\"\(symbol)\"")
                        && $0.contains("\"position_after\":\"10\"")
                }
            }
            host.send(signal: SIGTERM)
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(6))
            try await compare(outcome, scene, peace, told.index, one)
        }

        private func compare(
            _ outcome: Program.Outcome, _ scene: Scene, _ peace: Peace, _ released: Int,
            _ one: Case
        ) async throws {
            let lines = outcome.output
            let counts = lines.count { $0.contains("\"bad quarantined: ") }
            #expect(counts == 1, "told once")
            #expect(lines.count { $0.contains("server bad is gone, and tried") } <= 1)
            let good = try await Self.signals(of: "good", in: scene)
            #expect(good.count > 10)
            #expect(good == Array(peace.good.prefix(good.count)), "nothing lost, nothing twice")
            let summary = try outcome.summary()
            #expect(summary.source("good").late == 0)
            #expect(summary.source("good").state == "live")
            #expect(summary.source("bad").state == "live")
            #expect(try await Self.fills(in: scene) == peace.fills)
            // Each of its events once, those before the quarantine and those behind.
            let bad = try await Self.signals(of: "bad", in: scene).map { $0[0] }
            #expect(bad.count > 2)
            // What was refused and closed by its own watermark is gone; nothing else is.
            let closed = one.manner == "instrument always" ? peace.bad.firstIndex(of: bad[0]) : 0
            #expect(bad == Array(peace.bad.dropFirst(try #require(closed)).prefix(bad.count)))
            // It was asked to go on behind the last that it had closed.
            let watermarks = lines.compactMap { line in
                line.firstMatch(of: /goes on behind (\d+)/).flatMap { UInt64($0.1) }
            }
            #expect(watermarks == watermarks.sorted())
            let last = try #require(watermarks.last)
            let answered = lines[..<released].contains { $0.contains("\"bad SELL") }
            #expect((last > 0) == (answered || one.manner == "instrument always"))
        }

        @Test func itOutlivesTheHostAndTheDoctorTellsIt() async throws {
            let scene = try Self.scene("beyond", more: ["run: { patience: 5s }"])
            let host = try await scene.start("run", "--json")
            _ = try await host.line("quarantine") { $0.contains("madang strategy release bad") }
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            let doctor = try await scene.madang("doctor")
            #expect(doctor.output.contains { $0.contains("bad is in quarantine since 20") })
            #expect(doctor.output.contains { $0.contains("then madang strategy release bad") })

            // The next start goes on with the run, and does not so much as launch it.
            let again = try await scene.start("run", "--json")
            let stands = try await again.line("it stands") {
                $0.contains("bad is in quarantine since 20") && $0.contains("its watermark")
            }
            _ = try await again.line(from: stands.index, "a result") { $0.contains("good BUY") }
            #expect(Processes.children(of: again.id, running: "unruly.py") == [])
            #expect(!again.output.contains { $0.contains("bad|") })
            #expect(again.output.contains { $0.contains("\"bad quarantined: ") })
            again.send(signal: SIGTERM)
            let second = try await again.outcome()
            #expect(try second.summary().source("bad").state == "quarantined")

            // Released without a host: the next start connects to it.
            try scene.folder.write("honest", as: "manner")
            let release = try await scene.madang("strategy", "release", "bad")
            #expect(release.exit == .code(0))
            #expect(release.output.first?.contains("the next start connects to it") == true)
            let third = try await scene.start("run", "--json")
            _ = try await third.line("its result") { $0.contains("\"bad SELL") }
            third.send(signal: SIGTERM)
            #expect(try await third.outcome().summary().source("bad").state == "live")
            let nobody = try await scene.madang("strategy", "release", "bad")
            #expect(nobody.exit == .code(1))
            #expect(nobody.errorText.hasPrefix("'bad' is not in quarantine"))
        }

        /// As fast as possible the run waits for its servers: a quarantine of before says nothing there.
        @Test func aRunInLockstepTriesAMendedOne() async throws {
            let scene = try Self.scene("beyond")
            let host = try await scene.start("run", "--json")
            _ = try await host.line("quarantine") { $0.contains("madang strategy release bad") }
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            try scene.folder.write("honest", as: "manner")
            let paced = try String(contentsOfFile: scene.path + "/madang.yaml", encoding: .utf8)
            try scene.folder.write(
                paced.replacing("speed: 300x", with: "speed: max"), as: "madang.yaml")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(
                try outcome.summary().source("bad").results
                    == (try await Self.peace.value).bad.count)
            let doctor = try await scene.madang("doctor")
            #expect(doctor.output.contains { $0.contains("bad is in quarantine since 20") })
        }

        @Test func oneThatIsNotMendedGoesBack() async throws {
            let scene = try Self.scene("beyond")
            let host = try await scene.start("run", "--json")
            let first = try await host.line("quarantine") {
                $0.contains("madang strategy release bad")
            }
            let path = scene.path + "/madang.yaml"
            #expect(try await scene.madang("strategy", "release", "bad").exit == .code(0))
            // Not mended: it is back, told again, and may be released again.
            _ = try await host.line(from: first.index + 1, "quarantine") {
                $0.contains("madang strategy release bad")
            }
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try scene.folder.write(
                text.replacing("symbols: [D],", with: "symbols: [D], parameters: { x: 1 },"),
                as: "madang.yaml")
            let other = try await scene.madang("run", "--json")
            #expect(other.exit == .code(1))
            #expect(other.errorText.contains("is in quarantine, and its parameters are others"))
        }
    }
}
