import Glibc
import Platform
import Ports
import TestKit
import Testing

extension TellingTests {
    /// What a file that holds the token of a chat must be like.
    @Suite struct MessageSecretTests {
        private static func configuration(_ token: String) -> SceneConfiguration {
            SceneConfiguration(
                speed: "1x",
                rules: ["{ name: tick, when: \"price > 1\", on: ticks, every: always }"],
                more: [
                    "channels:",
                    "  phone: { kind: telegram, token: \"\(token)\", chat: \"42\","
                        + " url: \"${CHAT_URL}\" }",
                ])
        }

        @Test(arguments: [0o644, 0o640, 0o602, 0] as [mode_t])
        func aFileOfATokenMustBeThereAndPrivate(_ mode: mode_t) async throws {
            let scene = try Scene(Self.configuration("${file:token.txt}"))
            let path = scene.path + "/token.txt"
            if mode != 0 {
                try scene.folder.write("123456:CANARY\n", as: "token.txt")
                chmod(path, mode)
            }
            let outcome = try await scene.madang(
                "run", environment: ["CHAT_URL": "http://127.0.0.1:9"])
            #expect(outcome.exit == .code(3))
            #expect(outcome.errorText.contains("channels.phone.token: "), "\(outcome.errorText)")
            #expect(outcome.errorText.contains(mode == 0 ? "no such file" : "chmod 600"))
            let problems = outcome.errors.filter { $0.hasPrefix("madang.yaml:") }
            #expect(problems.count == 1, "\(problems)")
            #expect(!(outcome.output + outcome.errors).contains { $0.contains("CANARY") })
        }
    }
}
