import Foundation
import Glibc
import Platform
import Testing

extension PacedTests {
    /// `madang doctor` on real folders and servers.
    @Suite struct DoctorTests {
        /// Names, sizes and times of everything in the scene, but for the index that SQLite's readers
        /// share: a lock in it is all that a reader leaves.
        private func listing(_ scene: Scene) async throws -> [String] {
            try await Program.start(
                ["find", ".", "-printf", "%p %s %m %T@\n"], in: scene.path
            ).outcome().output.filter { !$0.contains("-shm ") }.sorted()
        }

        @Test func aGoodHouseIsLeftAsItIs() async throws {
            let scene = try Scene(SceneConfiguration.full(), ticks: SampleTicks(count: 500))
            let fresh = try await scene.madang("doctor")
            #expect(fresh.exit == .code(0), "\(fresh.output)")
            #expect(!FileManager.default.fileExists(atPath: scene.path + "/.madang"))
            #expect(try await scene.madang("run", "-q").exit == .code(0))
            let before = try await listing(scene)
            let outcome = try await scene.madang("doctor")
            #expect(outcome.exit == .code(0), "\(outcome.output)")
            #expect(outcome.output.last?.hasPrefix("nothing is wrong") == true)
            #expect(outcome.output.contains { $0.contains("momentum: momentum version") })
            #expect(outcome.output.contains { $0.contains("imports madang") })
            #expect(outcome.output.contains { $0.contains("tables level with it") })
            #expect(try await listing(scene) == before)
        }

        @Test func aHostAtWorkIsNamedAndNotDisturbed() async throws {
            var configuration = SceneConfiguration.plain
            configuration.speed = "600x"
            configuration.strategies.append(
                SceneConfiguration.server("teller", "teller.py", "deadline: 2s"))
            let scene = try Scene(configuration, ticks: SampleTicks(count: 2_000))
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a result") { $0.contains("teller BUY") }
            let outcome = try await scene.madang("doctor")
            #expect(outcome.exit == .code(0), "\(outcome.output)")
            #expect(outcome.output.contains { $0.contains("in use by process \(host.id)") })
            let end = try await host.outcome()
            #expect(end.exit == .code(0))
            #expect(try end.summary().source("teller").results == 2_000)
        }

        /// Each wrong thing is told, the first one's code counts, and nothing is left running.
        @Test func serversThatDoNotStartAreToldAndEnded() async throws {
            var configuration = SceneConfiguration.plain
            configuration.strategies += [
                "{ name: mute, kind: server, launch: [sleep, \"4711\"], quantity: 1, start_within: 1s }",
                "{ name: gone, kind: server, launch: [\(Place.python), none.py], quantity: 1, start_within: 2s }",
            ]
            let scene = try Scene(configuration, ticks: SampleTicks(count: 100))
            let doctor = try await scene.start("doctor", "--json")
            let outcome = try await doctor.outcome()
            #expect(outcome.exit == .code(7), "\(outcome.output)")
            let wrong = outcome.output.filter { $0.contains("\"level\":\"wrong\"") }
            #expect(wrong.contains { $0.contains("mute") && $0.contains("\"check\":\"servers\"") })
            #expect(
                wrong.contains { $0.contains("none.py") && $0.contains("\"check\":\"python\"") })
            #expect(Processes.running("sleep 4711") == [])
        }

        @Test func aFolderForEverybodyIsWrong() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 500))
            #expect(try await scene.madang("run", "-q").exit == .code(0))
            chmod(scene.path + "/.madang", 0o777)
            let outcome = try await scene.madang("doctor")
            #expect(outcome.exit == .code(5))
            #expect(outcome.output.contains { $0.contains("mode 0777") })
            #expect(outcome.output.contains { $0.contains("-> chmod 700") })
        }
    }
}
