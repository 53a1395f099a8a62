import Foundation
import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// What a host does with the processes of its servers (R4.8).
    @Suite struct SupervisedServerTests {
        private static func scene(_ server: String) throws -> Scene {
            var configuration = SceneConfiguration.plain
            configuration.speed = "300x"
            configuration.strategies.append(server)
            // About 25 ms from tick to tick.
            return try Scene(configuration, ticks: SampleTicks(count: 400, pause: 7_500_000_000))
        }

        @Test func oneThatTakesTooMuchIsKilledAndTheOthersGoOn() async throws {
            let scene = try Self.scene(
                SceneConfiguration.server("greedy", "greedy.py", "memory: 256MiB"))
            let host = try await scene.start("run", "--json")
            let told = try await host.line("the reason") { $0.contains("killed by the host: ") }
            let text = try #require(try RunLine(told.text).text)
            #expect(text.hasPrefix("greedy| the process was killed by the host: "))
            #expect(text.contains("256 MiB") && text.hasSuffix("(memory)"))
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0))
            #expect(try outcome.summary().source("cross").results > 20)
        }

        /// The lifeline, the death signal and the guard are all in vain; the next start is not.
        @Test func oneThatOutlivesItsHostIsEndedByTheNextStart() async throws {
            let scene = try Self.scene(SceneConfiguration.server("stubborn", "stubborn.py"))
            let host = try await scene.start(
                "run", "--json", environment: ["MADANG_TEST_SECRET": "rather-secret"])
            _ = try await host.line("a result") { $0.contains("stubborn BUY") }
            let id = try #require(
                Processes.children(of: host.id, running: "stubborn.py").first)
            let server = try #require(WatchedProcess(id))
            #expect(Processes.environment(of: id, contains: "MADANG_ADDRESS="))
            #expect(!Processes.environment(of: id, contains: "rather-secret"))
            #expect(Self.mode(scene.path + "/.madang") == 0o700)
            #expect(Self.mode(scene.path + "/.madang/servers/stubborn.process") == 0o600)
            host.send(signal: SIGKILL)
            _ = try await host.outcome()
            #expect(await !server.ends(within: 0))

            let again = try await scene.start("run", "--json")
            let told = try await again.line("the leftover") { $0.contains("an earlier start") }
            #expect(
                try RunLine(told.text).text?.hasPrefix(
                    "stubborn: a process of an earlier start still ran (\(id), ") == true)
            #expect(told.text.contains("killed, it did not end"))
            #expect(await server.ends(within: 10_000))
            _ = try await again.line(from: told.index, "a result") { $0.contains("stubborn BUY") }
            let second = try #require(
                Processes.children(of: again.id, running: "stubborn.py").first)
            let last = try #require(WatchedProcess(second))
            again.send(signal: SIGTERM)
            #expect(try await again.outcome().exit == .code(6))
            #expect(await last.ends(within: 10_000), "an orderly stop ends it too")
            #expect(
                !FileManager.default.fileExists(
                    atPath: scene.path + "/.madang/servers/stubborn.process"))
        }

        @Test func aFloodOfLinesIsCounted() async throws {
            let scene = try Self.scene(SceneConfiguration.server("chatty", "chatty.py"))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0))
            let lines = try outcome.lines().filter { $0.source == "chatty" }.compactMap(\.text)
            let kept = lines.filter { $0.hasPrefix("chatty| line ") }
            #expect((100...2_000).contains(kept.count))
            #expect(lines.contains { $0.contains(#/^chatty\| \(left out 4\d,\d{3} lines/#) })
            #expect(try outcome.summary().source("chatty").results > 300)
        }

        @Test(arguments: [
            ("cpus: 900", 3, "cpus: 900 is not among the processors that this host may use: "),
            ("cpus: 1-0", 3, "is not processors by number, such as 0, 0-1 or 0,2-3"),
            ("nice: 20", 3, "is not a whole number from 0 to 19"),
            ("memory: 2 bytes", 3, "is not a size such as 512MiB or 2GiB"),
            ("memory: 1MiB", 3, "is less than 16MiB"),
        ])
        func limitsThatCannotBeAreRefused(
            _ limit: String, _ code: Int32, _ words: String
        ) async throws {
            let scene = try Self.scene(SceneConfiguration.server("teller", "teller.py", limit))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(code))
            #expect(outcome.errorText.contains(words), "\(outcome.errorText)")
        }

        @Test func whatSomebodyElseStartsIsTheirsToHold() async throws {
            let scene = try Self.scene("{ name: far, kind: server, quantity: 1, memory: 1GiB }")
            let outcome = try await scene.madang("config", "check")
            #expect(outcome.exit == .code(3))
            #expect(
                (outcome.output + outcome.errors).contains {
                    $0.contains("the host holds only what it starts itself")
                })
        }

        @Test func aSocketWhereOthersMayStandIsRefused() async throws {
            let scene = try Self.scene(
                SceneConfiguration.server("teller", "teller.py", "address: \"unix:open/s.sock\""))
            let folder = scene.path + "/open"
            mkdir(folder, 0o777)
            chmod(folder, 0o777)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(7))
            #expect(outcome.errorText.contains("the socket's folder \(folder) is open to others"))
            #expect(outcome.errorText.contains("chmod 700 \(folder)"))
            chmod(folder, 0o700)
            #expect(try await scene.madang("run", "--json").exit == .code(0))
        }

        private static func mode(_ path: String) -> mode_t? {
            var status = stat()
            return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
        }
    }
}
