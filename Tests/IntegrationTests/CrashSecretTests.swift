import Foundation
import Glibc
import Platform
import TestKit
import Testing

extension TellingTests {
    /// What a host that crashes leaves behind.
    @Suite struct CrashSecretTests {
        private struct Seen: Decodable {
            struct Process: Decodable {
                let limit: String
                let filter: String
                let command: String
                let environment: String
            }
            /// Of what started the host.
            let own: Process
            let host: Process
            let children: [Process]
            let signal: Int32
            let hasCore: Bool
        }

        private static func configuration(_ channel: String) -> SceneConfiguration {
            var configuration = SceneConfiguration(
                speed: "1x", strategies: [SceneConfiguration.server("teller", "teller.py")],
                more: ["channels:", "  phone: { \(channel) }"])
            configuration.rules = [
                "{ name: tick, when: \"price > 1\", on: ticks, every: always }"
            ]
            return configuration
        }
        private static let telegram =
            "kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"42\", url: \"${CHAT_URL}\""

        private func crash(
            _ scene: Scene, by signal: String, _ environment: [String: String]
        ) async throws -> (Seen, Program.Outcome) {
            let program = try await Program.start(
                [
                    Place.python, Place.servers + "/crashing.py", signal, "\"source\":\"teller\"",
                    Place.madang, "run", "--json",
                ], in: scene.path, environment: environment)
            let outcome = try await program.outcome()
            guard outcome.exit == .code(0), let line = outcome.output.first else {
                throw Program.Failure(description: "\(outcome.exit) \(outcome.errorText)")
            }
            return (try JSONDecoder().decode(Seen.self, from: Data(line.utf8)), outcome)
        }

        /// Whether a core is written depends on the machine; what the kernel is told does not.
        @Test(arguments: [("SIGSEGV", SIGSEGV), ("SIGABRT", SIGABRT)])
        func aCrashLeavesNoTokenBehind(_ name: String, _ signal: Int32) async throws {
            let chat = try await ChatService()
            let scene = try Scene(Self.configuration(Self.telegram), ticks: SampleTicks(count: 200))
            let (seen, outcome) = try await crash(
                scene, by: name,
                chat.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 })
            #expect(seen.signal == signal)
            #expect(!seen.hasCore)
            #expect(["0", "1"].contains(seen.host.limit), "a piped dump heeds 1")
            #expect(Int(seen.host.filter, radix: 16) == 0)
            #expect(!seen.host.command.contains("CANARY"))
            try expectNoCanary(in: scene, outcome)
        }

        /// The backtrace comes, without what registers point at and without the offer of a debugger.
        @Test(arguments: ["SIGSEGV", "SIGABRT"])
        func aCrashIsToldWithoutMemory(_ name: String) async throws {
            let chat = try await ChatService()
            let scene = try Scene(Self.configuration(Self.telegram), ticks: SampleTicks(count: 200))
            let (seen, outcome) = try await crash(scene, by: name, chat.environment)
            #expect(seen.signal == SIGKILL, "nothing is wrong with it: it would go on")
            #expect(outcome.errors.contains { $0.contains("Program crashed") })
            #expect(!outcome.errors.contains { $0.hasPrefix("Registers:") })
            try expectNoCanary(in: scene, outcome)
        }

        private func expectNoCanary(in scene: Scene, _ outcome: Program.Outcome) throws {
            // The first line is what was looked at, the host's own environment too.
            let told = outcome.output.dropFirst() + outcome.errors
            #expect(!told.contains { $0.contains("CANARY") })
            for file in try FileManager.default.subpathsOfDirectory(atPath: scene.path) {
                let bytes = FileManager.default.contents(atPath: scene.path + "/" + file) ?? Data()
                #expect(bytes.range(of: Data("CANARY".utf8)) == nil, "\(file)")
            }
        }

        /// A server's core is its owner's: it holds nothing of the host's.
        @Test func aServerMayLeaveACoreAndKnowsNoToken() async throws {
            let chat = try await ChatService()
            let scene = try Scene(Self.configuration(Self.telegram), ticks: SampleTicks(count: 200))
            let (seen, _) = try await crash(scene, by: "SIGKILL", chat.environment)
            let server = try #require(seen.children.first { $0.command.contains("teller.py") })
            #expect(server.limit == seen.own.limit && server.filter == seen.own.filter)
            #expect(Int(server.filter, radix: 16) == 0x37)
            #expect(!server.environment.isEmpty)
            for child in seen.children {
                #expect(!(child.command + child.environment).contains("CANARY"))
            }
        }

        @Test func withoutASecretACrashMayBeLookedInto() async throws {
            let scene = try Scene(
                Self.configuration("kind: console"), ticks: SampleTicks(count: 200))
            let (seen, _) = try await crash(scene, by: "SIGKILL", [:])
            #expect(seen.signal == SIGKILL)
            #expect(seen.host.limit == seen.own.limit && seen.host.filter == seen.own.filter)
        }
    }
}
